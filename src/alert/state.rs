//! What was already told about one tenant, and what a new report adds to it.
//!
//! A state outlives the process that made it: every process that watches a tenant takes the state up
//! where the last one left it, and so they tell of an event together once. Keys of alerts come from
//! what is in here, never from their wording.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{
    Alert, Kind, Rules, Urgency, about, counts, identity,
    words::{ExpiryWords, FailureWords, clock, days_of, name_of, span, unread_body},
};
use crate::verdict::{CredentialReport, DateSource, Diagnosis, Expiry, Live, Report, cause::Cause};

/// In how long changes are counted before they are too many.
const FLAPPING_WITHIN: TimeDelta = TimeDelta::hours(1);

/// A report that is older than the last by no more than this comes late from another process; one
/// that is older still comes after the clock was set back.
const LATE: TimeDelta = TimeDelta::minutes(2);

/// What stands in the key of a reminder, before its number.
const AGAIN: &str = ":again:";

/// What a directory said longer ago than this may be wrong by now: secrets are renewed.
const OLD: TimeDelta = TimeDelta::hours(24);

/// What was already told about one tenant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// For each credential, what was told of its end.
    told: BTreeMap<String, Told>,
    trouble: Option<Trouble>,
    /// When the last report that counted was made.
    seen_at: Option<DateTime<Utc>>,
    /// Whether it worked then, as far as that could be told.
    worked: Option<bool>,
    /// When that changed lately.
    changes: Vec<DateTime<Utc>>,
    /// Since when changes are too many to tell of each.
    flapping: Option<DateTime<Utc>>,
    /// Since when its directory does not tell when its credential ends, if that was told.
    unread_since: Option<DateTime<Utc>>,
}

/// What was told of the end of a credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Told {
    ends_at: DateTime<Utc>,
    /// The tightest threshold that was told.
    days: u32,
    at: DateTime<Utc>,
    reminders: u32,
}

/// A run of checks that did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Trouble {
    since: DateTime<Utc>,
    checks: u32,
    /// Causes that were told, so that one that comes and goes is told once.
    told: Vec<Cause>,
    told_at: Option<DateTime<Utc>>,
    reminders: u32,
}

