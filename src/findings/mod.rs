//! The guide, checked: an app's registration beside what its vendor's guide asks for.
//!
//! A pure function over what the directory told, what a token carries, and the guide. Each step is as
//! it should be, is not (and what to do), or could not be seen (and why). It refuses to blame: what a
//! guide does not state is never wrong, and what nobody saw is never right.

mod consent;
mod redirect;
mod secret;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};

use crate::{
    claims::Claims,
    profile::guide::{Accounts, Guide, Permission, Requirement, Step},
    registration::{Reading, Registration, Setup},
    tenant::{Credential, DirectoryUse, Tenant},
    verdict::cause::Cause,
};

/// What is known of an app when its guide is checked.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// What its directory told.
    pub reading: Option<&'a Reading>,
    /// What the token of this check carries; `None` where there is none, or it cannot be read.
    pub claims: Option<&'a Claims>,
    /// What the check failed of.
    pub cause: Option<Cause>,
    /// Whether EWS opened the mailbox.
    pub opened: bool,
    /// The present.
    pub now: DateTime<Utc>,
}

/// What came of one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The step.
    pub step: &'static Step,
    /// Whether the registration is as it says.
    pub verdict: Verdict,
}

/// Whether a registration is as a step says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is: what was found.
    Met(String),
    /// It is not.
    Unmet {
        /// What was found instead.
        found: String,
        /// What to do about it.
        todo: String,
    },
    /// It cannot be told: why.
    Unseen(String),
}

/// Checks every step of the guide of a tenant's profile.
pub fn check(tenant: &Tenant, seen: &Seen<'_>) -> Vec<Finding> {
    let guide = tenant.profile.guide;
    let judge = |step: &'static Step| Finding {
        step,
        verdict: Case {
            tenant,
            seen,
            guide,
            step,
        }
        .judge(),
    };
    guide.steps.iter().map(judge).collect()
}

/// One step of one tenant.
#[derive(Clone, Copy)]
struct Case<'a> {
    tenant: &'a Tenant,
    seen: &'a Seen<'a>,
    guide: &'static Guide,
    step: &'static Step,
}

impl Case<'_> {
    fn judge(self) -> Verdict {
        match self.step.asks {
            Requirement::Accounts(wanted) => self.accounts(wanted),
            Requirement::Redirect(wanted) => self.redirect(wanted),
            Requirement::Secret => self.secret(),
            Requirement::Permission(wanted) => self.permission(wanted),
            Requirement::Consent => self.consent(),
            Requirement::Enabled => self.enabled(),
        }
    }

    fn accounts(self, wanted: Accounts) -> Verdict {
        let Some(audience) = self.setup().and_then(|setup| setup.audience.as_deref()) else {
            return self.unseen();
        };
        let found = match audience {
            "AzureADMyOrg" => "this organisation alone",
            "AzureADMultipleOrgs" => "any organisation",
            "AzureADandPersonalMicrosoftAccount" => "any organisation, and personal accounts",
            "PersonalMicrosoftAccount" => "personal accounts alone",
            other => other,
        };
        match wanted.fits(audience) {
            Some(true) => Verdict::Met(found.to_owned()),
            Some(false) => self.lacking(found, "accounts in any organisation"),
            None => Verdict::Unseen(format!("'{found}' is no kind that this version knows")),
        }
    }

    fn permission(self, wanted: Permission) -> Verdict {
        let name = wanted.name;
        let carried = carries(self.seen.claims, name);
        let Some(requested) = self.setup().and_then(|setup| setup.requested.as_ref()) else {
            return if carried {
                Verdict::Met(format!("{name}: the token carries it"))
            } else {
                self.unseen()
            };
        };
        let listed = wanted.places().find(|(api, id)| {
            let mut requested = requested.iter();
            requested.any(|one| {
                one.id.eq_ignore_ascii_case(id) && one.api.eq_ignore_ascii_case(api.app_id())
            })
        });
        if let Some((api, _)) = listed {
            return Verdict::Met(format!("{name} of {}", api.name()));
        }
        let carried = if carried {
            ", though the token carries it"
        } else {
            ""
        };
        self.lacking(
            &format!("{name} is not listed{carried}"),
            &format!("listed ({} of {})", wanted.kind.name(), wanted.api.name()),
        )
    }

    /// What the login service said at this check counts for more than what was read before.
    fn enabled(self) -> Verdict {
        let switched_off = |found: &str| self.lacking(found, "switched on");
        if self.seen.cause == Some(Cause::AppDisabled) {
            return switched_off("the login service says that it is switched off");
        }
        match self.setup().and_then(|setup| setup.enabled) {
            Some(true) => Verdict::Met("it may sign in".to_owned()),
            Some(false) => switched_off("it is switched off in this directory"),
            None if self.seen.claims.is_some() => {
                Verdict::Met("it may sign in: a token was issued".to_owned())
            }
            None => self.unseen(),
        }
    }

    fn registration(&self) -> Option<&Registration> {
        self.seen.reading?.registration.as_ref()
    }

    fn setup(&self) -> Option<&Setup> {
        Some(&self.registration()?.setup)
    }

    /// What is not as the step says: a fault only where the guide says it too.
    fn lacking(self, found: &str, due: &str) -> Verdict {
        if !self.step.stated {
            let whose = match self.guide.about {
                Some(_) => "the guide does not ask for it",
                None => "whether the integration needs it, its own papers say",
            };
            return Verdict::Unseen(format!("{found}; {whose}"));
        }
        let command = self.step.asks.command(&self.tenant.app.client_id);
        let command = command.map_or_else(String::new, |command| format!(": `{command}`"));
        Verdict::Unmet {
            found: found.to_owned(),
            todo: format!("{due}{command}"),
        }
    }

    fn unseen(self) -> Verdict {
        Verdict::Unseen(self.blindness())
    }

    /// Why the registration does not show what is looked for.
    fn blindness(self) -> String {
        if let Some(registration) = self.registration() {
            let gap = registration.gap.as_deref();
            return gap.unwrap_or("the directory does not tell").to_owned();
        }
        if let Some(refusal) = self
            .seen
            .reading
            .and_then(|reading| reading.refusal.as_ref())
        {
            return refusal.reason.clone();
        }
        if self.tenant.credential == Credential::None {
            let why = "a public client has no credential to read its own registration with";
            return why.to_owned();
        }
        if self.tenant.directory == DirectoryUse::Off {
            return "nobody is asked, by `directory = \"off\"`".to_owned();
        }
        "the directory could not be asked: there is no token".to_owned()
    }
}

/// Whether a token holds a permission, for the app or for a person.
fn carries(claims: Option<&Claims>, name: &str) -> bool {
    claims.is_some_and(|claims| {
        let mut held = claims.roles.iter().chain(&claims.scopes);
        held.any(|one| one == name)
    })
}
