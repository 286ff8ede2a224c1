//! The error codes of Microsoft Graph that the calls of a check can meet, as data.
//!
//! Graph hands on the response codes of Exchange too; those are looked up in [`super::ews`] when
//! they are not here. <https://learn.microsoft.com/graph/errors>

use super::ews;
use crate::verdict::Confidence::{self, Certain, Likely, Possible};
use crate::verdict::cause::Cause::{
    self, AccessDenied, AppAccessPolicyDenied, AppNotFound, AudienceWrong,
    ConditionalAccessBlocked, EwsDisabled, EwsEndpointWrong, EwsRequestInvalid, EwsThrottled,
    EwsUnavailable, GraphPermissionMissing, GraphThrottled, GraphUnavailable,
    ImpersonationHeaderMissing, MailboxDisabled, MailboxNotFound, MailboxUnavailable,
    ResourceNotFound, ServicePrincipalMissing, TenantNotFound, TokenExpired, TokenRejected,
    Unknown,
};

/// One `error.code`.
#[derive(Debug)]
pub(super) struct GraphCode {
    /// As the service spells it.
    pub(super) id: &'static str,
    /// What it points to.
    pub(super) cause: Cause,
    /// How sure the code alone is.
    pub(super) confidence: Confidence,
    /// What else it may be.
    pub(super) also: &'static [Cause],
    /// What it says.
    pub(super) summary: &'static str,
}

const fn row(
    id: &'static str,
    cause: Cause,
    confidence: Confidence,
    also: &'static [Cause],
    summary: &'static str,
) -> GraphCode {
    GraphCode {
        id,
        cause,
        confidence,
        also,
        summary,
    }
}

/// Every code that has its own meaning in Graph.
#[rustfmt::skip]
pub(super) static CODES: &[GraphCode] = &[
    row("Authorization_RequestDenied", GraphPermissionMissing, Certain, &[], "the app lacks the permission for this call"),
    row("NoPermissionsInAccessToken", GraphPermissionMissing, Certain, &[], "the token carries no permission for this call"),
    row("ErrorAccessDenied", GraphPermissionMissing, Likely, &[AppAccessPolicyDenied, AccessDenied], "access to the mailbox is denied"),
    row("AccessDenied", GraphPermissionMissing, Likely, &[AppAccessPolicyDenied, AccessDenied], "access is denied"),
    row("Forbidden", GraphPermissionMissing, Possible, &[AccessDenied], "the call is forbidden"),
    row("Authorization_IdentityNotFound", ServicePrincipalMissing, Likely, &[AppNotFound], "the app has no service principal in the directory"),
    row("Authentication_Unauthorized", TokenRejected, Possible, &[], "the token is not accepted"),
    row("Authentication_MissingOrMalformed", TokenRejected, Likely, &[], "the token is missing or malformed"),
    row("Authentication_ExpiredToken", TokenExpired, Certain, &[], "the token has expired"),
    row("AuthenticationError", TokenRejected, Possible, &[], "the token is not accepted"),
    row("InvalidAuthenticationToken", TokenRejected, Likely, &[TokenExpired, AudienceWrong], "the token is not accepted"),
    row("unauthenticated", TokenRejected, Likely, &[], "the caller is not authenticated"),
    row("InvalidAudienceForResource", AudienceWrong, Certain, &[], "the token is for another resource"),
    row("MailboxNotEnabledForRESTAPI", MailboxNotFound, Certain, &[MailboxDisabled], "the mailbox is not in Exchange Online: on-premises, unlicensed or inactive"),
    row("MailboxNotSupportedForRESTAPI", MailboxNotFound, Certain, &[], "a mailbox of this kind cannot be reached through Graph"),
    row("MailboxNotHostedInExchangeOnline", MailboxNotFound, Certain, &[], "the mailbox is not in Exchange Online"),
    row("ResourceNotFound", MailboxNotFound, Likely, &[], "no mailbox was found at this address"),
    row("Request_ResourceNotFound", MailboxNotFound, Likely, &[], "the directory has no such user"),
    row("ErrorInvalidUser", MailboxNotFound, Certain, &[], "the user is not valid"),
    row("itemNotFound", MailboxNotFound, Possible, &[], "nothing was found at this address"),
    row("OrganizationFromTenantGuidNotFound", TenantNotFound, Likely, &[ResourceNotFound], "the directory is not known to the service, or has no Exchange subscription"),
    row("TooManyRequests", GraphThrottled, Certain, &[], "too many requests"),
    row("ApplicationThrottled", GraphThrottled, Certain, &[], "the app sends too many requests"),
    row("activityLimitReached", GraphThrottled, Certain, &[], "the app or user sends too many requests"),
    row("quotaLimitReached", GraphThrottled, Likely, &[], "a quota is used up"),
    row("Request_ThrottledTemporarily", GraphThrottled, Certain, &[], "the request is throttled for a while"),
    row("TenantThrottleThresholdExceeded", GraphThrottled, Certain, &[], "the directory sends too many requests"),
    row("MailboxConcurrency", GraphThrottled, Certain, &[], "too many requests to this mailbox at the same time"),
    row("MailboxInfoStale", MailboxUnavailable, Likely, &[], "the mailbox has just moved"),
    row("serviceNotAvailable", GraphUnavailable, Certain, &[], "the service is not available"),
    row("ServiceUnavailable", GraphUnavailable, Certain, &[], "the service is not available"),
    row("InternalServerError", GraphUnavailable, Likely, &[], "the server failed"),
    row("Service_InternalServerError", GraphUnavailable, Likely, &[], "the server failed"),
    row("BadGateway", GraphUnavailable, Likely, &[], "a gateway of the service failed"),
    row("GatewayTimeout", GraphUnavailable, Likely, &[], "a gateway of the service ran out of time"),
    row("generalException", GraphUnavailable, Possible, &[], "the service failed and says no more"),
    row("BadRequest", Unknown, Possible, &[], "the request is not valid"),
    row("Request_BadRequest", Unknown, Possible, &[], "the request is not valid"),
    row("UnknownError", Unknown, Possible, &[], "the service gives no reason"),
];

