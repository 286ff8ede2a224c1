//! What a token endpoint grants, read no more strictly than a check needs.
//!
//! The `oauth2` crate's own reading refuses an answer whose `expires_in` is not a plain number. Older
//! endpoints of Entra and AD FS write it as a string, and a check never keeps a token long enough to
//! care: it is not read.

use std::time::Duration;

use oauth2::{
    AccessToken, RefreshToken, Scope, TokenResponse,
    basic::BasicTokenType,
    helpers::{deserialize_space_delimited_vec, deserialize_untagged_enum_case_insensitive},
};
use serde::{Deserialize, Serialize};

/// A good answer to a token request.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Granted {
    access_token: AccessToken,
    #[serde(deserialize_with = "deserialize_untagged_enum_case_insensitive")]
    token_type: BasicTokenType,
    refresh_token: Option<RefreshToken>,
    #[serde(
        default,
        rename = "scope",
        deserialize_with = "deserialize_space_delimited_vec"
    )]
    scopes: Option<Vec<Scope>>,
}

impl TokenResponse for Granted {
    type TokenType = BasicTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &BasicTokenType {
        &self.token_type
    }

    fn expires_in(&self) -> Option<Duration> {
        None
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        self.scopes.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(fields: &str) -> Result<Granted, serde_json::Error> {
        serde_json::from_str(&format!("{{\"token_type\":\"bearer\"{fields}}}"))
    }

    #[test]
    fn an_end_written_in_any_way_is_no_reason_to_refuse_a_token() {
        for end in ["3599", "\"3599\"", "-5", "3599.5", "null"] {
            let granted =
                read(&format!(",\"access_token\":\"a.b.c\",\"expires_in\":{end}")).unwrap();
            assert_eq!(granted.access_token().secret(), "a.b.c", "{end}");
        }
    }

    #[test]
    fn a_token_must_be_one_text() {
        for token in ["null", "[\"a\"]", "{}", "7"] {
            assert!(
                read(&format!(",\"access_token\":{token}")).is_err(),
                "{token}"
            );
        }
        assert!(read("").is_err());
    }

    #[test]
    fn scopes_are_told_apart_by_blanks() {
        let granted = read(",\"access_token\":\"a\",\"scope\":\"one two\"").unwrap();
        assert_eq!(granted.scopes().map(Vec::len), Some(2));
        assert!(read(",\"access_token\":\"a\"").unwrap().scopes().is_none());
    }
}
