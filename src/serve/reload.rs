//! What became of the config while the service runs.

use chrono::{DateTime, Utc};

/// The state of the config.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reload {
    /// Whether the file as it is now is the one in use.
    pub good: bool,
    /// Since when the config in use is in use.
    pub at: DateTime<Utc>,
}