/// A code whose meaning its message decides.
struct Turn {
    code: &'static str,
    /// In lower case.
    says: &'static str,
    cause: Cause,
}

const fn turn(code: &'static str, says: &'static str, cause: Cause) -> Turn {
    Turn { code, says, cause }
}

static TURNS: &[Turn] = &[
    turn("InvalidAuthenticationToken", "audience", AudienceWrong),
    turn("InvalidAuthenticationToken", "expired", TokenExpired),
    turn(
        "InvalidAuthenticationToken",
        "lifetime validation",
        TokenExpired,
    ),
    // both of these begin with "Access to OData is disabled", so the policy comes first
    turn(
        "ErrorAccessDenied",
        "apponly accesspolicy",
        AppAccessPolicyDenied,
    ),
    turn(
        "AccessDenied",
        "app-only accesspolicy",
        AppAccessPolicyDenied,
    ),
    turn("ErrorAccessDenied", "odata is disabled", EwsDisabled),
    turn(
        "AccessDenied",
        "conditional access",
        ConditionalAccessBlocked,
    ),
];

/// Returns what a code means by itself, in any case.
pub(super) fn code(id: &str) -> Option<&'static GraphCode> {
    CODES.iter().find(|code| code.id.eq_ignore_ascii_case(id))
}

/// Returns what a code means beside a message (in lower case) that changes it.
pub(super) fn turned(id: &str, message: &str) -> Option<Cause> {
    let fits = |turn: &&Turn| turn.code.eq_ignore_ascii_case(id) && message.contains(turn.says);
    TURNS.iter().find(fits).map(|turn| turn.cause)
}

/// Returns what a response code of Exchange means when Graph hands it on.
pub(super) fn from_exchange(id: &str) -> Option<(Cause, String)> {
    let code = ews::response_code(id)?;
    let cause = match code.cause {
        EwsThrottled => GraphThrottled,
        EwsUnavailable => GraphUnavailable,
        AccessDenied => GraphPermissionMissing,
        EwsRequestInvalid | EwsEndpointWrong | ImpersonationHeaderMissing => Unknown,
        other => other,
    };
    Some((cause, code.words()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_code_stands_twice_and_every_turn_has_a_code() {
        let ids: HashSet<_> = CODES
            .iter()
            .map(|code| code.id.to_ascii_lowercase())
            .collect();
        assert_eq!(ids.len(), CODES.len());
        assert!(TURNS.iter().all(|turn| code(turn.code).is_some()));
        assert!(
            TURNS
                .iter()
                .all(|turn| turn.says == turn.says.to_lowercase())
        );
    }
}
