//! Ways of telling somebody: the desktop for now.
//!
//! Carries alerts, decides nothing about them. A way that does not work is said once, logged, and
//! tried again; it never stops the others, and never the monitor.

#[cfg_attr(not(feature = "desktop"), path = "no_desktop.rs")]
mod desktop;

use std::{collections::HashMap, time::Duration};

use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::{alert::Alert, tenant::TenantName};

/// How long after a failed delivery it is tried again.
const RETRY: Duration = Duration::from_mins(1);

/// Which ways are used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Whether to show desktop notifications over the session bus.
    pub desktop: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { desktop: true }
    }
}

/// Why a message could not be delivered.
#[derive(Debug, thiserror::Error)]
pub enum NotifyError {
    /// There is no session bus, or nobody on it shows notifications.
    #[error(
        "the desktop took no notification: {0}; run credwatch inside a desktop session, or set `desktop = false`"
    )]
    Refused(String),
    /// The session bus or its notification service does not answer.
    #[error("the desktop did not answer within {} s; restart the notification service, or set `desktop = false`", .0.as_secs())]
    Mute(Duration),
    /// The way is switched off by the config.
    #[error("desktop notifications are switched off; set `desktop = true` under `[notify]`")]
    Off,
    /// The way is not part of this build.
    #[error(
        "this credwatch was built without desktop notifications; build it with `--features desktop`"
    )]
    NotBuilt,
}

/// Carries alerts to somebody.
#[derive(Debug)]
pub struct Notifier {
    desktop: desktop::Desktop,
    settings: Settings,
    trouble: watch::Sender<Option<String>>,
    /// What could not be delivered: the latest for each tenant, since one bubble shows no more.
    waiting: HashMap<Option<TenantName>, Alert>,
}

impl Notifier {
    /// Makes a notifier, and what tells why messages do not get through, while they do not.
    pub fn new(settings: Settings) -> (Self, watch::Receiver<Option<String>>) {
        let (trouble, told) = watch::channel(None);
        let notifier = Self {
            desktop: desktop::Desktop::default(),
            settings,
            trouble,
            waiting: HashMap::new(),
        };
        (notifier, told)
    }

    /// Delivers what comes, in order, until the queue ends or the token is cancelled. The queue is
    /// bounded by whoever made it; while it is full, its owner keeps the alerts.
    pub async fn run(mut self, mut alerts: mpsc::Receiver<Alert>, stop: CancellationToken) {
        let mut retry = tokio::time::interval(RETRY);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                alert = alerts.recv() => match alert {
                    Some(alert) => self.carry(alert).await,
                    None => return,
                },
                _ = retry.tick(), if !self.waiting.is_empty() => {
                    for alert in std::mem::take(&mut self.waiting).into_values() {
                        self.carry(alert).await;
                    }
                }
            }
        }
    }

    /// Delivers one alert; what fails waits for the next round, and is said once.
    async fn carry(&mut self, alert: Alert) {
        match self.deliver(&alert).await {
            Ok(()) | Err(NotifyError::Off) => self.say(None),
            Err(error) => {
                self.say(Some(error.to_string()));
                self.waiting.insert(alert.tenant.clone(), alert);
            }
        }
    }

    fn say(&self, trouble: Option<String>) {
        self.trouble.send_if_modified(|said| {
            let changed = *said != trouble;
            if let (true, Some(trouble)) = (changed, &trouble) {
                tracing::warn!("{trouble}");
            }
            *said = trouble;
            changed
        });
    }

    async fn deliver(&mut self, alert: &Alert) -> Result<(), NotifyError> {
        if !self.settings.desktop {
            return Err(NotifyError::Off);
        }
        self.desktop.show(alert).await
    }
}

/// Sends a message through every way and returns what came of each, by the way's name.
pub async fn test(
    settings: &Settings,
    alert: &Alert,
) -> Vec<(&'static str, Result<(), NotifyError>)> {
    let (mut notifier, _trouble) = Notifier::new(settings.clone());
    vec![("desktop", notifier.deliver(alert).await)]
}
