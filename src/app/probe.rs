//! What a check is for real: the stages, the directory, the judgement, the report.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher},
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use crate::{
    assessment::{self, Known, LocalDate},
    check::{Checker, Session, Watcher},
    clock::Clock,
    diagnosis::{self, Judgement},
    directory::{Directory, Progress},
    http::Clients,
    inventory::{Reader, Surveyed},
    monitor::{CheckOutcome, Probe},
    observation::{Observation, SecretFacts, SignIn, Stage},
    registration::Reading,
    secret::{Secrets, tokens::TokenStore},
    tenant::{Credential, SecretSource, Tenant},
    verdict::Report,
};

/// Checks tenants for real: what is observed is judged, and put into a report.
#[derive(Debug)]
pub(super) struct LiveProbe {
    checker: Checker,
    clients: Arc<Clients>,
    clock: Clock,
    secrets: Arc<Secrets>,
    directory: Directory,
    /// What was last read in the files of credentials that tell their own end: known also where no
    /// check is made.
    known: Mutex<HashMap<Credential, LocalDate>>,
}

impl LiveProbe {
    pub(super) fn new(clock: Clock, directory: Directory, tokens: TokenStore) -> Self {
        let secrets = Arc::new(Secrets::default());
        let clients = Arc::new(Clients::new());
        Self {
            checker: Checker::new(Arc::clone(&clients), Arc::clone(&secrets), clock)
                .keeping_tokens_in(tokens),
            clients,
            clock,
            secrets,
            directory,
            known: Mutex::default(),
        }
    }

    /// Checks a tenant on connections of its own, telling of each stage as it ends.
    pub(super) async fn observe_fresh(
        &self,
        tenant: &Tenant,
        watcher: &mut Watcher<'_>,
    ) -> (Observation, Session) {
        let began = self.clock.instant();
        let (observation, session) = self.checker.check_fresh(tenant, watcher).await;
        self.keep(tenant, &observation.secret);
        self.ask_directory(tenant, &observation, &session, began)
            .await;
        (observation, session)
    }

    /// Asks these readers of whole directories from now on, over new connections: also a `ca_file` may
    /// hold something else.
    pub(super) fn begin_anew(&self, readers: Vec<Arc<Reader>>) {
        self.directory.look_through(readers);
        self.clients.renew();
    }

    /// Returns what is known of a tenant's registration.
    pub(super) fn reading(&self, tenant: &Tenant) -> Option<Reading> {
        self.directory.known(tenant)
    }

    /// Learns the end dates of a tenant without checking it.
    pub(super) async fn learn_dates(&self, tenant: &Tenant) {
        self.read_local_dates(tenant).await;
        if let Some(session) = self.directory_session(tenant).await {
            self.read_directory(tenant, session).await;
        }
    }

    /// Lists all apps of every directory of a reader.
    pub(super) async fn survey(
        &self,
        reader: &Reader,
        tell: impl FnMut(Progress),
    ) -> Vec<Surveyed> {
        self.directory.survey(&self.checker, reader, tell).await
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
        // who was not let in at the check would not be let in for this; a reader may
        if due && (session.is_accepted() || self.directory.has_reader(tenant)) {
            let until = began + tenant.pace.timeout;
            self.directory
                .read(&self.checker, tenant, session, Some(until))
                .await;
        }
    }

    /// Remembers the end date that a file tells; a file that cannot be read leaves the one before.
    fn keep(&self, tenant: &Tenant, facts: &SecretFacts) {
        if let Some(date) = LocalDate::of(facts, self.clock.now()) {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.insert(tenant.credential.clone(), date);
        }
    }
}

impl Probe for LiveProbe {
    type Session = Session;

    async fn observe(&self, tenant: &Tenant) -> (Observation, Session) {
        let began = self.clock.instant();
        let (observation, session) = self.checker.check(tenant).await;
        self.keep(tenant, &observation.secret);
        self.ask_directory(tenant, &observation, &session, began)
            .await;
        (observation, session)
    }

    async fn repeat(
        &self,
        tenant: &Tenant,
        first: (Observation, Session),
        stage: Stage,
    ) -> (Observation, Session) {
        let began = self.clock.instant();
        let (observation, session) = self.checker.repeat(tenant, first, stage).await;
        self.ask_directory(tenant, &observation, &session, began)
            .await;
        (observation, session)
    }

