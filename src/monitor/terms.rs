//! By what a monitor works at the moment; a reload replaces it whole.

use std::time::Duration;

use super::{Settings, gate::Gate};

/// What workers share, and take anew for every check.
#[derive(Debug)]
pub(super) struct Terms {
    /// Lets checks through.
    ///
    /// Those that another gate let through before are not counted by this one: for as long as they
    /// take, there may be more checks at once than either setting says.
    pub(super) gate: Gate,
    /// How long after a failure that may pass the failed stage is repeated.
    pub(super) confirm: Duration,
}

impl Terms {
    pub(super) fn of(settings: &Settings) -> Self {
        Self {
            gate: Gate::new(settings.concurrency, settings.token_rate),
            confirm: settings.confirm,
        }
    }
}
