//! What the metrics say about the process itself.

use std::fmt;

use chrono::{DateTime, Utc};

use super::Reload;
use crate::board::Board;

/// The label of `credwatch_build_info`.
const VERSION: &str = concat!("{version=\"", env!("CARGO_PKG_VERSION"), "\"}");

/// The state of the process; written as metrics, named apart from those of `node_exporter`.
#[derive(Debug)]
pub(super) struct Process<'b> {
    pub(super) board: &'b Board,
    /// How many tenants were not checked yet.
    pub(super) pending: usize,
    pub(super) healthy: bool,
    /// Whether messages do not get through.
    pub(super) mute: bool,
    pub(super) reload: Reload,
    pub(super) started_at: DateTime<Utc>,
}

impl fmt::Display for Process<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut write = |kind: &str, name: &str, help: &str, value: &dyn fmt::Display| {
            let labels = if name == "build_info" { VERSION } else { "" };
            writeln!(out, "# HELP credwatch_{name} {help}")?;
            writeln!(out, "# TYPE credwatch_{name} {kind}")?;
            writeln!(out, "credwatch_{name}{labels} {value}")
        };
        let help = "How many results were not kept, since the history was too slow.";
        write("counter", "results_dropped_total", help, &self.board.unkept)?;
        let mut gauge =
            |name: &str, help: &str, value: &dyn fmt::Display| write("gauge", name, help, value);
        let truth = |yes: bool| u8::from(yes);
        gauge("build_info", "Which version this is.", &1)?;
        gauge(
            "tenants",
            "How many tenants this process watches.",
            &self.board.rows.len(),
        )?;
        gauge(
            "tenants_pending",
            "How many of them were not checked yet.",
            &self.pending,
        )?;
        let help = "Whether checks really complete: 1 as long as /healthz answers 200.";
        gauge("healthy", help, &truth(self.healthy))?;
        let help = "Whether no address at all answers, so that every verdict is held.";
        gauge("offline", help, &truth(self.board.offline_since.is_some()))?;
        let help = "Whether only a few canaries are polled: services are throttled or unavailable.";
        gauge(
            "canary_polling",
            help,
            &truth(self.board.sparing_since.is_some()),
        )?;
        let help = "Whether messages do not get through at present.";
        gauge("notifications_failing", help, &truth(self.mute))?;
        let help = "Whether the config file as it is now is the one in use.";
        gauge(
            "config_last_reload_successful",
            help,
            &truth(self.reload.good),
        )?;
        let name = "config_last_reload_success_timestamp_seconds";
        let help = "Since when the config in use is in use.";
        gauge(name, help, &self.reload.at.timestamp())?;
        let help = "When this process started.";
        gauge(
            "start_timestamp_seconds",
            help,
            &self.started_at.timestamp(),
        )
    }
}
