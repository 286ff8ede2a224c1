//! The interfaces of `credwatch serve`: `/metrics`, `/healthz` and `/report.json` over HTTP, a file for
//! the textfile collector, and the notifications to systemd.
//!
//! All of it is a read-only view of the board. No answer holds a secret, and requests from other
//! machines need a token. Called by `app` alone.
//!
//! hyper is used without a framework: three paths need none, and hyper limits the time for a request's
//! head itself.

mod auth;
mod housekeeping;
mod liveness;
mod process;
mod reload;
mod server;
mod snapshot;
pub mod systemd;

use std::{io, path::PathBuf};

pub use self::{
    auth::{Access, Listen},
    housekeeping::keep_house,
    liveness::{Condition, Life},
    reload::Reload,
    server::Server,
    snapshot::Snapshot,
};

/// An error of the service's interfaces.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address cannot be listened on.
    #[error("cannot listen on '{listen}'; choose another address with `--listen`")]
    Listen {
        /// Where.
        listen: Listen,
        /// Why not.
        source: io::Error,
    },
    /// The address is reachable from other machines without `--allow-remote`.
    #[error(
        "'{0}' can be reached from other machines; give `--allow-remote` and `--token SOURCE` if that is meant, or listen on 127.0.0.1 or `unix:PATH`"
    )]
    Remote(Listen),
    /// The address is reachable from other machines without a token.
    #[error(
        "'{0}' can be reached from other machines, so a bearer token is needed: `--token env:NAME`, `file:PATH` or `credential:ID`"
    )]
    NoToken(Listen),
    /// The token could be guessed.
    #[error(
        "the token is shorter than {least} characters; `openssl rand -hex 32` makes a good one"
    )]
    ShortToken {
        /// How long it must be.
        least: usize,
    },
    /// The file for the textfile collector cannot be written.
    #[error("the metrics cannot be written to '{}'", path.display())]
    Textfile {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}
