//! The polling engine: checks every tenant and keeps the board. `check`, the dashboard and `serve` run
//! the same code.
//!
//! The module decides when a check runs and how many run at once, repeats a failure that may pass by
//! itself, turns a panic into a verdict, and notices when this machine is offline or a service is
//! overloaded. It does not know how a tenant is checked: that is the [`Probe`]. It renders nothing and
//! sends no alert: it publishes a [`Board`](crate::board::Board) and a stream of reports.
//!
//! Called by `app` alone. One task per tenant ([`worker`]) sends its results to one task ([`hub`]) that
//! owns the state of the board, so that no lock is shared between checks.

mod backpressure;
mod board_state;
mod connectivity;
mod engine;
mod hub;
mod leases;
mod limiter;
mod pass;
mod probe;
mod tenant_state;
#[cfg(test)]
pub(crate) mod testing;
mod worker;
mod worker_settings;

pub use self::{
    connectivity::{Contact, Reach, contacts, found_offline, is_offline},
    engine::{Engine, Environment, PUBLISH_EVERY, Settings},
    hub::{Command, Monitor},
    leases::{OwnResult, PeerResult, PollLeases, settings_fingerprint},
    pass::Pass,
    probe::{CheckOutcome, Probe, conclude},
};
