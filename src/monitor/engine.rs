//! What a pass and a running monitor are started with.

use std::{fmt, sync::Arc, time::Duration};

use chrono::{DateTime, FixedOffset};
use tokio_util::sync::CancellationToken;

use super::leases::PollLeases;
use crate::clock::Clock;

/// Shortest time between two published boards: twenty a second are as many as a person can see.
pub const PUBLISH_EVERY: Duration = Duration::from_millis(50);

/// Settings of the engine that hold for all tenants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Most checks that run at once.
    pub concurrency: usize,
    /// Delay before the failed stage of a passing failure is repeated; zero disables the repetition.
    pub confirm: Duration,
    /// Most token requests a second to one login host; `None` means no limit.
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

/// The clock and the source of random numbers, replaced by fixed ones in tests.
#[derive(Clone)]
pub struct Environment {
    now: Arc<dyn Fn() -> DateTime<FixedOffset> + Send + Sync>,
    chance: Arc<dyn Fn() -> f64 + Send + Sync>,
}

impl Environment {
    /// Takes a clock, with the offset in which times are shown, and a source of numbers in `0.0..1.0`.
    pub fn new(
        now: impl Fn() -> DateTime<FixedOffset> + Send + Sync + 'static,
        chance: impl Fn() -> f64 + Send + Sync + 'static,
    ) -> Self {
        Self {
            now: Arc::new(now),
            chance: Arc::new(chance),
        }
    }

    /// Uses the wall clock and the thread's random numbers.
    pub fn real(clock: Clock) -> Self {
        Self::new(
            move || clock.now().with_timezone(&clock.local_offset()),
            fastrand::f64,
        )
    }

    pub(super) fn now(&self) -> DateTime<FixedOffset> {
        (self.now)()
    }

    pub(super) fn chance(&self) -> f64 {
        (self.chance)()
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment").finish_non_exhaustive()
    }
}

/// Everything that a run needs besides the tenants.
#[derive(Debug)]
pub struct Engine<P> {
    /// Checks a tenant.
    pub probe: Arc<P>,
    /// Settings for all tenants.
    pub settings: Settings,
    /// Clock and random numbers.
    pub environment: Environment,
    /// Poll leases shared with other processes. A pass ignores them and always checks.
    pub leases: Option<Arc<dyn PollLeases>>,
    /// Shortest time between two boards of this monitor.
    pub publish_every: Duration,
    /// Ends the run: a pass returns what it has, a monitor stops within a second.
    pub stop: CancellationToken,
}
