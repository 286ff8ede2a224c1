//! Who tells of what: the rule by which several processes send a message once between them.
//!
//! A sender claims a message before it sends, and confirms it afterwards. A claim runs out, so that
//! one whose holder died is taken over. That makes every message go out at least once; it goes out
//! twice only where the holder died between the receiver's yes and its own note of it.

use chrono::{DateTime, TimeDelta, Utc};

/// How long a claim holds: longer than any delivery may take.
pub const HOLD: TimeDelta = TimeDelta::minutes(2);

/// What came of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// It is the caller's to send, for as long as [`HOLD`].
    Claimed,
    /// It was sent before.
    Sent,
    /// Another process is sending it; its claim ends then at the latest.
    Held(DateTime<Utc>),
}

/// Remembers who sends what, across tasks and processes.
pub trait Ledger {
    /// Why it cannot be asked.
    type Error;

    /// Asks to be the one who sends this.
    fn claim(&self, key: &str, now: DateTime<Utc>) -> Result<Claim, Self::Error>;

    /// Notes that it was sent. No process sends it again.
    fn confirm(&self, key: &str, sent_at: DateTime<Utc>) -> Result<(), Self::Error>;

    /// Gives a claim back, because no channel took the message. A sent message stays sent.
    fn release(&self, key: &str) -> Result<(), Self::Error>;
}
