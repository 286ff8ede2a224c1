//! The parts that several commands are put together from.

use std::{
    hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher},
    sync::Arc,
};

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::App;
use crate::{
    check::{Checker, Session},
    clock::Clock,
    config::{self, Config},
    diagnosis,
    directory::Directory,
    http::Clients,
    monitor::{Engine, Finding, Outside, Probe, Settings},
    observation::{Observation, Stage},
    report::{self, Report},
    secret::Secrets,
    state,
    tenant::{Credential, DirectoryUse, Tenant},
};

/// Checks tenants for real: what is observed is judged, and put into a report.
#[derive(Debug)]
pub(super) struct LiveProbe {
    checker: Checker,
    secrets: Arc<Secrets>,
    directory: Directory,
    clock: Clock,
}

impl LiveProbe {
    pub(super) fn new(clock: Clock, directory: Directory) -> Self {
        let secrets = Arc::new(Secrets::default());
        let clients = Arc::new(Clients::new());
        Self {
            checker: Checker::new(clients, Arc::clone(&secrets), clock),
            secrets,
            directory,
            clock,
        }
    }

    /// Asks the directory, if that is due, in what is left of a check that began then; never changes
    /// what was found.
    async fn ask_directory(
        &self,
        tenant: &Tenant,
        seen: &Observation,
        session: &Session,
        began: Instant,
    ) {
        let due = self
            .directory
            .is_due(tenant, seen.secret.hint.as_deref())
            .await;
        // who got no token for the check would get none for this
        if due && session.has_token() {
            let until = began + tenant.pace.timeout;
            self.directory
                .read(&self.checker, tenant, session, Some(until))
                .await;
        }
    }
}

impl Probe for LiveProbe {
    type Session = Session;

    async fn observe(&self, tenant: &Tenant) -> (Finding, Session) {
        let began = self.clock.instant();
        let (observation, session) = self.checker.check(tenant).await;
        self.ask_directory(tenant, &observation, &session, began)
            .await;
        let judgement = diagnosis::judge(tenant, &observation);
        (
            Finding {
                observation: Arc::new(observation),
                judgement,
            },
            session,
        )
    }

    async fn repeat(
        &self,
        tenant: &Tenant,
        first: Finding,
        session: Session,
        stage: Stage,
    ) -> Finding {
        let seen = Arc::unwrap_or_clone(first.observation);
        let began = self.clock.instant();
        let (observation, session) = self.checker.repeat(tenant, (seen, session), stage).await;
        self.ask_directory(tenant, &observation, &session, began)
            .await;
        let judgement = diagnosis::judge(tenant, &observation);
        Finding {
            observation: Arc::new(observation),
            judgement,
        }
    }

    async fn prepare(&self, tenant: &Tenant) -> Option<Session> {
        if tenant.directory == DirectoryUse::Off {
            return None;
        }
        let (facts, session) = self.checker.read_secret(tenant).await;
        let due = self.directory.is_due(tenant, facts.hint.as_deref()).await;
        due.then_some(session)
    }

    async fn look_up(&self, tenant: &Tenant, session: Session) {
        self.directory
            .read(&self.checker, tenant, &session, None)
            .await;
    }

    fn assemble(&self, tenant: &Tenant, finding: Option<&Finding>, now: DateTime<Utc>) -> Report {
        let live = finding.map(|found| (&*found.observation, found.judgement.clone()));
        let reading = self.directory.known(tenant);
        report::assemble(tenant, live, reading.as_ref(), now)
    }

    async fn source_mark(&self, tenant: &Tenant) -> Option<u64> {
        match &tenant.credential {
            // a file that is missing has a mark too: its coming back is a change
            Credential::Secret(source) => Some(
                BuildHasherDefault::<DefaultHasher>::default()
                    .hash_one(self.secrets.mark(source).await),
            ),
            Credential::None => None,
        }
    }
}

impl App {
    /// Loads the config that the flags and the environment point to.
    pub(super) fn load(&self) -> anyhow::Result<Config> {
        let path = config::locate(self.global.config.as_deref())?;
        Ok(config::load(&path)?)
    }

    /// Returns the reader of directories, with what was read before where there is a place to keep it.
    fn directory(&self, refresh: bool) -> Directory {
        let state = state::directory(self.global.state_dir.as_deref())
            .inspect_err(|error| tracing::info!("directories are read anew each time: {error}"))
            .ok();
        Directory::new(state.as_deref(), refresh, self.clock)
    }

    /// Returns the engine over real tenants.
    pub(super) fn engine(&self, settings: Settings, stop: CancellationToken) -> Engine<LiveProbe> {
        self.engine_with(settings, stop, false)
    }

    /// As [`App::engine`]; with `refresh`, directories are asked however fresh their last answer is.
    pub(super) fn engine_with(
        &self,
        settings: Settings,
        stop: CancellationToken,
        refresh: bool,
    ) -> Engine<LiveProbe> {
        Engine {
            probe: Arc::new(LiveProbe::new(self.clock, self.directory(refresh))),
            settings,
            outside: Outside::real(self.clock),
            stop,
        }
    }
}

/// Runs something with IO to its end.
///
/// Work that is still blocked then (a name that does not resolve, say) is left behind, so that it
/// cannot hold up the end of the process.
pub(super) fn run<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
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
