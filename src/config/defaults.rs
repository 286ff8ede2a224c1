//! Defaults of keys that tenants have, and the limits of values.
//!
//! The settings of other modules (`[monitor]`, `[alerts]`, `[notify]`) have their defaults there.
//! A test compares the default that the key table shows for each key with all of them.

use std::time::Duration;

use crate::cloud::{Cloud, WORLDWIDE};

use super::values::Bounds;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);

/// Every poll is a sign-in with the real credential: often enough to notice, rare enough to be
/// polite.
pub(super) const INTERVAL: Duration = Duration::from_mins(15);

/// A check of a tenant that acts for a person is a sign-in of that person, and each one is an entry in
/// the customer's sign-in log.
pub(super) const DELEGATED_INTERVAL: Duration = Duration::from_hours(1);

/// A healthy check takes a second or two.
pub(super) const TIMEOUT: Duration = Duration::from_secs(20);

/// Name, TCP and TLS together; leaves time for an answer within the timeout.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A secret command may ask a vault that limits requests, or a person: not at every poll.
pub(super) const SECRET_TTL: Duration = Duration::from_hours(1);

/// Long enough to get a change approved.
pub(super) const WARN: Duration = Duration::from_hours(30 * 24);

/// A weekend.
pub(super) const CRITICAL: Duration = Duration::from_hours(3 * 24);

/// The cloud of most tenants.
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

/// A shorter limit would make every verdict a timeout.
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

/// More simultaneous checks only queue at the login service.
pub(super) const CONCURRENCY_MOST: u32 = 1024;

/// A higher rate has the effect of no limit, which 0 states plainly.
pub(super) const TOKEN_RATE_MOST: u32 = 100_000;

/// Zero: no reminders.
pub(super) const REMIND_BOUNDS: Bounds = Bounds {
    least: Duration::ZERO,
    most: DAY.saturating_mul(30),
};
