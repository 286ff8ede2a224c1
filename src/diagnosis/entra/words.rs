//! OAuth `error` values and Entra's `suberror` values, as data.
//!
//! <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>, RFC 6749 section 5.2,
//! RFC 8628 section 3.5, and the suberrors that Microsoft's own client libraries know.

use crate::verdict::{
    Confidence::{self, Certain, Likely, Possible},
    cause::Cause::{
        self, AppNotFound, AuthCodeInvalid, CertificateUnknown, ConditionalAccessBlocked,
        ConsentRequired, DeviceCodeExpired, DeviceCodePending, EntraUnavailable, GrantNotAllowed,
        InteractionRequired, MfaRequired, RefreshTokenExpired, RefreshTokenInvalid,
        RefreshTokenRevoked, RequestMalformed, ResourceNotFound, ScopeInvalid, SecretExpired,
        SecretInvalid, SecretMissing, TenantNotFound, TokenThrottled, UserNotFound,
        UserPasswordExpired, UserPasswordWrong,
    },
};

/// One word of an error answer.
#[derive(Debug)]
pub(in crate::diagnosis) struct Word {
    /// As the service spells it.
    pub(in crate::diagnosis) id: &'static str,
    /// What it points to.
    pub(in crate::diagnosis) cause: Cause,
    /// How sure the word alone is.
    pub(in crate::diagnosis) confidence: Confidence,
    /// What else it may be.
    pub(in crate::diagnosis) also: &'static [Cause],
    /// What it says.
    pub(in crate::diagnosis) summary: &'static str,
}

const fn word(
    id: &'static str,
    cause: Cause,
    confidence: Confidence,
    also: &'static [Cause],
    summary: &'static str,
) -> Word {
    Word {
        id,
        cause,
        confidence,
        also,
        summary,
    }
}

/// The OAuth errors.
#[rustfmt::skip]
pub(in crate::diagnosis) static OAUTH_ERRORS: &[Word] = &[
    word("invalid_client", SecretInvalid, Possible, &[SecretExpired, SecretMissing, CertificateUnknown, AppNotFound],
        "the login service did not accept how the app proved itself"),
    word("invalid_grant", RefreshTokenInvalid, Possible, &[RefreshTokenExpired, RefreshTokenRevoked, AuthCodeInvalid, UserPasswordWrong],
        "the code, refresh token, password or assertion cannot be used"),
    word("unauthorized_client", GrantNotAllowed, Possible, &[AppNotFound],
        "the app may not use this grant, or is not in the directory"),
    word("unsupported_grant_type", GrantNotAllowed, Certain, &[], "the grant type is not supported"),
    word("invalid_request", RequestMalformed, Possible, &[], "the request breaks the protocol"),
    word("invalid_scope", ScopeInvalid, Likely, &[], "the scope is not valid"),
    word("invalid_resource", ResourceNotFound, Likely, &[ScopeInvalid], "the resource is unknown or not set up in the directory"),
    word("invalid_target", ResourceNotFound, Likely, &[ScopeInvalid], "the resource is unknown or not set up in the directory"),
    word("invalid_instance", TenantNotFound, Likely, &[], "the login host is unknown"),
    word("invalid_tenant", TenantNotFound, Likely, &[], "the directory is unknown"),
    word("interaction_required", InteractionRequired, Likely, &[MfaRequired, ConditionalAccessBlocked], "the user must sign in and act"),
    word("login_required", InteractionRequired, Likely, &[], "the user must sign in"),
    word("account_selection_required", InteractionRequired, Likely, &[], "the user must choose an account"),
    word("consent_required", ConsentRequired, Likely, &[], "consent is missing"),
    word("access_denied", ConsentRequired, Possible, &[ConditionalAccessBlocked], "the user or the service said no during sign-in"),
    word("server_error", EntraUnavailable, Likely, &[], "the login service failed"),
    word("temporarily_unavailable", EntraUnavailable, Likely, &[TokenThrottled], "the login service is too busy"),
    word("authorization_pending", DeviceCodePending, Certain, &[], "nobody has entered the device code yet"),
    word("slow_down", DeviceCodePending, Certain, &[], "the device code is polled too often"),
    word("authorization_declined", DeviceCodeExpired, Certain, &[], "the user declined the device code"),
    word("bad_verification_code", DeviceCodeExpired, Certain, &[], "the device code is not known"),
    word("code_expired", DeviceCodeExpired, Certain, &[], "the device code has expired"),
    word("expired_token", DeviceCodeExpired, Certain, &[], "the device code has expired"),
    word("user_password_expired", UserPasswordExpired, Certain, &[], "the user's password has expired"),
    word("user_account_deleted", UserNotFound, Certain, &[], "the user account was deleted"),
];

/// The suberrors.
#[rustfmt::skip]
pub(in crate::diagnosis) static SUBERRORS: &[Word] = &[
    word("bad_token", RefreshTokenInvalid, Likely, &[RefreshTokenExpired, RefreshTokenRevoked],
        "the refresh token is dead for every resource"),
    word("token_expired", RefreshTokenExpired, Certain, &[], "a policy limits how long the token lives"),
    word("client_mismatch", RefreshTokenInvalid, Certain, &[], "the refresh token belongs to another client"),
    word("device_authentication_failed", ConditionalAccessBlocked, Certain, &[], "the device must be checked or registered again"),
    word("protection_policy_required", ConditionalAccessBlocked, Certain, &[], "an app protection policy must be met"),
    word("basic_action", InteractionRequired, Likely, &[MfaRequired], "the user can help by signing in, such as with a second factor"),
    word("additional_action", ConditionalAccessBlocked, Likely, &[MfaRequired], "something outside the sign-in is needed, such as a registered device"),
    word("message_only", ConditionalAccessBlocked, Likely, &[], "a policy refuses, and nothing at the sign-in can change that"),
    word("consent_required", ConsentRequired, Certain, &[], "consent is missing or was revoked"),
    word("user_password_expired", UserPasswordExpired, Certain, &[], "the user's password has expired"),
];

/// Returns what an OAuth `error` means, in any case.
pub(in crate::diagnosis) fn oauth_error(id: &str) -> Option<&'static Word> {
    find(OAUTH_ERRORS, id)
}

/// Returns what a `suberror` means, in any case.
pub(in crate::diagnosis) fn suberror(id: &str) -> Option<&'static Word> {
    find(SUBERRORS, id)
}

fn find(words: &'static [Word], id: &str) -> Option<&'static Word> {
    words.iter().find(|word| word.id.eq_ignore_ascii_case(id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_word_stands_twice_and_none_doubts_itself() {
        for words in [OAUTH_ERRORS, SUBERRORS] {
            let ids: HashSet<_> = words.iter().map(|word| word.id).collect();
            assert_eq!(ids.len(), words.len());
            assert!(words.iter().all(|word| !word.also.contains(&word.cause)));
        }
    }
}
