//! A simulated Microsoft 365 cloud for demos and tests: Entra, Exchange Web Services, Graph, IMAP, POP
//! and SMTP submission over TLS on loopback.
//!
//! What it serves is data: a [`SimulatedFleet`] of [`Integration`]s, each with a [`FaultScript`] over
//! time. Every fault is one row of the table in `faults/table.rs`: the service it acts on, the cause
//! that credwatch should name, and the answer. The answers have the shape of the real services, so
//! that stock client libraries accept them. Secrets, signatures, audiences and impersonation are
//! really checked.
//!
//! The services are folders (`entra`, `ews`, `graph`, `mail`) that share one `backend`; they read the fault
//! table and do not know each other. A further service is one folder, a [`FaultTarget`] and rows of
//! the table.
//!
//! It shares no code with what it tests: no import of `check`, `http`, `diagnosis` or `report`, and
//! every literal is its own. Callers are `app` (for `demo`), the tests and the benches.

mod access_token;
mod backend;
mod cloud;
mod config;
mod crypto;
mod entra;
mod error;
mod ews;
mod fault_listener;
mod faults;
mod fleet;
mod graph;
mod http_answer;
mod ids;
mod mail;
mod record;
mod request;
mod server;
mod state;
#[cfg(test)]
mod tests;
mod token_store;
mod wire;

pub use cloud::SimulatedCloud;
pub use config::ConfigDir;
pub use crypto::Certificate;
pub use error::SimulatorError;
pub use faults::{Fault, FaultTarget, WireFault};
pub use fleet::{
    ConfigEntry, DelegatedClient, FaultScript, FaultStep, Federation, Integration, Secret,
    SimulatedFleet, demo_fleet, uniform_fleet,
};
pub use record::RecordedRequest;
pub use state::TimeSource;
