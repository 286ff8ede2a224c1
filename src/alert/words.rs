//! The words of alerts.

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};

use super::{Alert, Urgency};
use crate::{
    tenant::TenantName,
    verdict::{CredentialKind, CredentialReport, Diagnosis, Expiry, Live, Report},
};

/// The words for an end that comes near.
pub(super) struct ExpiryWords<'a> {
    pub(super) credential: &'a CredentialReport,
    pub(super) ends_at: DateTime<Utc>,
    pub(super) left: TimeDelta,
}

impl ExpiryWords<'_> {
    pub(super) fn urgency(&self) -> Urgency {
        match self.credential.state {
            Expiry::Critical | Expiry::Expired => Urgency::Critical,
            Expiry::Warning | Expiry::Unknown => Urgency::Normal,
            Expiry::Ok | Expiry::Never => Urgency::Low,
        }
    }

    pub(super) fn summary(&self, tenant: &TenantName) -> String {
        let name = name_of(self.credential);
        if self.left <= TimeDelta::zero() {
            return format!("✖ {tenant}: {name} has ended");
        }
        let left = match (self.left.num_days(), self.left.num_hours()) {
            (0, 0) => counted_i64(self.left.num_minutes().max(1), "minute"),
            (0, hours) => counted_i64(hours, "hour"),
            (days, _) => counted_i64(days, "day"),
        };
        format!("▲ {tenant}: {name} ends in {left}")
    }

    pub(super) fn body(&self, report: &Report, now: DateTime<FixedOffset>) -> String {
        let end = self.ends_at.with_timezone(&now.timezone());
        let works = match report.live {
            Some(Live::Ok) if self.left > TimeDelta::zero() => ", still working",
            Some(Live::Ok) => ", but what credwatch holds still works",
            _ => "",
        };
        let whose = match (self.credential.watched, self.credential.presented) {
            (Some(false), _) => " This is credwatch's own copy: renew it here.",
            (Some(true), Some(false)) => {
                " This is the one that the vendor holds: renew it and update the vendor's settings."
            }
            _ => " Renew it and update the vendor's settings.",
        };
        let contact = report.contact.as_ref();
        let contact = contact.map_or(String::new(), |contact| format!(" Contact: {contact}."));
        format!(
            "{}{works}.{whose}{contact}",
            end.format("%-d %B %Y %H:%M %:z")
        )
    }
}

/// The words for a tenant that does not work.
pub(super) struct FailureWords {
    pub(super) urgency: Urgency,
    summary: String,
}

impl FailureWords {
    pub(super) fn of(report: &Report, diagnosis: &Diagnosis) -> Self {
        let (symbol, urgency) = match report.live {
            Some(Live::Unknown) => ("?", Urgency::Normal),
            _ => ("✖", Urgency::Critical),
        };
        let title = diagnosis
            .title
            .strip_prefix("The ")
            .unwrap_or(&diagnosis.title);
        Self {
            urgency,
            summary: format!("{symbol} {}: {}", report.name, title.trim_end_matches('.')),
        }
    }

    pub(super) fn say(
        &self,
        alert: Alert,
        diagnosis: &Diagnosis,
        since: DateTime<Utc>,
        now: DateTime<FixedOffset>,
    ) -> Alert {
        let alert = Alert {
            cause: Some(diagnosis.cause),
            ..alert
        };
        let body = failure_body(diagnosis, since, now);
        alert.say(self.urgency, &self.summary, &body)
    }
}

fn failure_body(diagnosis: &Diagnosis, since: DateTime<Utc>, now: DateTime<FixedOffset>) -> String {
    let place = diagnosis.stage.map_or("check", |stage| stage.name());
    let what = match &diagnosis.code {
        Some(code) => format!("{place} refused with {code}"),
        None => format!("{place}: {}", diagnosis.cause),
    };
    let mut body = format!("{} since {}.", capital(&what), clock(since, now));
    if let Some(step) = diagnosis.first_step() {
        body = format!("{body} {}: {step}", capital(diagnosis.owner.words()));
    }
    body
}

/// Says why a directory tells nothing, what is known all the same, and what to do.
pub(super) fn unread_body(report: &Report, reason: &str, now: DateTime<FixedOffset>) -> String {
    let read = report.credentials.iter().filter_map(|it| it.read_at).max();
    let known = match read {
        Some(at) => format!("What is shown was read on {}.", clock(at, now)),
        None => "Nobody knows when its credential ends.".to_owned(),
    };
    format!(
        "{}. {known} Let it be read again, or write `secret_expires` (a date, or \"never\") into the \
         config.",
        capital(reason)
    )
}

/// Returns what people call a credential: its kind, its name in the directory, its first letters.
pub(super) fn name_of(credential: &CredentialReport) -> String {
    let kind = match credential.kind {
        CredentialKind::Secret => "client secret",
        CredentialKind::Certificate => "certificate",
        CredentialKind::Federated => "federated credential",
        CredentialKind::RefreshToken => "refresh token",
    };
    match (&credential.name, &credential.hint) {
        (Some(name), _) => format!("{kind} '{name}'"),
        (None, Some(hint)) => format!("{kind} {hint}…"),
        (None, None) => kind.to_owned(),
    }
}

/// As many names stand in a message.
const NAMES: usize = 8;

/// Returns the first names, and how many more there are.
pub(super) fn names<'n>(names: impl ExactSizeIterator<Item = &'n str>) -> String {
    let more = names.len().saturating_sub(NAMES);
    let first = names.take(NAMES).collect::<Vec<_>>().join(", ");
    if more > 0 {
        format!("{first} and {more} more")
    } else {
        first
    }
}

pub(super) fn days_of(days: u32) -> TimeDelta {
    TimeDelta::days(i64::from(days))
}

pub(super) fn counted(n: usize, noun: &str) -> String {
    counted_i64(i64::try_from(n).unwrap_or(i64::MAX), noun)
}

fn counted_i64(n: i64, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{plural}")
}

/// Returns a span of time in its two largest units.
pub(super) fn span(span: TimeDelta) -> String {
    // a clock that was set back makes no negative time
    let span = span.max(TimeDelta::zero());
    let minutes = span.num_minutes();
    match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
        (0, 0, 0) => format!("{} s", span.num_seconds()),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

/// Returns a time of day, with its day where that is not today.
pub(super) fn clock(at: DateTime<Utc>, now: DateTime<FixedOffset>) -> String {
    let at = at.with_timezone(&now.timezone());
    let format = if at.date_naive() == now.date_naive() {
        "%H:%M"
    } else {
        "%-d %B %H:%M"
    };
    at.format(format).to_string()
}

fn capital(text: &str) -> String {
    let mut rest = text.chars();
    match rest.next() {
        Some(first) => first.to_uppercase().chain(rest).collect(),
        None => String::new(),
    }
}
