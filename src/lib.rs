//! credwatch tells, for every Microsoft 365 integration, which credential it really uses, when that
//! ends, whether it works right now, and if not, why and who must act.
//!
//! Data flows in one direction, from the config to the edges:
//!
//! ```text
//!  config ─► monitor ─► check: secret ─► token ─► claims ─► surfaces ─► Observation   (facts)
//!               ▲         │ over http, with secret                          │
//!               │         └─ directory: registrations and their end dates   ▼
//!               │                            diagnosis, expiry, findings ─► assessment
//!               │                                                           │
//!               │ commands                                       Report ◄───┘    (verdict)
//!               │                                                   │
//!              tui ◄──────────────── board ◄────────────────────────┤
//!            serve: /metrics, /report.json ◄────────────────────────┤
//!           report: text, JSON, Nagios, … ◄─────────────────────────┤
//!                                    health ─► alert ─► notify ◄────┤
//!                                             history: SQLite ◄─────┘
//! ```
//!
//! - `tenant profile cloud stage` say what is watched; `observation claims registration inventory`
//!   hold facts; `verdict` holds what was judged from them.
//! - `app` puts everything together: one file a command. `simulator` is the cloud for demo and tests.
//! - Modules without IO (`alert assessment board claims cloud diagnosis expiry findings health
//!   inventory manual observation profile registration report schedule shard stage systemd tenant
//!   text verdict`) import only each other. Tests in `tests/it` read every import: the pure modules
//!   stay pure, the edges do not know each other, and no module or file imports itself in a circle.
//!
//! This library is what the binary of the same name is made of; `examples/` uses parts of it.

pub mod alert;
pub mod app;
pub mod assessment;
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
pub mod files;
pub mod findings;
pub mod health;
pub mod history;
pub mod http;
pub mod init;
pub mod inventory;
pub mod logging;
pub mod login;
pub mod manual;
pub mod monitor;
pub mod notify;
pub mod observation;
pub mod output;
pub mod process;
pub mod profile;
pub mod registration;
pub mod report;
pub mod schedule;
pub mod secret;
#[cfg(all(feature = "exporter", unix))]
pub mod serve;
pub mod shard;
#[cfg(feature = "demo")]
pub mod simulator;
pub mod stage;
pub mod state;
pub mod systemd;
pub mod tenant;
pub mod text;
pub mod tui;
pub mod verdict;
