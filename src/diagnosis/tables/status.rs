//! What an HTTP status tells where nothing else does, by the stage that met it, as data.

use crate::verdict::cause::Cause::{
    self, AccessDenied, AppAccessPolicyDenied, AppRoleMissing, AudienceWrong,
    ConditionalAccessBlocked, EntraUnavailable, EwsDisabled, EwsEndpointWrong, EwsRequestInvalid,
    EwsThrottled, EwsUnavailable, GraphPermissionMissing, GraphThrottled, GraphUnavailable,
    MailboxDisabled, MailboxNotFound, ProxyAuthRequired, RequestMalformed, SecretExpired,
    SecretInvalid, TenantNotFound, TokenExpired, TokenRejected, TokenThrottled, UnexpectedPage,
    Unknown,
};
use crate::{
    observation::Stage,
    verdict::Confidence::{self, Certain, Likely, Possible},
};

/// What a status tells.
#[derive(Debug, Clone, Copy)]
pub(in crate::diagnosis) struct Hint {
    /// What it points to; `unknown` where it only narrows.
    pub(in crate::diagnosis) cause: Cause,
    /// How sure the status alone is.
    pub(in crate::diagnosis) confidence: Confidence,
    /// What else it may be.
    pub(in crate::diagnosis) also: &'static [Cause],
}

const fn hint(cause: Cause, confidence: Confidence, also: &'static [Cause]) -> Hint {
    Hint {
        cause,
        confidence,
        also,
    }
}

/// Returns what a status tells at a stage; `None` for a success, and where it tells nothing.
pub(in crate::diagnosis) fn hint_of(status: u16, stage: Option<Stage>) -> Option<Hint> {
    match status {
        407 => Some(hint(ProxyAuthRequired, Certain, &[])),
        511 => Some(hint(UnexpectedPage, Likely, &[])),
        0..=299 => None,
        _ => match stage? {
            Stage::Secret => None,
            Stage::Token => at_token(status),
            Stage::Claims | Stage::Ews => at_ews(status),
            Stage::Graph => at_graph(status),
        },
    }
}

fn at_token(status: u16) -> Option<Hint> {
    Some(match status {
        300..=399 => hint(UnexpectedPage, Possible, &[TenantNotFound]),
        404 | 405 => hint(Unknown, Possible, &[TenantNotFound, UnexpectedPage]),
        400 => hint(Unknown, Possible, &[RequestMalformed]),
        401 => hint(Unknown, Possible, &[SecretInvalid, SecretExpired]),
        403 => hint(
            Unknown,
            Possible,
            &[UnexpectedPage, ConditionalAccessBlocked],
        ),
        408 | 500..=599 => hint(EntraUnavailable, Likely, &[]),
        429 => hint(TokenThrottled, Certain, &[]),
        _ => return None,
    })
}

fn at_ews(status: u16) -> Option<Hint> {
    Some(match status {
        300..=399 | 440 => hint(EwsEndpointWrong, Likely, &[UnexpectedPage]),
        400 => hint(EwsRequestInvalid, Possible, &[MailboxNotFound]),
        401 => hint(
            TokenRejected,
            Possible,
            &[AppRoleMissing, AudienceWrong, EwsDisabled],
        ),
        403 => hint(
            AccessDenied,
            Possible,
            &[
                EwsDisabled,
                MailboxDisabled,
                AppAccessPolicyDenied,
                ConditionalAccessBlocked,
            ],
        ),
        404 => hint(EwsEndpointWrong, Likely, &[MailboxNotFound]),
        405 | 410 | 501 => hint(EwsEndpointWrong, Likely, &[]),
        413..=415 => hint(EwsRequestInvalid, Likely, &[]),
        429 => hint(EwsThrottled, Certain, &[]),
        408 | 456 | 500..=599 => hint(EwsUnavailable, Likely, &[EwsThrottled]),
        _ => return None,
    })
}

fn at_graph(status: u16) -> Option<Hint> {
    Some(match status {
        300..=399 => hint(UnexpectedPage, Likely, &[]),
        401 => hint(TokenRejected, Possible, &[AudienceWrong, TokenExpired]),
        403 => hint(GraphPermissionMissing, Possible, &[AppAccessPolicyDenied]),
        404 => hint(MailboxNotFound, Possible, &[UnexpectedPage]),
        429 => hint(GraphThrottled, Certain, &[]),
        408 | 500..=599 => hint(GraphUnavailable, Likely, &[GraphThrottled]),
        _ => return None,
    })
}
