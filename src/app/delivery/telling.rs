//! From results to messages: what is found is remembered, what is due is noted in the same step, and
//! each channel carries what is noted for it, in its own task and at its own pace.
//!
//! The file of the history is queue and ledger in one, so that several processes tell of an event
//! once between them. Where it cannot be used, a memory of this process stands in: then alerts still
//! go out, and the operator is told that nothing is remembered.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use anyhow::Context as _;
use chrono::{DateTime, FixedOffset};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{
    courier::{Courier, Troubles},
    turns::Rota,
};
use crate::{
    alert::{Ack, Alert, Holds, Rules, Snooze, Subscription, Survey},
    board::Past,
    clock::Clock,
    config::Config,
    history::{self, History, HistoryError, Store},
    notify::{Channel, NotifyError},
    tenant::TenantName,
    verdict::Report,
};

/// What this process knows of what was and what must be said.
#[derive(Clone)]
pub(in crate::app) struct Memory {
    file: Option<History>,
    spare: History,
}

impl Memory {
    /// Opens the history in a directory; where that fails, says why and goes on without.
    pub(in crate::app) fn open(directory: &Path) -> anyhow::Result<(Self, Option<HistoryError>)> {
        let mut memory = Self::spare()?;
        match History::open(&directory.join(history::FILE)) {
            Ok(file) => memory.file = Some(file),
            Err(problem) => return Ok((memory, Some(problem))),
        }
        Ok((memory, None))
    }

    /// Begins with an empty memory that ends with this process.
    pub(in crate::app) fn spare() -> anyhow::Result<Self> {
        let spare = History::in_memory().context("no memory can be had at all")?;
        Ok(Self { file: None, spare })
    }

    /// Has something done with the file, and where that fails with what stands in for it.
    async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store) -> Result<T, HistoryError> + Clone + Send + 'static,
    ) -> (Result<T, HistoryError>, Option<HistoryError>) {
        let problem = match &self.file {
            None => None,
            Some(file) => match file.ask(work.clone()).await {
                Ok(done) => return (Ok(done), None),
                Err(problem) => Some(problem),
            },
        };
        (self.spare.ask(work).await, problem)
    }

    /// Returns the turns that are kept in the file, if there is one.
    pub(in crate::app) fn turns(&self, clock: Clock) -> Option<Rota> {
        let file = self.file.clone()?;
        Some(Rota::new(file, clock))
    }

    pub(in crate::app) fn stores(&self) -> impl Iterator<Item = &History> {
        self.file.iter().chain([&self.spare])
    }

    /// Returns whose alerts are held, and who is at what.
    pub(in crate::app) async fn holds(&self, clock: Clock) -> Holds {
        let (found, _problem) = self.ask(move |store| store.holds(clock.now())).await;
        found.unwrap_or_default()
    }

    /// Returns what is remembered of these tenants.
    pub(in crate::app) async fn pasts(&self, tenants: Vec<TenantName>, clock: Clock) -> Vec<Past> {
        let (found, _problem) = self
            .ask(move |store| store.past(&tenants, clock.now()))
            .await;
        found.unwrap_or_default()
    }

    /// Holds the alerts of a tenant, or no longer.
    pub(in crate::app) async fn snooze(
        &self,
        tenant: TenantName,
        snooze: Option<Snooze>,
    ) -> Option<HistoryError> {
        let work = move |store: &mut Store| match &snooze {
            Some(snooze) => store.snooze(&tenant, snooze),
            None => store.wake(&tenant).map(drop),
        };
        self.ask(work).await.1
    }

    /// Notes who is at the trouble of a tenant, or that nobody is.
    pub(in crate::app) async fn acknowledge(
        &self,
        tenant: TenantName,
        ack: Option<Ack>,
    ) -> Option<HistoryError> {
        let work = move |store: &mut Store| store.acknowledge(&tenant, ack.as_ref()).map(drop);
        self.ask(work).await.1
    }

    /// Remembers results.
    pub(in crate::app) async fn record(&self, reports: Vec<Arc<Report>>) -> Option<HistoryError> {
        self.ask(move |store| store.record(&reports)).await.1
    }

    /// Forgets what is old.
    pub(in crate::app) async fn forget(&self, clock: Clock) -> Option<HistoryError> {
        self.ask(move |store| store.forget(clock.now())).await.1
    }
}

/// Notes what is due, and for whom.
#[derive(Clone)]
pub(in crate::app) struct Teller {
    pub(in crate::app) memory: Memory,
    /// Another config replaces it for every clone at once.
    terms: Arc<RwLock<Terms>>,
    clock: Clock,
    /// Wakes the channels.
    noted: Arc<watch::Sender<u64>>,
    troubles: Arc<Troubles>,
    /// Relieves the tasks of the channels.
    relief: Arc<Mutex<CancellationToken>>,
}

/// What the config says about telling.
#[derive(Clone)]
struct Terms {
    rules: Arc<Rules>,
    subscriptions: Arc<[Subscription]>,
    /// How many tenants this process watches: all of the config, or its part of them.
    fleet: usize,
}

