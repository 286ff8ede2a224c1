//! credwatch tells, for every Microsoft 365 integration, which credential it really uses, when that
//! ends, whether it works right now against EWS and Graph, and if not, why and who must act.
//!
//! This library is what the binary of the same name is made of; `examples/` shows how to use parts
//! of it. Rooms without IO (`tenant profile cloud text observation claims registration inventory lint
//! diagnosis expiry schedule health alert report board shard unit`) import only each other; `app` puts
//! everything together.

pub mod alert;
pub mod app;
pub mod board;
pub mod check;
pub mod claims;
pub mod cli;
pub mod clock;
pub mod cloud;
pub mod config;
pub mod diagnosis;
pub mod directory;
pub mod expiry;
#[cfg(all(feature = "exporter", unix))]
pub mod exporter;
pub mod health;
pub mod history;
pub mod http;
pub mod inventory;
pub mod lint;
pub mod logging;
pub mod monitor;
pub mod notify;
pub mod observation;
pub mod output;
pub mod profile;
pub mod registration;
pub mod report;
pub mod schedule;
pub mod secret;
pub mod setup;
pub mod shard;
pub mod signin;
#[cfg(feature = "demo")]
pub mod simulator;
pub mod state;
pub mod tenant;
pub mod text;
pub mod tui;
pub mod unit;
