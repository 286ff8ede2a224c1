//! Lists the credentials of a tenant: what the directory says, and the config where it says nothing.
//!
//! Two questions are kept apart. Which one do we send (`presented`)? The one whose hint or thumbprint
//! is that of ours. Which one does the integration live on (`watched`)? The one that `watch` names, else ours;
//! where nobody here holds one, any secret may be it, or the one that ends when the config says.
//! Where several fit, each is "may be", and all of them count: an end must not be missed because two
//! secrets begin alike.

#[cfg(test)]
mod tests;

use crate::text::duration;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};

use super::{Known, LocalDate};
use crate::verdict::{CredentialKind, CredentialReport, DateSource};
use crate::{
    expiry,
    observation::CertificateFacts,
    profile::Client,
    registration::{Kind, Registered, Registration},
    tenant::{Credential, EndDate, Tenant, Watch},
};

/// What to do where nobody knows an end.
const TELL_US: &str = "set `secret_expires` (a date, or \"never\") in the config";

/// Knowledge older than this is said to be old.
const STALE: TimeDelta = TimeDelta::hours(24);

/// Returns every known credential, those that count first; `hint` is how the secret that we hold
/// begins, where that can be told.
pub(super) fn list(
    tenant: &Tenant,
    hint: Option<&str>,
    known: Known<'_>,
    now: DateTime<Utc>,
) -> Vec<CredentialReport> {
    if is_public(tenant) {
        // it lives on its sign-in alone
        return Vec::new();
    }
    let reading = known.reading;
    let lister = Lister {
        tenant,
        hint,
        certificate: known.local.and_then(LocalDate::certificate_facts),
        tells_its_end: known.local.is_some_and(|local| local.is_of(tenant)),
        refusal: reading
            .and_then(|reading| reading.refusal.as_ref())
            .map(|refusal| refusal.reason.as_str()),
        now,
    };
    match reading.and_then(|reading| reading.registration.as_ref()) {
        Some(registration) => lister.listed(registration),
        None => vec![lister.unread()],
    }
}

/// Whether the app has no credential of its own. One that is not in the config may still be there, for
/// the integration holds it: where its profile says so, or the config names its end or which it is.
fn is_public(tenant: &Tenant) -> bool {
    let without = tenant.delegation.is_some() && tenant.credential == Credential::None;
    let named = tenant.configured_end.is_some() || tenant.watch.is_some();
    without
        && match tenant.profile.delegation().client {
            Client::Public => true,
            Client::Either => !named,
            Client::Confidential => false,
        }
}

/// Whether a credential is the one in question; `None` where it may be.
type Role = Option<bool>;

struct Lister<'a> {
    tenant: &'a Tenant,
    hint: Option<&'a str>,
    /// The certificate that we hold.
    certificate: Option<&'a CertificateFacts>,
    /// Whether the file of what we hold says when it ends.
    tells_its_end: bool,
    refusal: Option<&'a str>,
    now: DateTime<Utc>,
}

