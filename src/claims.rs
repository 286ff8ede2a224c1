//! Reads an access token's payload without trusting it.
//!
//! Access tokens are opaque to clients by contract; what is read here is evidence for a diagnosis,
//! never a decision about access. The signature is not verified: the token came from the login
//! service over TLS, and Exchange verifies it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

/// A token longer than this is none, and is neither read nor sent.
pub const TOKEN_LIMIT: usize = 64 * 1024;

/// What an access token says about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    /// `aud`: the resource that the token is for, a URL or an app id.
    pub audience: Option<String>,
    /// `tid`: the directory that issued it.
    pub tenant_id: Option<String>,
    /// `appid` (v1 tokens) or `azp` (v2): the app it was issued to.
    pub app_id: Option<String>,
    /// `exp`: when it ends.
    pub expires_at: Option<DateTime<Utc>>,
    /// `nbf`: when it begins.
    pub not_before: Option<DateTime<Utc>>,
    /// `roles`: application permissions granted in the directory.
    pub roles: Vec<String>,
    /// `scp`: delegated permissions.
    pub scopes: Vec<String>,
    /// `preferred_username`, `upn` or `unique_name`: the account that signed in, in a token for a person.
    pub account: Option<String>,
}

impl Claims {
    /// Reads a compact JWT; `None` where it is none, or its payload is not an object of claims.
    pub fn from_token(token: &str) -> Option<Self> {
        Some(Self::from_object(&payload(token)?))
    }

    /// Reads a decoded payload; `None` where it is not an object.
    pub fn from_payload(payload: &Value) -> Option<Self> {
        payload.as_object().map(Self::from_object)
    }

    fn from_object(payload: &Map<String, Value>) -> Self {
        let text = |key: &str| payload.get(key).and_then(Value::as_str).map(str::to_owned);
        let time = |key: &str| {
            let seconds = payload.get(key).and_then(Value::as_i64)?;
            DateTime::from_timestamp(seconds, 0)
        };
        Self {
            audience: text("aud"),
            tenant_id: text("tid"),
            app_id: text("appid").or_else(|| text("azp")),
            expires_at: time("exp"),
            not_before: time("nbf"),
            roles: words(payload.get("roles")),
            scopes: words(payload.get("scp")),
            account: ["preferred_username", "upn", "unique_name"]
                .into_iter()
                .find_map(text),
        }
    }
}

/// Returns the claims of a compact JWT as they stand there; `None` where it is none.
pub fn payload(token: &str) -> Option<Map<String, Value>> {
    if token.len() > TOKEN_LIMIT {
        return None;
    }
    let mut parts = token.split('.');
    let (_header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&payload).ok()
}

/// A claim that is a list, or one text of words.
fn words(claim: Option<&Value>) -> Vec<String> {
    match claim {
        Some(Value::Array(items)) => items
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        Some(Value::String(text)) => text.split_whitespace().map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_payload_is_read_and_garbage_is_not() {
        let payload = r#"{"aud":"https://outlook.office365.com","tid":"t","appid":"a",
            "exp":1800000000,"roles":["full_access_as_app"],"scp":"A B"}"#;
        let token = format!("e30.{}.x", URL_SAFE_NO_PAD.encode(payload));
        let claims = Claims::from_token(&token).unwrap();
        assert_eq!(
            claims.audience.as_deref(),
            Some("https://outlook.office365.com")
        );
        assert_eq!(claims.roles, ["full_access_as_app"]);
        assert_eq!(claims.scopes, ["A", "B"]);
        assert_eq!(claims.expires_at.unwrap().timestamp(), 1_800_000_000);
        for bad in ["", "a.b", "a.b.c", "..", "e30.W10.x", &"x".repeat(100_000)] {
            assert_eq!(Claims::from_token(bad), None, "{bad:.20}");
        }
    }

    proptest! {
        #[test]
        fn no_token_makes_the_reader_panic(
            head in "\\PC{0,20}",
            payload in prop_oneof![
                any::<Vec<u8>>(),
                "[{}\\[\\]\":,a-z0-9.-]{0,60}".prop_map(String::into_bytes),
                any::<i64>().prop_map(|n| format!("{{\"exp\":{n},\"nbf\":{n}.5,\"roles\":[{n}]}}").into_bytes()),
            ],
            tail in "\\PC{0,20}",
        ) {
            let token = format!("{head}.{}.{tail}", URL_SAFE_NO_PAD.encode(&payload));
            let _claims = Claims::from_token(&token);
            let _claims = Claims::from_token(&format!("{head}.{tail}.{head}"));
        }
    }
}
