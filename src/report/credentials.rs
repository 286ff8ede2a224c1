//! The credentials of one tenant with their ends: from the config, and from the files of those that
//! tell their own end.

use chrono::{DateTime, Utc};

use super::{CredentialKind, CredentialReport, DateSource, Expiry};
use crate::{
    expiry,
    observation::{CertificateFacts, FederatedFacts, SecretFacts},
    tenant::{Credential, EndDate, Tenant, Watch},
};

/// What the file of a credential said about its end, and when it was read.
#[derive(Debug, Clone)]
pub struct LocalDate {
    read_at: DateTime<Utc>,
    told: Told,
}

#[derive(Debug, Clone)]
enum Told {
    Certificate(CertificateFacts),
    Federated(FederatedFacts),
}

impl LocalDate {
    /// Returns what was found in a file, if the credential is one that tells its own end.
    pub fn of(facts: &SecretFacts, read_at: DateTime<Utc>) -> Option<Self> {
        let certificate = facts.certificate.clone().map(Told::Certificate);
        let told = certificate.or_else(|| facts.federated.clone().map(Told::Federated))?;
        Some(Self { read_at, told })
    }
}

/// Returns what is known without asking the directory. `got_token` says whether the last check got a
/// token, where there was one.
pub(super) fn list(
    tenant: &Tenant,
    local: Option<&LocalDate>,
    (got_token, now): (Option<bool>, DateTime<Utc>),
) -> Vec<CredentialReport> {
    let own = match (&tenant.credential, local) {
        (
            Credential::Certificate(_),
            Some(LocalDate {
                read_at,
                told: Told::Certificate(facts),
            }),
        ) => Some(certificate(tenant, (facts, *read_at), now)),
        (
            Credential::Federated(_),
            Some(LocalDate {
                read_at,
                told: Told::Federated(facts),
            }),
        ) => Some(federated(facts, *read_at, (got_token, now))),
        _ => None,
    };
    match own {
        // the vendor's is another one, of which only the config tells
        Some(own) if tenant.watch.is_some() => vec![own, configured(tenant, now)],
        Some(own) => vec![own],
        None => vec![configured(tenant, now)],
    }
}

/// What the config alone tells.
fn configured(tenant: &Tenant, now: DateTime<Utc>) -> CredentialReport {
    let (key_id, hint) = match &tenant.watch {
        Some(Watch::KeyId(id)) => (Some(id.clone()), None),
        Some(Watch::Hint(hint)) => (None, Some(hint.clone())),
        None => (None, None),
    };
    let presented = match (&tenant.credential, &tenant.watch) {
        (Credential::None, _) => Some(false),
        (_, None) => Some(true),
        // the one that is watched may or may not be the one we hold
        (_, Some(_)) => None,
    };
    let (kind, to_do) = match (&tenant.credential, &tenant.watch) {
        (Credential::Certificate(_), None) => (
            CredentialKind::Certificate,
            "its file could not be read, which would tell; or set `secret_expires`",
        ),
        (Credential::Federated(_), None) => (
            CredentialKind::Federated,
            "its token file could not be read, which would tell",
        ),
        _ => (
            CredentialKind::Secret,
            "set `secret_expires` (a date, or \"never\") in the config",
        ),
    };
    let mut report = blank(kind, DateSource::Config);
    report.key_id = key_id;
    report.hint = hint;
    report.presented = presented;
    report.note = tenant.configured_end.is_none().then(|| to_do.to_owned());
    if let Some(EndDate::At(at)) = tenant.configured_end {
        ends(&mut report, at, now);
    }
    report.state = expiry::state(tenant.configured_end, tenant.thresholds, now);
    report
}

/// The certificate's own date, which nobody can mistype.
fn certificate(
    tenant: &Tenant,
    (facts, read_at): (&CertificateFacts, DateTime<Utc>),
    now: DateTime<Utc>,
) -> CredentialReport {
    let mut report = blank(CredentialKind::Certificate, DateSource::File);
    report.name = Some(facts.subject.clone());
    report.note = Some(format!("thumbprint {}", facts.thumbprint()));
    report.read_at = Some(read_at);
    // where `watch` names one, it may be this certificate's key or another
    report.watched = tenant.watch.is_none().then_some(true);
    ends(&mut report, facts.not_after, now);
    report.state = expiry::state(Some(EndDate::At(facts.not_after)), tenant.thresholds, now);
    report
}

/// A token that its provider renews: whether it still does counts, not how near its end is.
fn federated(
    facts: &FederatedFacts,
    read_at: DateTime<Utc>,
    (got_token, now): (Option<bool>, DateTime<Utc>),
) -> CredentialReport {
    let mut report = blank(CredentialKind::Federated, DateSource::File);
    report.name.clone_from(&facts.subject);
    report.note = facts
        .issuer
        .as_ref()
        .map(|issuer| format!("issued by {issuer}"));
    report.read_at = Some(read_at);
    if let Some(at) = facts.expires_at {
        ends(&mut report, at, now);
    }
    report.state = match (got_token, facts.expires_at) {
        (Some(true), _) => Expiry::Ok,
        (_, None) => Expiry::Unknown,
        (_, Some(at)) if at <= now => Expiry::Expired,
        (_, Some(_)) => Expiry::Ok,
    };
    report
}

fn ends(report: &mut CredentialReport, at: DateTime<Utc>, now: DateTime<Utc>) {
    report.expires_at = Some(at);
    report.days_left = Some(expiry::days_left(at, now));
}

fn blank(kind: CredentialKind, source: DateSource) -> CredentialReport {
    CredentialReport {
        kind,
        source,
        key_id: None,
        name: None,
        hint: None,
        note: None,
        presented: Some(true),
        watched: Some(true),
        read_at: None,
        expires_at: None,
        days_left: None,
        state: Expiry::Unknown,
    }
}
