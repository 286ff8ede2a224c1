//! A token request: form fields and client authentication, decoded as RFC 6749 asks.

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};

use super::aadsts;
use super::grant::PersonGrant;
use super::refusal::Refusal;
use crate::simulator::fleet::Integration;
use crate::simulator::request::header;

/// Fields that may not be repeated. Entra checks these before all others.
const SINGLE: [&str; 6] = [
    "grant_type",
    "client_id",
    "scope",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
];

/// A request for a token.
#[derive(Debug)]
pub(crate) struct TokenRequest {
    fields: Vec<(String, String)>,
    basic: Option<(String, String)>,
}

impl TokenRequest {
    /// Decodes a request; a part that cannot be decoded counts as missing.
    pub(crate) fn read(headers: &HeaderMap, body: &[u8]) -> Self {
        let is_form = header(headers, "content-type")
            .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
        let fields = if is_form { decode(body) } else { Vec::new() };
        Self {
            fields,
            basic: basic(headers),
        }
    }

    /// Returns a field that is not empty.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// Returns the client id, empty if there is none.
    pub(crate) fn client_id(&self) -> &str {
        let basic = self.basic.as_ref().map(|(id, _)| id.as_str());
        self.field("client_id").or(basic).unwrap_or_default()
    }

    /// Returns the secret, from the body or else from HTTP Basic.
    pub(crate) fn secret(&self) -> Option<&str> {
        let basic = self.basic.as_ref().map(|(_, secret)| secret.as_str());
        self.field("client_secret")
            .or(basic.filter(|secret| !secret.is_empty()))
    }

    /// Returns the fields for the record, with secrets masked.
    pub(crate) fn masked(&self) -> Vec<(String, String)> {
        let mask = |(name, value): &(String, String)| {
            let hidden = matches!(
                name.as_str(),
                "client_secret"
                    | "client_assertion"
                    | "password"
                    | "refresh_token"
                    | "code"
                    | "code_verifier"
                    | "device_code"
            );
            let shown = if hidden { "***" } else { value };
            (name.clone(), shown.to_owned())
        };
        self.fields.iter().map(mask).collect()
    }

    /// Returns the grant of a person that is asked for, if any.
    pub(crate) fn person_grant(&self) -> Option<PersonGrant> {
        PersonGrant::named(self.field("grant_type")?)
    }

    /// Refuses a malformed request.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        for name in SINGLE {
            let count = self.fields.iter().filter(|(key, _)| key == name).count();
            if count > 1 {
                return Err(Refusal::of(&aadsts::PARAMETER_TWICE, name));
            }
        }
        let Some(grant) = self.field("grant_type") else {
            return Err(Refusal::of(&aadsts::PARAMETER_MISSING, "grant_type"));
        };
        if self.client_id().is_empty() {
            return Err(Refusal::of(&aadsts::PARAMETER_MISSING, "client_id"));
        }
        if grant != "client_credentials" && self.person_grant().is_none() {
            return Err(Refusal::of(&aadsts::GRANT_UNSUPPORTED, grant));
        }
        if self.field("resource").is_some() {
            return Err(Refusal::from(&aadsts::RESOURCE_WITH_V2));
        }
        if self.field("scope").is_none() {
            return Err(Refusal::of(&aadsts::PARAMETER_MISSING, "scope"));
        }
        Ok(())
    }

    /// Returns the audience of the token.
    pub(crate) fn audience(&self) -> Result<String, Refusal> {
        let scope = self.field("scope").unwrap_or_default();
        let mut words = scope
            .split_whitespace()
            // Client libraries add these out of habit; for an app they mean nothing.
            .filter(|word| !["openid", "profile", "offline_access"].contains(word));
        let (Some(one), None) = (words.next(), words.next()) else {
            return Err(Refusal::of(&aadsts::SCOPE_INVALID, scope));
        };
        one.strip_suffix("/.default")
            .map(str::to_owned)
            .ok_or_else(|| Refusal::of(&aadsts::SCOPE_WITHOUT_DEFAULT, scope))
    }

    /// Returns the assertion of the kind that Entra takes.
    pub(crate) fn assertion(&self) -> Option<&str> {
        let kind = self.field("client_assertion_type")?;
        let known = kind == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        self.field("client_assertion").filter(|_| known)
    }

    /// Checks the secret of the application.
    pub(crate) fn authenticate(
        &self,
        app: &Integration,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        let Some(secret) = self.secret() else {
            return Err(Refusal::from(&aadsts::SECRET_MISSING));
        };
        let known = app.secrets.iter().find(|known| known.value == secret);
        match known {
            Some(known) if known.ends_at <= now => {
                Err(Refusal::of_app(&aadsts::SECRET_EXPIRED, &app.client_id))
            }
            Some(known) if known.starts_at <= now => Ok(()),
            Some(_) | None => Err(Refusal::of_app(&aadsts::SECRET_INVALID, &app.client_id)),
        }
    }
}

