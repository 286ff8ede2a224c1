//! The ledger on disk: who sends which message through which channel.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _};

use super::store::{HistoryError, Store, millis, moment};
use crate::alert::{Claim, HOLD, Ledger};

/// The ledger of one channel.
#[derive(Debug)]
pub struct ChannelLedger<'s> {
    db: &'s Connection,
    channel: &'s str,
}

impl Store {
    /// Returns the ledger of a channel.
    pub fn ledger<'s>(&'s self, channel: &'s str) -> ChannelLedger<'s> {
        ChannelLedger {
            db: &self.db,
            channel,
        }
    }
}

impl Ledger for ChannelLedger<'_> {
    type Error = HistoryError;

    fn claim(&self, key: &str, now: DateTime<Utc>) -> Result<Claim, HistoryError> {
        // one statement: SQLite lets one process at a time through. A claim that ends much later than
        // any could was made before the clock was set back; it does not count. A little later is what
        // another process claimed while this one waited for the file.
        let until = millis(now + HOLD);
        let impossible = millis(now + HOLD * 2);
        let claimed = self
            .db
            .prepare_cached(
                "INSERT INTO delivery (channel, key, held_until) VALUES (?1, ?2, ?3)
                 ON CONFLICT (channel, key) DO UPDATE SET held_until = ?3
                 WHERE sent_at IS NULL
                   AND (held_until IS NULL OR held_until <= ?4 OR held_until > ?5)",
            )?
            .execute((self.channel, key, until, millis(now), impossible))?;
        if claimed == 1 {
            return Ok(Claim::Claimed);
        }
        let held: Option<i64> = self
            .db
            .prepare_cached(
                "SELECT held_until FROM delivery
                 WHERE channel = ?1 AND key = ?2 AND sent_at IS NULL",
            )?
            .query_row((self.channel, key), |row| row.get(0))
            .optional()?
            .flatten();
        Ok(held.map_or(Claim::Sent, |until| Claim::Held(moment(until))))
    }

    fn confirm(&self, key: &str, sent_at: DateTime<Utc>) -> Result<(), HistoryError> {
        self.db
            .prepare_cached(
                "INSERT INTO delivery (channel, key, sent_at) VALUES (?1, ?2, ?3)
                 ON CONFLICT (channel, key) DO UPDATE SET
                    sent_at = coalesce(sent_at, ?3), held_until = NULL",
            )?
            .execute((self.channel, key, millis(sent_at)))?;
        Ok(())
    }

    fn release(&self, key: &str) -> Result<(), HistoryError> {
        self.db
            .prepare_cached(
                "UPDATE delivery SET held_until = NULL
                 WHERE channel = ?1 AND key = ?2 AND sent_at IS NULL",
            )?
            .execute((self.channel, key))?;
        Ok(())
    }
}
