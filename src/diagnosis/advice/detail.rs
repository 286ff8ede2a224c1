//! The detail of a diagnosis: what the evidence adds to the meaning of a cause, each fact once.
//!
//! What was found out here comes first, then the service's own sentence as evidence, or what its code
//! means where it sent no sentence. Called by `explain`.

use super::{Context, decisive::Decisive};
use crate::{
    diagnosis::{
        evidence::{Evidence, Fact},
        ranking::Finding,
        tables::{aadsts, transport},
    },
    observation::Stage,
    text,
    verdict::{Confidence, cause::Cause},
};

/// A message of a service is cut to so many columns.
const MESSAGE_WIDTH: usize = 300;

/// More sentences than this are a wall of text again.
const SENTENCE_LIMIT: usize = 5;

/// Returns the fact that explains the failure by itself, if there is one.
pub(in crate::diagnosis) fn decisive(
    finding: &Finding,
    evidence: &[Evidence],
    context: &Context,
) -> Option<Decisive> {
    let in_proxy = matches!(
        finding.cause,
        Cause::ConnectFailure | Cause::Timeout | Cause::DnsFailure
    );
    evidence.iter().find_map(|one| match one.fact {
        Fact::Secret(note) if finding.cause == Cause::SecretInvalid => Some(Decisive::of(note)),
        Fact::Fault(kind) if in_proxy => Decisive::of_proxy(kind, context.has_proxy()),
        _ => None,
    })
}

/// Returns what the evidence adds to the meaning of the cause, in sentences.
pub(in crate::diagnosis) fn sentences(
    finding: &Finding,
    evidence: &[Evidence],
    context: &Context,
) -> Vec<String> {
    let mut sentences: Vec<String> = Vec::new();
    let found = evidence
        .iter()
        .filter_map(|one| found_out(&one.fact, finding));
    sentences.extend(found);
    sentences.extend(stated(finding, evidence));
    if context.is_checked() && finding.code.is_none() && finding.cause == Cause::AccessDenied {
        sentences.push("No reason was given.".to_owned());
    }
    if finding.confidence == Confidence::Possible && finding.cause != Cause::Unknown {
        sentences.push("This is the best guess from little evidence.".to_owned());
    }
    let mut kept: Vec<String> = Vec::new();
    for sentence in sentences {
        if !kept.iter().any(|known| is_told(known, &sentence)) {
            kept.push(sentence);
        }
    }
    kept.truncate(SENTENCE_LIMIT);
    kept
}

/// What the service stated: its own sentences, or what the code means where it sent none.
fn stated(finding: &Finding, evidence: &[Evidence]) -> Vec<String> {
    let said = evidence.iter().filter_map(|one| said(one, finding));
    let mut quotes: Vec<&str> = Vec::new();
    // one text is often read twice, whole and in part: the longer reading says what the other does
    for words in said {
        let is_part = |long: &str, part: &str| plain(long).contains(&plain(part));
        if quotes.iter().any(|known| is_part(known, words)) {
            continue;
        }
        quotes.retain(|known| !is_part(words, known));
        quotes.push(words);
    }
    if quotes.is_empty() {
        return code_meaning(finding).into_iter().collect();
    }
    let quoted = quotes.into_iter().take(2);
    quoted.map(|words| quote("The message", words)).collect()
}

/// The sentence of the service that stands with a piece of evidence; of a paste, no more than that.
fn said<'a>(evidence: &'a Evidence, finding: &Finding) -> Option<&'a str> {
    let code = finding.code.as_deref();
    let said = match (&evidence.fact, &evidence.says) {
        (Fact::Message(message), _) => message,
        (Fact::Aadsts(number), Some(says)) if code == Some(&format!("AADSTS{number}")) => says,
        (Fact::EwsCode(known) | Fact::GraphCode(known), Some(says)) if code == Some(known) => says,
        (Fact::MailReply { .. }, Some(says)) => says,
        (Fact::Words(cause, words) | Fact::Said(cause, words), _) if *cause == finding.cause => {
            return Some(sentence(words));
        }
        _ => return None,
    };
    let said = if evidence.place.is_some() {
        sentence(said)
    } else {
        said.as_str()
    };
    (said.len() > 3).then_some(said)
}

/// The first sentence of a piece of a paste, without what follows it in a log.
fn sentence(text: &str) -> &str {
    let sentence = text::first_sentence(text.trim_start());
    let end = sentence.find(['{', '[']).filter(|at| *at > 0);
    let sentence = sentence
        .get(..end.unwrap_or(sentence.len()))
        .unwrap_or_default();
    sentence.trim_end_matches(['…', ' ', ':', '-', ',', '|', '(', '\'', '"'])
}

