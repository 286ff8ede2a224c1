//! What somebody must be told once: an end date that comes near, a failure, a recovery.
//!
//! Pure: from one report to the next, it works out which messages are due. Who carries them is
//! `notify`'s business. Texts are plain: no markup, no control characters, nothing secret.

mod words;

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, Utc};

use self::words::{ExpiryWords, clock, counted, days_of, failure_body, name_of, span};
use crate::{
    diagnosis::cause::Cause,
    report::{CredentialKind, CredentialReport, Diagnosis, Expiry, Live, Report},
    tenant::TenantName,
    text,
};

/// The most that a summary may hold, in bytes.
const SUMMARY_LIMIT: usize = 160;

/// The most that a body may hold, in bytes.
const BODY_LIMIT: usize = 600;

/// When somebody is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Days before a credential's end at which to tell, largest first; 0 is the end itself.
    pub days: Vec<u32>,
    /// After how many failed checks in a row.
    pub failing_after: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            days: vec![30, 14, 7, 3, 1, 0],
            failing_after: 2,
        }
    }
}

/// One message to somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// Names the occasion whatever the wording: two alerts with one key are the same alert.
    pub key: String,
    /// Whom it is about; `None` for this machine or credwatch itself.
    pub tenant: Option<TenantName>,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A credential's end has come nearer than a threshold, or is past.
    Expiry,
    /// A tenant does not work, or cannot be seen, check after check.
    Failing,
    /// A tenant still does not work, but for another reason.
    CauseChanged,
    /// A tenant works again.
    Recovered,
    /// No address at all answers.
    Offline,
    /// Addresses answer again.
    Online,
    /// Somebody asked for a test message.
    Test,
}

/// How much a message should disturb.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Urgency {
    /// Good to know.
    Low,
    /// To be dealt with in time.
    Normal,
    /// To be dealt with now.
    Critical,
}

/// What was already told about one tenant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// For each credential: the end that was told about, and the tightest threshold told.
    told: BTreeMap<String, (DateTime<Utc>, u32)>,
    trouble: Option<Trouble>,
}

/// A run of checks that did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Trouble {
    since: DateTime<Utc>,
    checks: u32,
    /// Causes that were told, so that one that comes and goes is told once.
    told: Vec<Cause>,
}

impl State {
    /// Takes in a new report and returns what has become due by it.
    ///
    /// `now` carries the offset in which people read times. A credential that is first seen inside
    /// several thresholds is told once, for the tightest; a renewed one starts afresh. What could
    /// not be told, or passes by itself without a definite no (throttling), neither begins a failure
    /// nor ends one.
    pub fn update(
        &mut self,
        rules: &Rules,
        report: &Report,
        now: DateTime<FixedOffset>,
    ) -> Vec<Alert> {
        let mut due: Vec<Alert> = report
            .credentials
            .iter()
            .filter_map(|credential| self.expiry(rules, report, credential, now))
            .collect();
        due.extend(match (report.live, &report.diagnosis) {
            (Some(Live::Ok), _) => self.recovered(report, now),
            (Some(Live::Failing), Some(diagnosis)) => self.failed(rules, report, diagnosis, now),
            (Some(Live::Unknown), Some(diagnosis)) if !diagnosis.transient => {
                self.failed(rules, report, diagnosis, now)
            }
            _ => None,
        });
        due
    }

    fn expiry(
        &mut self,
        rules: &Rules,
        report: &Report,
        credential: &CredentialReport,
        now: DateTime<FixedOffset>,
    ) -> Option<Alert> {
        let ends_at = credential.expires_at.filter(|_| counts(credential))?;
        let left = ends_at - now.to_utc();
        let crossed = rules
            .days
            .iter()
            .copied()
            .filter(|days| left <= days_of(*days))
            .min();
        let id = identity(credential);
        match (self.told.get(&id), crossed) {
            (Some((end, told)), Some(days)) if *end == ends_at && *told <= days => return None,
            (Some((end, _)), None) if *end == ends_at => return None,
            _ => {}
        }
        let Some(days) = crossed else {
            self.told.remove(&id);
            return None;
        };
        let key = format!("expiry:{}:{id}:{}:{days}", report.name, ends_at.timestamp());
        self.told.insert(id, (ends_at, days));
        let words = ExpiryWords {
            credential,
            ends_at,
            left,
        };
        Some(about(report, Kind::Expiry, now, key).say(
            words.urgency(),
            &words.summary(&report.name),
            &words.body(report, now),
        ))
    }

