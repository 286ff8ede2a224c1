//! The 401 answers of Exchange.

use crate::simulator::http_answer::HttpAnswer;

/// The challenge of Exchange Online to a request without a good token.
const CHALLENGE: &str = "Bearer client_id=\"00000002-0000-0ff1-ce00-000000000000\", \
    trusted_issuers=\"00000001-0000-0000-c000-000000000000@*\", \
    token_types=\"app_asserted_user_v1 service_asserted_app_v1\", \
    authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\"";

/// Returns the answer to a request without a token.
pub(crate) fn challenge() -> HttpAnswer {
    HttpAnswer::empty(401).with("www-authenticate", CHALLENGE)
}

/// Returns the answer to a request whose token is refused, with that number in `x-ms-diagnostics`.
pub(crate) fn rejected(id: u32) -> HttpAnswer {
    let (reason, category) = match id {
        2_000_000 => ("The token has an invalid signature.", "invalid_signature"),
        2_000_001 => ("The token is not well formed.", "invalid_token"),
        2_000_002 => (
            "The token has expired or is not valid yet.",
            "token_expired",
        ),
        2_000_003 => (
            "The audience claim value is invalid 'aud'.",
            "invalid_resource",
        ),
        2_000_004 => ("The tenant of the token is unknown.", "invalid_tenant"),
        2_000_005 => (
            "The user specified by the user-context in the token does not exist.",
            "invalid_user",
        ),
        2_000_006 => (
            "The application of the token is not accepted.",
            "invalid_client",
        ),
        2_000_007 => ("An internal error occurred.", "internal_error"),
        _ => (
            "The token contains no permissions, or permissions can not be understood.",
            "invalid_grant",
        ),
    };
    diagnosed(id, reason, category)
}

/// Returns the answer to a token for another API.
pub(crate) fn wrong_audience(audience: &str) -> HttpAnswer {
    let printable: String = audience.chars().filter(char::is_ascii_graphic).collect();
    let reason = format!("The audience claim value is invalid '{printable}'.");
    diagnosed(2_000_003, &reason, "invalid_resource")
}

fn diagnosed(id: u32, reason: &str, category: &str) -> HttpAnswer {
    HttpAnswer::empty(401)
        .with(
            "www-authenticate",
            format!("{CHALLENGE}, error=\"invalid_token\""),
        )
        .with(
            "x-ms-diagnostics",
            format!("{id};reason=\"{reason}\";error_category=\"{category}\""),
        )
}
