//! The refresh token of a tenant that acts for a person, as a credential of its report.

use chrono::{DateTime, TimeDelta, Utc};

use super::{CredentialKind, CredentialReport, DateSource, Expiry, Live, Report, status};
use crate::{diagnosis::advice::shell_word, expiry, observation::KeptSignIn, tenant::Tenant, text};

/// Unused for so long, a refresh token ends.
/// <https://learn.microsoft.com/entra/identity-platform/refresh-tokens>
const UNUSED: TimeDelta = TimeDelta::days(90);

impl Report {
    /// Adds the refresh token of a tenant that acts for a person; a tenant that does not stays as it
    /// is. `kept` is what is known of the sign-in, `None` where nobody has signed in.
    #[must_use]
    pub fn with_sign_in(
        mut self,
        tenant: &Tenant,
        kept: Option<&KeptSignIn>,
        now: DateTime<Utc>,
    ) -> Self {
        if tenant.delegation.is_none() {
            return self;
        }
        let renews = self.live == Some(Live::Ok);
        let credential = match kept {
            Some(kept) => Some(credential(tenant, kept, renews, now)),
            // where nothing else is known either, at least say why
            None => self.credentials.is_empty().then(|| missing(tenant)),
        };
        self.credentials.splice(0..0, credential);
        let half = expiry::judge(&self.credentials);
        self.expiry = self.expiry.map(|_| half);
        self.status = status(self.live, self.expiry);
        self
    }
}

fn credential(
    tenant: &Tenant,
    kept: &KeptSignIn,
    renews: bool,
    now: DateTime<Utc>,
) -> CredentialReport {
    // an end that no calendar holds is as good as none
    let ends_at = kept.rotated_at.checked_add_signed(UNUSED);
    CredentialReport {
        name: kept.account.as_deref().map(text::line),
        note: Some(note(tenant, kept)),
        read_at: Some(kept.rotated_at),
        expires_at: ends_at,
        days_left: ends_at.map(|at| expiry::days_left(at, now)),
        state: state(kept, ends_at, renews, now),
        ..missing(tenant)
    }
}

/// A token that renews itself is judged by whether it still does, and only then by its end.
fn state(
    kept: &KeptSignIn,
    ends_at: Option<DateTime<Utc>>,
    renews: bool,
    now: DateTime<Utc>,
) -> Expiry {
    let over = kept.refused.is_some() || (!renews && ends_at.is_some_and(|at| at <= now));
    match (over, kept.rotates) {
        (true, _) => Expiry::Expired,
        (false, false) => Expiry::Warning,
        (false, true) => Expiry::Ok,
    }
}

fn note(tenant: &Tenant, kept: &KeptSignIn) -> String {
    let mut note = own(tenant);
    if !kept.rotates {
        note += "; its last use brought no new token, so it is not prolonged any more: sign in again \
                 before it ends";
    }
    note + "; ends 90 days after its last renewal (24 hours where the sign-in used a single-page-app \
            redirect, which cannot be seen from here)"
}

/// What a green row of such a tenant does not prove.
fn own(tenant: &Tenant) -> String {
    format!(
        "own sign-in: the vendor's refresh token is another one, and only {} itself can show whether \
         that lives",
        tenant.profile.product
    )
}

fn missing(tenant: &Tenant) -> CredentialReport {
    CredentialReport {
        note: Some(format!(
            "nobody has signed in yet: `credwatch login {}`",
            shell_word(tenant.name.as_str(), "<name>")
        )),
        ..CredentialReport::new(CredentialKind::RefreshToken, DateSource::Computed)
    }
}
