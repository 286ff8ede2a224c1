//! The settings that all workers share. A reload replaces them as a whole.

use std::time::Duration;

use super::{engine::Settings, limiter::CheckLimiter};

/// Settings that a worker reads at the start of every check.
#[derive(Debug)]
pub(super) struct WorkerSettings {
    /// Limits checks and token requests.
    ///
    /// A reload starts an empty limiter. Checks admitted by the old one are not counted by the new one,
    /// so for as long as they take, more checks may run than either setting allows.
    pub(super) limiter: CheckLimiter,
    /// Delay before the failed stage of a passing failure is repeated.
    pub(super) confirm: Duration,
}

impl WorkerSettings {
    pub(super) fn of(settings: &Settings) -> Self {
        Self {
            limiter: CheckLimiter::new(settings.concurrency, settings.token_rate),
            confirm: settings.confirm,
        }
    }
}