    fn failed(
        &mut self,
        rules: &Rules,
        report: &Report,
        diagnosis: &Diagnosis,
        now: DateTime<FixedOffset>,
    ) -> Option<Alert> {
        let trouble = self.trouble.get_or_insert_with(|| Trouble {
            since: report.checked_at,
            checks: 0,
            told: Vec::new(),
        });
        trouble.checks = trouble.checks.saturating_add(1);
        if trouble.checks < rules.failing_after || trouble.told.contains(&diagnosis.cause) {
            return None;
        }
        let kind = if trouble.told.is_empty() {
            Kind::Failing
        } else {
            Kind::CauseChanged
        };
        trouble.told.push(diagnosis.cause);
        let (symbol, urgency) = match report.live {
            Some(Live::Unknown) => ("?", Urgency::Normal),
            _ => ("✖", Urgency::Critical),
        };
        let since = trouble.since;
        let key = format!(
            "failing:{}:{}:{}",
            report.name,
            since.timestamp(),
            diagnosis.cause
        );
        let title = diagnosis
            .title
            .strip_prefix("The ")
            .unwrap_or(&diagnosis.title);
        let summary = format!("{symbol} {}: {}", report.name, title.trim_end_matches('.'));
        let body = failure_body(diagnosis, since, now);
        Some(about(report, kind, now, key).say(urgency, &summary, &body))
    }

    fn recovered(&mut self, report: &Report, now: DateTime<FixedOffset>) -> Option<Alert> {
        let trouble = self
            .trouble
            .take()
            .filter(|trouble| !trouble.told.is_empty())?;
        let key = format!("recovered:{}:{}", report.name, trouble.since.timestamp());
        let mut body = format!("After {}.", span(report.checked_at - trouble.since));
        let watched = report
            .credentials
            .iter()
            .find(|credential| counts(credential));
        if let Some((credential, end)) = watched.and_then(|c| c.expires_at.map(|end| (c, end))) {
            let day = end.with_timezone(&now.timezone()).format("%-d %B %Y");
            body = format!("{body} The {} ends {day}.", name_of(credential));
        }
        let summary = format!("● {}: works again", report.name);
        Some(about(report, Kind::Recovered, now, key).say(Urgency::Low, &summary, &body))
    }
}

/// Returns what to say when this machine goes offline.
pub fn offline(since: DateTime<Utc>, tenants: usize, now: DateTime<FixedOffset>) -> Alert {
    let body = format!(
        "No address answers since {}. The verdicts on {} are held until one does.",
        clock(since, now),
        counted(tenants, "tenant")
    );
    machine(Kind::Offline, now, format!("offline:{}", since.timestamp())).say(
        Urgency::Critical,
        "? credwatch: this machine is offline",
        &body,
    )
}

/// Returns what to say when it is back.
pub fn online(since: DateTime<Utc>, now: DateTime<FixedOffset>) -> Alert {
    let body = format!(
        "After {}. Every tenant is checked again.",
        span(now.to_utc() - since)
    );
    machine(Kind::Online, now, format!("online:{}", since.timestamp())).say(
        Urgency::Low,
        "● credwatch: this machine is online again",
        &body,
    )
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
    match credential.kind {
        CredentialKind::Federated | CredentialKind::RefreshToken => return false,
        CredentialKind::Secret | CredentialKind::Certificate => {}
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
    let kind = match credential.kind {
        CredentialKind::Secret => "secret",
        CredentialKind::Certificate => "certificate",
        CredentialKind::Federated => "federated",
        CredentialKind::RefreshToken => "refresh-token",
    };
    format!("{kind}:{}", name.map_or("", String::as_str))
}

fn about(report: &Report, kind: Kind, now: DateTime<FixedOffset>, key: String) -> Alert {
    let tenant = Some(report.name.clone());
    Alert {
        tenant,
        ..machine(kind, now, key)
    }
}

/// Returns an alert about no tenant that says nothing yet.
fn machine(kind: Kind, now: DateTime<FixedOffset>, key: String) -> Alert {
    Alert {
        key,
        tenant: None,
        kind,
        urgency: Urgency::Low,
        at: now.to_utc(),
        summary: String::new(),
        body: String::new(),
    }
}

impl Alert {
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
