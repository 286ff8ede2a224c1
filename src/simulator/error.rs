//! The errors of setting up a simulated cloud.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why the simulated cloud could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum SimulatorError {
    /// The address is taken, or not one of this machine.
    #[error("cannot listen on '{address}'")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// The error of the system.
        #[source]
        source: io::Error,
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
    /// The config of the cloud could not be written.
    #[error("cannot write the config of the simulated cloud to '{path}'")]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// The error of the system.
        #[source]
        source: io::Error,
    },
    /// No integration of the fleet has that name.
    #[error("the simulated cloud has no tenant '{0}'")]
    UnknownTenant(String),
    /// The fault needs an address of its own, which only a script can ask for.
    #[error("tenant '{0}' has no address of its own to break: name the fault in its script")]
    NoListener(String),
    /// Two integrations of the fleet have that name.
    #[error("the simulated cloud has two tenants named '{0}'")]
    DuplicateTenant(String),
}