    fn judge(&self, tenant: &Tenant, observation: &Observation) -> Judgement {
        diagnosis::judge(tenant, observation)
    }

    async fn remember(&self, tenant: &Tenant, session: &Session, judgement: &Judgement) {
        remember(&self.checker, tenant, session, judgement).await;
    }

    async fn directory_session(&self, tenant: &Tenant) -> Option<Session> {
        if !self.directory.has_way(tenant) {
            return None;
        }
        let (facts, session) = self.checker.read_credential(tenant).await;
        let due = self.directory.is_due(tenant, facts.hint.as_deref()).await;
        due.then_some(session)
    }

    async fn read_directory(&self, tenant: &Tenant, session: Session) {
        self.directory
            .read(&self.checker, tenant, &session, None)
            .await;
    }

    fn assemble(
        &self,
        tenant: &Tenant,
        outcome: Option<&CheckOutcome>,
        now: DateTime<Utc>,
    ) -> Report {
        let live = outcome.map(|found| (&*found.observation, found.judgement.clone()));
        let reading = self.directory.known(tenant);
        let report = {
            let local = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            let known = Known {
                reading: reading.as_ref(),
                local: local.get(&tenant.credential),
            };
            assessment::assemble(tenant, live, known, now)
        };
        let seen = outcome.map(|found| &*found.observation);
        with_sign_in(report, tenant, seen, (&self.checker, now))
    }

    async fn read_local_dates(&self, tenant: &Tenant) {
        if let Some(facts) = self.checker.local_facts(tenant).await {
            self.keep(tenant, &facts);
        }
    }

    async fn source_mark(&self, tenant: &Tenant) -> Option<u64> {
        let sources = sources(tenant);
        if sources.is_empty() && tenant.delegation.is_none() {
            return None;
        }
        let mut marks = Vec::with_capacity(sources.len());
        for source in &sources {
            // a file that is missing has a mark too: its coming back is a change
            marks.push(self.secrets.mark(source).await);
        }
        // the time of the sign-in, not of the file: every check renews the file
        let signed_in = self
            .checker
            .kept_sign_in(tenant)
            .map(|kept| kept.obtained_at);
        let hasher = BuildHasherDefault::<DefaultHasher>::default();
        Some(hasher.hash_one((marks, signed_in)))
    }
}

/// Remembers a sign-in that was refused for good, so that it is not sent again.
pub(super) async fn remember(
    checker: &Checker,
    tenant: &Tenant,
    session: &Session,
    judgement: &Judgement,
) {
    let Some(diagnosis) = &judgement.diagnosis else {
        return;
    };
    if !diagnosis.cause.is_refused_sign_in() {
        return;
    }
    let (cause, code) = (diagnosis.cause.id(), diagnosis.code.as_deref());
    let kept = checker.remember_refusal(tenant, session, cause, code);
    if let Err(error) = kept.await {
        tracing::warn!(tenant = %tenant.name, "the refusal cannot be remembered: {error}");
    }
}

/// Adds what is known of the sign-in: what a check saw of it, or what is kept.
pub(super) fn with_sign_in(
    report: Report,
    tenant: &Tenant,
    seen: Option<&Observation>,
    (checker, now): (&Checker, DateTime<Utc>),
) -> Report {
    let seen = seen.and_then(|seen| match &seen.secret.sign_in {
        Some(SignIn::Kept(kept)) => Some(kept.clone()),
        Some(SignIn::Missing) | None => None,
    });
    let kept = seen.or_else(|| checker.kept_sign_in(tenant));
    report.with_sign_in(tenant, kept.as_ref(), now)
}

/// From where a tenant's credential is read, and the start value of its sign-in.
pub(super) fn sources(tenant: &Tenant) -> Vec<SecretSource> {
    let mut sources: Vec<SecretSource> = match &tenant.credential {
        Credential::Secret(source) => vec![source.clone()],
        Credential::Certificate(source) => {
            let files = source.files.paths().into_iter().cloned();
            let files = files.map(SecretSource::File);
            files.chain(source.password.clone()).collect()
        }
        Credential::Federated(path) => vec![SecretSource::File(path.clone())],
        Credential::None => Vec::new(),
    };
    let delegation = tenant.delegation.as_ref();
    sources.extend(delegation.and_then(|delegation| delegation.start.clone()));
    sources
}

