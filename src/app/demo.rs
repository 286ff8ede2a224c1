//! `credwatch demo`: the dashboard on a simulated cloud, or that cloud alone.

use std::{net::SocketAddr, sync::Arc};

use anyhow::ensure;

use super::{App, parts};
use crate::{
    cli, config, logging,
    report::exit,
    simulator::{Cloud, ConfigDir, demo_fleet},
};

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
        self.global.state_dir = Some(files.path().join("state"));
        let log_file = self.global.log_file.clone();
        let log_file = log_file.unwrap_or_else(|| files.path().join("credwatch.log"));
        let _log = logging::start(Some(&log_file), self.global.verbose)?;
        self.global.state_dir = Some(files.path().join("state"));
        let config = config::load(files.config())?;
        let shown = self.dashboard(config, files.path(), "credwatch demo").await;
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
