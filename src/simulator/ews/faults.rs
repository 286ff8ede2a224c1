//! What Exchange says when it refuses or fails, in all three layers.

use super::super::answer::Answer;
use super::super::behaviour::EwsFault;
use super::write::{self, SoapFault, failure, response};

/// What Exchange Online offers to whoever comes without a good token.
const CHALLENGE: &str = "Bearer client_id=\"00000002-0000-0ff1-ce00-000000000000\", \
    trusted_issuers=\"00000001-0000-0000-c000-000000000000@*\", \
    token_types=\"app_asserted_user_v1 service_asserted_app_v1\", \
    authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\"";

/// Whether a fault is met before the token is looked at.
pub(super) fn comes_before_sign_in(fault: &EwsFault) -> bool {
    matches!(
        fault,
        EwsFault::BasicOnly
            | EwsFault::NegotiateOnly
            | EwsFault::NotFound
            | EwsFault::Page
            | EwsFault::BadGateway
            | EwsFault::Unavailable(_)
            | EwsFault::Unauthorized(_)
            | EwsFault::UnauthorizedBare
    )
}

/// Returns what a scripted fault says.
pub(super) fn answer(fault: &EwsFault) -> Answer {
    plain(fault)
        .or_else(|| refusal(fault).map(|fault| fault.answer()))
        .unwrap_or_else(|| inside(fault))
}

/// First layer: plain HTTP.
fn plain(fault: &EwsFault) -> Option<Answer> {
    Some(match fault {
        EwsFault::Disabled => policy("EWS is disabled for this user or tenant"),
        EwsFault::BlockedByPolicy => policy("EWS is blocked by policy for this user or tenant"),
        EwsFault::Retired => policy("EWS has been retired for this user or tenant"),
        EwsFault::Forbidden => Answer::empty(403),
        EwsFault::TooManyRequests(seconds) => Answer::empty(429).retry_after(Some(*seconds)),
        EwsFault::Unavailable(seconds) => {
            Answer::page(503, "Service Unavailable", "The service is unavailable.")
                .retry_after(*seconds)
        }
        EwsFault::BadGateway => Answer::page(502, "502 Bad Gateway", "Try again later."),
        EwsFault::Unauthorized(id) => unauthorized(Some(*id)),
        EwsFault::UnauthorizedBare => unauthorized(None),
        EwsFault::BasicOnly => Answer::empty(401).with("www-authenticate", "Basic realm=\"\""),
        EwsFault::NegotiateOnly => Answer::empty(401)
            .with("www-authenticate", "Negotiate")
            .with("www-authenticate", "NTLM"),
        EwsFault::Page => Answer::page(
            200,
            "Web filter",
            "This site has been blocked by your organization's policy.",
        ),
        EwsFault::InvalidSoap => Answer::new(
            200,
            write::CONTENT_TYPE,
            "<?xml version=\"1.0\"?><status><text>fine</te",
        ),
        EwsFault::NotFound => Answer::page(
            404,
            "404 - File or directory not found.",
            "The resource you are looking for might have been removed.",
        ),
        _ => return None,
    })
}

/// Second layer: a SOAP fault.
fn refusal(fault: &EwsFault) -> Option<SoapFault> {
    let (code, text) = match fault {
        EwsFault::ImpersonationDenied => (
            "ErrorImpersonateUserDenied",
            "The account does not have permission to impersonate the requested user.",
        ),
        EwsFault::ImpersonationHeader => (
            "ErrorInvalidExchangeImpersonationHeaderData",
            "ExchangeImpersonation SOAP header must be present for this type of OAuth token.",
        ),
        EwsFault::AccessPolicy => (
            "ErrorAccessDenied",
            "Access is denied. [RAOP] : Blocked by tenant configured AppOnly AccessPolicy settings.",
        ),
        EwsFault::MailboxNotFound => return Some(no_mailbox()),
        EwsFault::NotPrimaryAddress => (
            "ErrorNonPrimarySmtpAddress",
            "The primary SMTP address must be specified when referencing a mailbox.",
        ),
        EwsFault::AccountDisabled => ("ErrorAccountDisabled", "The account is disabled."),
        EwsFault::ServerBusy(milliseconds) => {
            let fault = SoapFault::new(
                "ErrorServerBusy",
                "The server cannot service this request right now. Try again later.",
            );
            return Some(match milliseconds {
                Some(milliseconds) => fault.with("BackOffMilliseconds", milliseconds.to_string()),
                None => fault,
            });
        }
        EwsFault::TooManyConnections => (
            "ErrorExceededConnectionCount",
            "You have exceeded the available concurrent connections for your account. Try again \
             once your other requests have completed.",
        ),
        EwsFault::InternalError => (
            "ErrorInternalServerError",
            "An internal server error occurred. The operation failed.",
        ),
        EwsFault::SchemaInvalid => {
            return Some(SoapFault::schema(
                "The request failed schema validation: The required attribute 'Id' is missing.",
            ));
        }
        EwsFault::VersionInvalid => (
            "ErrorInvalidServerVersion",
            "The specified server version is invalid.",
        ),
        _ => return None,
    };
    Some(SoapFault::new(code, text))
}

