//! Finds the replies of IMAP, POP and SMTP, and what clients make of one.
//!
//! The reason behind a reply decides; where there is none, how the client proved itself does: a token
//! was not accepted, or a password was not.

use super::{
    collector::Collector,
    context,
    input::between,
    normalised_text::NormalisedText,
    phrases::{Phrase, PhraseHit},
};
use crate::{
    diagnosis::{
        evidence::Fact,
        tables::mail::{MailReply, ReplyKind},
    },
    verdict::{Confidence, cause::Cause},
};

/// So far behind a reply its other parts, and before it its codes, may stand.
const REACH: usize = 160;

/// What says that the client presented a token.
const TOKENS: &[&str] = &["oauth", "modern auth", "bearer"];

/// What says that the client presented a password.
const PASSWORDS: &[&str] = &[
    "plain authentication",
    "auth plain",
    "auth=plain",
    "authenticate plain",
    "auth login",
    "login authentication",
    "method plain",
    "method login",
    "mechanism plain",
    "mechanism login",
    "mechanism: plain",
    "mechanism: login",
    "using plain",
    "using login",
    "imap_open",
];

/// What says that a text is about one of the protocols.
const PROTOCOLS: &[&str] = &[
    "imap",
    "pop3",
    "pop ",
    "pop:",
    "smtp",
    "xoauth2",
    "-err",
    " no login",
    " no authenticate",
    "ehlo",
    "sasl",
    "mailkit",
    "javax.mail",
    "jakarta.mail",
    "nodemailer",
    "phpmailer",
    ":993",
    ":995",
    ":587",
    "4.3.2",
    "4.7.",
    "[authenticationfailed]",
];

/// Where Exchange Online answers.
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
    let named = PROTOCOLS.iter().any(|name| form.lower.contains(name));
    let related = named && (form.is_microsoft() || form.lower.contains("xoauth2"));
    let mut refusal: Option<(PhraseHit, &MailReply)> = None;
    let mut told = false;
    for hit in &form.hits {
        let Phrase::Mail(row) = hit.phrase else {
            continue;
        };
        let behind = between(&form.lower, hit.end, hit.end + REACH);
        let counts = (related || !row.shared) && row.goes_on(behind) && stands(form, hit);
        if !counts || is_no_failure(form, hit.at, row) {
            continue;
        }
        if let Some(cause) = row.cause {
            let confidence = if cause == Cause::AccessDenied && has_token(form) {
                Confidence::Likely
            } else {
                row.confidence
            };
            let fact = Fact::MailReply {
                code: code(form, *hit),
                cause,
                confidence,
                wraps: row.kind == ReplyKind::Wrapper,
            };
            add(form, *hit, fact, collector);
            told |= row.kind == ReplyKind::Reason;
        } else {
            refusal.get_or_insert((*hit, row));
        }
    }
    if let Some((hit, row)) = refusal.filter(|_| !told) {
        let (cause, confidence) = refused(form, row);
        let fact = Fact::MailReply {
            code: code(form, hit),
            cause,
            confidence,
            wraps: false,
        };
        add(form, hit, fact, collector);
    }
}

/// Whether a phrase begins and ends at words.
fn stands(form: &NormalisedText<'_>, hit: &PhraseHit) -> bool {
    let before = form
        .lower
        .get(..hit.at)
        .and_then(|text| text.chars().next_back());
    let letters = form
        .lower
        .as_bytes()
        .get(hit.at)
        .is_some_and(u8::is_ascii_alphanumeric);
    !(letters && before.is_some_and(|c| c.is_ascii_alphanumeric()))
}

/// Whether the reply is announced, documented, or the subject of a mail.
fn is_no_failure(form: &NormalisedText<'_>, at: usize, row: &MailReply) -> bool {
    let announced = matches!(
        row.cause,
        Some(Cause::BasicAuthRetired | Cause::MailProtocolDisabled)
    ) && context::is_announced(form, at);
    announced || context::is_hypothetical(form, at) || context::is_quoted_mail(form, at)
}