fn decode(form: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(form)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

/// Reads HTTP Basic, whose two halves are form-encoded before they are joined (RFC 6749, 2.3.1).
fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let (scheme, encoded) = header(headers, "authorization")?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let joined = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = joined.split_once(':')?;
    Some((component(id)?, component(secret)?))
}

/// Decodes one form-encoded value that may itself hold `=` or `&` by mistake.
fn component(encoded: &str) -> Option<String> {
    let escaped = encoded.replace('&', "%26").replace('=', "%3D");
    let pairs = decode(format!("x={escaped}").as_bytes());
    pairs.into_iter().next().map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(body: &str) -> TokenRequest {
        let mut headers = HeaderMap::new();
        headers.insert(
            "content-type",
            "application/x-www-form-urlencoded".parse().unwrap(),
        );
        TokenRequest::read(&headers, body.as_bytes())
    }

    #[test]
    fn a_secret_of_special_characters_is_decoded() {
        let request = form("client_id=a&client_secret=%2B%25%26%3D%7E+%C3%A4");
        assert_eq!(request.secret(), Some("+%&=~ ä"));
    }

    #[test]
    fn http_basic_is_decoded_twice() {
        let mut headers = HeaderMap::new();
        let encoded = STANDARD.encode("the%2Did:%2B%25%26%3D~");
        headers.insert("authorization", format!("Basic {encoded}").parse().unwrap());
        let request = TokenRequest::read(&headers, b"");
        assert_eq!(request.client_id(), "the-id");
        assert_eq!(request.secret(), Some("+%&=~"));
    }

    #[test]
    fn the_record_holds_no_secret() {
        let request = form("client_id=a&client_secret=hush&client_assertion=x.y.z");
        assert!(!format!("{:?}", request.masked()).contains("hush"));
    }

    #[test]
    fn a_malformed_request_gets_its_number() {
        let full = "grant_type=client_credentials&client_id=a&scope=b/.default";
        let table = [
            ("", 900_144),
            ("grant_type=client_credentials", 900_144),
            ("grant_type=client_credentials&client_id=a", 900_144),
            ("grant_type=client_credentials&client_id=&scope=s", 900_144),
            ("grant_type=magic&client_id=a&scope=s", 70_003),
            (&format!("{full}&scope=c/.default"), 9_000_411),
            (&format!("{full}&resource=r"), 901_002),
        ];
        for (body, code) in table {
            let refusal = form(body).check().unwrap_err();
            assert_eq!(refusal.code(), code, "{body}");
        }
        form(full).check().unwrap();
    }

    #[test]
    fn a_scope_is_one_resource_and_default() {
        let audience = |scope: &str| form(&format!("scope={scope}")).audience();
        assert_eq!(audience("https://a/.default").unwrap(), "https://a");
        assert_eq!(audience("https://a//.default").unwrap(), "https://a/");
        assert_eq!(
            audience("https://a/Mail.Read").unwrap_err().code(),
            1_002_012
        );
        assert_eq!(
            audience("a/.default+b/.default").unwrap_err().code(),
            70_011
        );
    }
}
