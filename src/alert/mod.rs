//! Alerts: each of an end date that comes near, a failure and a recovery is sent once.
//!
//! Pure: from one report to the next, it works out which messages are due. Who carries them is
//! `notify`'s business. Texts are plain: no markup, no control characters, nothing secret.

mod crowd;
mod ledger;
mod overall;
mod quiet;
mod shared;
mod snooze;
mod state;
mod subscription;
mod words;

use crate::text::Word as _;
use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use self::{crowd::Crowds, state::is_reminder};
pub use self::{
    ledger::{Claim, HOLD, Ledger},
    overall::{Overall, Survey},
    quiet::Quiet,
    snooze::{Ack, Holds, Snooze},
    state::State,
    subscription::Subscription,
};
use crate::{
    tenant::TenantName,
    text,
    verdict::{CredentialReport, Expiry, Report, cause::Cause},
};

/// The most that a summary may hold, in bytes.
const SUMMARY_LIMIT: usize = 160;

/// The most that a body may hold, in bytes.
const BODY_LIMIT: usize = 600;

/// When alerts are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Days before a credential's end at which to tell, largest first; 0 is the end itself.
    pub days: Vec<u32>,
    /// After how many failed checks in a row.
    pub failing_after: u32,
    /// After how long a reminder is sent for a tenant that is still critical; `None`: never.
    pub remind: Option<TimeDelta>,
    /// More changes than this within an hour are one message instead of many; 0: no limit.
    pub flapping: u32,
    /// When end dates are not spoken of.
    pub quiet: Option<Quiet>,
    /// Rules of tenants that have their own; those of the tenants among them have none.
    pub own: BTreeMap<TenantName, Rules>,
}

impl Rules {
    /// Returns the rules for a tenant.
    pub fn of(&self, tenant: &TenantName) -> &Self {
        self.own.get(tenant).unwrap_or(self)
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            days: vec![30, 14, 7, 3, 1, 0],
            failing_after: 2,
            remind: Some(TimeDelta::days(1)),
            flapping: 4,
            quiet: None,
            own: BTreeMap::new(),
        }
    }
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Names the occasion whatever the wording: two alerts with one key are the same alert.
    pub key: String,
    /// The tenant that it is about; `None` for this machine or credwatch itself.
    pub tenant: Option<TenantName>,
    /// What belongs together: a failure, its reminders and its recovery have one thread.
    pub thread: String,
    /// The labels of that tenant, for channels that take only some.
    pub tags: Vec<String>,
    /// Why it does not work, if that is what is said.
    pub cause: Option<Cause>,
    /// What kind of occasion.
    pub kind: Kind,
    /// How much it should disturb.
    pub urgency: Urgency,
    /// When it became due.
    pub at: DateTime<Utc>,
    /// One line.
    pub summary: String,
    /// What more there is to know, and what to do.
    pub body: String,
}

/// The kinds of occasions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A credential's end has come nearer than a threshold, or is past.
    Expiry,
    /// A tenant does not work, or cannot be seen, check after check.
    Failing,
    /// A tenant still does not work, but for another reason.
    CauseChanged,
    /// A tenant works again.
    Recovered,
    /// A tenant comes and goes, too often to tell of every change.
    Flapping,
    /// No address at all answers.
    Offline,
    /// Addresses answer again.
    Online,
    /// No tenant at all can be judged.
    Blind,
    /// Some can again.
    Sighted,
    /// A directory does not tell any more when a tenant's credential ends.
    Unreadable,
    /// It tells again.
    Readable,
    /// The end of EWS itself has come nearer than a threshold.
    Retirement,
    /// A test message was asked for.
    Test,
}

/// How much a message should disturb.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Urgency {
    /// Good to know.
    Low,
    /// To be dealt with in time.
    Normal,
    /// To be dealt with now.
    Critical,
}

/// Returns the message of `credwatch notify test`.
pub fn test(now: DateTime<FixedOffset>) -> Alert {
    machine(Kind::Test, now, "test".into()).say(
        Urgency::Normal,
        "● credwatch: test message",
        "Messages about your tenants will look like this.",
    )
}

