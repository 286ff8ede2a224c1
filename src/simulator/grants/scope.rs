//! What a grant is good for: the scopes of one API.

use super::super::entra::refusal::{self, Refusal};
use super::super::entra::request::TokenRequest;
use super::super::scenario::Integration;
use super::super::world::Resource;
use super::Kind;
use super::book::Redeemed;

/// Scopes that ask for no permission.
const ABOUT_SIGN_IN: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// What a refresh token is renewed for where the request does not say.
const USUAL: &str = "https://outlook.office365.com/.default offline_access openid";

/// Whose permissions the ones without an API are.
const GRAPH: &str = "https://graph.microsoft.com";

/// All permissions that were consented to.
const DEFAULT: &str = ".default";

/// How permissions are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Behind their API.
    Long,
    /// Without it, as Graph's may be.
    Short,
}

/// What is granted.
#[derive(Debug)]
pub(super) struct Scope {
    pub(super) audience: String,
    pub(super) permissions: Vec<String>,
    pub(super) openid: bool,
    pub(super) offline: bool,
    form: Form,
    /// Whether all were asked for by that one word.
    default: bool,
}

impl Scope {
    /// Reads the scope; where a code or device code is redeemed without one, it is that of the start.
    pub(super) fn of(
        one: &Integration,
        kind: Kind,
        request: &TokenRequest,
        redeemed: &Redeemed,
    ) -> Result<Self, Refusal> {
        let asked = request.field("scope").or(redeemed.scope.as_deref());
        Self::read(one, kind, asked.unwrap_or(USUAL))
    }

    fn read(one: &Integration, kind: Kind, asked: &str) -> Result<Self, Refusal> {
        let words: Vec<&str> = asked.split_whitespace().collect();
        let wanted: Vec<(&str, &str)> = words
            .iter()
            .filter(|word| !ABOUT_SIGN_IN.contains(word))
            .map(|word| word.rsplit_once('/').unwrap_or(("", word)))
            .collect();
        let written = wanted.first().map_or("", |(audience, _)| *audience);
        let audience = if written.is_empty() { GRAPH } else { written };
        let resource = Resource::of(audience);
        let other = |(one, _): &(&str, &str)| {
            let named = if one.is_empty() { GRAPH } else { one };
            named != audience && Resource::of(named) != resource
        };
        if wanted.iter().any(other) {
            return Err(Refusal::scope_of_several(asked));
        }
        let consented = consented(one, resource, audience)?;
        let default = wanted.iter().any(|(_, name)| *name == DEFAULT);
        if default && wanted.len() > 1 {
            return Err(Refusal::scope_invalid(asked));
        }
        let known = |name: &str| consented.iter().any(|one| one.eq_ignore_ascii_case(name));
        if !default && !wanted.iter().all(|(_, name)| known(name)) {
            return Err(refusal::consent_missing(&one.client_id));
        }
        Ok(Self {
            audience: audience.to_owned(),
            permissions: consented.clone(),
            openid: words.contains(&"openid"),
            offline: kind == Kind::Refresh || words.contains(&"offline_access"),
            form: if written.is_empty() {
                Form::Short
            } else {
                Form::Long
            },
            default,
        })
    }

    /// Returns the scope as the answer tells it: in the form in which it was asked for, by which
    /// client libraries look for a token that they keep.
    pub(super) fn told(&self) -> String {
        let all = self.default.then(|| DEFAULT.to_owned());
        let permissions = self.permissions.iter().cloned().chain(all);
        if self.form == Form::Short {
            let about = ["openid", "profile", "email"].map(str::to_owned);
            return permissions.chain(about).collect::<Vec<_>>().join(" ");
        }
        let of_api = |permission: String| format!("{}/{permission}", self.audience);
        permissions.map(of_api).collect::<Vec<_>>().join(" ")
    }
}

fn consented<'i>(
    one: &'i Integration,
    resource: Option<Resource>,
    audience: &str,
) -> Result<&'i Vec<String>, Refusal> {
    match (resource, one.delegated.as_ref()) {
        (Some(Resource::Exchange), Some(delegated)) => Ok(&delegated.scopes),
        (Some(Resource::Graph), Some(delegated)) => Ok(&delegated.graph_scopes),
        _ => Err(Refusal::resource_unknown(audience, &one.tenant_id)),
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::super::Delegated;
    use super::*;

    fn read(asked: &str) -> Result<Scope, Refusal> {
        let mut one = Integration::named("contoso-crm", DateTime::<Utc>::UNIX_EPOCH);
        one.delegated = Some(Delegated::confidential());
        Scope::read(&one, Kind::Code, asked)
    }

    #[test]
    fn scopes_of_one_api_go_together_and_those_without_one_are_of_graph() {
        const EWS: &str = "https://outlook.office365.com/EWS.AccessAsUser.All";
        for (asked, audience, told) in [
            (EWS, "https://outlook.office365.com", EWS),
            (
                "User.Read",
                GRAPH,
                "User.Read Mail.ReadBasic openid profile email",
            ),
            (
                "https://graph.microsoft.com/user.read mail.readbasic openid",
                GRAPH,
                "https://graph.microsoft.com/User.Read https://graph.microsoft.com/Mail.ReadBasic",
            ),
            (
                "openid profile",
                GRAPH,
                "User.Read Mail.ReadBasic openid profile email",
            ),
            (
                "https://outlook.office365.com/.default",
                "https://outlook.office365.com",
                "https://outlook.office365.com/EWS.AccessAsUser.All \
                 https://outlook.office365.com/.default",
            ),
        ] {
            let scope = read(asked).unwrap();
            assert_eq!(scope.audience, audience, "{asked}");
            assert_eq!(scope.told(), told, "{asked}");
        }
    }

    #[test]
    fn scopes_that_do_not_go_together_are_told_so() {
        for (asked, code) in [
            (
                "https://outlook.office365.com/EWS.AccessAsUser.All User.Read",
                28_000,
            ),
            ("https://graph.microsoft.com/.default User.Read", 70_011),
            ("Mail.Send", 65_001),
            ("api://nothing/read", 500_011),
        ] {
            assert_eq!(read(asked).unwrap_err().code, code, "{asked}");
        }
    }
}
