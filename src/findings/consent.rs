//! Whether an administrator agreed to the permissions that the app asks for.

use super::{Case, Verdict, carries};
use crate::{
    profile::guide::{Permission, PermissionKind},
    verdict::cause::Cause,
};

impl Case<'_> {
    /// The worst of all permissions that the guide names.
    pub(super) fn consent(self) -> Verdict {
        let mut met = Vec::new();
        let mut unseen = None;
        for permission in self.guide.permissions() {
            let verdict = match permission.kind {
                PermissionKind::Application => self.granted(permission),
                PermissionKind::Delegated => self.consented(permission),
            };
            match verdict {
                Verdict::Met(found) => met.push(found),
                Verdict::Unmet { .. } => return verdict,
                Verdict::Unseen(_) => unseen = unseen.or(Some(verdict)),
            }
        }
        unseen.unwrap_or_else(|| Verdict::Met(met.join("; ")))
    }

    /// A permission that the app holds for itself: in the directory, or as its token shows.
    fn granted(self, permission: Permission) -> Verdict {
        let name = permission.name;
        let roles = self.setup().and_then(|setup| setup.roles.as_ref());
        let (holds, found) = match (roles, self.seen.claims) {
            (Some(roles), _) => {
                let holds = roles
                    .iter()
                    .any(|id| id.eq_ignore_ascii_case(permission.id));
                (holds, format!("{name} is not granted in the directory"))
            }
            (None, Some(_)) => {
                let holds = carries(self.seen.claims, name);
                (holds, format!("the token carries no {name}"))
            }
            (None, None) => return self.said_by_refusal(Cause::AppRoleMissing),
        };
        if holds {
            return Verdict::Met(format!("{name} is granted"));
        }
        if self.seen.opened {
            return Verdict::Unseen(format!(
                "{found}, and EWS opens the mailbox all the same: Exchange itself grants the access, \
                 which may be narrower than the guide's"
            ));
        }
        self.lacking(&found, GRANTED)
    }

    /// A permission that the app holds for people. Their tokens prove their own consent alone.
    fn consented(self, permission: Permission) -> Verdict {
        let name = permission.name;
        if let Some(consents) = self.setup().and_then(|setup| setup.consents.as_ref()) {
            let given = |for_all: bool| {
                let mut given = consents.iter().filter(|one| one.for_all == for_all);
                given.any(|one| one.scopes.iter().any(|scope| scope == name))
            };
            return match (given(true), given(false)) {
                (true, _) => Verdict::Met(format!("{name} is granted for everybody")),
                (false, true) => self.lacking(
                    &format!("{name} is granted by single people alone"),
                    GRANTED,
                ),
                (false, false) => self.lacking(&format!("{name} is not granted"), GRANTED),
            };
        }
        // the app's own token, which proves a secret, holds nothing of a person's
        if carries(self.seen.claims, name) {
            let account = self
                .seen
                .claims
                .and_then(|claims| claims.account.as_deref());
            return Verdict::Unseen(format!(
                "{name} is granted for {}; whether for everybody, cannot be seen: {}",
                account.unwrap_or("who signed in"),
                self.blindness_of_consents()
            ));
        }
        match self.seen.cause {
            Some(Cause::LoginMissing) => Verdict::Unseen(format!(
                "nobody has signed in, so no token tells, and in the directory it cannot be seen: {}",
                self.blindness_of_consents()
            )),
            _ => self.said_by_refusal(Cause::DelegatedScopeMissing),
        }
    }

    /// Without a token the refusal may say it.
    fn said_by_refusal(self, lacks: Cause) -> Verdict {
        match self.seen.cause {
            Some(cause) if cause == lacks || cause == Cause::ConsentRequired => {
                self.lacking("it was refused for want of consent", GRANTED)
            }
            _ => self.unseen(),
        }
    }

    fn blindness_of_consents(self) -> String {
        match self.registration() {
            Some(_) => "that list takes a permission of its own".to_owned(),
            None => self.blindness(),
        }
    }
}

/// What consent should be.
const GRANTED: &str = "granted by an administrator";
