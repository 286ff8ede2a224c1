//! What a process without a screen shows: `/metrics`, `/healthz` and `/report.json` over HTTP, a file
//! for the textfile collector, and its readiness to systemd.
//!
//! Everything here is a view of the board. Nothing can be changed through it, no secret is in any
//! answer, and nobody beyond this machine is answered without a token. `app` alone calls it.
//!
//! hyper is used as it is, without a framework: three paths need none, and the time limit on a
//! request's head, which keeps slow clients from piling up, is hyper's own.

mod access;
mod attend;
mod process;
mod pulse;
mod server;
mod showcase;
pub mod systemd;

use std::{io, path::PathBuf};

pub use self::{
    access::{Access, Listen},
    attend::attend,
    pulse::{Condition, Life},
    server::Server,
    showcase::{Reload, Showcase},
};

/// What keeps the exporter from doing its work.
#[derive(Debug, thiserror::Error)]
pub enum ExporterError {
    /// The address cannot be listened on.
    #[error("cannot listen on '{listen}'; choose another address with `--listen`")]
    Listen {
        /// Where.
        listen: Listen,
        /// Why not.
        source: io::Error,
    },
    /// The address is reachable from elsewhere, and nobody said that this is meant.
    #[error(
        "'{0}' can be reached from other machines; give `--allow-remote` and `--token SOURCE` if that is meant, or listen on 127.0.0.1 or `unix:PATH`"
    )]
    Remote(Listen),
    /// The address is reachable from elsewhere, and anybody would be answered.
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
