//! Delivers the alerts of one channel, at the channel's own pace.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::TimeDelta;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::alert_store::{AlertStore, local_now};
use crate::{
    alert::{Alert, Claim, Ledger as _, Rules},
    clock::Clock,
    history::{History, HistoryError},
    notify::{Channel, NotifyError},
};

/// Interval at which a channel looks for alerts of other processes, and for ended snoozes.
const LOOK_INTERVAL: Duration = Duration::from_secs(15);

/// Pause after a failed delivery, unless the receiver asks for another.
const PAUSE: Duration = Duration::from_mins(1);

/// Longest pause that a receiver can ask for.
const LONGEST_PAUSE: Duration = Duration::from_hours(1);

/// The reasons why channels fail, by channel.
pub(super) struct ChannelTroubles {
    by_channel: Mutex<BTreeMap<String, String>>,
    /// Only the latest text counts, so the channel cannot fill up.
    text: watch::Sender<Option<String>>,
}

impl ChannelTroubles {
    pub(super) fn new() -> Self {
        Self {
            by_channel: Mutex::default(),
            text: watch::Sender::new(None),
        }
    }

    /// Returns the text about all channels that fail.
    pub(super) fn subscribe(&self) -> watch::Receiver<Option<String>> {
        self.text.subscribe()
    }

    /// Forgets all channels, before a reload starts them anew.
    pub(super) fn clear(&self) {
        let mut troubles = self.lock();
        troubles.clear();
        self.text.send_replace(None);
    }

