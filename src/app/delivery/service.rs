//! From results to alerts: keeps results, notes the alerts that are due in the same step, and runs one
//! dispatcher per channel.
//!
//! The history is queue and ledger in one, so that several processes send a message once between them.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{
    alert_store::{AlertStore, local_now},
    dispatcher::{ChannelTroubles, Dispatcher, DispatcherEnd},
};
use crate::{
    alert::{Alert, Rules, Subscription, Survey},
    clock::Clock,
    config::Config,
    history::{HistoryError, Store},
    notify::{Channel, NotifyError},
    verdict::Report,
};

/// Results that wait while another process locks the history; the oldest beyond that are dropped.
const WAITING: usize = 20_000;

/// Notes the alerts that are due, and starts their delivery. Clones share everything.
#[derive(Clone)]
pub(in crate::app) struct AlertService {
    pub(in crate::app) store: AlertStore,
    /// A reload replaces them for every clone at once.
    settings: Arc<RwLock<AlertSettings>>,
    clock: Clock,
    /// Results that could not be kept yet, since another process locks the history.
    waiting: Arc<Mutex<Vec<Arc<Report>>>>,
    /// Wakes the dispatchers. Only the latest value counts, so the channel cannot fill up.
    wake: Arc<watch::Sender<u64>>,
    troubles: Arc<ChannelTroubles>,
    /// Retires the present dispatchers.
    retired: Arc<Mutex<CancellationToken>>,
}

/// The settings of alerts.
#[derive(Clone)]
struct AlertSettings {
    rules: Arc<Rules>,
    subscriptions: Arc<[Subscription]>,
    /// Number of tenants that this process watches: all of the config, or its shard.
    fleet: usize,
}

impl AlertSettings {
    fn of(config: &Config, fleet: usize, channels: &[Channel]) -> Self {
        Self {
            rules: Arc::new(config.alerts.clone()),
            subscriptions: channels.iter().map(Channel::subscription).collect(),
            fleet,
        }
    }
}

impl AlertService {
    /// Returns a service for `fleet` tenants: all of the config, or this process's shard.
    pub(in crate::app) fn new(
        store: AlertStore,
        (config, fleet): (&Config, usize),
        channels: &[Channel],
        clock: Clock,
    ) -> Self {
        let settings = AlertSettings::of(config, fleet, channels);
        Self {
            store,
            settings: Arc::new(RwLock::new(settings)),
            clock,
            waiting: Arc::default(),
            wake: Arc::new(watch::Sender::new(0)),
            troubles: Arc::new(ChannelTroubles::new()),
            retired: Arc::default(),
        }
    }

    fn settings(&self) -> AlertSettings {
        let settings = self.settings.read();
        settings.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces settings and channels.
    pub(in crate::app) fn replace(
        &self,
        (config, fleet): (&Config, usize),
        channels: Vec<Channel>,
        stop: &CancellationToken,
    ) {
        let settings = AlertSettings::of(config, fleet, &channels);
        *self
            .settings
            .write()
            .unwrap_or_else(PoisonError::into_inner) = settings;
        self.deliver(channels, stop);
    }

    /// Keeps results and notes the alerts that are due; returns those, and the problem with the file.
    pub(super) async fn take(
        &self,
        reports: Vec<Arc<Report>>,
    ) -> (Vec<Alert>, Option<HistoryError>) {
        let mut all = std::mem::take(&mut *self.lock_waiting());
        all.extend(reports);
        let settings = self.settings();
        let when = (settings.fleet, local_now(self.clock));
        let kept = all.clone();
        let work = move |store: &mut Store| {
            store.take_in(&all, &settings.rules, &settings.subscriptions, when)
        };
        let (alerts, problem) = self.note(work).await;
        if problem.as_ref().is_some_and(HistoryError::is_busy) {
            let surplus = kept.len().saturating_sub(WAITING);
            let newer = kept.into_iter().skip(surplus);
            self.lock_waiting().extend(newer);
        }
        (alerts, problem)
    }

    fn lock_waiting(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Report>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes the alerts that are due by a pass; returns the problem with the file.
    pub(in crate::app) async fn judge(
        &self,
        reports: Vec<Arc<Report>>,
        offline: bool,
    ) -> Option<HistoryError> {
        let AlertSettings {
            rules,
            subscriptions: channels,
            fleet,
        } = self.settings();
        let now = local_now(self.clock);
        let complete = reports.len() == fleet;
        let work = move |store: &mut Store| {
            let mut due = store.absorb(&reports, &rules, &channels, (fleet, now))?;
            let survey = Survey::of(reports.iter().map(|it| &**it), offline, complete);
            due.extend(store.survey(&survey, &channels, now)?);
            Ok(due)
        };
        self.note(work).await.1
    }

    /// Notes the alerts that are due by the state of the whole fleet; returns those, and the problem
    /// with the file.
    pub(super) async fn survey(&self, survey: Survey) -> (Vec<Alert>, Option<HistoryError>) {
        let (channels, now) = (self.settings().subscriptions, local_now(self.clock));
        self.note(move |store: &mut Store| store.survey(&survey, &channels, now))
            .await
    }

    /// Does work that notes alerts, and wakes the dispatchers.
    async fn note(
        &self,
        work: impl FnOnce(&mut Store) -> Result<Vec<Alert>, HistoryError> + Clone + Send + 'static,
    ) -> (Vec<Alert>, Option<HistoryError>) {
        let (alerts, problem) = self.store.ask(work).await;
        self.wake.send_modify(|count| *count += 1);
        (alerts.unwrap_or_default(), problem)
    }

    /// Returns the text about the channels that fail.
    pub(super) fn troubles(&self) -> watch::Receiver<Option<String>> {
        self.troubles.subscribe()
    }

    /// Starts a dispatcher per channel, and retires those that were started before.
    pub(super) fn deliver(&self, channels: Vec<Channel>, stop: &CancellationToken) {
        let retired = CancellationToken::new();
        let mut held = self.retired.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *held, retired.clone()).cancel();
        drop(held);
        self.troubles.clear();
        for channel in channels.into_iter().filter(Channel::is_usable) {
            let end = DispatcherEnd {
                stop: stop.clone(),
                retired: retired.clone(),
            };
            let troubles = Arc::clone(&self.troubles);
            let dispatcher = self.dispatcher(channel);
            tokio::spawn(dispatcher.run(self.wake.subscribe(), troubles, end));
        }
    }

    fn dispatcher(&self, channel: Channel) -> Dispatcher {
        Dispatcher {
            channel,
            store: self.store.clone(),
            rules: self.settings().rules,
            clock: self.clock,
        }
    }

    /// Delivers once through every channel; returns the channels that failed, with the reason.
    pub(in crate::app) async fn deliver_once(
        &self,
        channels: Vec<Channel>,
    ) -> Vec<(String, NotifyError)> {
        let usable = channels.into_iter().filter(Channel::is_usable);
        let rounds = usable.map(|channel| async {
            let name = channel.name().to_owned();
            let failure = self.dispatcher(channel).round().await;
            failure.map(|failure| (name, failure))
        });
        let failures = futures_util::future::join_all(rounds).await;
        failures.into_iter().flatten().collect()
    }
}
