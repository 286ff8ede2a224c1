//! Wall and monotonic time: the only reader of both. All other modules take the time as an argument.

use chrono::{DateTime, Utc};
use tokio::time::Instant;

/// Reads the time of day and monotonic time.
#[derive(Debug, Clone, Copy, Default)]
pub struct Clock;

impl Clock {
    /// Returns the time of day.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the wall clock"
    )]
    pub fn now(self) -> DateTime<Utc> {
        Utc::now()
    }

    /// Returns a moment of monotonic time, for durations and deadlines.
    pub fn instant(self) -> Instant {
        Instant::now()
    }

    /// Returns the offset of local time, for screens; machines get UTC.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the wall clock"
    )]
    pub fn local_offset(self) -> chrono::FixedOffset {
        *chrono::Local::now().offset()
    }
}
