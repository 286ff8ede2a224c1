//! Puts another config into use while a monitor runs: whole, whatever of it has changed.
//!
//! What stands on the command line (addresses, tokens, folders, the shard) is no part of a config, and
//! stays until the next start.

use std::{collections::HashSet, sync::Arc};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{
    probe::LiveProbe,
    telling::{Teller, channels},
};
use crate::{
    clock::Clock,
    config::Config,
    monitor,
    notify::Terminal,
    tenant::{Tenant, TenantName},
};

/// What depends on the config of a running monitor.
pub(super) struct Swapper {
    pub(super) commands: mpsc::Sender<monitor::Command>,
    /// Whoever asks directories.
    pub(super) probes: Vec<Arc<LiveProbe>>,
    pub(super) teller: Teller,
    /// Where messages to the terminal go, if this process has one.
    pub(super) terminal: Option<Terminal>,
    pub(super) clock: Clock,
    pub(super) stop: CancellationToken,
    /// What is in use now.
    pub(super) used: InUse,
}

/// What of a config must be compared with the next one.
pub(super) struct InUse {
    names: HashSet<TenantName>,
}

impl InUse {
    /// Returns what of this config is in use.
    pub(super) fn of(config: &Config) -> Self {
        let names = config.tenants.iter().map(|tenant| tenant.name.clone());
        Self {
            names: names.collect(),
        }
    }
}

impl Swapper {
    /// Works by this config from now on; `tenants` are those of it that this process takes.
    pub(super) async fn swap(&mut self, config: &Config, tenants: Vec<Arc<Tenant>>) {
        let before = std::mem::replace(&mut self.used, InUse::of(config));
        for probe in &self.probes {
            probe.begin_anew(config.readers.clone());
        }
        let fleet = tenants.len();
        // also where their settings are the same: a `ca_file` may hold something else
        let channels = channels(config, self.terminal.clone(), self.clock);
        self.teller.replace((config, fleet), channels, &self.stop);
        let new: Vec<TenantName> = self.used.names.difference(&before.names).cloned().collect();
        let settings = config.monitor.clone();
        let mut commands = vec![monitor::Command::Reload { tenants, settings }];
        if !new.is_empty() {
            let pasts = self.teller.memory.pasts(new, self.clock).await;
            commands.push(monitor::Command::Recall(pasts));
        }
        for command in commands {
            if self.commands.send(command).await.is_err() {
                tracing::debug!("the monitor has ended");
            }
        }
    }
}