impl Lister<'_> {
    /// The credential that counts, as the config knows it: the directory told nothing yet.
    fn unread(&self) -> CredentialReport {
        let presented = match (&self.tenant.credential, &self.tenant.watch) {
            (Credential::None, _) => Some(false),
            (_, None) => Some(true),
            // the one that is watched may or may not be the one we hold
            (_, Some(_)) => None,
        };
        let known = self.end_is_known();
        let note = match (self.refusal.filter(|_| !self.ours_tells()), known) {
            (None, true) => None,
            (None, false) => Some(TELL_US.to_owned()),
            (Some(reason), true) => Some(format!("the directory does not tell: {reason}")),
            (Some(reason), false) => {
                Some(format!("{TELL_US}; the directory does not tell: {reason}"))
            }
        };
        self.configured(presented, note)
    }

    /// The credential that counts, with the end that the config gives it.
    fn configured(&self, presented: Role, note: Option<String>) -> CredentialReport {
        let (key_id, hint) = match &self.tenant.watch {
            Some(Watch::KeyId(id)) => (Some(id.clone()), None),
            Some(Watch::Hint(hint)) => (None, Some(hint.clone())),
            None => (None, None),
        };
        let kind = match (&self.tenant.credential, &self.tenant.watch) {
            (Credential::Certificate(_), None) => CredentialKind::Certificate,
            (Credential::Federated(_), None) => CredentialKind::Federated,
            _ => CredentialKind::Secret,
        };
        CredentialReport {
            kind,
            key_id,
            hint,
            note,
            ..self.dated(self.tenant.configured_end, (presented, Some(true)))
        }
    }

    /// Whether somebody but the directory knows when the credential that counts ends.
    fn end_is_known(&self) -> bool {
        self.ours_tells() || self.tenant.configured_end.is_some()
    }

    /// Whether the credential that counts is ours, and its file says when it ends.
    fn ours_tells(&self) -> bool {
        self.tells_its_end && self.tenant.watch.is_none()
    }

    fn dated(&self, end: Option<EndDate>, (presented, watched): (Role, Role)) -> CredentialReport {
        let at = match end {
            Some(EndDate::At(at)) => Some(at),
            Some(EndDate::Never) | None => None,
        };
        CredentialReport {
            presented,
            watched,
            expires_at: at,
            days_left: at.map(|at| expiry::days_left(at, self.now)),
            state: expiry::state(end, self.tenant.thresholds, self.now),
            ..CredentialReport::new(CredentialKind::Secret, DateSource::Config)
        }
    }

    /// All that the directory lists, and the one that counts where it is not among them.
    fn listed(&self, registration: &Registration) -> Vec<CredentialReport> {
        let presented = self.presented(registration);
        let watched = match &self.tenant.watch {
            None if self.tenant.credential == Credential::None => self.held_elsewhere(registration),
            None => presented.clone(),
            Some(watch) => one_of(registration, |one| match watch {
                Watch::KeyId(id) => is_key(one, id),
                Watch::Hint(hint) => one.hint.as_ref() == Some(hint),
            }),
        };
        let counts = |role: &Role| *role != Some(false);
        let mut list = Vec::with_capacity(registration.credentials.len() + 1);
        let is_federated = matches!(self.tenant.credential, Credential::Federated(_));
        if is_federated && self.tenant.watch.is_none() {
            // a directory lists no tokens of other providers
            list.push(self.configured(
                Some(true),
                (!self.end_is_known()).then(|| TELL_US.to_owned()),
            ));
        } else if !watched.iter().any(counts) {
            list.push(self.missing(registration, presented.iter().any(counts)));
        }
        let roles = presented.into_iter().zip(watched);
        for (one, roles) in registration.credentials.iter().zip(roles) {
            list.push(self.entry(registration, one, roles));
        }
        list.sort_by_key(|one| {
            let counts = one.watched != Some(false) || one.presented != Some(false);
            (one.watched == Some(false), !counts, one.expires_at)
        });
        list
    }

    /// Which of the listed credentials we send.
    fn presented(&self, registration: &Registration) -> Vec<Role> {
        match &self.tenant.credential {
            Credential::None | Credential::Federated(_) => {
                vec![Some(false); registration.credentials.len()]
            }
            Credential::Certificate(_) => self.presented_certificate(registration),
            Credential::Secret(_) => self.presented_secret(registration),
        }
    }

    /// Which of the listed secrets the integration lives on, where nobody here holds it.
    fn held_elsewhere(&self, registration: &Registration) -> Vec<Role> {
        let ends_as_told = |one: &Registered| {
            let ends = one.end.zip(self.tenant.configured_end);
            is_secret(one) && ends.is_some_and(|(found, told)| same_day(found, told))
        };
        if registration.credentials.iter().any(ends_as_told) {
            one_of(registration, ends_as_told)
        } else {
            may_be(registration, is_secret)
        }
    }

    fn presented_certificate(&self, registration: &Registration) -> Vec<Role> {
        let certificate = |one: &Registered| one.kind == Kind::Certificate;
        let Some(ours) = self.certificate else {
            // the file could not be read, so it may be any
            return may_be(registration, certificate);
        };
        let is_ours = |one: &Registered| certificate(one) && has_thumbprint(one, ours);
        if registration.credentials.iter().any(is_ours) {
            one_of(registration, is_ours)
        } else {
            may_be(registration, |one| {
                certificate(one) && one.thumbprint.is_none()
            })
        }
    }

    fn presented_secret(&self, registration: &Registration) -> Vec<Role> {
        let Some(hint) = self.hint else {
            // how ours begins cannot be told, so it may be any
            return may_be(registration, is_secret);
        };
        let ours = |one: &Registered| is_secret(one) && one.hint.as_deref() == Some(hint);
        // what was read with it had not ended then
        let lived = |one: &Registered| {
            registration.read_with.as_deref() != Some(hint)
                || !matches!(one.end, Some(EndDate::At(at)) if at <= registration.read_at)
        };
        let any = |is: &dyn Fn(&Registered) -> bool| registration.credentials.iter().any(is);
        if any(&|one| ours(one) && lived(one)) {
            one_of(registration, |one| ours(one) && lived(one))
        } else if any(&ours) {
            one_of(registration, ours)
        } else {
            may_be(registration, |one| is_secret(one) && one.hint.is_none())
        }
    }

    /// The credential that counts is not listed: nobody but the config can know its end.
    fn missing(&self, registration: &Registration, ours_is_listed: bool) -> CredentialReport {
        let presented = match (&self.tenant.credential, &self.tenant.watch) {
            (Credential::None, _) => Some(false),
            (_, None) => Some(true),
            (_, Some(_)) if ours_is_listed => Some(false),
            (_, Some(_)) => None,
        };
        let what = match (&self.tenant.watch, &self.tenant.credential) {
            (Some(_), _) => "the credential that `watch` names",
            (None, Credential::Certificate(_)) => "the certificate that credwatch sends",
            (None, Credential::None) => "the integration's secret",
            (None, _) => "the secret that credwatch sends",
        };
        let why = match &registration.gap {
            Some(gap) => format!("{what} is not in what could be read of the directory: {gap}"),
            None => format!("the directory does not list {what}: deleted, or of another app"),
        };
        let advice = (!self.end_is_known()).then(|| format!("; {TELL_US}"));
        let note = format!("{why}{}", advice.unwrap_or_default());
        CredentialReport {
            read_at: Some(registration.read_at),
            ..self.configured(presented, Some(note))
        }
    }

    fn entry(
        &self,
        registration: &Registration,
        one: &Registered,
        roles: (Role, Role),
    ) -> CredentialReport {
        let counts = roles.1 != Some(false);
        let from_config = roles.1 == Some(true) && one.end.is_none();
        let end = if from_config {
            self.tenant.configured_end
        } else {
            one.end
        };
        let notes = [
            self.whose(one, roles),
            counts.then(|| self.doubt(one)).flatten(),
            counts.then(|| self.age(registration)).flatten(),
        ];
        let notes: Vec<String> = notes.into_iter().flatten().collect();
        CredentialReport {
            kind: one.kind.into(),
            source: match (from_config, end) {
                (true, Some(_)) => DateSource::Config,
                _ => DateSource::Directory,
            },
            key_id: one.key_id.clone(),
            name: one.name.clone(),
            hint: one.hint.clone(),
            note: (!notes.is_empty()).then(|| notes.join("; ")),
            read_at: Some(registration.read_at),
            starts_at: one.starts_at,
            ..self.dated(end, roles)
        }
    }

    /// Says what cannot be seen from the roles alone.
    fn whose(&self, one: &Registered, roles: (Role, Role)) -> Option<String> {
        match (roles, &one.hint) {
            ((Some(false), None), _) if self.tenant.credential == Credential::None => {
                Some("may be the one in use: `watch` tells which it is".to_owned())
            }
            ((Some(true), Some(false)), _) => {
                Some("own key: credwatch sends it, the integration lives on another".to_owned())
            }
            ((None, None), None) if one.kind == Kind::Certificate => {
                Some("may be the one in use: which certificate is sent is not known".to_owned())
            }
            ((None, None), None) => {
                Some("may be the one in use: how it begins is not known".to_owned())
            }
            ((None, _) | (_, None), Some(hint)) => Some(match self.hint {
                Some(_) => format!("one of several that begin with '{hint}'"),
                None => "may be the one in use: how the secret sent begins is not known".to_owned(),
            }),
            _ => None,
        }
    }

    /// Says where directory and config differ about an end, or neither knows one.
    fn doubt(&self, one: &Registered) -> Option<String> {
        match (one.end, self.tenant.configured_end) {
            (None, None) => Some(format!("the directory gives no end date; {TELL_US}")),
            (None, Some(_)) => Some("the directory gives no end date".to_owned()),
            (Some(found), Some(told)) if !same_day(found, told) => {
                let told = match told {
                    EndDate::At(at) => at.format("%Y-%m-%d").to_string(),
                    EndDate::Never => "never".to_owned(),
                };
                Some(format!(
                    "the config says '{told}' (`secret_expires`), which the directory contradicts"
                ))
            }
            _ => None,
        }
    }

    /// Says how old the knowledge is where that is more than usual.
    fn age(&self, registration: &Registration) -> Option<String> {
        let age = self.now - registration.read_at;
        let ago = duration::age(age);
        match self.refusal {
            Some(reason) => Some(format!("read {ago} ago; since then: {reason}")),
            None => (age > STALE).then(|| format!("read {ago} ago")),
        }
    }
}

