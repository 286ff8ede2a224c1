//! The engine of the dashboard and of `check`: polls every tenant and keeps the board.

use std::time::Duration;

/// How the engine works, for all tenants together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How many checks run at once.
    pub concurrency: usize,
    /// How long after a failure that may pass the failed stage is repeated; zero: never.
    pub confirm: Duration,
    /// How many token requests a second one login host gets at most; `None`: no limit.
    pub token_rate: Option<u32>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            concurrency: 32,
            confirm: Duration::from_secs(5),
            token_rate: Some(20),
        }
    }
}
