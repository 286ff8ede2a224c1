//! Carries what is noted for a channel, at the channel's own pace.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::TimeDelta;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::telling::{Memory, now};
use crate::{
    alert::{Alert, Claim, Ledger as _, Rules},
    clock::Clock,
    history::{History, HistoryError},
    notify::{Channel, NotifyError},
};

/// How often a channel looks for what another process noted, or what has come out of a snooze.
const LOOK_EVERY: Duration = Duration::from_secs(15);

/// How long a channel rests that took nothing, unless it says itself.
const REST: Duration = Duration::from_mins(1);

/// No channel rests longer, whatever it asks for.
const REST_MOST: Duration = Duration::from_hours(1);

/// Why channels do not get through, by channel.
pub(in crate::app) struct Troubles {
    known: Mutex<BTreeMap<String, String>>,
    say: watch::Sender<Option<String>>,
}

impl Troubles {
    pub(in crate::app) fn new() -> Self {
        Self {
            known: Mutex::default(),
            say: watch::Sender::new(None),
        }
    }

    /// Returns where they are told.
    pub(in crate::app) fn told(&self) -> watch::Receiver<Option<String>> {
        self.say.subscribe()
    }

    /// Forgets those of channels that are no more.
    pub(in crate::app) fn forget(&self) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.clear();
        self.say.send_replace(None);
    }

    fn set(&self, channel: &str, trouble: Option<String>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.get(channel) == trouble.as_ref() {
            return;
        }
        match trouble {
            Some(trouble) => {
                tracing::warn!("{trouble}");
                known.insert(channel.to_owned(), trouble);
            }
            None => drop(known.remove(channel)),
        }
        let all: Vec<&str> = known.values().map(String::as_str).collect();
        let text = (!all.is_empty()).then(|| all.join("; "));
        self.say.send_replace(text);
    }
}

/// Says which channel it was, where the reason does not.
pub(in crate::app) fn trouble(channel: &str, error: &NotifyError) -> String {
    match error {
        NotifyError::Refused(_) | NotifyError::Mute(_) | NotifyError::NotBuilt => error.to_string(),
        _ => format!("channel '{channel}': {error}"),
    }
}

/// Carries what is noted for one channel.
pub(in crate::app) struct Courier {
    pub(in crate::app) channel: Channel,
    pub(in crate::app) memory: Memory,
    pub(in crate::app) rules: Arc<Rules>,
    pub(in crate::app) clock: Clock,
}

impl Courier {
    /// Carries until stopped, or until it is relieved and has finished its round.
    pub(in crate::app) async fn run(
        mut self,
        mut woken: watch::Receiver<u64>,
        troubles: Arc<Troubles>,
        (stop, relieved): (CancellationToken, CancellationToken),
    ) {
        let name = self.channel.name().to_owned();
        loop {
            // the claim of a delivery that is cut short runs out
            let failure = tokio::select! {
                () = stop.cancelled() => return,
                failure = self.round() => failure,
            };
            // only now: what was being sent would else be sent again by whoever relieves it
            if relieved.is_cancelled() {
                return;
            }
            let rest = failure.as_ref().map(rest);
            troubles.set(&name, failure.map(|error| trouble(&name, &error)));
            let awake = async {
                match rest {
                    Some(rest) => tokio::time::sleep(rest).await,
                    None => {
                        tokio::time::timeout(LOOK_EVERY, woken.changed()).await.ok();
                    }
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = relieved.cancelled() => return,
                () = awake => {}
            }
        }
    }

    /// Sends what is due, in order; stops at the first that is not taken, and returns why.
    pub(in crate::app) async fn round(&mut self) -> Option<NotifyError> {
        let stores: Vec<History> = self.memory.stores().cloned().collect();
        for store in stores {
            let (name, rules) = (self.channel.name().to_owned(), Arc::clone(&self.rules));
            let at = now(self.clock);
            let due = store.ask(move |store| store.due(&name, &rules, at)).await;
            for alert in due.inspect_err(unusable).unwrap_or_default() {
                if let Err(failure) = self.send(&store, alert).await {
                    return Some(failure);
                }
            }
        }
        None
    }

    /// Sends one alert, unless somebody else does or did.
    async fn send(&mut self, store: &History, alert: Alert) -> Result<(), NotifyError> {
        let (name, key) = (self.channel.name().to_owned(), alert.key.clone());
        let clock = self.clock;
        let claimed = store
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
        let retry_at = clock.now() + delta(sent.as_ref().err().map_or(REST, rest));
        let done = sent.is_ok();
        let noted = store.ask(move |store| {
            if done {
                store.ledger(&name).confirm(&key, clock.now())
            } else {
                store.postpone(&name, &key, retry_at)
            }
        });
        if let Err(error) = noted.await {
            unusable(&error);
        }
        sent
    }
}

fn unusable(error: &HistoryError) {
    tracing::warn!("the history cannot be used: {error}");
}

fn rest(failure: &NotifyError) -> Duration {
    failure
        .retry_after()
        .map_or(REST, |asked| asked.clamp(Duration::from_secs(1), REST_MOST))
}

fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}
