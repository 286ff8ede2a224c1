//! What the file of a credential tells of its end: a certificate's validity, a federated token's
//! `exp`. It stands above what the config says, and joins what the directory says of the same one.

use chrono::{DateTime, Utc};

use super::{CredentialKind, CredentialReport, DateSource, Expiry};
use crate::{
    expiry,
    observation::{CertificateFacts, FederatedFacts, SecretFacts},
    tenant::{Credential, EndDate, Tenant},
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

    /// Puts what the file says into a list of what is known otherwise. `got_token` says whether the
    /// last check got a token, where there was one.
    pub(super) fn lay_over(
        &self,
        known: &mut Vec<CredentialReport>,
        tenant: &Tenant,
        (got_token, now): (Option<bool>, DateTime<Utc>),
    ) {
        let mut own = match (&tenant.credential, &self.told) {
            (Credential::Certificate(_), Told::Certificate(facts)) => {
                self.certificate(facts, tenant, now)
            }
            (Credential::Federated(_), Told::Federated(facts)) => {
                self.federated(facts, (got_token, now))
            }
            // of a credential that the tenant no longer has
            _ => return,
        };
        // where `watch` names one, it may be this one or another
        own.watched = tenant.watch.is_none().then_some(true);
        known.retain(|one| {
            let same = one.kind == own.kind
                && one.source == DateSource::Directory
                && one.expires_at == own.expires_at;
            if same {
                own.key_id.clone_from(&one.key_id);
                own.watched = one.watched.or(own.watched);
            }
            let ours_by_config = one.source == DateSource::Config && tenant.watch.is_none();
            !same && !ours_by_config
        });
        known.insert(0, own);
    }

    fn certificate(
        &self,
        facts: &CertificateFacts,
        tenant: &Tenant,
        now: DateTime<Utc>,
    ) -> CredentialReport {
        let end = EndDate::At(facts.not_after);
        CredentialReport {
            name: Some(facts.subject.clone()),
            note: Some(format!("thumbprint {}", facts.thumbprint())),
            state: expiry::state(Some(end), tenant.thresholds, now),
            ..self.entry(CredentialKind::Certificate, Some(facts.not_after), now)
        }
    }

    /// A token that its provider renews: whether it still does counts, not how near its end is.
    fn federated(
        &self,
        facts: &FederatedFacts,
        (got_token, now): (Option<bool>, DateTime<Utc>),
    ) -> CredentialReport {
        let issued_by = |issuer: &String| format!("issued by {issuer}");
        CredentialReport {
            name: facts.subject.clone(),
            note: facts.issuer.as_ref().map(issued_by),
            state: match (got_token, facts.expires_at) {
                (Some(true), _) => Expiry::Ok,
                (_, None) => Expiry::Unknown,
                (_, Some(at)) if at <= now => Expiry::Expired,
                (_, Some(_)) => Expiry::Ok,
            },
            ..self.entry(CredentialKind::Federated, facts.expires_at, now)
        }
    }

    fn entry(
        &self,
        kind: CredentialKind,
        expires_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> CredentialReport {
        CredentialReport {
            kind,
            source: DateSource::File,
            key_id: None,
            name: None,
            hint: None,
            note: None,
            presented: Some(true),
            watched: Some(true),
            read_at: Some(self.read_at),
            expires_at,
            days_left: expires_at.map(|at| expiry::days_left(at, now)),
            state: Expiry::Unknown,
        }
    }
}
