//! The history file: opening, migrations, retention.

use std::{
    io,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior, config::DbConfig};

use super::schema::MIGRATIONS;
use crate::files;

/// Longest wait for another process that writes. A write takes milliseconds, so a longer lock is that of
/// a process that hangs.
const BUSY: Duration = Duration::from_secs(5);

/// Wait after a lock has outlasted [`BUSY`], until a write succeeds again: a run of `check` writes
/// several times, and must not wait for the whole time at each.
const BUSY_AGAIN: Duration = Duration::from_millis(50);

/// Longest time of opening a file that other processes are just creating, and the pause between two
/// attempts. `SQLite` waits for [`BUSY`] by itself, but not while the journal mode changes, nor while
/// the last process to leave removes the journal.
const OPENING: Duration = Duration::from_secs(6);
const PAUSE: Duration = Duration::from_millis(25);

/// Prepared statements that are kept: more than there are, so that none displaces another.
const STATEMENTS: usize = 64;

/// An error of the history.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The file cannot be made or opened.
    #[error("the history '{}' cannot be opened", path.display())]
    Open {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A newer credwatch has written it.
    #[error(
        "the history '{}' was written by a newer credwatch (schema {found}, this one knows {known}); it is left alone: run the newer one, or name another `--state-dir`",
        path.display()
    )]
    Newer {
        /// Which file.
        path: PathBuf,
        /// Its version.
        found: usize,
        /// The newest version that is known here.
        known: usize,
    },
    /// It is no database, or a broken one.
    #[error("the history is damaged; move history.db away to begin a new one")]
    Damaged(#[source] rusqlite::Error),
    /// It may only be read.
    #[error("the history cannot be written: the file or its directory is read-only")]
    ReadOnly(#[source] rusqlite::Error),
    /// The disk is full.
    #[error("the history cannot be written: the disk is full")]
    Full(#[source] rusqlite::Error),
    /// Another process locks it.
    #[error("the history is locked by another process")]
    Busy(#[source] rusqlite::Error),
    /// Anything else.
    #[error("the history cannot be used")]
    Sql(#[source] rusqlite::Error),
    /// Something in it cannot be understood.
    #[error("the history holds an entry that cannot be read")]
    Entry(#[from] serde_json::Error),
    /// Its thread cannot be started.
    #[error("the thread of the history cannot be started")]
    Thread(#[source] io::Error),
    /// Its thread has ended.
    #[error("the thread of the history has ended")]
    Ended,
}

impl From<rusqlite::Error> for HistoryError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Self::Damaged(error),
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
                Self::ReadOnly(error)
            }
            Some(ErrorCode::DiskFull) => Self::Full(error),
            Some(
                ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::FileLockingProtocolFailed,
            ) => Self::Busy(error),
            _ => Self::Sql(error),
        }
    }
}

impl HistoryError {
    /// Whether another process locks the file, which passes by itself.
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Busy(_))
    }
}

/// One open file.
#[derive(Debug)]
pub struct Store {
    pub(super) db: Connection,
    /// Whether the last write waited for a lock in vain.
    contended: bool,
}

impl Store {
    /// Opens a file, making it (for its owner alone) where it is missing.
    pub fn open(path: &Path) -> Result<Self, HistoryError> {
        Self::open_within(path, OPENING)
    }

    /// Opens a file that others may be at for so long.
    pub(super) fn open_within(path: &Path, limit: Duration) -> Result<Self, HistoryError> {
        // the files that SQLite puts beside it take over its mode
        files::ensure_private(path).map_err(|source| HistoryError::Open {
            path: path.to_owned(),
            source,
        })?;
        let deadline = Instant::now() + limit;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match Self::prepared(path, left.min(BUSY)) {
                // who gave up here would tell for itself what others tell too
                Err(error) if error.is_busy() && !left.is_zero() => thread::sleep(PAUSE),
                Ok(store) => {
                    store.db.busy_timeout(BUSY)?;
                    return Ok(store);
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn prepared(path: &Path, wait: Duration) -> Result<Self, HistoryError> {
        let mut store = Self {
            db: Connection::open(path)?,
            contended: false,
        };
        store.db.busy_timeout(wait)?;
        store.db.set_prepared_statement_cache_capacity(STATEMENTS);
        // no statement is planned anew for each limit that it is given
        store
            .db
            .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        let found = version(&store.db)?;
        // before anything else: not even its journal mode is changed
        if found > MIGRATIONS.len() {
            return Err(HistoryError::Newer {
                path: path.to_owned(),
                found,
                known: MIGRATIONS.len(),
            });
        }
        store.db.pragma_update(None, "journal_mode", "wal")?;
        // the file stays whole through a crash; a power cut may cost the last moments
        store.db.pragma_update(None, "synchronous", "normal")?;
        store.migrate()?;
        Ok(store)
    }

    /// Wraps a connection.
    #[cfg(test)]
    pub(super) fn with(db: Connection) -> Self {
        Self {
            db,
            contended: false,
        }
    }

    /// Refuses writes, or accepts them again, for tests of an outage.
    #[cfg(test)]
    pub(crate) fn refuse_writes(&mut self, refuse: bool) -> Result<(), HistoryError> {
        self.db.pragma_update(None, "query_only", refuse)?;
        Ok(())
    }

    /// Opens an empty memory.
    pub fn in_memory() -> Result<Self, HistoryError> {
        let mut store = Self {
            db: Connection::open_in_memory()?,
            contended: false,
        };
        store.migrate()?;
        Ok(store)
    }

    /// Brings the tables up to date, in one step for everybody who looks.
    fn migrate(&mut self) -> Result<(), HistoryError> {
        if version(&self.db)? == MIGRATIONS.len() {
            return Ok(());
        }
        self.write(|db| {
            // another process may have been faster
            for step in MIGRATIONS.iter().skip(version(db)?) {
                db.execute_batch(step)?;
            }
            // a pragma takes no parameter
            db.execute_batch(&format!("PRAGMA user_version = {}", MIGRATIONS.len()))?;
            Ok(())
        })
    }

    /// Does several things, or none of them; no other process writes in between.
    pub(super) fn write<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, HistoryError>,
    ) -> Result<T, HistoryError> {
        let done = self.write_once(work);
        let contended = done.as_ref().is_err_and(HistoryError::is_busy);
        if contended != self.contended && (contended || done.is_ok()) {
            self.contended = contended;
            let wait = if contended { BUSY_AGAIN } else { BUSY };
            self.db.busy_timeout(wait)?;
        }
        done
    }

    fn write_once<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, HistoryError>,
    ) -> Result<T, HistoryError> {
        let transaction = self
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = work(&transaction)?;
        transaction.commit()?;
        Ok(done)
    }
}

fn version(db: &Connection) -> Result<usize, HistoryError> {
    version_of(db, "main")
}

/// Returns the schema version of an attached file.
pub(super) fn version_of(db: &Connection, schema: &str) -> Result<usize, HistoryError> {
    let version: i64 = db.pragma_query_value(Some(schema), "user_version", |row| row.get(0))?;
    Ok(usize::try_from(version).unwrap_or(usize::MAX))
}

pub(super) fn millis(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

pub(super) fn moment(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millis).unwrap_or_default()
}