/// Letters and digits alone, for comparing two readings of one text.
fn plain(text: &str) -> String {
    let letters = text.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// Whether a sentence says nothing that another one does not.
fn is_told(known: &str, sentence: &str) -> bool {
    plain(known).contains(&plain(sentence))
}

/// What the best code means, where the meaning fits the finding.
fn code_meaning(finding: &Finding) -> Option<String> {
    // the id of a cause is no code of a service: it means what the title says
    let code = finding
        .code
        .as_deref()
        .filter(|code| *code != finding.cause.id())?;
    let meaning = finding.codes.iter().find(|meaning| meaning.code == code)?;
    // where the evidence turned the number into another cause, its usual words mislead
    let fits = meaning.cause == finding.cause || finding.cause == Cause::SecretPropagating;
    fits.then(|| {
        format!(
            "{}: {}.",
            shown(code),
            meaning.summary.trim_end_matches('.')
        )
    })
}

/// Returns what helps against the sign-in number in particular, where that is more than the cause's
/// own steps say.
pub(in crate::diagnosis) fn remedy(finding: &Finding, evidence: &[Evidence]) -> Option<String> {
    let number = finding.code.as_deref()?.strip_prefix("AADSTS");
    if let (Cause::Unknown, Some(number)) = (finding.cause, number) {
        let page = "https://login.microsoftonline.com/error?code=";
        return Some(format!("Look the number up first: {page}{number}"));
    }
    let usual = matches!(
        finding.cause,
        Cause::SecretInvalid | Cause::SecretExpired | Cause::SecretPropagating
    );
    // where no sentence of the service is quoted, the meaning of the code names the remedy
    let quoted = evidence.iter().any(|one| said(one, finding).is_some());
    let code = finding.code.as_deref().filter(|_| quoted && !usual)?;
    let known = evidence.iter().find_map(|one| match one.fact {
        Fact::Aadsts(number) if code.strip_prefix("AADSTS") == Some(&number.to_string()) => {
            aadsts::code(number)
        }
        _ => None,
    })?;
    let fits = known.cause == finding.cause && !known.remedy.is_empty();
    fits.then(|| {
        let remedy = known.remedy.trim_end_matches('.');
        format!("With {code} in particular: {remedy}.")
    })
}

/// What one fact adds, if it bears on the finding.
fn found_out(fact: &Fact, finding: &Finding) -> Option<String> {
    match fact {
        Fact::Presented(what) if assertion_matters(finding.cause) => Some(what.clone()),
        Fact::NoSecret(why) | Fact::NotSignedIn(why) => Some(quote("The reason", why)),
        Fact::Fault(kind) => Some(transport::words(*kind).to_owned()),
        Fact::Page(page) => Some(quote("The page", page)),
        Fact::PolicyReason(reason) => Some(quote("The header X-EWS-Policy-Reason", reason)),
        Fact::ClockOff(seconds) => Some(clock(*seconds)),
        Fact::RetryAfter(seconds) => Some(format!("The service asked to wait {seconds} s.")),
        Fact::Success => Some("The text itself says that it worked.".to_owned()),
        fact => lacks(fact, finding),
    }
}

/// Whether what the presented certificate or token says bears on a cause.
const fn assertion_matters(cause: Cause) -> bool {
    matches!(
        cause,
        Cause::CertificateUnknown
            | Cause::AssertionInvalid
            | Cause::FederatedCredentialMismatch
            | Cause::ClockSkew
    )
}

/// What the token lacks, where that is what failed.
fn lacks(fact: &Fact, finding: &Finding) -> Option<String> {
    let refused = matches!(finding.stage, Some(Stage::Claims | Stage::Graph) | None);
    match fact {
        Fact::WrongAudience(found) if refused => Some(quote("The token is for", found)),
        Fact::NoRole(role) | Fact::NoScope(role) if refused => {
            Some(format!("The token lacks {}.", shown(role)))
        }
        Fact::OutsideValidity | Fact::NotYetValid => {
            Some("By this machine's clock the token is outside its time.".to_owned())
        }
        _ => None,
    }
}

/// Foreign words, safe and short.
fn quote(label: &str, words: &str) -> String {
    let words = text::line(words);
    let words = text::redact(&words);
    let words = text::fit(words.trim_end_matches('.'), MESSAGE_WIDTH);
    format!("{label}: '{words}'.")
}

/// Returns a code that a service gave, safe to show.
pub(in crate::diagnosis) fn shown(code: &str) -> String {
    text::fit(&text::redact(&text::line(code)), 80).into_owned()
}

fn clock(seconds: i64) -> String {
    let side = if seconds >= 0 { "ahead of" } else { "behind" };
    let off = seconds.unsigned_abs();
    format!("This machine's clock is {off} s {side} the service's.")
}
