//! What somebody must be told once: an end date that comes near, a failure, a recovery.
//!
//! Pure: from one report to the next, it works out which messages are due. Who carries them is
//! `notify`'s business. Texts are plain: no markup, no control characters, nothing secret.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};

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
            body.push_str(&format!(" The {} ends {day}.", name_of(credential)));
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

/// The words for an end that comes near.
struct ExpiryWords<'a> {
    credential: &'a CredentialReport,
    ends_at: DateTime<Utc>,
    left: TimeDelta,
}

impl ExpiryWords<'_> {
    fn urgency(&self) -> Urgency {
        match self.credential.state {
            Expiry::Critical | Expiry::Expired => Urgency::Critical,
            Expiry::Warning | Expiry::Unknown => Urgency::Normal,
            Expiry::Ok | Expiry::Never => Urgency::Low,
        }
    }

    fn summary(&self, tenant: &TenantName) -> String {
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

    fn body(&self, report: &Report, now: DateTime<FixedOffset>) -> String {
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

fn failure_body(diagnosis: &Diagnosis, since: DateTime<Utc>, now: DateTime<FixedOffset>) -> String {
    let place = diagnosis.stage.map_or("check", |stage| stage.name());
    let what = match &diagnosis.code {
        Some(code) => format!("{place} refused with {code}"),
        None => format!("{place}: {}", diagnosis.cause),
    };
    let mut body = format!("{} since {}.", capital(&what), clock(since, now));
    if let Some(step) = diagnosis.fix.first() {
        body.push_str(&format!(" {}: {step}", capital(diagnosis.owner.words())));
    }
    body
}

/// Returns what people call a credential: its kind, its name in the directory, its first letters.
fn name_of(credential: &CredentialReport) -> String {
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

fn days_of(days: u32) -> TimeDelta {
    TimeDelta::days(i64::from(days))
}

fn counted(n: usize, noun: &str) -> String {
    counted_i64(i64::try_from(n).unwrap_or(i64::MAX), noun)
}

fn counted_i64(n: i64, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{plural}")
}

/// Returns a span of time in its two largest units.
fn span(span: TimeDelta) -> String {
    let minutes = span.num_minutes();
    match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
        (0, 0, 0) => format!("{} s", span.num_seconds().max(0)),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

/// Returns a time of day, with its day where that is not today.
fn clock(at: DateTime<Utc>, now: DateTime<FixedOffset>) -> String {
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
mod tests {
    use super::*;
    use crate::health::tests::{at, credential, report};

    fn local(at: DateTime<Utc>) -> DateTime<FixedOffset> {
        at.fixed_offset()
    }

    fn feed(state: &mut State, report: &Report) -> Vec<Alert> {
        state.update(&Rules::default(), report, local(report.checked_at))
    }

    fn ending(days: i64, checked_at: DateTime<Utc>) -> Report {
        let state = if days < 0 {
            Expiry::Expired
        } else {
            Expiry::Warning
        };
        let mut report = report("fabrikam", None, checked_at);
        let end = checked_at + TimeDelta::days(days) + TimeDelta::hours(1);
        report.credentials = vec![credential(end, state)];
        report
    }

    #[test]
    fn an_end_is_told_once_for_the_tightest_threshold_on_first_sight() {
        let mut state = State::default();
        let first = feed(&mut state, &ending(6, at(10, 0)));
        assert_eq!(first.len(), 1);
        assert_eq!(first[0].summary, "▲ fabrikam: client secret ends in 6 days");
        assert_eq!(
            first[0].body,
            "27 November 2026 11:00 +00:00, still working. Renew it and update the vendor's settings."
        );
        assert!(first[0].key.ends_with(":7"), "{}", first[0].key);
        assert_eq!(feed(&mut state, &ending(6, at(10, 0))), []);
    }

    #[test]
    fn each_threshold_is_told_once_as_time_goes_by() {
        let mut state = State::default();
        let end = at(0, 0) + TimeDelta::days(40);
        let mut keys = Vec::new();
        for hours in 0..(45 * 24) {
            let mut seen = report("fabrikam", None, at(hours, 0));
            seen.credentials = vec![credential(end, Expiry::Warning)];
            keys.extend(feed(&mut state, &seen).into_iter().map(|alert| alert.key));
        }
        let days: Vec<&str> = keys
            .iter()
            .filter_map(|key| key.rsplit(':').next())
            .collect();
        assert_eq!(days, ["30", "14", "7", "3", "1", "0"]);
    }

    #[test]
    fn a_renewed_credential_starts_afresh() {
        let mut state = State::default();
        assert_eq!(feed(&mut state, &ending(2, at(10, 0))).len(), 1);
        assert_eq!(feed(&mut state, &ending(20, at(10, 0))).len(), 1);
        assert_eq!(feed(&mut state, &ending(300, at(10, 0))), []);
        assert_eq!(feed(&mut state, &ending(2, at(10, 0))).len(), 1);
    }

    #[test]
    fn an_ended_secret_is_critical_and_a_leftover_is_silent() {
        let mut ended = ending(-3, at(10, 0));
        let told = feed(&mut State::default(), &ended);
        assert_eq!(told[0].urgency, Urgency::Critical);
        assert_eq!(told[0].summary, "✖ fabrikam: client secret has ended");
        for watched in [None, Some(false)] {
            ended.credentials[0].watched = watched;
            ended.credentials[0].presented = None;
            assert_eq!(feed(&mut State::default(), &ended), []);
        }
    }

    #[test]
    fn a_failure_is_told_after_the_second_check_and_its_end_with_its_length() {
        let mut state = State::default();
        let expired = |minute| report("contoso", Some(Cause::SecretExpired), at(11, minute));
        assert_eq!(feed(&mut state, &expired(41)), []);
        let told = feed(&mut state, &expired(56));
        assert_eq!(told[0].kind, Kind::Failing);
        assert_eq!(told[0].summary, "✖ contoso: client secret has expired");
        assert_eq!(
            told[0].body,
            "Token refused with AADSTS7000222 since 11:41. App owner: create a new secret"
        );
        assert_eq!(feed(&mut state, &expired(57)), []);
        let back = feed(&mut state, &report("contoso", None, at(14, 1)));
        assert_eq!(back[0].summary, "● contoso: works again");
        assert_eq!(back[0].body, "After 2 h 20 min.");
        assert_eq!(feed(&mut state, &report("contoso", None, at(14, 16))), []);
    }

    #[test]
    fn a_single_failure_is_never_told_nor_is_its_end() {
        let mut state = State::default();
        for minute in 0..10 {
            let cause = (minute % 2 == 0).then_some(Cause::Timeout);
            assert_eq!(
                feed(&mut state, &report("contoso", cause, at(1, minute))),
                []
            );
        }
    }

    #[test]
    fn a_cause_that_comes_and_goes_during_a_failure_is_told_once() {
        let mut state = State::default();
        let causes = [
            Cause::DnsFailure,
            Cause::DnsFailure,
            Cause::Timeout,
            Cause::DnsFailure,
            Cause::Timeout,
        ];
        let kinds: Vec<Kind> = causes
            .into_iter()
            .flat_map(|cause| feed(&mut state, &report("contoso", Some(cause), at(1, 0))))
            .map(|alert| alert.kind)
            .collect();
        assert_eq!(kinds, [Kind::Failing, Kind::CauseChanged]);
    }

    #[test]
    fn throttling_neither_begins_a_failure_nor_ends_one() {
        let mut state = State::default();
        let cause = |cause| report("contoso", Some(cause), at(1, 0));
        for _ in 0..5 {
            assert_eq!(feed(&mut state, &cause(Cause::TokenThrottled)), []);
        }
        feed(&mut state, &cause(Cause::SecretExpired));
        feed(&mut state, &cause(Cause::TokenThrottled));
        assert_eq!(feed(&mut state, &cause(Cause::SecretExpired)).len(), 1);
    }

    #[test]
    fn texts_hold_no_control_characters_and_no_secret() {
        let mut failing = report("contoso", Some(Cause::SecretInvalid), at(1, 0));
        let diagnosis = failing.diagnosis.as_mut().unwrap();
        diagnosis.title = "bad\u{1b}[31m\nabc8Q~0123456789012345678901234567890-.".into();
        let mut state = State::default();
        feed(&mut state, &failing);
        let told = feed(&mut state, &failing);
        assert_eq!(told[0].summary, "✖ contoso: bad[31m [redacted]");
    }
}
