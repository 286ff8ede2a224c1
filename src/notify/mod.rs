//! Channels for alerts, one file each: the desktop, the terminal, web addresses, a program.
//!
//! Carries alerts, decides nothing about them: what is due, when it is tried again and who was told
//! already is its caller's business. Settings name where secrets are kept; reading them is left to a
//! function that the caller hands in.

mod alertmanager;
mod command;
#[cfg_attr(not(feature = "desktop"), path = "no_desktop.rs")]
mod desktop;
mod email;
mod ntfy;
mod pagerduty;
mod ping;
mod post;
mod settings;
mod slack;
mod teams;
mod terminal;
#[cfg(test)]
mod tests;
mod webhook;

use std::{fmt, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use self::post::Post;
pub use self::{
    ping::{Ping, ping},
    settings::{Address, ChannelSettings, Mail, Security, Service, Settings, Way},
    terminal::{Sequence, Terminal},
};
use crate::{
    alert::{Alert, Subscription},
    clock::Clock,
    http::Clients,
    tenant::{Network, SecretSource, is_loopback},
};

/// A terminal that comes into being later than this after an alert does not bring it up.
const PAST: TimeDelta = TimeDelta::hours(1);

/// Reads a secret, or says why it cannot.
pub type Reader =
    Arc<dyn Fn(SecretSource) -> BoxFuture<'static, Result<SecretString, String>> + Send + Sync>;

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
    /// This process owns no terminal.
    #[error(
        "there is no terminal here; the dashboard has one, and so has a `check` that a person runs"
    )]
    NoTerminal,
    /// The terminal took nothing.
    #[error("the terminal took nothing: {0}")]
    Terminal(String),
    /// A secret that it needs cannot be read.
    #[error("its secret cannot be read: {0}")]
    Secret(String),
    /// The address cannot be used.
    #[error("its address cannot be used: {0}")]
    Address(&'static str),
    /// Something that has to go into a header cannot.
    #[error("what belongs in the header '{0}' cannot stand there; is the secret whole?")]
    Header(&'static str),
    /// The receiver refused the message.
    #[error("the receiver answered {status} {words}")]
    Answer {
        /// The HTTP status.
        status: u16,
        /// The beginning of what it said.
        words: String,
        /// How long it wants to be left alone.
        retry_after: Option<Duration>,
    },
    /// The receiver asked an earlier sender for a pause.
    #[error("the receiver asked for a pause, which lasts {} s more", .0.as_secs())]
    Paused(Duration),
    /// No answer came.
    #[error("the receiver cannot be reached: {0}")]
    Unreachable(String),
    /// The mail server did not take it.
    #[error("the mail server took nothing: {0}")]
    Mail(String),
    /// The program did not take it.
    #[error("the command failed: {0}")]
    Command(String),
}

impl NotifyError {
    /// Returns how long the receiver wants to be left alone.
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Answer { retry_after, .. } => *retry_after,
            Self::Paused(left) => Some(*left),
            _ => None,
        }
    }
}

/// What the channels work with.
#[derive(Clone)]
pub struct Tools {
    /// Speaks HTTP.
    pub clients: Arc<Clients>,
    /// How requests travel.
    pub network: Network,
    /// Reads secrets.
    pub read: Reader,
    /// The terminal, where this process owns one.
    pub terminal: Option<Terminal>,
    /// Tells the time.
    pub clock: Clock,
}

impl fmt::Debug for Tools {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tools").finish_non_exhaustive()
    }
}

/// One way of telling somebody, ready for use.
#[derive(Debug)]
pub struct Channel {
    settings: ChannelSettings,
    tools: Tools,
    desktop: desktop::Desktop,
}

impl Channel {
    /// Opens every channel of the settings.
    pub fn all(settings: &Settings, tools: &Tools) -> Vec<Self> {
        settings
            .every()
            .map(|settings| Self {
                settings,
                tools: tools.clone(),
                desktop: desktop::Desktop::default(),
            })
            .collect()
    }