impl Trouble {
    fn new(since: DateTime<Utc>) -> Self {
        Self {
            since,
            checks: 0,
            told: Vec::new(),
            told_at: None,
            reminders: 0,
        }
    }
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
        if !self.takes(report) {
            return Vec::new();
        }
        let rules = rules.of(&report.name);
        let mut due: Vec<Alert> = report
            .credentials
            .iter()
            .filter_map(|credential| self.expiry(rules, report, credential, now))
            .collect();
        let told = match (works(report), &report.diagnosis) {
            (Some(true), _) => self.recovered(report, now),
            (Some(false), Some(diagnosis)) => self.failed(rules, report, diagnosis, now),
            _ => None,
        };
        due.extend(self.damp(rules, report, told, now));
        due.extend(self.directory(report, now));
        due
    }

    /// Returns when the last report on the tenant that counted was made.
    pub const fn seen_at(&self) -> Option<DateTime<Utc>> {
        self.seen_at
    }

    /// Takes in a report on a snoozed tenant: failures are counted, and what
    /// is due is left for later.
    pub fn overlook(&mut self, report: &Report) {
        if !self.takes(report) {
            return;
        }
        match works(report) {
            Some(true) => drop(self.trouble.take_if(|trouble| trouble.told.is_empty())),
            Some(false) => self.count(report),
            None => {}
        }
    }

    /// Returns whether a report is news, and notes it if so.
    fn takes(&mut self, report: &Report) -> bool {
        let at = report.checked_at;
        let late = |seen: DateTime<Utc>| seen > at && seen - at <= LATE;
        if self.seen_at.is_some_and(late) {
            return false;
        }
        self.seen_at = Some(at);
        self.changes
            .retain(|change| (at - *change).abs() < FLAPPING_WITHIN);
        if let Some(works) = works(report)
            && self.worked.replace(works).is_some_and(|did| did != works)
        {
            self.changes.push(at);
        }
        true
    }

    fn count(&mut self, report: &Report) {
        let trouble = self
            .trouble
            .get_or_insert_with(|| Trouble::new(report.checked_at));
        trouble.checks = trouble.checks.saturating_add(1);
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
        let known = self.told.get(&id).filter(|told| told.ends_at == ends_at);
        let Some(days) = crossed else {
            if known.is_none() {
                self.told.remove(&id);
            }
            return None;
        };
        let words = ExpiryWords {
            credential,
            ends_at,
            left,
        };
        let again = match known {
            Some(told) if told.days <= days => Some(told.reminders.saturating_add(1)),
            _ => None,
        };
        if let (Some(_), Some(told)) = (again, known)
            && !is_due(rules, words.urgency(), Some(told.at), now)
        {
            return None;
        }
        let days = known.map_or(days, |told| told.days.min(days));
        // named by the app: where many tenants live on one credential, its end is one event
        let thread = format!("expiry:{}:{id}:{}", report.client_id, ends_at.timestamp());
        let told = Told {
            ends_at,
            days,
            at: now.to_utc(),
            reminders: again.unwrap_or(0),
        };
        self.told.insert(id, told);
        let key = numbered(format!("{thread}:{days}"), again);
        let alert = Alert {
            thread,
            ..about(report, Kind::Expiry, now, key)
        };
        Some(alert.say(
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
        self.count(report);
        let trouble = self.trouble.as_mut()?;
        if trouble.checks < rules.failing_after {
            return None;
        }
        let words = FailureWords::of(report, diagnosis);
        let known = trouble.told.contains(&diagnosis.cause);
        if known && !is_due(rules, words.urgency, trouble.told_at, now) {
            return None;
        }
        let again = known.then(|| trouble.reminders.saturating_add(1));
        trouble.reminders = again.unwrap_or(trouble.reminders);
        trouble.told_at = Some(now.to_utc());
        let kind = if trouble.told.is_empty() || known {
            Kind::Failing
        } else {
            Kind::CauseChanged
        };
        if !known {
            trouble.told.push(diagnosis.cause);
        }
        let since = trouble.since;
        let key = format!(
            "failing:{}:{}:{}",
            report.name,
            since.timestamp(),
            diagnosis.cause
        );
        let alert = about(report, kind, now, numbered(key, again));
        Some(words.say(alert, diagnosis, since, now))
    }

    fn recovered(&mut self, report: &Report, now: DateTime<FixedOffset>) -> Option<Alert> {
        let trouble = self
            .trouble
            .take()
            .filter(|trouble| !trouble.told.is_empty())?;
        let key = format!("recovered:{}:{}", report.name, trouble.since.timestamp());
        let body = format!("After {}.", span(report.checked_at - trouble.since));
        Some(works_again(report, key, body, now))
    }

    /// Alerts when the directory that is the only source of an end date cannot be read, and when it
    /// can be read again.
    fn directory(&mut self, report: &Report, now: DateTime<FixedOffset>) -> Option<Alert> {
        let since = self.unread_since.unwrap_or(report.checked_at);
        let told = self.unread_since.is_some();
        let about = |kind, word| Alert {
            thread: format!("directory:{}", report.name),
            ..about(
                report,
                kind,
                now,
                format!("{word}:{}:{}", report.name, since.timestamp()),
            )
        };
        match &report.unread {
            Some(reason) if !told && is_in_the_dark(report, now.to_utc()) => {
                self.unread_since = Some(since);
                let summary = format!("? {}: its directory does not tell end dates", report.name);
                let alert = about(Kind::Unreadable, "unreadable");
                Some(alert.say(Urgency::Normal, &summary, &unread_body(report, reason, now)))
            }
            None if told => {
                self.unread_since = None;
                let summary = format!("● {}: its directory tells end dates again", report.name);
                let body = format!("After {}.", span(report.checked_at - since));
                let alert = about(Kind::Readable, "readable");
                Some(alert.say(Urgency::Low, &summary, &body))
            }
            _ => None,
        }
    }

    /// Decides what becomes of a message about a tenant that comes and goes: one says so, then none,
    /// and when it has been calm for long enough, one says how it is.
    fn damp(
        &mut self,
        rules: &Rules,
        report: &Report,
        told: Option<Alert>,
        now: DateTime<FixedOffset>,
    ) -> Option<Alert> {
        let most = usize::try_from(rules.flapping).unwrap_or(usize::MAX);
        let calm = most == 0 || self.changes.len() <= most;
        match (self.flapping, calm) {
            (None, true) => told,
            (Some(_), false) => None,
            (None, false) => {
                let since = self.changes.first().copied().unwrap_or(report.checked_at);
                self.flapping = Some(since);
                let key = format!("flapping:{}:{}", report.name, since.timestamp());
                let summary = format!("▲ {}: comes and goes", report.name);
                let body = format!(
                    "{} changes since {}. Nothing more is said about it until it stays as it is.",
                    self.changes.len(),
                    clock(since, now)
                );
                let alert = about(report, Kind::Flapping, now, key);
                Some(alert.say(Urgency::Normal, &summary, &body))
            }
            (Some(since), true) => {
                self.flapping = None;
                told.or_else(|| self.settled(report, since, now))
            }
        }
    }

    /// Says how a tenant is that came and went for a while.
    fn settled(
        &self,
        report: &Report,
        since: DateTime<Utc>,
        now: DateTime<FixedOffset>,
    ) -> Option<Alert> {
        let key = format!("settled:{}:{}", report.name, since.timestamp());
        match (&self.trouble, &report.diagnosis) {
            (Some(trouble), Some(diagnosis)) => {
                let alert = about(report, Kind::Failing, now, key);
                let words = FailureWords::of(report, diagnosis);
                Some(words.say(alert, diagnosis, trouble.since, now))
            }
            (None, None) => {
                let body = format!("It came and went since {}.", clock(since, now));
                Some(works_again(report, key, body, now))
            }
            _ => None,
        }
    }
}

/// Whether a tenant works, as far as that can be told.
fn works(report: &Report) -> Option<bool> {
    match (report.live?, &report.diagnosis) {
        (Live::Ok, _) => Some(true),
        (Live::Failing, Some(_)) => Some(false),
        (Live::Unknown, Some(diagnosis)) if !diagnosis.transient => Some(false),
        (Live::Failing | Live::Unknown, _) => None,
    }
}

/// Whether the end of the credential that counts is unknown, or was not confirmed for a day.
fn is_in_the_dark(report: &Report, now: DateTime<Utc>) -> bool {
    let old = |credential: &CredentialReport| {
        credential.source == DateSource::Directory
            && counts(credential)
            && credential.read_at.is_some_and(|read| now - read >= OLD)
    };
    report.expiry == Some(Expiry::Unknown) || report.credentials.iter().any(old)
}

/// Whether a reminder is due.
fn is_due(
    rules: &Rules,
    urgency: Urgency,
    told_at: Option<DateTime<Utc>>,
    now: DateTime<FixedOffset>,
) -> bool {
    let (Some(every), Some(told_at)) = (rules.remind, told_at) else {
        return false;
    };
    urgency == Urgency::Critical && now.to_utc() - told_at >= every
}

fn numbered(key: String, again: Option<u32>) -> String {
    match again {
        Some(number) => format!("{key}{AGAIN}{number}"),
        None => key,
    }
}

/// Whether an alert says again what was said before.
pub(super) fn is_reminder(alert: &Alert) -> bool {
    alert.key.contains(AGAIN)
}

fn works_again(
    report: &Report,
    key: String,
    mut body: String,
    now: DateTime<FixedOffset>,
) -> Alert {
    let watched = report
        .credentials
        .iter()
        .find(|credential| counts(credential));
    if let Some((credential, end)) = watched.and_then(|c| c.expires_at.map(|end| (c, end))) {
        let day = end.with_timezone(&now.timezone()).format("%-d %B %Y");
        body = format!("{body} The {} ends {day}.", name_of(credential));
    }
    let summary = format!("● {}: works again", report.name);
    about(report, Kind::Recovered, now, key).say(Urgency::Low, &summary, &body)
}
