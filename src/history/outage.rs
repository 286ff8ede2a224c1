//! The ledger during an outage of the file: copied into memory when it begins, merged back when it ends.

use std::path::Path;

use rusqlite::Connection;
use url::Url;

use super::{
    schema::MIGRATIONS,
    store::{HistoryError, Store, version_of},
};

/// The tables of which a copy is made: state and ledger of alerts, snoozes, pauses of channels.
const TABLES: [&str; 6] = [
    "alert_state",
    "alert",
    "delivery",
    "snooze",
    "ack",
    "channel_pause",
];

/// The changes of an outage.
#[derive(Debug, Clone, Default)]
pub struct LedgerChanges {
    /// Tenant and state.
    states: Vec<(String, String)>,
    /// Key, time, tenant and text.
    alerts: Vec<(String, i64, Option<String>, String)>,
    deliveries: Vec<Delivery>,
    /// Channel and end of its pause.
    pauses: Vec<(String, i64)>,
}

/// Channel, key, `held_until`, `retry_at` and `sent_at` of a delivery.
type Delivery = (String, String, Option<i64>, Option<i64>, Option<i64>);

impl Store {
    /// Replaces the ledger of this store by a copy of the one in a file, which is only read.
    pub fn copy_ledger(&mut self, path: &Path) -> Result<(), HistoryError> {
        self.write(|db| {
            for table in TABLES {
                db.execute_batch(&format!("DELETE FROM {table}"))?;
            }
            Ok(())
        })?;
        let copied = self.copy_from(path, "mode=ro").or_else(|error| {
            // a WAL file in a read-only directory opens only as one that no process changes
            self.copy_from(path, "immutable=1").map_err(|_same| error)
        });
        // what the copy starts from: only later changes are merged back
        self.db.execute_batch(
            "DROP TABLE IF EXISTS temp.copied_state;
             CREATE TEMP TABLE copied_state AS SELECT tenant, state FROM main.alert_state;",
        )?;
        copied
    }

    fn copy_from(&mut self, path: &Path, mode: &str) -> Result<(), HistoryError> {
        let absolute = std::path::absolute(path).map_err(|source| HistoryError::Open {
            path: path.to_owned(),
            source,
        })?;
        let mut url = Url::from_file_path(&absolute).map_err(|()| HistoryError::Open {
            path: absolute,
            source: std::io::ErrorKind::InvalidFilename.into(),
        })?;
        url.set_query(Some(mode));
        self.db
            .execute("ATTACH DATABASE ?1 AS kept", [url.as_str()])?;
        let copied = self.copy_attached();
        self.db.execute_batch("DETACH DATABASE kept")?;
        copied
    }

    fn copy_attached(&mut self) -> Result<(), HistoryError> {
        // another schema may mean something else by the same columns
        if version_of(&self.db, "kept")? != MIGRATIONS.len() {
            return Ok(());
        }
        self.write(|db| {
            for table in TABLES {
                let copy =
                    format!("INSERT OR REPLACE INTO main.{table} SELECT * FROM kept.{table}");
                db.execute_batch(&copy)?;
            }
            Ok(())
        })
    }

    /// Returns the changes since [`Store::copy_ledger`].
    pub fn ledger_changes(&self) -> Result<LedgerChanges, HistoryError> {
        Ok(LedgerChanges {
            states: rows(
                &self.db,
                "SELECT tenant, state FROM main.alert_state
                 EXCEPT SELECT tenant, state FROM temp.copied_state",
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?,
            alerts: rows(
                &self.db,
                "SELECT key, at, tenant, alert FROM alert",
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
            )?,
            deliveries: rows(
                &self.db,
                "SELECT channel, key, held_until, retry_at, sent_at FROM delivery",
                |row| {
                    Ok((
                        row.get(0)?,
                        row.get(1)?,
                        row.get(2)?,
                        row.get(3)?,
                        row.get(4)?,
                    ))
                },
            )?,
            pauses: rows(
                &self.db,
                "SELECT channel, until FROM channel_pause",
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?,
        })
    }

    /// Merges the changes of an outage. What was sent stays sent, in either of the two.
    pub fn merge_ledger(&mut self, changes: &LedgerChanges) -> Result<(), HistoryError> {
        self.write(|db| {
            for state in &changes.states {
                db.prepare_cached("INSERT OR REPLACE INTO alert_state VALUES (?1, ?2)")?
                    .execute((&state.0, &state.1))?;
            }
            for (key, at, tenant, alert) in &changes.alerts {
                db.prepare_cached("INSERT OR IGNORE INTO alert VALUES (?1, ?2, ?3, ?4)")?
                    .execute((key, at, tenant, alert))?;
            }
            for (channel, key, held_until, retry_at, sent_at) in &changes.deliveries {
                db.prepare_cached(
                    "INSERT INTO delivery VALUES (?1, ?2, ?3, ?4, ?5)
                     ON CONFLICT (channel, key) DO UPDATE SET
                        held_until = ?3, retry_at = ?4, sent_at = coalesce(sent_at, ?5)",
                )?
                .execute((channel, key, held_until, retry_at, sent_at))?;
            }
            for pause in &changes.pauses {
                db.prepare_cached("INSERT OR REPLACE INTO channel_pause VALUES (?1, ?2)")?
                    .execute((&pause.0, pause.1))?;
            }
            Ok(())
        })
    }
}

fn rows<T>(
    db: &Connection,
    select: &str,
    read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, HistoryError> {
    let mut select = db.prepare(select)?;
    let found = select.query_map([], read)?;
    Ok(found.collect::<Result<_, _>>()?)
}
