//! What directories said, kept for other processes and later runs: opaque texts under opaque keys.

use chrono::{DateTime, Utc};
use rusqlite::OptionalExtension as _;

use super::store::{HistoryError, Store, millis};

impl Store {
    /// Returns what is kept of that kind under a key.
    pub fn reading(&self, kind: &str, key: &str) -> Result<Option<String>, HistoryError> {
        let mut select = self
            .db
            .prepare_cached("SELECT reading FROM reading WHERE kind = ?1 AND key = ?2")?;
        Ok(select.query_row((kind, key), |row| row.get(0)).optional()?)
    }

    /// Returns all that is kept of that kind, each with its key.
    pub fn readings(&self, kind: &str) -> Result<Vec<(String, String)>, HistoryError> {
        let mut select = self
            .db
            .prepare_cached("SELECT key, reading FROM reading WHERE kind = ?1")?;
        let rows = select.query_map([kind], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Keeps something in the place of what was there.
    pub fn keep_reading(
        &mut self,
        (kind, key): (&str, &str),
        reading: &str,
        at: DateTime<Utc>,
    ) -> Result<(), HistoryError> {
        self.db
            .prepare_cached(
                "INSERT INTO reading (kind, key, at, reading) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (kind, key) DO UPDATE SET at = excluded.at, reading = excluded.reading",
            )?
            .execute((kind, key, millis(at), reading))?;
        Ok(())
    }
}
