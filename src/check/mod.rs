//! One check of one tenant: reads the secret, asks for a token, makes the test calls, and brings
//! back what happened.
//!
//! It fetches and judges nothing: whatever a server does becomes part of the [`Observation`]. All
//! stages share one deadline, so a slow one leaves less to the next. `secret` and `token` end the
//! run when they fail; EWS and Graph are two surfaces, each tried. Secrets and tokens never enter the
//! observation, also where a server sends them back. `app` calls it for all that checks; `directory`
//! reads credentials and calls Graph through it, and `login` writes and cleans its requests alike.
//!
//! [`Observation`]: crate::observation::Observation

mod assertion;
mod changes;
mod checker;
mod client_credential;
mod credential_reader;
mod delegated;
mod ews;
mod granted;
mod graph;
mod graph_access;
mod run;
mod scrub;
mod token;

pub use self::{
    checker::{Checker, Session, Watcher},
    graph_access::GraphAccess,
    scrub::scrub,
    token::{SCOPES_KEPT, is_sendable, scope},
};
