//! Phrases that several renderings share, above all about the end date that matters.

use crate::text::duration;
use chrono::{DateTime, Utc};

use super::exit;
use crate::text;
use crate::verdict::{
    CredentialKind, CredentialReport, Diagnosis, Expiry, Fleet, Live, Report, Status,
};

/// Returns the status of the whole fleet, as the exit code has it; an empty fleet is unknown.
pub(super) fn worst(fleet: &Fleet) -> Status {
    match exit::code(fleet.tenants.iter().map(|report| report.status)) {
        exit::OK => Status::Ok,
        exit::WARNING => Status::Warning,
        exit::CRITICAL => Status::Critical,
        _ => Status::Unknown,
    }
}

/// Returns the reports that are not ok, worst first, else in their order.
pub(super) fn not_ok(fleet: &Fleet) -> Vec<&Report> {
    let bad = |report: &&Report| report.status != Status::Ok;
    let mut reports: Vec<_> = fleet.tenants.iter().filter(bad).collect();
    reports.sort_by_key(|report| match report.status {
        Status::Critical => 0,
        Status::Unknown => 1,
        Status::Warning => 2,
        Status::Ok => 3,
    });
    reports
}

/// Returns the credentials whose end has to be planned for, with that end.
///
/// Left out are those that do not count, and those that still renew themselves: a federated token
/// always ends within the hour, and that is no news. None count where `--only live` left that half out.
pub(super) fn endings(
    report: &Report,
) -> impl Iterator<Item = (&CredentialReport, DateTime<Utc>)> + Clone {
    report
        .credentials
        .iter()
        .filter(move |credential| report.expiry.is_some() && credential.watched != Some(false))
        .filter(|credential| !credential.renews_itself())
        .filter_map(|credential| Some((credential, credential.expires_at?)))
}

/// Returns what a green row does not prove: that what the vendor holds works as ours does.
pub(super) fn own(report: &Report) -> Option<&'static str> {
    let mut roles = report.credentials.iter().map(CredentialReport::role);
    roles.find(|role| matches!(*role, "own key" | "own sign-in"))
}

/// Returns the first of [`endings`].
pub(super) fn soonest(report: &Report) -> Option<(&CredentialReport, DateTime<Utc>)> {
    endings(report).min_by_key(|(_, at)| *at)
}

/// Returns when the credential ends, as a phrase; nothing where that half was left out.
pub(super) fn end(report: &Report, now: DateTime<Utc>) -> Option<String> {
    let half = report.expiry?;
    let first = soonest(report);
    let what = first.map_or("credential", |(credential, _)| match credential.kind {
        CredentialKind::Secret => "secret",
        CredentialKind::Certificate => "certificate",
        CredentialKind::Federated => "federated token",
        CredentialKind::RefreshToken => "refresh token",
    });
    Some(match (half, first) {
        (Expiry::Warning, _) if report.only_lives_too_long() => format!("{what} lives too long"),
        (Expiry::Unknown, _) => "end date unknown".to_owned(),
        (Expiry::Never, _) => "credential never ends".to_owned(),
        (Expiry::Ok, None) => "credential renews itself".to_owned(),
        (Expiry::Expired, Some((_, at))) => format!("{what} ended {} ago", duration::age(now - at)),
        (_, Some((_, at))) => format!("{what} ends in {}", duration::age(at - now)),
        (Expiry::Expired, None) => "credential ended".to_owned(),
        (Expiry::Warning | Expiry::Critical, None) => "credential ends soon".to_owned(),
    })
}

/// Returns what to do about the end date, where something is to be done.
pub(super) fn end_advice(report: &Report) -> Option<String> {
    let younger = report.younger_secret().map(|younger| {
        let name = younger.label();
        format!("enter the younger secret {name} with the vendor, instead of making a third")
    });
    match report.expiry? {
        Expiry::Ok | Expiry::Never => None,
        Expiry::Unknown => report
            .credentials
            .iter()
            .filter(|credential| credential.watched != Some(false))
            .filter(|credential| credential.state == Expiry::Unknown)
            .find_map(|credential| credential.note.clone()),
        Expiry::Warning if report.only_lives_too_long() => {
            Some("replace it with one that ends within `max_lifetime`".to_owned())
        }
        Expiry::Warning | Expiry::Critical | Expiry::Expired => {
            let renew = || "renew it, and enter the new one with the vendor".to_owned();
            Some(younger.unwrap_or_else(renew))
        }
    }
}

/// Returns what is the matter as ids: the cause, and the code that the service gave.
pub(super) fn cause(diagnosis: &Diagnosis) -> String {
    match diagnosis.code.as_deref().map(text::line) {
        Some(code) => format!("{} ({code})", diagnosis.cause),
        None => diagnosis.cause.to_string(),
    }
}

/// Returns what of the live half is to be said in a few words, without hiding a no.
pub(super) fn live_words(report: &Report) -> Option<String> {
    match (&report.diagnosis, report.live) {
        (Some(diagnosis), _) => Some(cause(diagnosis)),
        (None, Some(Live::Ok)) => Some("works".to_owned()),
        (None, Some(Live::Failing)) => Some("does not work".to_owned()),
        (None, Some(Live::Unknown)) => Some("could not be told".to_owned()),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::fixture;

    #[test]
    fn a_credential_that_renews_itself_has_no_end_to_plan_for() {
        let mut report = fixture::ok();
        report.credentials[0].kind = CredentialKind::RefreshToken;
        assert_eq!(soonest(&report), None);
        assert_eq!(
            end(&report, fixture::now()).unwrap(),
            "credential renews itself"
        );
        report.credentials[0].state = Expiry::Expired;
        assert!(soonest(&report).is_some());
    }

    #[test]
    fn a_credential_that_does_not_count_is_not_the_soonest() {
        let mut report = fixture::warning();
        report.credentials[0].watched = Some(false);
        assert_eq!(soonest(&report), None);
    }
}
