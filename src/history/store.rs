//! The file: opened with care, brought up to date, kept from growing.

use std::{
    io,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior, config::DbConfig};

use crate::files;

use super::{outbox::forget_strangers, schema::MIGRATIONS};

/// How long to wait for another process that writes.
const BUSY: Duration = Duration::from_secs(5);

/// How long a file is tried that others are just making, and how long to wait in between. `SQLite` waits
/// for [`BUSY`] itself, but not while the journal's mode changes or the last to leave tidies up.
const OPENING: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(25);

/// As many statements are kept prepared: all that there are, for otherwise each pushes out the next.
const STATEMENTS: usize = 64;

/// How long results that worked are kept.
const RESULTS_KEPT: TimeDelta = TimeDelta::days(35);

/// How long failures are kept, and what was told.
const FAILURES_KEPT: TimeDelta = TimeDelta::days(400);

/// What is wrong with the memory.
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
    /// There is no room for more.
    #[error("the history cannot be written: the disk is full")]
    Full(#[source] rusqlite::Error),
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
            _ => Self::Sql(error),
        }
    }
}

impl HistoryError {
    /// Whether only somebody else is at the file just now.
    fn is_busy(&self) -> bool {
        let Self::Sql(error) = self else {
            return false;
        };
        let busy = [
            ErrorCode::DatabaseBusy,
            ErrorCode::DatabaseLocked,
            ErrorCode::FileLockingProtocolFailed,
        ];
        error
            .sqlite_error_code()
            .is_some_and(|code| busy.contains(&code))
    }
}

/// One open file.
#[derive(Debug)]
pub struct Store {
    pub(super) db: Connection,
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

    /// Opens an empty memory.
    pub fn in_memory() -> Result<Self, HistoryError> {
        let mut store = Self {
            db: Connection::open_in_memory()?,
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
        let transaction = self
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = work(&transaction)?;
        transaction.commit()?;
        Ok(done)
    }

    /// Forgets what is old: results that worked after five weeks, everything else after a year and a
    /// month, so that a yearly failure is still there when it comes again.
    pub fn forget(&mut self, now: DateTime<Utc>) -> Result<(), HistoryError> {
        let results = millis(now - RESULTS_KEPT);
        let failures = millis(now - FAILURES_KEPT);
        self.write(|db| {
            db.execute(
                "DELETE FROM result WHERE at < ?1 AND (cause IS NULL OR at < ?2)",
                (results, failures),
            )?;
            db.execute("DELETE FROM credential WHERE seen_at < ?1", [failures])?;
            db.execute(
                "DELETE FROM delivery WHERE key IN (SELECT key FROM alert WHERE at < ?1)",
                [failures],
            )?;
            db.execute("DELETE FROM alert WHERE at < ?1", [failures])?;
            db.execute("DELETE FROM reading WHERE at < ?1", [failures])?;
            db.execute("DELETE FROM snooze WHERE until < ?1", [millis(now)])?;
            db.execute("DELETE FROM lease WHERE until < ?1", [millis(now)])?;
            db.execute("DELETE FROM latest WHERE next_at < ?1", [results])?;
            forget_strangers(db, now)
        })
    }
}

fn version(db: &Connection) -> Result<usize, HistoryError> {
    let version: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok(usize::try_from(version).unwrap_or(usize::MAX))
}

pub(super) fn millis(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

pub(super) fn moment(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millis).unwrap_or_default()
}
