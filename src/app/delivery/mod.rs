//! Alert delivery: keeps results in the history, notes the alerts that are due, and sends them through
//! the channels; holds the poll leases that processes share.
//!
//! Rules come from `alert`, the file is `history`'s, a message is sent by `notify`. Called by the
//! commands `watch`, `serve` and `check`.

mod alert_store;
mod background;
mod batch;
mod channels;
mod dispatcher;
mod leases;
mod service;

pub(super) use alert_store::AlertStore;
#[cfg(all(feature = "exporter", unix))]
pub(super) use background::{BackgroundTasks, HistoryWriterTask};
pub(super) use background::{MonitorHandles, OpenedHistory, start_background_tasks};
pub(super) use channels::{channels, tools};
pub(super) use dispatcher::trouble;
pub(super) use service::AlertService;
