//! What the file of a credential tells of its end: a certificate's validity, a federated token's
//! `exp`. It stands above what the config says, and joins what the directory says of the same one.

use chrono::{DateTime, Utc};

use crate::verdict::{CredentialKind, CredentialReport, DateSource, Expiry};
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

    /// Returns what a certificate says, where that is what the file holds.
    pub(super) fn certificate_facts(&self) -> Option<&CertificateFacts> {
        match &self.told {
            Told::Certificate(facts) => Some(facts),
            Told::Federated(_) => None,
        }
    }

    /// Returns whether this is about what the tenant has now.
    pub(super) fn is_of(&self, tenant: &Tenant) -> bool {
        matches!(
            (&tenant.credential, &self.told),
            (Credential::Certificate(_), Told::Certificate(_))
                | (Credential::Federated(_), Told::Federated(_))
        )
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
        own.watched = match &tenant.watch {
            None => Some(true),
            // it names another one, or one of which nobody knows whether it is this one
            Some(_) => known.iter().any(is_listed_and_watched).then_some(false),
        };
        if let Some(place) = known.iter().position(|one| Self::is_same(&own, one)) {
            let listed = known.remove(place);
            own.key_id = listed.key_id;
            own.watched = listed.watched.or(own.watched);
            let notes: Vec<String> = own.note.into_iter().chain(listed.note).collect();
            own.note = (!notes.is_empty()).then(|| notes.join("; "));
        }
        // those that count come first
        let counts = |one: &&CredentialReport| one.watched != Some(false);
        let place = match own.watched {
            Some(false) => known.iter().take_while(counts).count(),
            _ => 0,
        };
        known.insert(place, own);
    }

    /// Whether an entry of the list is about the same credential: the one that we send, or one that
    /// may be and ends at the same time.
    fn is_same(own: &CredentialReport, listed: &CredentialReport) -> bool {
        let is_it = match listed.presented {
            Some(is_it) => is_it,
            None => listed.expires_at == own.expires_at,
        };
        is_it && listed.kind == own.kind
    }

    fn certificate(
        &self,
        facts: &CertificateFacts,
        tenant: &Tenant,
        now: DateTime<Utc>,
    ) -> CredentialReport {
        let end = EndDate::of(facts.not_after);
        let ends_at = (end != EndDate::Never).then_some(facts.not_after);
        CredentialReport {
            name: Some(facts.subject.clone()),
            note: Some(format!("thumbprint {}", facts.thumbprint())),
            starts_at: Some(facts.not_before),
            state: expiry::state(Some(end), tenant.thresholds, now),
            ..self.entry(CredentialKind::Certificate, ends_at, now)
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
            read_at: Some(self.read_at),
            expires_at,
            days_left: expires_at.map(|at| expiry::days_left(at, now)),
            ..CredentialReport::new(kind, DateSource::File)
        }
    }
}

fn is_listed_and_watched(one: &CredentialReport) -> bool {
    one.source == DateSource::Directory && one.watched == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        assessment::{Known, assemble},
        monitor::testing,
        registration::{Kind, Reading, Registered, Registration},
        tenant::{CertificateFiles, CertificateSource, Watch},
    };

    const OURS: &str = "AQIDBAUGBwgJCgsMDQ4PEBESExQ=";
    const OURS_IN_HEX: &str = "0102030405060708090a0b0c0d0e0f1011121314";

    fn now() -> DateTime<Utc> {
        "2026-11-21T10:00:00Z".parse().unwrap()
    }

    fn ours() -> LocalDate {
        let facts = CertificateFacts {
            subject: "rooms".into(),
            not_before: now(),
            not_after: now() + chrono::TimeDelta::days(200),
            sha1: (1..=20).collect(),
            sha256: Vec::new(),
        };
        LocalDate {
            read_at: now(),
            told: Told::Certificate(facts),
        }
    }

    fn listed(key: &str, thumbprint: &str) -> Registered {
        Registered {
            kind: Kind::Certificate,
            key_id: Some(key.into()),
            name: None,
            hint: None,
            thumbprint: Some(thumbprint.into()),
            starts_at: None,
            // both end at once, so that only the thumbprint can tell
            end: Some(EndDate::At(now() + chrono::TimeDelta::days(200))),
        }
    }

    /// Key id, source, presented, watched, note of each.
    type Line = (
        Option<String>,
        DateSource,
        Option<bool>,
        Option<bool>,
        String,
    );

    fn lines(credentials: Vec<Registered>, watch: Option<Watch>) -> Vec<Line> {
        let mut reading = Reading::default();
        reading.take(Registration {
            read_at: now(),
            read_with: None,
            credentials,
            setup: crate::registration::Setup::default(),
            gap: None,
        });
        let tenant = Tenant {
            credential: Credential::Certificate(CertificateSource {
                files: CertificateFiles::Pfx("app.pfx".into()),
                password: None,
                algorithm: crate::tenant::AssertionAlgorithm::default(),
            }),
            watch,
            configured_end: None,
            ..Tenant::clone(&testing::tenant("contoso-rooms"))
        };
        let local = ours();
        let known = Known {
            reading: Some(&reading),
            local: Some(&local),
        };
        let list = assemble(&tenant, None, known, now()).credentials;
        list.into_iter()
            .map(|one| {
                let note = one.note.unwrap_or_default();
                (one.key_id, one.source, one.presented, one.watched, note)
            })
            .collect()
    }

    #[test]
    fn the_file_and_the_directory_speak_of_one_certificate_where_the_thumbprint_is_the_same() {
        let print = || format!("thumbprint {}", OURS_IN_HEX.to_ascii_uppercase());
        for spelling in [OURS, OURS_IN_HEX] {
            let list = lines(vec![listed("1", "AAAA"), listed("2", spelling)], None);
            let (file, directory) = (DateSource::File, DateSource::Directory);
            let (yes, no) = (Some(true), Some(false));
            let expected = [
                (Some("2".to_owned()), file, yes, yes, print()),
                (Some("1".to_owned()), directory, no, no, String::new()),
            ];
            assert_eq!(list, expected);
        }
    }

    #[test]
    fn a_certificate_that_the_directory_does_not_list_says_so_and_keeps_its_end() {
        let list = lines(vec![listed("1", "AAAA")], None);
        let (key, source, presented, watched, note) = &list[0];
        assert_eq!((key, *source), (&None, DateSource::File));
        assert_eq!((*presented, *watched), (Some(true), Some(true)));
        assert!(note.contains("does not list the certificate"), "{note}");
        assert!(!note.contains("secret_expires"), "{note}");
    }

    #[test]
    fn the_vendors_certificate_is_watched_beside_ours() {
        let all = vec![listed("1", "AAAA"), listed("2", OURS)];
        let list = lines(all, Some(Watch::KeyId("1".into())));
        let roles: Vec<_> = list
            .iter()
            .map(|(key, _, presented, watched, _)| (key.as_deref(), *presented, *watched))
            .collect();
        let (yes, no) = (Some(true), Some(false));
        assert_eq!(roles, [(Some("1"), no, yes), (Some("2"), yes, no)]);
    }
}
