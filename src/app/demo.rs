//! `credwatch demo`: the dashboard on a simulated cloud, or that cloud alone.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use anyhow::ensure;
use chrono::TimeDelta;

use super::{App, parts};
use crate::{
    alert::{Ack, Snooze},
    cli,
    clock::Clock,
    config,
    history::{self, Store},
    logging,
    report::exit,
    simulator::{Cloud, ConfigDir, demo_fleet},
};

/// When colleagues do their part, after the start.
const ACT: Duration = Duration::from_secs(12);

impl App {
    pub(super) fn demo(&mut self, arguments: &cli::Demo) -> anyhow::Result<u8> {
        ensure!(
            arguments.listen.ip().is_loopback(),
            "`--listen` takes loopback addresses only: the simulated cloud hands out tokens to anybody"
        );
        if arguments.serve {
            let _log = self.log()?;
            parts::run(self.serve_cloud(arguments.listen))?;
        } else {
            self.needs_terminal()?;
            parts::run(self.dashboard_on_cloud(arguments.listen))?;
        }
        Ok(exit::OK)
    }

    /// The cloud alone: says where everything is, then serves until a signal ends it.
    async fn serve_cloud(&mut self, listen: SocketAddr) -> anyhow::Result<()> {
        let stop = parts::stop_on_signals()?;
        let (cloud, files) = self.cloud(listen).await?;
        for (key, value) in [
            ("config", files.config().display().to_string()),
            ("ca", files.ca().display().to_string()),
            ("login_url", cloud.login_url()),
            ("ews_url", cloud.ews_url()),
            ("graph_url", cloud.graph_url()),
        ] {
            self.output.line(&format!("{key}={value}"))?;
        }
        self.output.line("ready")?;
        stop.cancelled().await;
        cloud.stop().await;
        Ok(())
    }

    /// The dashboard with a config, a log and a cloud of its own; nothing of the user's is touched.
    async fn dashboard_on_cloud(&mut self, listen: SocketAddr) -> anyhow::Result<()> {
        let (cloud, files) = self.cloud(listen).await?;
        let log_file = self.global.log_file.clone();
        let log_file = log_file.unwrap_or_else(|| files.path().join("credwatch.log"));
        let _log = logging::start(Some(&log_file), self.global.verbose)?;
        self.global.state_dir = Some(files.path().join("state"));
        let config = config::load(files.config())?;
        let people = tokio::spawn(colleagues(files.path().join(history::FILE), self.clock));
        let shown = self.dashboard(config, files.path(), "credwatch demo").await;
        people.abort();
        cloud.stop().await;
        shown
    }

    async fn cloud(&self, listen: SocketAddr) -> anyhow::Result<(Cloud, ConfigDir)> {
        let clock = self.clock;
        let now = Arc::new(move || clock.now());
        let cloud = Cloud::start(demo_fleet(clock.now()), listen, now).await?;
        let files = cloud.temporary_config()?;
        Ok((cloud, files))
    }
}

/// Colleagues who use the same history: one holds the alerts of a tenant, another is at a failure.
async fn colleagues(history: PathBuf, clock: Clock) {
    tokio::time::sleep(ACT).await;
    let acted = tokio::task::spawn_blocking(move || {
        let mut store = Store::open(&history)?;
        let now = clock.now();
        let snooze = Snooze {
            until: now + TimeDelta::hours(2),
            reason: "their directory moves tonight".into(),
            by: Some("ana".into()),
        };
        store.snooze(&"bellows-campus".into(), &snooze)?;
        let ack = Ack {
            by: "bob".into(),
            at: now,
        };
        store.acknowledge(&"alpineski-passes".into(), Some(&ack))
    });
    match acted.await {
        Ok(Ok(_was)) => {}
        Ok(Err(error)) => tracing::warn!("the colleagues of the demo cannot act: {error}"),
        Err(ended) => tracing::warn!("the colleagues of the demo are gone: {ended}"),
    }
}
