//! `credwatch serve`: the monitor without a screen.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::Context as _;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
    task::JoinHandle,
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use crate::{
    app::{
        config_watcher::ConfigWatcher,
        delivery::{
            BackgroundTasks, HistoryWriterTask, MonitorHandles, OpenedHistory,
            start_background_tasks,
        },
        reload::{Reloader, tenant_names},
        runtime::{self, AppContext, HangUp},
        selection::in_shard,
    },
    board::{Board, Event},
    cli::ServeArgs,
    config::Config,
    logging::{self, Log},
    report::exit,
    secret::Secrets,
    serve::{Access, Reload, Server, Snapshot, keep_house, systemd},
    tenant::{SecretSource, Tenant},
    verdict::Status,
};

/// How long reading the token may take.
const TOKEN_LIMIT: Duration = Duration::from_secs(10);

/// The shortest time between two versions of the board: no person watches it here, and the cost of
/// one grows with the number of tenants.
const PUBLISH_EVERY: Duration = Duration::from_millis(250);

/// How long the last answers may take when the service ends.
const DRAIN: Duration = Duration::from_secs(3);

impl AppContext {
    pub(super) fn serve(&mut self, arguments: &ServeArgs) -> anyhow::Result<u8> {
        // a service has no screen, so its log says more
        let verbosity = self.global.verbose.saturating_add(1);
        let _log = logging::start(
            Log::to(self.global.log_file.as_deref(), Log::Stderr),
            verbosity,
        )?;
        let config = self.load()?;
        let state = self.state_directory()?;
        runtime::warn_of_exposed_files(&config, &state);
        runtime::run(self.service(config, &state, arguments))?;
        Ok(exit::OK)
    }

    /// Runs until a signal ends it.
    async fn service(
        &self,
        config: Config,
        state: &Path,
        arguments: &ServeArgs,
    ) -> anyhow::Result<()> {
        let stop = runtime::stop_on_signals(HangUp::Reloads)?;
        // before anything else: SIGHUP ends a process that does not listen to it yet
        let hang_up = signal(SignalKind::hangup())?;
        let server = Server::bind(self.access(arguments).await?).await?;
        let tenants = in_shard(&config.tenants, arguments.shard);
        tracing::info!(
            "watching {} tenants, serving on {}",
            tenants.len(),
            server.address()
        );
        let (mut running, reloader) = self.begin(&config, &tenants, state, &stop)?;
        let (reloads, reload) = watch::channel(Reload {
            good: true,
            at: self.clock.now(),
        });
        let snapshot = Snapshot::new(running.board.clone(), reload, running.trouble, self.clock);
        let snapshot = Arc::new(snapshot);
        let config_watcher = ConfigWatcher {
            clock: self.clock,
            reloader,
            reloads,
            shard: arguments.shard,
            config,
        };
        let tasks = [
            tokio::spawn(server.run(Arc::clone(&snapshot), stop.clone())),
            tokio::spawn(keep_house(
                snapshot,
                arguments.textfile.clone(),
                self.clock,
                stop.clone(),
            )),
            tokio::spawn(journal(running.board)),
            tokio::spawn(config_watcher.run(hang_up, stop.clone())),
        ];
        systemd::ready();
        // a monitor that ends by itself has failed: the service ends too, so that it is started again
        let failed = tokio::select! {
            () = stop.cancelled() => None,
            ended = &mut running.join => Some(ended),
        };
        stop.cancel();
        systemd::stopping();
        tracing::info!("stopping");
        match failed {
            Some(ended) => {
                ended.context("the monitor ended badly")?;
                anyhow::bail!("the monitor ended without a reason");
            }
            None => running.join.await.context("the monitor ended badly")?,
        }
        running.writer.finish().await;
        drain(tasks).await;
        Ok(())
    }

    /// Starts to watch these tenants, to keep their results and to send alerts.
    fn begin(
        &self,
        config: &Config,
        tenants: &[Arc<Tenant>],
        state: &Path,
        stop: &CancellationToken,
    ) -> anyhow::Result<(Running, Reloader)> {
        let opened = OpenedHistory::open(state, self.clock)?;
        let mut engine = self.engine(config, stop.clone(), false);
        engine.leases = opened.leases();
        engine.publish_every = PUBLISH_EVERY;
        let probe = Arc::clone(&engine.probe);
        let monitor = engine.watch(tenants);
        let ends = MonitorHandles {
            results: monitor.results,
            board: monitor.board.clone(),
            commands: monitor.commands.clone(),
        };
        let BackgroundTasks {
            alerts,
            trouble,
            writer,
        } = start_background_tasks(config, opened, (ends, None), self.clock, stop);
        let reloader = Reloader {
            commands: monitor.commands,
            probes: vec![probe],
            alerts,
            terminal: None,
            clock: self.clock,
            stop: stop.clone(),
            names: tenant_names(config),
        };
        let running = Running {
            board: monitor.board,
            trouble,
            join: monitor.join,
            writer,
        };
        Ok((running, reloader))
    }

    /// Returns who may send requests; reads the token, if one is configured.
    async fn access(&self, arguments: &ServeArgs) -> anyhow::Result<Access> {
        let token = match &arguments.token {
            Some(source) => Some(self.token(source).await?),
            None => None,
        };
        let access = Access::new(arguments.listen.clone(), token, arguments.allow_remote)?;
        Ok(access)
    }

    async fn token(&self, source: &SecretSource) -> anyhow::Result<secrecy::SecretString> {
        let deadline: Instant = self.clock.instant() + TOKEN_LIMIT;
        let secrets = Secrets::default();
        let token = secrets.read(source, Duration::ZERO, deadline).await;
        token.context("the token of `--token` cannot be read")
    }
}

/// The running monitor, as the rest of the service uses it.
struct Running {
    board: watch::Receiver<Arc<Board>>,
    /// Why messages are not delivered, while they are not.
    trouble: watch::Receiver<Option<String>>,
    join: JoinHandle<()>,
    writer: HistoryWriterTask,
}

/// Waits for the last answers, up to [`DRAIN`]. Alerts that are not delivered yet stay in the history.
async fn drain(tasks: [JoinHandle<()>; 4]) {
    let deadline = tokio::time::sleep(DRAIN);
    let all = async {
        for task in tasks {
            task.await.ok();
        }
    };
    tokio::select! {
        () = all => {}
        () = deadline => tracing::warn!("not everything was finished in time"),
    }
}

/// Logs what changes, as the dashboard's list of events shows it.
async fn journal(mut board: watch::Receiver<Arc<Board>>) {
    let mut last: Option<Arc<Event>> = None;
    loop {
        let events = board.borrow_and_update().events.clone();
        let known = |event: &Arc<Event>| last.as_ref().is_some_and(|last| Arc::ptr_eq(last, event));
        let new = events.iter().rposition(known).map_or(0, |place| place + 1);
        for event in events.iter().skip(new) {
            note(event);
        }
        last = events.back().cloned();
        if board.changed().await.is_err() {
            return;
        }
    }
}

fn note(event: &Event) {
    let name = event
        .tenant
        .as_ref()
        .map_or("credwatch", |name| name.as_str());
    let (name, text) = (crate::text::line(name), &event.text);
    match event.status {
        Status::Ok => tracing::info!("{name}: {text}"),
        Status::Warning | Status::Unknown => tracing::warn!("{name}: {text}"),
        Status::Critical => tracing::error!("{name}: {text}"),
    }
}
