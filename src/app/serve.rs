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

use super::{
    App, parts,
    reload::Reloader,
    swap::{InUse, Swapper},
    watching::{Beside, Ends, Kept, Past},
};
use crate::{
    board::{Board, Event},
    cli,
    config::Config,
    logging::{self, Log},
    report::exit,
    secret::Secrets,
    serve::{Access, Reload, Server, Showcase, attend, systemd},
    shard::Shard,
    state,
    tenant::{SecretSource, Tenant},
    verdict::Status,
};

/// How long reading the token may take.
const TOKEN_LIMIT: Duration = Duration::from_secs(10);

/// How often the board is published at most: nobody looks on, and each costs as much as there are
/// tenants.
const PUBLISH_EVERY: Duration = Duration::from_millis(250);

/// How long the last answers may take when the service ends.
const DRAIN: Duration = Duration::from_secs(3);

impl App {
    pub(super) fn serve(&mut self, arguments: &cli::Serve) -> anyhow::Result<u8> {
        // nobody watches a service, so its log tells what happens
        let verbosity = self.global.verbose.saturating_add(1);
        let _log = logging::start(
            Log::to(self.global.log_file.as_deref(), Log::Stderr),
            verbosity,
        )?;
        let config = self.load()?;
        let state = state::directory(self.global.state_dir.as_deref())?;
        parts::run(self.service(config, &state, arguments))?;
        Ok(exit::OK)
    }

    /// Runs until a signal ends it.
    async fn service(
        &self,
        config: Config,
        state: &Path,
        arguments: &cli::Serve,
    ) -> anyhow::Result<()> {
        let stop = stop_on_signals()?;
        // from now on, for until somebody listens to it this signal kills
        let hang_up = signal(SignalKind::hangup())?;
        let server = Server::bind(self.access(arguments).await?).await?;
        let tenants = part(&config, arguments.shard);
        tracing::info!(
            "watching {} tenants, serving on {}",
            tenants.len(),
            server.address()
        );
        let (running, swapper) = self.begin(&config, &tenants, state, &stop)?;
        let (reloads, reload) = watch::channel(Reload {
            good: true,
            at: self.clock.now(),
        });
        let showcase = Showcase::new(running.board.clone(), reload, running.trouble, self.clock);
        let showcase = Arc::new(showcase);
        let reloader = Reloader {
            clock: self.clock,
            swapper,
            reloads,
            shard: arguments.shard,
            config,
        };
        let tasks = [
            tokio::spawn(server.run(Arc::clone(&showcase), stop.clone())),
            tokio::spawn(attend(
                showcase,
                arguments.textfile.clone(),
                self.clock,
                stop.clone(),
            )),
            tokio::spawn(journal(running.board)),
            tokio::spawn(reloader.run(hang_up, stop.clone())),
        ];
        systemd::ready();
        stop.cancelled().await;
        systemd::stopping();
        tracing::info!("stopping");
        running.join.await.context("the monitor ended badly")?;
        running.kept.last().await;
        drain(tasks).await;
        Ok(())
    }

    /// Starts to watch these tenants, to remember and to tell.
    fn begin(
        &self,
        config: &Config,
        tenants: &[Arc<Tenant>],
        state: &Path,
        stop: &CancellationToken,
    ) -> anyhow::Result<(Running, Swapper)> {
        let past = Past::open(state, self.clock)?;
        let mut engine = self.engine(config, stop.clone());
        engine.turns = past.turns();
        engine.publish_every = PUBLISH_EVERY;
        let probe = Arc::clone(&engine.probe);
        let monitor = engine.watch(tenants);
        let ends = Ends {
            results: monitor.results,
            board: monitor.board.clone(),
            commands: monitor.commands.clone(),
        };
        let Beside {
            teller,
            trouble,
            kept,
        } = self.remember_and_tell(config, past, (ends, None), stop);
        let swapper = Swapper {
            commands: monitor.commands,
            probes: vec![probe],
            teller,
            terminal: None,
            clock: self.clock,
            stop: stop.clone(),
            used: InUse::of(config),
        };
        let running = Running {
            board: monitor.board,
            trouble,
            join: monitor.join,
            kept,
        };
        Ok((running, swapper))
    }

    /// Works out who may ask, reading the token if one is due.
    async fn access(&self, arguments: &cli::Serve) -> anyhow::Result<Access> {
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

/// What the rest of the service sees of the monitor.
struct Running {
    board: watch::Receiver<Arc<Board>>,
    /// Why messages do not get through, while they do not.
    trouble: watch::Receiver<Option<String>>,
    join: JoinHandle<()>,
    kept: Kept,
}

/// Returns the tenants that this process takes.
pub(super) fn part(config: &Config, shard: Option<Shard>) -> Vec<Arc<Tenant>> {
    let ours = |tenant: &&Arc<Tenant>| shard.is_none_or(|shard| shard.contains(&tenant.name));
    config.tenants.iter().filter(ours).cloned().collect()
}

/// Lets the last answers out, for so long. What could not be told yet waits in the history.
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

/// Returns a token that is cancelled by the signals that end a service.
fn stop_on_signals() -> anyhow::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let token = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        token.cancel();
    });
    Ok(stop)
}