fn add(form: &NormalisedText<'_>, hit: PhraseHit, fact: Fact, collector: &mut Collector) {
    let words = form.rest_of_line(hit.at, REACH);
    // mail protocols are no stage of a check
    collector.add_said(fact, None, form.position(hit.at), words);
}

/// The codes of a reply, as the server wrote them: `535 5.7.139`; or how it says no.
fn code(form: &NormalisedText<'_>, hit: PhraseHit) -> String {
    let from = hit.at.saturating_sub(24);
    let around = between(&form.lower, from, hit.end);
    let words = around.split(|c: char| !(c.is_ascii_digit() || c == '.'));
    let codes: Vec<&str> = words
        .filter(|word| is_code(word.trim_end_matches('.')))
        .collect();
    let mut codes: Vec<&str> = codes
        .into_iter()
        .map(|code| code.trim_end_matches('.'))
        .collect();
    codes.dedup();
    if codes.is_empty() {
        let no = between(&form.lower, hit.at, hit.end).trim_end_matches([' ', '.', ',', '[', ';']);
        return no.to_ascii_uppercase();
    }
    let last = codes.len().saturating_sub(2);
    codes.get(last..).unwrap_or_default().join(" ")
}

/// Whether a word is a reply code of SMTP or an enhanced one (RFC 3463) that says no.
fn is_code(word: &str) -> bool {
    let parts: Vec<&str> = word.split('.').collect();
    let digits = |part: &&str| {
        !part.is_empty() && part.len() < 4 && part.bytes().all(|b| b.is_ascii_digit())
    };
    let first = word.starts_with(['4', '5']);
    first
        && parts.iter().all(digits)
        && match parts.as_slice() {
            [reply] => reply.len() == 3,
            [class, _, _] => class.len() == 1,
            _ => false,
        }
}

/// Whether the client is said to have presented a token; what the server offers says nothing.
fn has_token(form: &NormalisedText<'_>) -> bool {
    let named = |mark: &&str| {
        form.lower.match_indices(*mark).any(|(at, _)| {
            let before = between(&form.lower, at.saturating_sub(40), at);
            !OFFERS.iter().any(|offer| before.contains(offer))
        })
    };
    TOKENS.iter().any(named)
}

/// How a server leads up to the mechanisms that it offers, in lower case.
const OFFERS: &[&str] = &["250-auth", "250 auth", "-auth login", "auth=", "capability"];

/// What a refusal without a reason comes to, by how the client proved itself.
fn refused(form: &NormalisedText<'_>, row: &MailReply) -> (Cause, Confidence) {
    let has = |marks: &[&str]| marks.iter().any(|mark| form.lower.contains(mark));
    let reply = row.opening();
    let smtp = reply.contains("unsuccessful");
    let pop = reply.contains("unknown user name");
    // the command LOGIN takes nothing but a password
    let by_password = reply.contains("login failed") || (has(PASSWORDS) && !has_token(form));
    let by_token = has_token(form) || (reply.contains("authenticate failed") && !by_password);
    match () {
        () if by_password && !smtp && has(ONLINE) => (Cause::BasicAuthRetired, Confidence::Likely),
        () if by_password => (Cause::UserPasswordWrong, Confidence::Possible),
        () if by_token && (smtp || pop) => (Cause::MailboxPermissionMissing, Confidence::Possible),
        () if by_token => (Cause::TokenRejected, Confidence::Possible),
        () if has(ONLINE) && !smtp => (Cause::BasicAuthRetired, Confidence::Likely),
        () => (Cause::UserPasswordWrong, Confidence::Possible),
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnosis::freetext::{Hints, explain};

    #[test]
    fn a_reply_is_told_by_its_reason_or_its_mechanism() {
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
                "mailbox-permission-missing",
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
