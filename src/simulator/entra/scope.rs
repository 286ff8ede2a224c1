//! The scope of a sign-in: permissions of one API.

use super::aadsts;
use super::grant::PersonGrant;
use super::refusal::Refusal;
use super::request::TokenRequest;
use crate::simulator::access_token::Resource;
use crate::simulator::fleet::Integration;
use crate::simulator::token_store::SignInRequest;

/// Scopes that ask for no permission.
const ABOUT_SIGN_IN: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// The scope of a refresh request without one.
const USUAL: &str = "https://outlook.office365.com/.default offline_access openid";

/// The API of permissions that name none.
const GRAPH: &str = "https://graph.microsoft.com";

/// Stands for all consented permissions.
const DEFAULT: &str = ".default";

/// How permissions are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PermissionForm {
    /// Behind their API.
    Long,
    /// Without it, as Graph's may be.
    Short,
}

/// A granted scope.
#[derive(Debug)]
pub(crate) struct Scope {
    pub(crate) audience: String,
    pub(crate) permissions: Vec<String>,
    pub(crate) openid: bool,
    pub(crate) offline: bool,
    form: PermissionForm,
    /// Whether the request asked for [`DEFAULT`].
    default: bool,
}

impl Scope {
    /// Reads the scope of a request; without one, the scope of the start of the sign-in counts.
    pub(crate) fn of(
        one: &Integration,
        grant: PersonGrant,
        request: &TokenRequest,
        redeemed: &SignInRequest,
    ) -> Result<Self, Refusal> {
        let asked = request.field("scope").or(redeemed.scope.as_deref());
        Self::read(one, grant, asked.unwrap_or(USUAL))
    }

    fn read(one: &Integration, grant: PersonGrant, asked: &str) -> Result<Self, Refusal> {
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
            return Err(Refusal::of(&aadsts::SCOPE_OF_SEVERAL, asked));
        }
        let consented = consented(one, resource, audience)?;
        let default = wanted.iter().any(|(_, name)| *name == DEFAULT);
        if default && wanted.len() > 1 {
            return Err(Refusal::of(&aadsts::SCOPE_INVALID, asked));
        }
        let known = |name: &str| consented.iter().any(|one| one.eq_ignore_ascii_case(name));
        if !default && !wanted.iter().all(|(_, name)| known(name)) {
            return Err(Refusal::of_app(&aadsts::CONSENT_MISSING, &one.client_id));
        }
        Ok(Self {
            audience: audience.to_owned(),
            permissions: consented.clone(),
            openid: words.contains(&"openid"),
            offline: grant == PersonGrant::Refresh || words.contains(&"offline_access"),
            form: if written.is_empty() {
                PermissionForm::Short
            } else {
                PermissionForm::Long
            },
            default,
        })
    }

    /// Returns the scope for the answer, in the form of the request: client libraries find a token in
    /// their cache by it.
    pub(crate) fn as_answered(&self) -> String {
        let all = self.default.then(|| DEFAULT.to_owned());
        let permissions = self.permissions.iter().cloned().chain(all);
        if self.form == PermissionForm::Short {
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
        _ => {
            let refusal = Refusal::of(&aadsts::RESOURCE_UNKNOWN, audience);
            Err(refusal.tenant(&one.tenant_id))
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;
    use crate::simulator::fleet::DelegatedClient;

    fn read(asked: &str) -> Result<Scope, Refusal> {
        let mut one = Integration::named("contoso-crm", DateTime::<Utc>::UNIX_EPOCH);
        one.delegated = Some(DelegatedClient::confidential());
        Scope::read(&one, PersonGrant::Code, asked)
    }

    #[test]
    fn scopes_without_an_api_are_of_graph() {
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
            assert_eq!(scope.as_answered(), told, "{asked}");
        }
    }

    #[test]
    fn scopes_of_several_apis_are_refused() {
        for (asked, code) in [
            (
                "https://outlook.office365.com/EWS.AccessAsUser.All User.Read",
                28_000,
            ),
            ("https://graph.microsoft.com/.default User.Read", 70_011),
            ("Mail.Send", 65_001),
            ("api://nothing/read", 500_011),
        ] {
            assert_eq!(read(asked).unwrap_err().code(), code, "{asked}");
        }
    }
}
