//! The state of a cloud: its integrations, their directories, and the fault of each now.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::error::SimulatorError;
use super::faults::{Fault, FaultTarget};
use super::fleet::{FaultScript, Integration, SimulatedFleet};

/// The clock of a cloud.
pub type TimeSource = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// One integration, with its state.
#[derive(Debug)]
struct Served {
    integration: Integration,
    /// The script that a test has set in place of the one of the integration.
    forced: RwLock<Option<FaultScript>>,
    request_count: AtomicU32,
}

/// The state of one cloud.
pub(crate) struct CloudState {
    /// `https://localhost:PORT`.
    pub(crate) base: String,
    now: TimeSource,
    started_at: DateTime<Utc>,
    served: Vec<Served>,
    names: HashMap<String, usize>,
    /// By directory and client id, both in lower case. A directory is known by id and by domain.
    apps: HashMap<(String, String), usize>,
    directories: HashMap<String, Vec<usize>>,
}

impl CloudState {
    /// Returns the state of a cloud that starts now.
    pub(crate) fn new(
        fleet: SimulatedFleet,
        base: String,
        now: TimeSource,
    ) -> Result<Self, SimulatorError> {
        let mut state = Self {
            base,
            started_at: now(),
            now,
            served: Vec::new(),
            names: HashMap::new(),
            apps: HashMap::new(),
            directories: HashMap::new(),
        };
        for integration in fleet.tenants {
            state.add(integration)?;
        }
        Ok(state)
    }

    fn add(&mut self, integration: Integration) -> Result<(), SimulatorError> {
        let index = self.served.len();
        let name = integration.name.clone();
        if self.names.insert(name.clone(), index).is_some() {
            return Err(SimulatorError::DuplicateTenant(name));
        }
        let client = integration.client_id.to_ascii_lowercase();
        for directory in [integration.tenant_id.as_str(), integration.domain()] {
            let directory = directory.to_ascii_lowercase();
            self.apps.insert((directory.clone(), client.clone()), index);
            self.directories.entry(directory).or_default().push(index);
        }
        self.served.push(Served {
            integration,
            forced: RwLock::new(None),
            request_count: AtomicU32::new(0),
        });
        Ok(())
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        (self.now)()
    }

    /// Returns every integration, in order.
    pub(crate) fn integrations(&self) -> impl Iterator<Item = &Integration> {
        self.served.iter().map(|served| &served.integration)
    }

    /// Returns the integration of that index.
    pub(crate) fn integration(&self, index: usize) -> Option<&Integration> {
        self.served.get(index).map(|served| &served.integration)
    }

    /// Returns the index of the integration of that name.
    pub(crate) fn index_of(&self, name: &str) -> Option<usize> {
        self.names.get(name).copied()
    }

    /// Returns whether a directory is known, by id or domain.
    pub(crate) fn knows_directory(&self, directory: &str) -> bool {
        self.directories
            .contains_key(&directory.to_ascii_lowercase())
    }

    /// Returns the index of the application of that directory.
    pub(crate) fn app(&self, directory: &str, client_id: &str) -> Option<usize> {
        let key = (
            directory.to_ascii_lowercase(),
            client_id.to_ascii_lowercase(),
        );
        self.apps.get(&key).copied()
    }

    /// Returns the index of the application of any directory.
    pub(crate) fn app_anywhere(&self, client_id: &str) -> Option<usize> {
        self.integrations()
            .position(|one| one.client_id.eq_ignore_ascii_case(client_id))
    }

    /// Returns every integration of that directory.
    pub(crate) fn in_directory(&self, directory: &str) -> impl Iterator<Item = &Integration> {
        self.directories
            .get(&directory.to_ascii_lowercase())
            .into_iter()
            .flatten()
            .filter_map(|index| self.integration(*index))
    }

    /// Returns the fault of that integration now, if it acts on that service: the one that a test
    /// has set, else the one of its script.
    pub(crate) fn fault(&self, index: usize, target: FaultTarget) -> Option<Fault> {
        let served = self.served.get(index)?;
        let forced = served.forced.read().unwrap_or_else(PoisonError::into_inner);
        let script = forced.as_ref().unwrap_or(&served.integration.script);
        let elapsed = self.now().signed_duration_since(self.started_at);
        let fault = script.at(elapsed.to_std().unwrap_or_default());
        fault.filter(|fault| fault.target() == target)
    }

    /// Sets another script for an integration; `None` returns to its own.
    pub(crate) fn force(&self, index: usize, forced: Option<FaultScript>) {
        if let Some(served) = self.served.get(index) {
            *served
                .forced
                .write()
                .unwrap_or_else(PoisonError::into_inner) = forced;
        }
    }

    /// Returns the time to the next answer: around the usual latency, different from one request to
    /// the next, the same in every run.
    pub(crate) fn latency(&self, index: usize) -> Duration {
        let Some(served) = self.served.get(index) else {
            return Duration::ZERO;
        };
        if served.integration.latency.is_zero() {
            return Duration::ZERO;
        }
        let count = served.request_count.fetch_add(1, Ordering::Relaxed);
        // Multiples of the golden ratio spread evenly over the unit interval, for every count.
        let fraction = (f64::from(count) * 0.618_034).fract();
        served.integration.latency.mul_f64(0.75 + fraction / 2.0)
    }
}

impl std::fmt::Debug for CloudState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CloudState")
            .field("base", &self.base)
            .field("tenants", &self.served.len())
            .finish_non_exhaustive()
    }
}
