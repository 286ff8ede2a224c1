//! A Microsoft 365 cloud for demos and tests: Entra, Exchange Web Services and Graph over TLS on
//! loopback.
//!
//! What it answers is data: a [`Fleet`] of [`Integration`]s, each with a [`Script`] that says how the
//! cloud treats it over time. Its shapes are those of the real services, so that stock client
//! libraries accept it; what it checks (secrets, signatures, audiences, impersonation) it really
//! checks.
//!
//! It refuses to share anything with the code that it tests: no import of `check`, `http`,
//! `diagnosis` or `report`, and every literal is its own. Callers are `app` (for `demo`), the tests
//! and the benches.

mod answer;
mod behaviour;
mod cloud;
mod config;
mod door;
mod entra;
mod ews;
mod fleet;
mod grants;
mod graph;
mod proof;
mod record;
mod scenario;
mod server;
#[cfg(test)]
mod tests;
mod tls;
mod token;
mod wire;
mod world;

use std::net::SocketAddr;

pub use behaviour::{
    Behaviour, DirectoryFault, EwsFault, GraphFault, Surface, TokenFault, WireFault,
};
pub use cloud::{Cloud, TimeSource};
pub use config::ConfigDir;
pub use fleet::{demo_fleet, uniform_fleet};
pub use grants::{Delegated, GrantFault};
pub use proof::{Certificate, Federation};
pub use record::Seen;
pub use scenario::{Entry, Fleet, Integration, Script, Secret, Step};

/// Why the simulated cloud could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum SimulatorError {
    /// The address is taken, or not ours.
    #[error("cannot listen on '{address}'")]
    Listen {
        /// What was asked for.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A certificate could not be made.
    #[error("cannot make a certificate for the simulated cloud")]
    Certificate(#[from] rcgen::Error),
    /// The certificate does not fit a TLS server.
    #[error("cannot set up TLS for the simulated cloud")]
    Tls(#[from] rustls::Error),
    /// The key that signs access tokens could not be made.
    #[error("cannot make the key that signs access tokens")]
    SigningKey,
    /// The config for it could not be written.
    #[error("cannot write the config of the simulated cloud to '{path}'")]
    Write {
        /// Which file or folder.
        path: std::path::PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// No integration of the fleet has that name.
    #[error("the simulated cloud has no tenant '{0}'")]
    UnknownTenant(String),
    /// Such a fault needs an address of its own, which only a script can ask for.
    #[error("tenant '{0}' has no address of its own to break: name the fault in its script")]
    NoDoor(String),
    /// Two integrations of the fleet have that name.
    #[error("the simulated cloud has two tenants named '{0}'")]
    DuplicateTenant(String),
}
