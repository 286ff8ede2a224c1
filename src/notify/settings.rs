//! The settings of the channels.

use url::Url;

use super::{pagerduty, terminal::Sequence};
use crate::{
    alert::{Subscription, Urgency},
    tenant::SecretSource,
};

/// Which ways are used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Whether to show desktop notifications over the session bus.
    pub desktop: bool,
    /// Every `[[notify.channel]]`.
    pub channels: Vec<ChannelSettings>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            desktop: true,
            channels: Vec::new(),
        }
    }
}

impl Settings {
    /// Returns every channel, the desktop too if it is used.
    pub(super) fn every(&self) -> impl Iterator<Item = ChannelSettings> {
        let desktop = self.desktop.then(|| ChannelSettings {
            name: "desktop".into(),
            way: Way::Desktop,
            least: Urgency::Low,
            tags: Vec::new(),
        });
        desktop.into_iter().chain(self.channels.iter().cloned())
    }
}

/// One channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelSettings {
    /// What it is called: unique, and what the history knows it by.
    pub name: String,
    /// How it tells.
    pub way: Way,
    /// Nothing less urgent than this.
    pub least: Urgency,
    /// Only tenants with one of these labels; all if there are none.
    pub tags: Vec<String>,
}

impl ChannelSettings {
    /// Returns where its secrets are read from.
    pub fn sources(&self) -> Vec<&SecretSource> {
        match &self.way {
            Way::Web {
                address, secret, ..
            } => {
                let address = match address {
                    Address::Secret(source) => Some(source),
                    Address::Plain(_) => None,
                };
                address.into_iter().chain(secret).collect()
            }
            Way::Mail(mail) => mail.password.iter().collect(),
            Way::Desktop | Way::Terminal(_) | Way::Command(_) => Vec::new(),
        }
    }

    /// Returns what it wants to hear of.
    pub fn subscription(&self) -> Subscription {
        Subscription {
            channel: self.name.clone(),
            least: self.least,
            tags: self.tags.clone(),
        }
    }
}

/// The ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// Bubbles on the desktop.
    Desktop,
    /// Escape sequences to the terminal that the process owns.
    Terminal(Sequence),
    /// A web address.
    Web {
        /// What is behind it.
        service: Service,
        /// Where it is.
        address: Address,
        /// What signs the message, or proves who sends it.
        secret: Option<SecretSource>,
    },
    /// A program with its arguments.
    Command(Vec<String>),
    /// E-mail.
    Mail(Mail),
}

/// How e-mail is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The server that takes it.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// Who sends it.
    pub from: String,
    /// Who gets it.
    pub to: Vec<String>,
    /// Who signs in at the server, if anybody does.
    pub user: Option<String>,
    /// That user's password.
    pub password: Option<SecretSource>,
}

/// How the connection to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// It turns to TLS before anything is said; a server that cannot is refused.
    StartTls,
    /// It is TLS from the start.
    Tls,
    /// Not at all: for a server on this machine.
    None,
}

impl Security {
    /// Every one, with the word that the config knows it by and its usual port.
    pub const ALL: [(&'static str, Self, u16); 3] = [
        ("starttls", Self::StartTls, 587),
        ("tls", Self::Tls, 465),
        ("none", Self::None, 25),
    ];
}

/// An address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// That everybody may know.
    Plain(Url),
    /// That is a secret: anyone who knows it can write there.
    Secret(SecretSource),
}

/// What takes messages behind a web address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// Something of one's own.
    Webhook,
    /// Slack.
    Slack,
    /// Microsoft Teams.
    Teams,
    /// `PagerDuty`.
    Pagerduty,
    /// ntfy.
    Ntfy,
    /// Alertmanager.
    Alertmanager,
}

impl Service {
    /// Every one, with the word that the config knows it by.
    pub const ALL: [(&'static str, Self); 6] = [
        ("webhook", Self::Webhook),
        ("slack", Self::Slack),
        ("teams", Self::Teams),
        ("pagerduty", Self::Pagerduty),
        ("ntfy", Self::Ntfy),
        ("alertmanager", Self::Alertmanager),
    ];

    /// Returns whether anyone who knows the address can write there, so that it is a secret.
    pub const fn address_is_secret(self) -> bool {
        match self {
            Self::Webhook | Self::Slack | Self::Teams => true,
            Self::Pagerduty | Self::Ntfy | Self::Alertmanager => false,
        }
    }

    /// Returns the address that is meant where none is configured.
    pub fn usual_address(self) -> Option<Url> {
        match self {
            Self::Pagerduty => pagerduty::ENQUEUE.parse().ok(),
            Self::Webhook | Self::Slack | Self::Teams | Self::Ntfy | Self::Alertmanager => None,
        }
    }
}
