//! The parts that several commands are put together from.

use std::{
    hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher},
    sync::Arc,
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
    observation::{Observation, SignIn, Stage},
    report::{self, Report},
    secret::{Secrets, tokens::TokenStore},
    tenant::{Credential, Tenant},
};

/// Checks tenants for real: what is observed is judged, and put into a report.
#[derive(Debug)]
pub(super) struct LiveProbe {
    checker: Checker,
    secrets: Arc<Secrets>,
}

impl LiveProbe {
    pub(super) fn new(clock: Clock, tokens: TokenStore) -> Self {
        let secrets = Arc::new(Secrets::default());
        let clients = Arc::new(Clients::new());
        Self {
            checker: Checker::new(clients, Arc::clone(&secrets), clock).keeping_tokens_in(tokens),
            secrets,
        }
    }

    /// Judges what was observed; a sign-in that was refused for good is remembered, so that no later
    /// check sends it again.
    async fn judged(&self, tenant: &Tenant, seen: Observation, session: &Session) -> Finding {
        let judgement = diagnosis::judge(tenant, &seen);
        if let Some(diagnosis) = &judgement.diagnosis
            && diagnosis.cause.is_refused_sign_in()
        {
            let (cause, code) = (diagnosis.cause.id(), diagnosis.code.as_deref());
            let kept = self.checker.remember_refusal(tenant, session, cause, code);
            if let Err(error) = kept.await {
                tracing::warn!(tenant = %tenant.name, "the refusal cannot be remembered: {error}");
            }
        }
        Finding {
            observation: Arc::new(seen),
            judgement,
        }
    }
}

impl Probe for LiveProbe {
    type Session = Session;

    async fn observe(&self, tenant: &Tenant) -> (Finding, Session) {
        let (observation, session) = self.checker.check(tenant).await;
        (self.judged(tenant, observation, &session).await, session)
    }

    async fn repeat(
        &self,
        tenant: &Tenant,
        first: Finding,
        session: Session,
        stage: Stage,
    ) -> Finding {
        let seen = Arc::unwrap_or_clone(first.observation);
        let (observation, session) = self.checker.repeat(tenant, (seen, session), stage).await;
        self.judged(tenant, observation, &session).await
    }

    fn assemble(&self, tenant: &Tenant, finding: Option<&Finding>, now: DateTime<Utc>) -> Report {
        let live = finding.map(|found| (&*found.observation, found.judgement.clone()));
        let report = report::assemble(tenant, live, now);
        let seen = finding.and_then(|found| match &found.observation.secret.sign_in {
            Some(SignIn::Kept(kept)) => Some(kept.clone()),
            Some(SignIn::Missing) | None => None,
        });
        let kept = seen.or_else(|| self.checker.kept_sign_in(tenant));
        report.with_sign_in(tenant, kept.as_ref(), now)
    }

    async fn source_mark(&self, tenant: &Tenant) -> Option<u64> {
        let secret = match &tenant.credential {
            // a file that is missing has a mark too: its coming back is a change
            Credential::Secret(source) => Some(self.secrets.mark(source).await),
            Credential::None => None,
        };
        let sign_in = match &tenant.delegation {
            Some(delegation) => {
                let start = match &delegation.start {
                    Some(source) => self.secrets.mark(source).await,
                    None => None,
                };
                // when somebody signed in: every check renews the file, and is no news
                let kept = self.checker.kept_sign_in(tenant);
                Some((start, kept.map(|kept| kept.obtained_at)))
            }
            None => None,
        };
        let seen = secret.is_some() || sign_in.is_some();
        let hasher = BuildHasherDefault::<DefaultHasher>::default();
        seen.then(|| hasher.hash_one((secret, sign_in)))
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

    /// Returns the engine over real tenants.
    pub(super) fn engine(&self, settings: Settings, stop: CancellationToken) -> Engine<LiveProbe> {
        Engine {
            probe: Arc::new(LiveProbe::new(self.clock, self.token_store())),
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
