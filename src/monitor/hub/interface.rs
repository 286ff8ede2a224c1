//! The commands to a running monitor and the channels from it.

use std::sync::Arc;

use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};

use crate::{
    alert::{Alert, Holds},
    board::{Board, Past},
    monitor::{engine::Settings, leases::PeerResult},
    tenant::{Tenant, TenantName},
    verdict::Report,
};

/// A command to the monitor.
#[derive(Debug)]
pub enum Command {
    /// Checks one tenant now, or 30 s after the last check on demand of its credential.
    Check(TenantName),
    /// Checks every tenant now, with the same limit.
    CheckAll,
    /// Replaces the tenants and settings. Tenants without a change go on undisturbed.
    Reload {
        /// The tenants to watch.
        tenants: Vec<Arc<Tenant>>,
        /// The settings from the next checks on.
        settings: Settings,
    },
    /// Sets or clears the notice about a part of credwatch that does not work.
    Notice {
        /// The part; each has one notice.
        about: &'static str,
        /// The notice; `None` clears it.
        text: Option<String>,
    },
    /// Shows the kept history of tenants from before this process started.
    Recall(Vec<Past>),
    /// Replaces the snoozes and acknowledgements that are shown.
    Holds(Holds),
    /// Shows results of the processes that hold the leases.
    PeerResults(Vec<PeerResult>),
    /// Lists alerts among the events.
    Alerted(Vec<Alert>),
    /// Stops the monitor.
    Stop,
}

/// A running monitor, as its owner holds it.
#[derive(Debug)]
pub struct Monitor {
    /// The latest board; a reader may skip any. The sender is dropped when the monitor ends.
    pub board: watch::Receiver<Arc<Board>>,
    /// Takes commands. Holds 64; while it is full, the sender waits or gives up.
    pub commands: mpsc::Sender<Command>,
    /// Every report that counts, for the history; reports of an offline machine do not. Holds 4096;
    /// while it is full, reports are dropped and counted, since the next check brings another.
    pub results: mpsc::Receiver<Arc<Report>>,
    /// Ends within a second after the engine was stopped.
    pub join: JoinHandle<()>,
}
