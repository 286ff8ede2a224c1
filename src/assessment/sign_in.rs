//! The refresh token of a tenant that acts for a person, as a credential of its report.

use chrono::{DateTime, TimeDelta, Utc};

use crate::verdict::{CredentialKind, CredentialReport, DateSource, Expiry, Live, Report, status};
use crate::{
    diagnosis::advice::shell_word, expiry, observation::KeptSignIn, tenant::Tenant, text,
    verdict::cause::Cause,
};

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
        let found = self.diagnosis.as_ref().map(|found| found.cause);
        let refused_now = found.is_some_and(Cause::is_refused_sign_in);
        let refused_at = kept
            .and_then(|kept| Some(kept.refused.as_ref()?.at))
            .or(refused_now.then_some(self.checked_at));
        let credential = match kept {
            Some(kept) => Some(credential(tenant, kept, (renews, refused_at), now)),
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
    (renews, refused_at): (bool, Option<DateTime<Utc>>),
    now: DateTime<Utc>,
) -> CredentialReport {
    // what is refused for good has ended; an end that no calendar holds is as good as none
    let ends_at = refused_at.or_else(|| kept.rotated_at.checked_add_signed(UNUSED));
    // whatever the clock said when it was refused
    let over = refused_at.is_some() || (!renews && ends_at.is_some_and(|at| at <= now));
    CredentialReport {
        name: kept.account.as_deref().map(text::line),
        note: Some(match refused_at {
            None => note(tenant, kept),
            Some(_) => format!("{}; refused for good: sign in again", own(tenant)),
        }),
        read_at: Some(kept.rotated_at),
        expires_at: ends_at,
        days_left: ends_at.map(|at| expiry::days_left(at, now)),
        state: state(kept.rotates, over),
        ..missing(tenant)
    }
}

/// A token that renews itself is judged by whether it still does, and only then by its end.
const fn state(rotates: bool, over: bool) -> Expiry {
    match (over, rotates) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{observation::RefusedSignIn, tenant, verdict::fixture};

    #[test]
    fn what_was_refused_has_ended_whatever_the_clock_says() {
        let person = tenant::fixture::tenant("coho-bots");
        let now = fixture::now();
        for hours in [-1, 0, 1] {
            let kept = KeptSignIn {
                account: None,
                obtained_at: now - TimeDelta::days(9),
                rotated_at: now - TimeDelta::days(1),
                rotates: true,
                refused: Some(RefusedSignIn {
                    cause: Cause::RefreshTokenExpired.id().to_owned(),
                    code: None,
                    at: now + TimeDelta::hours(hours),
                }),
            };
            let refused_at = kept.refused.as_ref().map(|refused| refused.at);
            let token = credential(&person, &kept, (false, refused_at), now);
            assert_eq!(token.state, Expiry::Expired, "{hours}");
        }
    }
}