#[cfg(test)]
#[cfg(feature = "demo")]
mod tests {
    use std::{
        fs::{self, File},
        path::PathBuf,
        time::{Duration, SystemTime},
    };

    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::{
        board::{Board, Row},
        config::{self, Config},
        monitor::{Engine, Environment, PUBLISH_EVERY, Settings},
        simulator::{Integration, SimulatedCloud, SimulatedFleet},
        verdict::cause::Cause,
    };

    /// A row once its report has this cause.
    async fn row_with(board: &mut tokio::sync::watch::Receiver<Arc<Board>>, cause: Cause) -> Row {
        let found = |board: &Arc<Board>| {
            let row = board.rows.first()?;
            let diagnosis = row.report.as_ref()?.diagnosis.as_ref()?;
            (diagnosis.cause == cause).then(|| Row::clone(row))
        };
        let limit = Duration::from_secs(30);
        let shown = tokio::time::timeout(limit, board.wait_for(|it| found(it).is_some())).await;
        let row = shown.ok().and_then(|shown| found(&shown.unwrap()));
        row.unwrap_or_else(|| panic!("no {cause} on {:?}", board.borrow().rows))
    }

    /// A secret of the right shape that opens nothing.
    fn wrong_secret(fill: char) -> String {
        format!("abc8Q~{}", fill.to_string().repeat(34))
    }

    /// A cloud that knows another secret than the one in this file.
    async fn cloud_and_config(
        age: Duration,
    ) -> (SimulatedCloud, tempfile::TempDir, Config, PathBuf) {
        let clock = Clock;
        let one = Integration::named("contoso-rooms", clock.now());
        let cloud = SimulatedCloud::start_on_loopback(SimulatedFleet::new([one]))
            .await
            .unwrap();
        let dir = tempfile::tempdir().unwrap();
        let path = cloud.write_config(dir.path()).unwrap();
        let secret = dir.path().join("secrets/00000");
        fs::write(&secret, wrong_secret('x')).unwrap();
        let stamp = SystemTime::from(clock.now()) - age;
        let file = File::options().write(true).open(&secret).unwrap();
        file.set_modified(stamp).unwrap();
        (cloud, dir, config::load(&path).unwrap(), secret)
    }

    fn engine(stop: &CancellationToken) -> Engine<LiveProbe> {
        Engine {
            probe: Arc::new(LiveProbe::new(
                Clock,
                Directory::new(None, false, Clock),
                TokenStore::default(),
            )),
            settings: Settings {
                confirm: Duration::ZERO,
                ..Settings::default()
            },
            environment: Environment::real(Clock),
            leases: None,
            publish_every: PUBLISH_EVERY,
            stop: stop.clone(),
        }
    }

    #[tokio::test]
    async fn a_refused_secret_that_was_just_replaced_is_tried_again_every_minute() {
        let hour = Duration::from_hours(1);
        let (_cloud, _dir, mut config, secret) = cloud_and_config(hour).await;
        for tenant in &mut config.tenants {
            Arc::make_mut(tenant).pace.interval = hour;
        }
        let stop = CancellationToken::new();
        let mut monitor = engine(&stop).watch(&config.tenants);
        // an old secret that is refused is just wrong
        let wrong = row_with(&mut monitor.board, Cause::SecretInvalid).await;
        let wait = wrong.next_at.unwrap() - wrong.report.unwrap().checked_at;
        assert!(wait.num_minutes() > 30, "{wait}");
        // its source changes: it is tried at once, and then every minute
        fs::write(&secret, wrong_secret('y')).unwrap();
        let new = row_with(&mut monitor.board, Cause::SecretPropagating).await;
        let wait = new.next_at.unwrap() - new.report.unwrap().checked_at;
        assert!((50..=75).contains(&wait.num_seconds()), "{wait}");
        stop.cancel();
        monitor.join.await.unwrap();
    }
}
