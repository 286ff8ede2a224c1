//! What Exchange says over IMAP, POP and SMTP: its replies, and the words of clients that report one.
//!
//! These protocols have no codes of Entra or EWS. The reason behind a reply decides; where there is
//! none, how the client proved itself does: a token was not accepted, or a password was not.

use super::{collector::Collector, input::between, normalised_text::NormalisedText};
use crate::{diagnosis::evidence::Fact, observation::Stage, verdict::cause::Cause};

/// How far behind a reply its reason may stand.
const REACH: usize = 160;

/// What stands behind a reply that says no, in lower case, and the cause.
#[rustfmt::skip]
const REASONS: &[(&str, Cause)] = &[
    ("basic authentication is disabled", Cause::BasicAuthRetired),
    ("smtpclientauthentication is disabled", Cause::BasicAuthRetired),
    ("credentials were incorrect", Cause::UserPasswordWrong),
    ("password expired", Cause::UserPasswordExpired),
    ("did not meet the criteria", Cause::ConditionalAccessBlocked),
    ("security defaults", Cause::ConditionalAccessBlocked),
    ("conditional access", Cause::ConditionalAccessBlocked),
];

/// Replies that have one meaning, in lower case, and whether nobody but Exchange has them.
#[rustfmt::skip]
const MEANT: &[(bool, &str, Cause)] = &[
    (true, "5.7.57 client not authenticated", Cause::AuthSchemeUnsupported),
    (true, "5.7.57 smtp; client was not authenticated", Cause::AuthSchemeUnsupported),
    (true, "does not have permissions to send as this sender", Cause::AccessDenied),
    (true, "sendasdenied", Cause::AccessDenied),
    (true, "user is authenticated but not connected", Cause::AccessDenied),
    (true, "4.3.2 storedrv", Cause::EwsThrottled),
    (false, "mailbox cannot be accessed", Cause::MailboxUnavailable),
];

/// Replies that say no, and what clients make of one, with the capital letters of who says so; and
/// whether nobody but Exchange says so.
const REFUSALS: &[(bool, &str)] = &[
    (true, "Authentication unsuccessful"),
    (false, "AUTHENTICATE failed"),
    (false, "[AUTHENTICATIONFAILED]"),
    (false, "LOGIN failed"),
    (false, "Logon failure: unknown user name or bad password"),
    (false, "mail.AuthenticationFailedException"),
    (false, "(AUTHFAIL)"),
    (false, "cannot login, user or password wrong"),
    (false, "Auth for user"),
];

/// What says that the client presented a token.
const TOKENS: &[&str] = &["oauth", "modern auth"];

/// Where Exchange Online answers, which takes no passwords over these protocols any more.
const ONLINE: &[&str] = &[
    "outlook.office",
    "smtp.office365",
    ".outlook.com",
    "microsoft365",
];

/// Finds replies that say no.
pub(super) fn replies(form: &NormalisedText<'_>, collector: &mut Collector) {
    if form.is_foreign() {
        return;
    }
    for (own, reply, cause) in MEANT {
        if let Some(at) = form
            .lower
            .find(reply)
            .filter(|_| *own || form.is_microsoft())
        {
            return add(form, at, *cause, collector);
        }
    }
    let related = form.is_microsoft() || form.lower.contains("xoauth2");
    for (own, reply) in REFUSALS {
        if let Some(at) = form.text.find(reply).filter(|_| *own || related) {
            let behind = between(&form.lower, at, at + REACH);
            let reason = REASONS.iter().find(|(says, _)| behind.contains(says));
            let cause = reason.map_or_else(|| refused(form, reply), |(_, cause)| *cause);
            return add(form, at, cause, collector);
        }
    }
}

fn add(form: &NormalisedText<'_>, at: usize, cause: Cause, collector: &mut Collector) {
    let words = form.rest_of_line(at, REACH).to_owned();
    let fact = Fact::Words(cause, words);
    collector.add(fact, Some(Stage::Ews), form.depth_at(at));
}

/// What a refusal without a reason comes to, by how the client proved itself.
fn refused(form: &NormalisedText<'_>, reply: &str) -> Cause {
    let has = |marks: &[&str]| marks.iter().any(|mark| form.lower.contains(mark));
    let by_password = reply.starts_with("LOGIN");
    let by_token = reply.starts_with("AUTHENTICATE") || has(TOKENS);
    match () {
        () if by_token && !by_password => Cause::TokenRejected,
        () if has(ONLINE) => Cause::BasicAuthRetired,
        () => Cause::UserPasswordWrong,
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnosis::freetext::{Hints, explain};

    #[test]
    fn a_reply_is_told_by_its_reason_or_else_by_how_the_client_proved_itself() {
        for (text, due) in [
            (
                "535 5.7.139 Authentication unsuccessful, the user credentials were incorrect",
                "user-password-wrong",
            ),
            (
                "535 5.7.139 Authentication unsuccessful, basic authentication is disabled",
                "basic-auth-retired",
            ),
            (
                "535 5.7.3 Authentication unsuccessful after AUTH XOAUTH2",
                "token-rejected",
            ),
            (
                "535 5.7.3 Authentication unsuccessful",
                "user-password-wrong",
            ),
            (
                "a1 NO AUTHENTICATE failed. outlook.office365.com",
                "token-rejected",
            ),
            (
                "a1 NO LOGIN failed. outlook.office365.com",
                "basic-auth-retired",
            ),
            (
                "a1 NO LOGIN failed. The Microsoft Exchange IMAP4 service",
                "user-password-wrong",
            ),
            (
                "a1 BAD User is authenticated but not connected.",
                "access-denied",
            ),
            ("a1 NO LOGIN failed. mail.example.org", "unknown"),
            (
                "XOAUTH2 at imap.gmail.com: [AUTHENTICATIONFAILED] Invalid credentials",
                "unknown",
            ),
        ] {
            let found = explain(text.as_bytes(), Hints::default()).cause;
            assert_eq!(found.id(), due, "{text}");
        }
    }
}
