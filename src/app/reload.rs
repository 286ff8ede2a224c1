//! Puts another config into use while a monitor runs: always the whole config.
//!
//! Flags of the command line (addresses, tokens, folders, the shard) are no part of a config, and stay
//! until the next start.

use std::{collections::HashSet, sync::Arc};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{
    delivery::{AlertService, channels},
    probe::LiveProbe,
};
use crate::{
    clock::Clock,
    config::Config,
    monitor,
    notify::Terminal,
    tenant::{Tenant, TenantName},
};

/// The parts of a running process that depend on the config.
pub(super) struct Reloader {
    pub(super) commands: mpsc::Sender<monitor::Command>,
    /// The probes: they ask directories.
    pub(super) probes: Vec<Arc<LiveProbe>>,
    pub(super) alerts: AlertService,
    /// The terminal for messages, if this process has one.
    pub(super) terminal: Option<Terminal>,
    pub(super) clock: Clock,
    pub(super) stop: CancellationToken,
    /// The names of the tenants in the config that is in use.
    pub(super) names: HashSet<TenantName>,
}

/// Returns the names of all tenants of a config.
pub(super) fn tenant_names(config: &Config) -> HashSet<TenantName> {
    let names = config.tenants.iter().map(|tenant| tenant.name.clone());
    names.collect()
}

impl Reloader {
    /// Puts a config into use; `tenants` are the tenants that belong to this process.
    pub(super) async fn reload(&mut self, config: &Config, tenants: Vec<Arc<Tenant>>) {
        let before = std::mem::replace(&mut self.names, tenant_names(config));
        for probe in &self.probes {
            probe.begin_anew(config.readers.clone());
        }
        let fleet = tenants.len();
        // also where the settings are the same: the contents of a `ca_file` may have changed
        let channels = channels(config, self.terminal.clone(), self.clock);
        self.alerts.replace((config, fleet), channels, &self.stop);
        let new: Vec<TenantName> = self.names.difference(&before).cloned().collect();
        let settings = config.monitor.clone();
        let mut commands = vec![monitor::Command::Reload { tenants, settings }];
        if !new.is_empty() {
            let pasts = self.alerts.store.pasts(new, self.clock).await;
            commands.push(monitor::Command::Recall(pasts));
        }
        for command in commands {
            if self.commands.send(command).await.is_err() {
                tracing::debug!("the monitor has ended");
            }
        }
    }
}