impl Terms {
    fn of(config: &Config, fleet: usize, channels: &[Channel]) -> Self {
        Self {
            rules: Arc::new(config.alerts.clone()),
            subscriptions: channels.iter().map(Channel::subscription).collect(),
            fleet,
        }
    }
}

impl Teller {
    /// Begins to tell of so many tenants: all of the config, or this process's part of them.
    pub(in crate::app) fn new(
        memory: Memory,
        (config, fleet): (&Config, usize),
        channels: &[Channel],
        clock: Clock,
    ) -> Self {
        Self {
            memory,
            terms: Arc::new(RwLock::new(Terms::of(config, fleet, channels))),
            clock,
            noted: Arc::new(watch::Sender::new(0)),
            troubles: Arc::new(Troubles::new()),
            relief: Arc::default(),
        }
    }

    fn terms(&self) -> Terms {
        let terms = self.terms.read().unwrap_or_else(PoisonError::into_inner);
        terms.clone()
    }

    /// Tells so of so many tenants from now on, and through these channels.
    pub(in crate::app) fn replace(
        &self,
        (config, fleet): (&Config, usize),
        channels: Vec<Channel>,
        stop: &CancellationToken,
    ) {
        let terms = Terms::of(config, fleet, &channels);
        *self.terms.write().unwrap_or_else(PoisonError::into_inner) = terms;
        self.carry(channels, stop);
    }

    /// Remembers results and notes what is due by them; returns that, and why the file could not be
    /// used.
    pub(in crate::app) async fn take(
        &self,
        reports: Vec<Arc<Report>>,
    ) -> (Vec<Alert>, Option<HistoryError>) {
        let Terms {
            rules,
            subscriptions: channels,
            fleet,
        } = self.terms();
        let when = (fleet, now(self.clock));
        self.noted(move |store: &mut Store| store.take_in(&reports, &rules, &channels, when))
            .await
    }

    /// Notes what is due by a pass over the tenants.
    pub(in crate::app) async fn judge(
        &self,
        reports: Vec<Arc<Report>>,
        offline: bool,
    ) -> Option<HistoryError> {
        let Terms {
            rules,
            subscriptions: channels,
            fleet,
        } = self.terms();
        let when = (fleet, now(self.clock));
        let complete = reports.len() == fleet;
        let (_told, problem) = self
            .noted(move |store: &mut Store| {
                let mut due = store.absorb(&reports, &rules, &channels, when)?;
                let survey = Survey::of(reports.iter().map(|it| &**it), offline, complete);
                due.extend(store.survey(&survey, &channels, when.1)?);
                Ok(due)
            })
            .await;
        problem
    }

    /// Notes what is due by a look at everything; returns that, and why the file could not be used.
    pub(in crate::app) async fn survey(
        &self,
        survey: Survey,
    ) -> (Vec<Alert>, Option<HistoryError>) {
        let (channels, now) = (self.terms().subscriptions, now(self.clock));
        self.noted(move |store: &mut Store| store.survey(&survey, &channels, now))
            .await
    }

    /// Has something noted and wakes the channels.
    async fn noted(
        &self,
        work: impl FnOnce(&mut Store) -> Result<Vec<Alert>, HistoryError> + Clone + Send + 'static,
    ) -> (Vec<Alert>, Option<HistoryError>) {
        let (done, problem) = self.memory.ask(work).await;
        self.noted.send_modify(|count| *count += 1);
        let told = done.unwrap_or_else(|error| {
            tracing::error!("alerts cannot be noted: {error}");
            Vec::new()
        });
        (told, problem)
    }

    /// Returns why channels do not get through, while they do not.
    pub(in crate::app) fn trouble(&self) -> watch::Receiver<Option<String>> {
        self.troubles.told()
    }

    /// Starts a task for each channel, and relieves those that were started before.
    pub(in crate::app) fn carry(&self, channels: Vec<Channel>, stop: &CancellationToken) {
        let relief = CancellationToken::new();
        let mut held = self.relief.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *held, relief.clone()).cancel();
        drop(held);
        self.troubles.forget();
        let rules = self.terms().rules;
        for channel in channels.into_iter().filter(Channel::is_usable) {
            let courier = Courier {
                channel,
                memory: self.memory.clone(),
                rules: Arc::clone(&rules),
                clock: self.clock,
            };
            let ends = (stop.clone(), relief.clone());
            let troubles = Arc::clone(&self.troubles);
            tokio::spawn(courier.run(self.noted.subscribe(), troubles, ends));
        }
    }

    /// Has every channel carry once what is due; returns those that failed, with the reason.
    pub(in crate::app) async fn carry_once(
        &self,
        channels: Vec<Channel>,
    ) -> Vec<(String, NotifyError)> {
        let usable = channels.into_iter().filter(Channel::is_usable);
        let rounds = usable.map(|channel| async {
            let name = channel.name().to_owned();
            let mut courier = Courier {
                channel,
                memory: self.memory.clone(),
                rules: self.terms().rules,
                clock: self.clock,
            };
            courier.round().await.map(|failure| (name, failure))
        });
        let failures = futures_util::future::join_all(rounds).await;
        failures.into_iter().flatten().collect()
    }
}

pub(in crate::app) fn now(clock: Clock) -> DateTime<FixedOffset> {
    clock.now().with_timezone(&clock.local_offset())
}
