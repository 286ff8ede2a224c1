//! Holding the alerts of a tenant until a set time. A snooze never changes what is shown of it.

use chrono::{DateTime, Utc};

/// Why, and until when, nobody wants to hear of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snooze {
    /// From then on alerts go out again.
    pub until: DateTime<Utc>,
    /// Why, and perhaps who says so.
    pub reason: String,
}