    /// Returns what it is called.
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// Returns what it wants to hear of.
    pub fn subscription(&self) -> Subscription {
        self.settings.subscription()
    }

    /// Returns whether this process can use it at all. What is due for a terminal waits for one.
    pub fn is_usable(&self) -> bool {
        !matches!(self.settings.way, Way::Terminal(_)) || self.tools.terminal.is_some()
    }

    /// Returns whether an alert came up so long ago that it is no use any more to tell of it there:
    /// nobody sat at a terminal then.
    pub fn is_past(&self, alert: &Alert, now: DateTime<Utc>) -> bool {
        matches!(self.settings.way, Way::Terminal(_)) && now - alert.at > PAST
    }

    /// Delivers an alert, which is said again after `remind` while it is so; `Ok` means that the receiver
    /// took it. Ends within half a minute.
    pub async fn send(
        &mut self,
        alert: &Alert,
        remind: Option<TimeDelta>,
    ) -> Result<(), NotifyError> {
        match &self.settings.way {
            Way::Desktop => self.desktop.show(alert).await,
            Way::Terminal(sequence) => {
                terminal::show(self.tools.terminal.as_ref(), *sequence, alert)
            }
            Way::Command(line) => command::run(line, alert).await,
            Way::Mail(mail) => {
                let password = match &mail.password {
                    Some(source) => Some(self.secret(source).await?),
                    None => None,
                };
                let ca_file = self.tools.network.ca_file.as_deref();
                email::send(mail, password.as_ref(), ca_file, alert).await
            }
            Way::Web {
                service,
                address,
                secret,
            } => {
                let url = self.url(address).await?;
                let secret = match secret {
                    Some(source) => Some(self.secret(source).await?),
                    None => None,
                };
                let post = request(*service, url, secret.as_ref(), (alert, remind))?;
                post.send(&self.tools).await
            }
        }
    }

    async fn secret(&self, source: &SecretSource) -> Result<SecretString, NotifyError> {
        (self.tools.read)(source.clone())
            .await
            .map_err(NotifyError::Secret)
    }

    async fn url(&self, address: &Address) -> Result<Url, NotifyError> {
        match address {
            Address::Plain(url) => Ok(url.clone()),
            Address::Secret(source) => safe_url(self.secret(source).await?.expose_secret()),
        }
    }
}

fn request(
    service: Service,
    url: Url,
    secret: Option<&SecretString>,
    (alert, remind): (&Alert, Option<TimeDelta>),
) -> Result<Post, NotifyError> {
    Ok(match service {
        Service::Webhook => webhook::post(url, secret, alert),
        Service::Slack => slack::post(url, alert),
        Service::Teams => teams::post(url, alert),
        Service::Pagerduty => {
            let missing = || NotifyError::Secret("no routing key is configured".into());
            pagerduty::post(url, secret.ok_or_else(missing)?, alert)
        }
        Service::Ntfy => ntfy::post(url, secret, alert)?,
        Service::Alertmanager => alertmanager::post(url, secret, alert, remind)?,
    })
}

/// Reads an address that a secret source gave. It is never repeated: it is a secret.
fn safe_url(text: &str) -> Result<Url, NotifyError> {
    let url: Url = text
        .trim()
        .parse()
        .map_err(|_unreadable| NotifyError::Address("it is not a web address"))?;
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        _ => Err(NotifyError::Address("it must begin with https://")),
    }
}

/// Sends a message through every way and returns what came of each, by the way's name.
pub async fn test(
    settings: &Settings,
    tools: &Tools,
    alert: &Alert,
) -> Vec<(String, Result<(), NotifyError>)> {
    let mut results = Vec::new();
    if !settings.desktop && settings.channels.is_empty() {
        results.push(("desktop".to_owned(), Err(NotifyError::Off)));
    }
    for mut channel in Channel::all(settings, tools) {
        let result = channel.send(alert, None).await;
        results.push((channel.name().to_owned(), result));
    }
    results
}
