//! The parts that several commands are put together from.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher},
    sync::{Arc, Mutex, PoisonError},
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
    observation::{SecretFacts, Stage},
    report::{self, LocalDate, Report},
    secret::Secrets,
    tenant::{Credential, SecretSource, Tenant},
};

/// Checks tenants for real: what is observed is judged, and put into a report.
#[derive(Debug)]
pub(super) struct LiveProbe {
    checker: Checker,
    clock: Clock,
    secrets: Arc<Secrets>,
    /// What was last read in the files of credentials that tell their own end: known also where no
    /// check is made.
    known: Mutex<HashMap<Credential, LocalDate>>,
}

impl LiveProbe {
    pub(super) fn new(clock: Clock) -> Self {
        let secrets = Arc::new(Secrets::default());
        let clients = Arc::new(Clients::new());
        Self {
            checker: Checker::new(clients, Arc::clone(&secrets), clock),
            clock,
            secrets,
            known: Mutex::default(),
        }
    }

    /// Remembers what a file said; one that cannot be read now leaves what it said before.
    fn keep(&self, tenant: &Tenant, facts: &SecretFacts) {
        if let Some(date) = LocalDate::of(facts, self.clock.now()) {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.insert(tenant.credential.clone(), date);
        }
    }
}

impl Probe for LiveProbe {
    type Session = Session;

    async fn observe(&self, tenant: &Tenant) -> (Finding, Session) {
        let (observation, session) = self.checker.check(tenant).await;
        self.keep(tenant, &observation.secret);
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
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let local = known.get(&tenant.credential);
        report::assemble_with(tenant, live, local, now)
    }

    async fn read_dates(&self, tenant: &Tenant) {
        if let Some(facts) = self.checker.local_facts(tenant).await {
            self.keep(tenant, &facts);
        }
    }

    async fn source_mark(&self, tenant: &Tenant) -> Option<u64> {
        let sources: Vec<SecretSource> = match &tenant.credential {
            Credential::Secret(source) => vec![source.clone()],
            Credential::Certificate(source) => {
                let files = source.files.paths().into_iter().cloned();
                files.map(SecretSource::File).collect()
            }
            Credential::Federated(path) => vec![SecretSource::File(path.clone())],
            Credential::None => return None,
        };
        let mut marks = Vec::with_capacity(sources.len());
        for source in &sources {
            // a file that is missing has a mark too: its coming back is a change
            marks.push(self.secrets.mark(source).await);
        }
        Some(BuildHasherDefault::<DefaultHasher>::default().hash_one(marks))
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
