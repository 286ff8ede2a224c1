//! The parts that several commands are put together from.

use std::{
    hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher},
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

use super::App;
use crate::{
    check::{Checker, Session},
    clock::Clock,
    config::{self, Config},
    diagnosis,
    http::Clients,
    monitor::{Engine, Finding, Outside, Probe, Settings},
    notify,
    observation::Stage,
    report::{self, Report},
    secret::Secrets,
    tenant::{Credential, Network, Tenant},
};

/// Checks tenants for real: what is observed is judged, and put into a report.
#[derive(Debug)]
pub(super) struct LiveProbe {
    checker: Checker,
    secrets: Arc<Secrets>,
}

impl LiveProbe {
    pub(super) fn new(clock: Clock) -> Self {
        let secrets = Arc::new(Secrets::default());
        let clients = Arc::new(Clients::new());
        Self {
            checker: Checker::new(clients, Arc::clone(&secrets), clock),
            secrets,
        }
    }
}

impl Probe for LiveProbe {
    type Session = Session;

    async fn observe(&self, tenant: &Tenant) -> (Finding, Session) {
        let (observation, session) = self.checker.check(tenant).await;
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
        let (observation, _session) = self.checker.repeat(tenant, (seen, session), stage).await;
        let judgement = diagnosis::judge(tenant, &observation);
        Finding {
            observation: Arc::new(observation),
            judgement,
        }
    }

    fn assemble(&self, tenant: &Tenant, finding: Option<&Finding>, now: DateTime<Utc>) -> Report {
        let live = finding.map(|found| (&*found.observation, found.judgement.clone()));
        report::assemble(tenant, live, now)
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
        clock,
    }
}

impl App {
    /// Loads the config that the flags and the environment point to.
    pub(super) fn load(&self) -> anyhow::Result<Config> {
        let path = config::locate(self.global.config.as_deref())?;
        Ok(config::load(&path)?)
    }

    /// Returns the engine over real tenants.
    pub(super) fn engine(&self, settings: Settings, stop: CancellationToken) -> Engine<LiveProbe> {
        Engine {
            probe: Arc::new(LiveProbe::new(self.clock)),
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
