//! `credwatch demo`: the dashboard on a simulated cloud, or that cloud alone.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use anyhow::ensure;
use chrono::TimeDelta;

use crate::{
    alert::{Ack, Snooze},
    app::runtime::{self, AppContext, HangUp},
    cli::DemoArgs,
    clock::Clock,
    config,
    history::{self, Store},
    logging::{self, Log},
    report::exit,
    simulator::{ConfigDir, SimulatedCloud, demo_fleet},
    tui,
};

/// How long after the start the simulated colleagues act.
const COLLEAGUES_ACT_AFTER: Duration = Duration::from_secs(12);

/// What the terminal shows after the dashboard: the next two things to do.
const AFTERWARDS: &str = "This was a simulated cloud. For your own tenants: `credwatch init` writes a first config.\n\
     Then `credwatch check` tries them once, and `credwatch` shows them live.";

impl AppContext {
    pub(super) fn demo(&mut self, arguments: &DemoArgs) -> anyhow::Result<u8> {
        ensure!(
            arguments.listen.ip().is_loopback(),
            "`--listen` takes loopback addresses only: the simulated cloud gives tokens to every client"
        );
        if arguments.serve {
            let _log = self.log()?;
            runtime::run(self.serve_cloud(arguments.listen))?;
        } else {
            self.needs_terminal()?;
            runtime::run(self.dashboard_on_cloud(arguments.listen, arguments.theme))?;
        }
        Ok(exit::OK)
    }

    /// Runs the cloud alone: prints its addresses, then serves until a signal ends it.
    async fn serve_cloud(&mut self, listen: SocketAddr) -> anyhow::Result<()> {
        let stop = runtime::stop_on_signals(HangUp::Ends)?;
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

    /// Shows the dashboard on a cloud, with a temporary config, log and state directory: no file of the
    /// user is touched.
    async fn dashboard_on_cloud(
        &mut self,
        listen: SocketAddr,
        theme: Option<tui::Theme>,
    ) -> anyhow::Result<()> {
        let (cloud, files) = self.cloud(listen).await?;
        self.global.state_dir = Some(files.path().join("state"));
        let usual = files.path().join("credwatch.log");
        let log = Log::to(self.global.log_file.as_deref(), Log::Daily(&usual));
        let _log = logging::start(log, self.global.verbose)?;
        let config = config::load(files.config())?;
        let people = tokio::spawn(colleagues(files.path().join(history::FILE), self.clock));
        let settings = self.dashboard_settings("credwatch demo", theme.unwrap_or_default());
        let shown = self.dashboard(config, files.path(), settings).await;
        people.abort();
        cloud.stop().await;
        shown?;
        self.output.line(AFTERWARDS)?;
        Ok(())
    }

    async fn cloud(&self, listen: SocketAddr) -> anyhow::Result<(SimulatedCloud, ConfigDir)> {
        let clock = self.clock;
        let now = Arc::new(move || clock.now());
        let cloud = SimulatedCloud::start(demo_fleet(clock.now()), listen, now).await?;
        let files = cloud.temporary_config()?;
        Ok((cloud, files))
    }
}

/// Plays two colleagues who use the same history: one snoozes a tenant, one acknowledges a failure.
async fn colleagues(history: PathBuf, clock: Clock) {
    tokio::time::sleep(COLLEAGUES_ACT_AFTER).await;
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
        Err(ended) => tracing::warn!("the colleagues of the demo have ended: {ended}"),
    }
}
