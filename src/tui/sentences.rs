//! Sentences about a tenant, shared by the panel below the table and the detail screen, so that both
//! say the same.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    format::{age, count, countdown, date_time, millis, moment, short_wait},
    model::Model,
    row_status::{CredentialEnd, credential_end, deciding_credential, is_stale},
};
use crate::{
    board::{Activity, Row},
    text,
    verdict::{CredentialKind, CredentialReport, DateSource, Diagnosis, Report},
};

/// Returns one sentence on the state of a tenant.
pub(crate) fn headline(model: &Model, row: &Row) -> String {
    let Some(report) = &row.report else {
        return waiting(model, row);
    };
    if is_stale(row, model.now) {
        let old = age(model.now - report.checked_at);
        return format!("The last answer is {old} old: too old to say how it is now.");
    }
    if let Some(diagnosis) = &report.diagnosis {
        return text::line(&diagnosis.title);
    }
    let lives = match report.live {
        Some(_) => "It works",
        None => "Only its dates are watched",
    };
    format!("{lives}; {}.", end(model, row))
}

fn waiting(model: &Model, row: &Row) -> String {
    match (row.activity, row.next_at) {
        (Activity::Checking | Activity::Confirming, _) => "The first check is under way…".into(),
        (Activity::Waiting, Some(at)) if at > model.now => {
            format!(
                "Not checked yet: the first check begins in {}.",
                short_wait(at - model.now)
            )
        }
        (Activity::Waiting, _) => "Not checked yet: the first check begins soon.".into(),
    }
}

/// Returns when the deciding credential ends, as the end of a sentence.
fn end(model: &Model, row: &Row) -> String {
    let kind = row
        .report
        .as_deref()
        .and_then(deciding_credential)
        .map_or("credential", kind_word);
    let offset = model.settings.local_offset;
    match credential_end(row) {
        CredentialEnd::At(at, _) if at <= model.now => {
            format!(
                "its {kind} ended {} ago, on {}",
                age(model.now - at),
                date_time(at, offset)
            )
        }
        CredentialEnd::At(at, _) => {
            format!(
                "its {kind} ends in {}, on {}",
                countdown(at - model.now),
                date_time(at, offset)
            )
        }
        CredentialEnd::Never => format!("its {kind} never ends"),
        CredentialEnd::Renews => format!("its {kind} renews itself"),
        CredentialEnd::Unknown => format!("its {kind} has no known end date"),
    }
}

/// Returns code, confidence, owner and duration: `AADSTS7000222 · certain · app owner must act · …`.
pub(crate) fn facts(model: &Model, row: &Row) -> String {
    let mut facts = Vec::new();
    let diagnosis = row
        .report
        .as_ref()
        .and_then(|report| report.diagnosis.as_ref());
    if let Some(diagnosis) = diagnosis {
        facts.push(diagnosis.cause.id().to_owned());
        facts.extend(diagnosis.code.as_deref().map(text::line));
        facts.push(diagnosis.confidence.to_string());
        facts.push(format!("{} must act", diagnosis.owner.words()));
    }
    facts.extend(streak(model, row));
    facts.extend(acknowledgement(model, row));
    facts.extend(snooze(model, row));
    facts.join(" · ")
}

/// Returns since when the present state lasts, and over how many checks.
pub(crate) fn streak(model: &Model, row: &Row) -> Option<String> {
    let streak = row.streak?;
    let since = moment(streak.since, model.now, model.settings.local_offset);
    let checks = count(streak.checks, "check");
    let works = row.report.as_ref()?.diagnosis.is_none();
    let word = if works {
        "works"
    } else {
        model.row_status(row).word()
    };
    Some(format!("{word} since {since} ({checks})"))
}

/// Returns until when alerts are snoozed, and why.
pub(crate) fn snooze(model: &Model, row: &Row) -> Option<String> {
    let snooze = model.snooze(&row.tenant.name)?;
    let until = moment(snooze.until, model.now, model.settings.local_offset);
    let reason = text::line(&snooze.reason);
    let by = snooze
        .by
        .as_ref()
        .map(|by| format!(" by {}", text::line(by)));
    let by = by.unwrap_or_default();
    Some(format!("alerts snoozed until {until}{by}: {reason}"))
}

/// Returns who acknowledged the trouble, and when.
pub(crate) fn acknowledgement(model: &Model, row: &Row) -> Option<String> {
    let ack = model.ack(&row.tenant.name)?;
    let since = moment(ack.at, model.now, model.settings.local_offset);
    Some(format!(
        "acknowledged by {} at {since}",
        text::line(&ack.by)
    ))
}

/// Returns the other possible causes of a diagnosis as a sentence, if there are any.
pub(crate) fn alternatives(diagnosis: &Diagnosis) -> Option<String> {
    let ids: Vec<_> = diagnosis
        .also_possible
        .iter()
        .map(|cause| cause.id())
        .collect();
    (!ids.is_empty()).then(|| format!("It may also be {}.", ids.join(" or ")))
}

/// Returns what the config says for people on call, each with its name.
pub(crate) fn support(report: Option<&Report>, row: &Row) -> Vec<(&'static str, String)> {
    let support = &row.tenant.support;
    let pick = |reported: Option<&String>, configured: &Option<String>| {
        reported.or(configured.as_ref()).map(|it| text::line(it))
    };
    [
        (
            "contact",
            pick(report.and_then(|it| it.contact.as_ref()), &support.contact),
        ),
        (
            "vendor",
            pick(
                report.and_then(|it| it.vendor_support.as_ref()),
                &support.vendor_support,
            ),
        ),
        (
            "runbook",
            pick(report.and_then(|it| it.runbook.as_ref()), &support.runbook),
        ),
        (
            "note",
            pick(report.and_then(|it| it.note.as_ref()), &support.note),
        ),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect()
}

/// Returns where a credential's date comes from, and how old that knowledge is.
pub(crate) fn provenance(credential: &CredentialReport, now: DateTime<Utc>) -> String {
    let source = match credential.source {
        DateSource::Config => "date from the config",
        DateSource::Directory => "date from the directory",
        DateSource::File => "date from its file",
        DateSource::Computed => "date worked out",
    };
    match credential.read_at {
        Some(at) if now - at > TimeDelta::zero() => format!("{source}, read {} ago", age(now - at)),
        _ => source.to_owned(),
    }
}

/// Returns what a credential is called.
pub(crate) fn kind_word(credential: &CredentialReport) -> &'static str {
    match credential.kind {
        CredentialKind::Secret => "secret",
        CredentialKind::Certificate => "certificate",
        CredentialKind::Federated => "federated credential",
        CredentialKind::RefreshToken => "refresh token",
    }
}

/// Returns when the last check was, and how long it took.
pub(crate) fn last_check(model: &Model, row: &Row, report: &Report) -> String {
    let at = super::format::clock(report.checked_at, model.settings.local_offset);
    let ago = age(model.now - report.checked_at);
    let took = report.ms.map(|ms| format!(", took {}", millis(ms)));
    let other_process = if row.elsewhere {
        ", by another credwatch"
    } else {
        ""
    };
    format!(
        "last check {at}, {ago} ago{}{other_process}",
        took.unwrap_or_default()
    )
}
