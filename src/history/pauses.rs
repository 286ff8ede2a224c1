//! Pauses that receivers of alerts ask for with `Retry-After`: they hold for every process.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::OptionalExtension as _;

use super::store::{HistoryError, Store, millis, moment};

/// No pause is longer; one that seems to be was noted before the clock was set back.
const LONGEST: TimeDelta = TimeDelta::hours(2);

impl Store {
    /// Notes that a channel must not be used before a time.
    pub fn pause_channel(
        &mut self,
        channel: &str,
        until: DateTime<Utc>,
    ) -> Result<(), HistoryError> {
        self.db
            .prepare_cached(
                "INSERT OR REPLACE INTO channel_pause (channel, until) VALUES (?1, ?2)",
            )?
            .execute((channel, millis(until)))?;
        Ok(())
    }

    /// Returns the end of the pause of a channel, if there is one now.
    pub fn channel_pause(
        &self,
        channel: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, HistoryError> {
        let until: Option<i64> = self
            .db
            .prepare_cached("SELECT until FROM channel_pause WHERE channel = ?1")?
            .query_row([channel], |row| row.get(0))
            .optional()?;
        let until = until.map(moment);
        Ok(until.filter(|until| *until > now && *until <= now + LONGEST))
    }
}
