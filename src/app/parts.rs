//! The parts that several commands are put together from.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use tokio::runtime::Builder;
use tokio_util::sync::CancellationToken;

use super::{App, probe::LiveProbe};
use crate::{
    clock::Clock,
    config::{self, Config},
    directory::Directory,
    http::Clients,
    monitor::{Engine, Outside, PUBLISH_EVERY},
    notify,
    secret::{Secrets, tokens::TokenStore},
    state,
    tenant::Network,
};

/// How long the reading of a channel's secret may take.
const SECRET_LIMIT: Duration = Duration::from_secs(20);

/// How long the answer of a secret command is kept for the channels.
const SECRET_TTL: Duration = Duration::from_hours(1);

/// Returns what the channels work with; secrets are read for them, they never learn from where.
pub(super) fn tools(clock: Clock, network: Network) -> notify::Tools {
    let secrets = Arc::new(Secrets::default());
    let read: notify::Reader = Arc::new(move |source| {
        let secrets = Arc::clone(&secrets);
        Box::pin(async move {
            let deadline = clock.instant() + SECRET_LIMIT;
            let read = secrets.read(&source, SECRET_TTL, deadline).await;
            read.map_err(|error| error.to_string())
        })
    });
    notify::Tools {
        clients: Arc::new(Clients::new()),
        network,
        read,
        terminal: None,
        clock,
    }
}

impl App {
    /// Loads the config that the flags and the environment point to.
    pub(super) fn load(&self) -> anyhow::Result<Config> {
        let path = config::locate(self.global.config.as_deref())?;
        Ok(config::load(&path)?)
    }

    /// Returns where sign-ins of people are kept.
    pub(super) fn token_store(&self) -> TokenStore {
        TokenStore::new(self.global.state_dir.clone())
    }

    /// Returns the reader of directories, with what was read before where there is a place to keep it.
    pub(super) fn directory(&self, config: &Config, refresh: bool) -> Directory {
        let state = state::directory(self.global.state_dir.as_deref())
            .inspect_err(|error| tracing::info!("directories are read anew each time: {error}"))
            .ok();
        Directory::new(state.as_deref(), refresh, self.clock).with_readers(config.readers.clone())
    }

    /// Returns what checks real tenants.
    pub(super) fn probe(&self, config: &Config, refresh: bool) -> LiveProbe {
        LiveProbe::new(
            self.clock,
            self.directory(config, refresh),
            self.token_store(),
        )
    }

    /// Returns the engine over real tenants.
    pub(super) fn engine(&self, config: &Config, stop: CancellationToken) -> Engine<LiveProbe> {
        self.engine_with(config, stop, false)
    }

    /// As [`App::engine`]; with `refresh`, directories are asked however fresh their last answer is.
    pub(super) fn engine_with(
        &self,
        config: &Config,
        stop: CancellationToken,
        refresh: bool,
    ) -> Engine<LiveProbe> {
        Engine {
            probe: Arc::new(self.probe(config, refresh)),
            settings: config.monitor.clone(),
            outside: Outside::real(self.clock),
            turns: None,
            publish_every: PUBLISH_EVERY,
            stop,
        }
    }
}

/// Runs something with IO to its end.
///
/// Work that is still blocked then (a name that does not resolve, say) is left behind, so that it
/// cannot hold up the end of the process.
pub(super) fn run<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    run_on(Builder::new_multi_thread(), work)
}

/// As [`run`], on this thread alone.
///
/// For a pass that ends: it starts sooner, and checks that hand each other from thread to thread
/// cost more CPU than a second core brings while they wait for the network.
pub(super) fn run_alone<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    run_on(Builder::new_current_thread(), work)
}

fn run_on<T>(
    mut runtime: Builder,
    work: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    let runtime = runtime
        .enable_all()
        .build()
        .context("the asynchronous runtime cannot be started")?;
    let done = runtime.block_on(work);
    runtime.shutdown_background();
    done
}

/// Returns a token that is cancelled by the signals that end a process.
///
/// Must be called inside the runtime.
pub(super) fn stop_on_signals() -> anyhow::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let ended = ending_signal()?;
    let token = stop.clone();
    tokio::spawn(async move {
        ended.await;
        token.cancel();
    });
    Ok(stop)
}

#[cfg(unix)]
fn ending_signal() -> anyhow::Result<impl Future<Output = ()> + Send> {
    use tokio::signal::unix::{SignalKind, signal};
    let listen = |kind| signal(kind).context("signals cannot be listened to");
    let mut interrupt = listen(SignalKind::interrupt())?;
    let mut terminate = listen(SignalKind::terminate())?;
    let mut hang_up = listen(SignalKind::hangup())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hang_up.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn ending_signal() -> anyhow::Result<impl Future<Output = ()> + Send> {
    Ok(async {
        tokio::signal::ctrl_c().await.ok();
    })
}