    fn set(&self, channel: &str, trouble: Option<String>) {
        let mut troubles = self.lock();
        if troubles.get(channel) == trouble.as_ref() {
            return;
        }
        match trouble {
            Some(trouble) => {
                tracing::warn!("{trouble}");
                troubles.insert(channel.to_owned(), trouble);
            }
            None => drop(troubles.remove(channel)),
        }
        let all: Vec<&str> = troubles.values().map(String::as_str).collect();
        let text = (!all.is_empty()).then(|| all.join("; "));
        self.text.send_replace(text);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, String>> {
        self.by_channel
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the failure of a channel, with the channel's name where the error lacks it.
pub(in crate::app) fn trouble(channel: &str, error: &NotifyError) -> String {
    match error {
        NotifyError::Refused(_) | NotifyError::Mute(_) | NotifyError::NotBuilt => error.to_string(),
        _ => format!("channel '{channel}': {error}"),
    }
}

/// The tokens that end a dispatcher.
pub(super) struct DispatcherEnd {
    /// At once, even during a delivery.
    pub(super) stop: CancellationToken,
    /// After the present round: a reload starts a dispatcher with the new settings.
    pub(super) retired: CancellationToken,
}

/// Delivers the alerts of one channel.
pub(super) struct Dispatcher {
    pub(super) channel: Channel,
    pub(super) store: AlertStore,
    pub(super) rules: Arc<Rules>,
    pub(super) clock: Clock,
}

impl Dispatcher {
    /// Delivers until stopped, or until retired and the round is complete.
    pub(super) async fn run(
        mut self,
        mut woken: watch::Receiver<u64>,
        troubles: Arc<ChannelTroubles>,
        end: DispatcherEnd,
    ) {
        let name = self.channel.name().to_owned();
        loop {
            // the claim of a delivery that is cut short expires
            let failure = tokio::select! {
                () = end.stop.cancelled() => return,
                failure = self.round() => failure,
            };
            // not during the round: the successor would send the message under way again
            if end.retired.is_cancelled() {
                return;
            }
            let pause = failure.as_ref().map(pause_after);
            troubles.set(&name, failure.map(|error| trouble(&name, &error)));
            let awake = async {
                if let Some(pause) = pause {
                    tokio::time::sleep(pause).await;
                } else {
                    let woken = tokio::time::timeout(LOOK_INTERVAL, woken.changed());
                    woken.await.ok();
                }
            };
            tokio::select! {
                () = end.stop.cancelled() => return,
                () = end.retired.cancelled() => return,
                () = awake => {}
            }
        }
    }

    /// Sends the alerts that are due, in order. Stops at the first failure and returns it.
    pub(super) async fn round(&mut self) -> Option<NotifyError> {
        if let Some(left) = self.pause_left().await {
            return Some(NotifyError::Paused(left));
        }
        let history = self.store.current().await;
        let (name, rules) = (self.channel.name().to_owned(), Arc::clone(&self.rules));
        let at = local_now(self.clock);
        let due = history.ask(move |store| store.due(&name, &rules, at)).await;
        for alert in due.inspect_err(unusable).unwrap_or_default() {
            if let Err(failure) = self.send(&history, alert).await {
                self.keep_pause(&failure).await;
                return Some(failure);
            }
        }
        None
    }

    /// Returns the rest of a pause that the receiver asked for, also from another process.
    async fn pause_left(&self) -> Option<Duration> {
        let (name, now) = (self.channel.name().to_owned(), self.clock.now());
        let read = move |store: &mut crate::history::Store| store.channel_pause(&name, now);
        let (until, _problem) = self.store.ask(read).await;
        let left = (until.flatten()? - now).to_std().ok()?;
        Some(left).filter(|left| !left.is_zero())
    }

    /// Keeps the pause that a receiver asked for, so that it holds for every process.
    async fn keep_pause(&self, failure: &NotifyError) {
        // a pause of another process is kept already
        if failure.retry_after().is_none() || matches!(failure, NotifyError::Paused(_)) {
            return;
        }
        let name = self.channel.name().to_owned();
        let until = self.clock.now() + delta(pause_after(failure));
        let keep = move |store: &mut crate::history::Store| store.pause_channel(&name, until);
        if let (_, Some(problem)) = self.store.ask(keep).await {
            unusable(&problem);
        }
    }

    /// Sends one alert unless it is claimed or sent already.
    async fn send(&mut self, history: &History, alert: Alert) -> Result<(), NotifyError> {
        let (name, key) = (self.channel.name().to_owned(), alert.key.clone());
        let clock = self.clock;
        let claimed = history
            .ask({
                let (name, key) = (name.clone(), key.clone());
                move |store| store.ledger(&name).claim(&key, clock.now())
            })
            .await;
        match claimed {
            Ok(Claim::Claimed) => {}
            Ok(Claim::Sent | Claim::Held(_)) => return Ok(()),
            Err(error) => {
                unusable(&error);
                if !error.is_busy() {
                    // the next round sends it, and the file is not written until it can be
                    self.store.use_copy().await;
                }
                return Ok(());
            }
        }
        let sent = if self.channel.is_past(&alert, clock.now()) {
            Ok(())
        } else {
            let rules = alert.tenant.as_ref().map(|tenant| self.rules.of(tenant));
            let remind = rules.unwrap_or(&self.rules).remind;
            self.channel.send(&alert, remind).await
        };
        let retry_at = clock.now() + delta(sent.as_ref().err().map_or(PAUSE, pause_after));
        let done = sent.is_ok();
        let note = move |store: &mut crate::history::Store| {
            if done {
                store.ledger(&name).confirm(&key, clock.now())
            } else {
                store.postpone(&name, &key, retry_at)
            }
        };
        if let Err(error) = history.ask(note.clone()).await {
            unusable(&error);
            // the copy remembers it until the file can be written again
            let copy = self.store.use_copy().await;
            copy.ask(note).await.inspect_err(unusable).ok();
        }
        sent
    }
}

fn unusable(error: &HistoryError) {
    tracing::warn!("the history cannot be used: {error}");
}

/// Returns the pause after a failure.
fn pause_after(failure: &NotifyError) -> Duration {
    failure.retry_after().map_or(PAUSE, |asked| {
        asked.clamp(Duration::from_secs(1), LONGEST_PAUSE)
    })
}

fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}
