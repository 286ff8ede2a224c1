//! What holds where the config says nothing, and how far a value may go.
//!
//! The settings of other rooms (`[monitor]`, `[alerts]`, `[notify]`) have their defaults there.
//! A test holds `config.example.toml` to all of them.

use std::time::Duration;

use crate::cloud::{Cloud, WORLDWIDE};

use super::values::Bounds;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);

/// Every poll is a sign-in with the real credential: often enough to notice, rare enough to be
/// polite.
pub(super) const INTERVAL: Duration = Duration::from_mins(15);

/// Where a check is a person's sign-in, each poll stands in the customer's log under their name.
pub(super) const DELEGATED_INTERVAL: Duration = Duration::from_hours(1);

/// A healthy check takes a second or two; past this somebody would hang up.
pub(super) const TIMEOUT: Duration = Duration::from_secs(20);

/// Name, TCP and TLS together; leaves time for an answer within the timeout.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A secret command may ask a vault that counts, or a person: not at every poll.
pub(super) const SECRET_TTL: Duration = Duration::from_hours(1);

/// Long enough to get a change approved.
pub(super) const WARN: Duration = Duration::from_hours(30 * 24);

/// A weekend.
pub(super) const CRITICAL: Duration = Duration::from_hours(3 * 24);

/// The cloud of nearly everybody.
pub(super) static CLOUD: &Cloud = &WORLDWIDE;

/// What Exchange's user agent policies see.
pub(super) const USER_AGENT: &str = concat!("credwatch/", env!("CARGO_PKG_VERSION"));

/// A real cloud is not to be polled more often than once a minute.
pub(super) const INTERVAL_BOUNDS: Bounds = Bounds {
    least: SECOND,
    most: DAY.saturating_mul(7),
};

/// The least interval, unless the login service is a loopback address.
pub(super) const POLITE_INTERVAL: Duration = MINUTE;

/// A limit that nothing can keep would make every verdict a timeout.
pub(super) const TIMEOUT_BOUNDS: Bounds = Bounds {
    least: Duration::from_millis(100),
    most: Duration::from_mins(10),
};

/// Zero: ask the command at every check.
pub(super) const TTL_BOUNDS: Bounds = Bounds {
    least: Duration::ZERO,
    most: DAY.saturating_mul(7),
};

/// Zero: only the end itself counts.
pub(super) const THRESHOLD_BOUNDS: Bounds = Bounds {
    least: Duration::ZERO,
    most: DAY.saturating_mul(3650),
};

/// Zero: no lifetime is too long.
pub(super) const LIFETIME_BOUNDS: Bounds = Bounds {
    least: Duration::ZERO,
    most: DAY.saturating_mul(36_500),
};

/// Zero: no confirmation.
pub(super) const CONFIRM_BOUNDS: Bounds = Bounds {
    least: Duration::ZERO,
    most: Duration::from_mins(5),
};

/// More at once than this only queue at the far end.
pub(super) const CONCURRENCY_MOST: u64 = 1024;

/// More than this a second is no limit; 0 says that plainly.
pub(super) const TOKEN_RATE_MOST: u64 = 100_000;

/// Zero: no reminders.
pub(super) const REMIND_BOUNDS: Bounds = Bounds {
    least: Duration::ZERO,
    most: DAY.saturating_mul(30),
};