/// Third layer: an error inside a 200.
fn inside(fault: &EwsFault) -> Answer {
    let (code, text) = match fault {
        EwsFault::AccessDenied => (
            "ErrorAccessDenied",
            "Access is denied. Check credentials and try again.",
        ),
        EwsFault::MailboxMoving => (
            "ErrorMailboxMoveInProgress",
            "The mailbox is in the middle of being moved. Try again later.",
        ),
        EwsFault::StoreUnavailable => (
            "ErrorMailboxStoreUnavailable",
            "The mailbox database is temporarily unavailable.",
        ),
        EwsFault::MailboxFailover => (
            "ErrorMailboxFailover",
            "The mailbox is failing over to another server. Try again later.",
        ),
        EwsFault::TransientError => (
            "ErrorInternalServerTransientError",
            "An internal server error occurred. Try again later.",
        ),
        EwsFault::BusyInside => (
            "ErrorInternalServerError",
            "An internal server error occurred. The operation failed.",
        ),
        _ => (
            "ErrorOfSomeLaterRelease",
            "The request was refused for a reason that has no documentation yet.",
        ),
    };
    let busy = matches!(fault, EwsFault::BusyInside).then(|| {
        [
            write::value(
                "InnerErrorMessageText",
                "The server cannot service this request right now.",
            ),
            write::value("InnerErrorResponseCode", "ErrorServerBusy"),
            write::value("InnerErrorDescriptiveLinkKey", "0"),
        ]
        .concat()
    });
    let message = failure("GetFolder", code, text, busy.as_deref());
    Answer::new(200, write::CONTENT_TYPE, response("GetFolder", &message))
}

/// Returns the fault for an address that no mailbox has.
pub(super) fn no_mailbox() -> SoapFault {
    SoapFault::new(
        "ErrorNonExistentMailbox",
        "The SMTP address has no mailbox associated with it.",
    )
}

/// Returns a 401; with a number, the token is at fault and `x-ms-diagnostics` says how.
pub(super) fn unauthorized(id: Option<u32>) -> Answer {
    let Some(id) = id else {
        return Answer::empty(401).with("www-authenticate", CHALLENGE);
    };
    let (reason, category) = diagnostics(id);
    rejected(id, reason, category)
}

/// Returns a 401 for a token that is for another API.
pub(super) fn wrong_audience(audience: &str) -> Answer {
    let printable: String = audience.chars().filter(char::is_ascii_graphic).collect();
    let reason = format!("The audience claim value is invalid '{printable}'.");
    rejected(2_000_003, &reason, "invalid_resource")
}

/// Returns a 401 for a token that carries no permission.
pub(super) fn no_permission() -> Answer {
    unauthorized(Some(2_000_008))
}

fn rejected(id: u32, reason: &str, category: &str) -> Answer {
    Answer::empty(401)
        .with(
            "www-authenticate",
            format!("{CHALLENGE}, error=\"invalid_token\""),
        )
        .with(
            "x-ms-diagnostics",
            format!("{id};reason=\"{reason}\";error_category=\"{category}\""),
        )
}

fn diagnostics(id: u32) -> (&'static str, &'static str) {
    match id {
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
        2_000_008 => (
            "The token contains no permissions, or permissions can not be understood.",
            "invalid_grant",
        ),
        _ => ("The token was refused.", "invalid_token"),
    }
}

fn policy(reason: &str) -> Answer {
    Answer::empty(403).with("x-ews-policy-reason", reason)
}
