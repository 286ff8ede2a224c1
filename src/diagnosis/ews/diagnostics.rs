//! The ids of `x-ms-diagnostics`: why Exchange refused a token, as data.
//!
//! <https://learn.microsoft.com/exchange/client-developer/exchange-web-services/instrumenting-client-requests-for-ews-and-rest-in-exchange>

use crate::verdict::{
    Confidence,
    cause::Cause::{
        self, AppDisabled, AppRoleMissing, AudienceWrong, ConditionalAccessBlocked,
        DelegatedScopeMissing, EwsUnavailable, MailboxDisabled, MailboxNotFound,
        ServicePrincipalMissing, TenantNotFound, TokenExpired, TokenRejected,
    },
};

/// One reason to refuse a token.
#[derive(Debug)]
pub(in crate::diagnosis) struct Refusal {
    /// The number before the first semicolon.
    pub(in crate::diagnosis) id: u32,
    /// What it points to.
    pub(in crate::diagnosis) cause: Cause,
    /// How sure the id alone is.
    pub(in crate::diagnosis) confidence: Confidence,
    /// What else it may be.
    pub(in crate::diagnosis) also: &'static [Cause],
    /// What it says.
    pub(in crate::diagnosis) summary: &'static str,
}

const fn row(
    id: u32,
    cause: Cause,
    confidence: Confidence,
    also: &'static [Cause],
    summary: &'static str,
) -> Refusal {
    Refusal {
        id,
        cause,
        confidence,
        also,
        summary,
    }
}

/// Every documented id.
#[rustfmt::skip]
pub(in crate::diagnosis) static REFUSALS: &[Refusal] = &[
    row(2_000_000, TokenRejected, Confidence::Likely, &[], "the signature of the token does not verify"),
    row(2_000_001, TokenRejected, Confidence::Possible, &[TokenExpired, AudienceWrong, AppRoleMissing], "the token is not valid"),
    row(2_000_002, TokenExpired, Confidence::Certain, &[], "the token has expired"),
    row(2_000_003, AudienceWrong, Confidence::Certain, &[], "the token is for another resource"),
    row(2_000_004, TokenRejected, Confidence::Likely, &[TenantNotFound], "the directory of the token is not accepted"),
    row(2_000_005, MailboxNotFound, Confidence::Likely, &[MailboxDisabled], "the user of the token or request is not accepted"),
    row(2_000_006, TokenRejected, Confidence::Likely, &[AppDisabled, ServicePrincipalMissing], "the app of the token is not accepted"),
    row(2_000_007, EwsUnavailable, Confidence::Likely, &[], "the server failed while it looked at the token"),
    row(2_000_008, AppRoleMissing, Confidence::Likely, &[DelegatedScopeMissing], "the token carries no permission that Exchange can use"),
    row(2_000_020, ConditionalAccessBlocked, Confidence::Certain, &[], "a tenant restrictions policy refuses the request"),
];

/// Returns what an id of `x-ms-diagnostics` means.
pub(in crate::diagnosis) fn refusal(id: u32) -> Option<&'static Refusal> {
    REFUSALS.iter().find(|row| row.id == id)
}
