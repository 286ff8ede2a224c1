//! The engine of the dashboard and of `check`: polls every tenant and keeps the board.
//!
//! It decides when a check runs and how many run at once, confirms what may pass, survives what
//! panics, and notices when it is this machine that is offline. What a check is, it does not know:
//! that is a [`Probe`]. It shows nothing and tells nobody: it publishes a board and hands out reports.

mod connectivity;
mod gate;
mod hub;
mod pass;
mod probe;
mod rows;
mod slot;
mod storm;
mod terms;
#[cfg(test)]
pub(crate) mod testing;
mod turns;
mod worker;

use std::{fmt, sync::Arc, time::Duration};

use chrono::{DateTime, FixedOffset};
use tokio_util::sync::CancellationToken;

pub use self::{
    connectivity::{Contact, Reach, contacts, found_offline, is_offline},
    hub::{Command, Monitor},
    pass::Pass,
    probe::{Finding, Probe},
    turns::{Elsewhere, Found, Turns, mark},
};
use crate::clock::Clock;

/// Nobody sees more than twenty boards a second.
pub const PUBLISH_EVERY: Duration = Duration::from_millis(50);

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

/// Time and chance, as the engine is told them.
#[derive(Clone)]
pub struct Outside {
    now: Arc<dyn Fn() -> DateTime<FixedOffset> + Send + Sync>,
    chance: Arc<dyn Fn() -> f64 + Send + Sync>,
}

impl Outside {
    /// Takes what tells the time (with the offset in which people read it) and a number from 0 to
    /// below 1.
    pub fn new(
        now: impl Fn() -> DateTime<FixedOffset> + Send + Sync + 'static,
        chance: impl Fn() -> f64 + Send + Sync + 'static,
    ) -> Self {
        Self {
            now: Arc::new(now),
            chance: Arc::new(chance),
        }
    }

    /// Takes the real ones.
    pub fn real(clock: Clock) -> Self {
        Self::new(
            move || clock.now().with_timezone(&clock.local_offset()),
            fastrand::f64,
        )
    }

    fn now(&self) -> DateTime<FixedOffset> {
        (self.now)()
    }

    fn chance(&self) -> f64 {
        (self.chance)()
    }
}

impl fmt::Debug for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outside").finish_non_exhaustive()
    }
}

/// Everything that a run of the engine needs beside the tenants.
#[derive(Debug)]
pub struct Engine<P> {
    /// What checks a tenant.
    pub probe: Arc<P>,
    /// How the engine works.
    pub settings: Settings,
    /// Time and chance.
    pub outside: Outside,
    /// Who polls, where other processes may watch the same tenants; a pass always does.
    pub turns: Option<Arc<dyn Turns>>,
    /// No two boards of a monitor are published closer together than this.
    pub publish_every: Duration,
    /// Ends the run: a pass reports what it has, a monitor stops within a second.
    pub stop: CancellationToken,
}