/// Whether a listed certificate has the SHA-1 thumbprint of this one. Graph writes the bytes in base64, or in
/// hexadecimal digits where whoever uploaded it did so.
fn has_thumbprint(one: &Registered, facts: &CertificateFacts) -> bool {
    let Some(told) = &one.thumbprint else {
        return false;
    };
    let hex = facts.thumbprint();
    told.eq_ignore_ascii_case(&hex)
        || [facts.sha1.as_slice(), hex.as_bytes()]
            .iter()
            .any(|bytes| *told == STANDARD.encode(bytes))
}

fn is_secret(one: &Registered) -> bool {
    one.kind == Kind::Secret
}

fn is_key(one: &Registered, id: &str) -> bool {
    one.key_id
        .as_ref()
        .is_some_and(|key| key.eq_ignore_ascii_case(id))
}

fn same_day(one: EndDate, other: EndDate) -> bool {
    match (one, other) {
        (EndDate::At(one), EndDate::At(other)) => one.date_naive() == other.date_naive(),
        (EndDate::Never, EndDate::Never) => true,
        (EndDate::At(_), EndDate::Never) | (EndDate::Never, EndDate::At(_)) => false,
    }
}

/// Those that fit: the one, or each of several perhaps.
fn one_of(registration: &Registration, fits: impl Fn(&Registered) -> bool) -> Vec<Role> {
    let single = registration
        .credentials
        .iter()
        .filter(|one| fits(one))
        .count()
        == 1;
    let role = |one| match (fits(one), single) {
        (false, _) => Some(false),
        (true, true) => Some(true),
        (true, false) => None,
    };
    registration.credentials.iter().map(role).collect()
}

/// Those that fit, each perhaps.
fn may_be(registration: &Registration, fits: impl Fn(&Registered) -> bool) -> Vec<Role> {
    let role = |one| (!fits(one)).then_some(false);
    registration.credentials.iter().map(role).collect()
}
