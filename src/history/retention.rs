//! Deletes what is older than its retention time.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    outbox::forget_unwatched,
    store::{HistoryError, Store, millis},
};

/// Retention of results without a failure.
const RESULTS_KEPT: TimeDelta = TimeDelta::days(35);

/// Retention of failures and alerts.
const FAILURES_KEPT: TimeDelta = TimeDelta::days(400);

impl Store {
    /// Deletes results without a failure after five weeks, and all else after a year and a month, so that
    /// a yearly failure is still there when it comes again.
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
            db.execute("DELETE FROM channel_pause WHERE until < ?1", [millis(now)])?;
            db.execute("DELETE FROM lease WHERE until < ?1", [millis(now)])?;
            db.execute("DELETE FROM latest WHERE next_at < ?1", [results])?;
            forget_unwatched(db, now)
        })
    }
}
