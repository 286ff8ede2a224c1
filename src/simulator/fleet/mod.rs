//! The integrations of a cloud, as data.

mod credentials;
mod delegated;
mod demo;
mod integration;
mod script;
mod simulated_fleet;

pub use credentials::{Federation, Secret};
pub use delegated::DelegatedClient;
pub use demo::{demo_fleet, uniform_fleet};
pub use integration::{ConfigEntry, Integration};
pub use script::{FaultScript, FaultStep};
pub use simulated_fleet::SimulatedFleet;