/// Returns whether a credential's end concerns anybody: the integration lives on it, or credwatch
/// sends it. Where that may be one of several, an ended one is most likely a leftover. What renews
/// itself is judged by whether it does, not by its date.
fn counts(credential: &CredentialReport) -> bool {
    if credential.kind.renews() {
        return false;
    }
    match (credential.watched, credential.presented) {
        (Some(true), _) | (_, Some(true)) => true,
        (None, _) => credential.state != Expiry::Expired,
        (Some(false), _) => false,
    }
}

/// Returns what tells a credential apart from others of its tenant, whatever its end.
fn identity(credential: &CredentialReport) -> String {
    let name = [&credential.key_id, &credential.hint, &credential.name]
        .into_iter()
        .flatten()
        .next();
    format!(
        "{}:{}",
        credential.kind.word(),
        name.map_or("", String::as_str)
    )
}

fn about(report: &Report, kind: Kind, now: DateTime<FixedOffset>, key: String) -> Alert {
    Alert {
        tenant: Some(report.name.clone()),
        thread: format!("live:{}", report.name),
        tags: report.tags.clone(),
        ..machine(kind, now, key)
    }
}

/// Returns an alert about no tenant that says nothing yet.
fn machine(kind: Kind, now: DateTime<FixedOffset>, key: String) -> Alert {
    Alert {
        key,
        tenant: None,
        thread: "machine".into(),
        tags: Vec::new(),
        cause: None,
        kind,
        urgency: Urgency::Low,
        at: now.to_utc(),
        summary: String::new(),
        body: String::new(),
    }
}

impl Urgency {
    /// All, the least first.
    pub const ALL: [Self; 3] = [Self::Low, Self::Normal, Self::Critical];

    /// Returns the word, as in the config and in messages to machines.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::Critical => "critical",
        }
    }
}

impl Kind {
    /// Returns the word, as in messages to machines.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Expiry => "expiry",
            Self::Failing => "failing",
            Self::CauseChanged => "cause-changed",
            Self::Recovered => "recovered",
            Self::Flapping => "flapping",
            Self::Offline => "offline",
            Self::Online => "online",
            Self::Blind => "blind",
            Self::Sighted => "sighted",
            Self::Unreadable => "directory-unreadable",
            Self::Readable => "directory-readable",
            Self::Retirement => "retirement",
            Self::Test => "test",
        }
    }

    /// Returns whether it ends what its thread began.
    pub const fn is_end(self) -> bool {
        matches!(
            self,
            Self::Recovered | Self::Online | Self::Sighted | Self::Readable
        )
    }

    /// Returns whether it is about dates: work for the day, which waits for the end of a quiet time.
    pub const fn is_for_the_day(self) -> bool {
        matches!(
            self,
            Self::Expiry | Self::Unreadable | Self::Readable | Self::Retirement
        )
    }
}

impl Alert {
    /// Returns the summary without its mark and without the tenant, for places that show both.
    pub fn news(&self) -> &str {
        let words = self.summary.split_once(' ').map_or("", |(_, words)| words);
        let name = self.tenant.as_ref().map_or("credwatch", TenantName::as_str);
        let rest = words.strip_prefix(&*text::line(name));
        rest.and_then(|rest| rest.strip_prefix(": "))
            .unwrap_or(words)
    }

    /// Returns whether it is about many tenants that have something in common.
    fn is_of_many(&self) -> bool {
        self.thread.starts_with(crowd::THREAD)
    }

    /// Adds a sentence.
    fn add(&mut self, sentence: &str) {
        let body = format!("{} {sentence}", self.body);
        text::head(&body, BODY_LIMIT).clone_into(&mut self.body);
    }

    /// Fills in the words, made safe and cut to what any receiver takes.
    fn say(self, urgency: Urgency, summary: &str, body: &str) -> Self {
        let safe =
            |words: &str, limit| text::head(&text::line(&text::redact(words)), limit).to_owned();
        Self {
            urgency,
            summary: safe(summary, SUMMARY_LIMIT),
            body: safe(body, BODY_LIMIT),
            ..self
        }
    }
}

#[cfg(test)]
mod tests;
