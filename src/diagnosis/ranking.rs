//! The one ranking: which of several pieces of evidence names the cause.
//!
//! What a service says of itself in its own words wins over what is guessed from outside, and the
//! inner statement over the one that wraps it: policy header, specific code, local reading of the
//! token where a refusal followed, suberror, general code, words, OAuth `error`, page, status.

use super::{
    cause::Cause,
    entra,
    evidence::{Evidence, Fact},
    ews, graph, status, transport,
};
use crate::{
    observation::{SecretNote, Stage},
    report::{CodeMeaning, Confidence},
};

/// What the evidence comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    /// The cause.
    pub(super) cause: Cause,
    /// How sure.
    pub(super) confidence: Confidence,
    /// What else it may be.
    pub(super) also_possible: Vec<Cause>,
    /// Which stage the decisive evidence belongs to.
    pub(super) stage: Option<Stage>,
    /// The decisive code, or else the best one.
    pub(super) code: Option<String>,
    /// Every code, best evidence first.
    pub(super) codes: Vec<CodeMeaning>,
}

/// More causes than this are no longer a hint.
const ALSO_LIMIT: usize = 4;

/// How much a kind of evidence says; the order of the variants is the order of rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    /// A bare status.
    Status,
    /// A number that is known by its family only.
    Family,
    /// A page where an answer was due.
    Page,
    /// An OAuth `error`.
    OAuthError,
    /// A code that is known and points to no cause of ours.
    Unmapped,
    /// Words of a person or program.
    Words,
    /// A code that wraps or leaves open.
    General,
    /// A suberror.
    Suberror,
    /// Something that cannot be mistaken, such as a fault below HTTP.
    Fault,
    /// A code of a refusal that a fault of the token may explain.
    Refusal,
    /// What the token itself lacks, where a refusal followed.
    Token,
    /// A code with one meaning.
    Specific,
    /// A header that was made to tell.
    Header,
}

struct Candidate {
    weight: Weight,
    depth: u8,
    cause: Cause,
    confidence: Confidence,
    also: &'static [Cause],
    stage: Option<Stage>,
    code: Option<(String, String)>,
}

/// Ranks the evidence; `None` where none of it points anywhere.
pub(super) fn rank(evidence: &[Evidence]) -> Option<Finding> {
    let refused = evidence.iter().any(|e| is_refusal(&e.fact));
    let alone = evidence.iter().all(|e| is_about_token(&e.fact));
    let mut candidates: Vec<Candidate> = evidence
        .iter()
        .filter(|e| refused || alone || !is_token_reading(&e.fact))
        .filter_map(|e| weigh(e, evidence))
        .collect();
    // of equals the later one is the inner one: `[70002, 50126]`; reversed, a stable sort keeps that
    candidates.reverse();
    candidates.sort_by_key(|c| std::cmp::Reverse((c.weight, c.depth)));
    let best = candidates.first()?;
    let mut finding = Finding {
        cause: best.cause,
        confidence: best.confidence,
        also_possible: best.also.to_vec(),
        stage: best.stage,
        code: candidates
            .iter()
            .find_map(|c| Some(c.code.as_ref()?.0.clone())),
        codes: codes(&candidates),
    };
    let rivals = candidates
        .iter()
        .skip(1)
        .filter(|c| c.weight >= Weight::Suberror);
    finding.also_possible.extend(rivals.map(|c| c.cause));
    sharpen(&mut finding, evidence);
    tidy(&mut finding);
    Some(finding)
}

fn weigh(evidence: &Evidence, all: &[Evidence]) -> Option<Candidate> {
    let (weight, cause, confidence, also) = match &evidence.fact {
        Fact::Aadsts(number) => sign_in_code(*number, all),
        Fact::OAuthError(id) => {
            let word = entra::oauth_error(id)?;
            (Weight::OAuthError, word.cause, word.confidence, word.also)
        }
        Fact::Suberror(id) => {
            let word = entra::suberror(id)?;
            (Weight::Suberror, word.cause, word.confidence, word.also)
        }
        Fact::EwsCode(name) => response_code(name, evidence.stage),
        Fact::Diagnostics { id, words } => diagnostics(*id, words),
        Fact::PolicyReason(reason) => policy(reason),
        Fact::Challenge(schemes) => challenge(schemes, evidence.stage)?,
        Fact::GraphCode(id) => graph_code(id, all),
        Fact::Status(code) => http_status(*code, evidence.stage, all)?,
        Fact::Page(_) => (
            Weight::Page,
            Cause::UnexpectedPage,
            Confidence::Likely,
            none(),
        ),
        Fact::Fault(kind) => {
            let (cause, confidence, also) = transport::cause_of(*kind);
            (Weight::Fault, cause, confidence, also)
        }
        Fact::Words(cause, _) => (Weight::Words, *cause, Confidence::Likely, none()),
        Fact::NoSecret(_) => (
            Weight::Header,
            Cause::SecretUnavailable,
            Confidence::Certain,
            none(),
        ),
        Fact::WrongAudience(_) => (
            Weight::Token,
            Cause::AudienceWrong,
            Confidence::Likely,
            none(),
        ),
        Fact::NoRole(_) => no_role(evidence.stage),
        Fact::NoScope(_) => no_scope(evidence.stage),
        Fact::OutsideValidity => outside_validity(all),
        Fact::Message(_)
        | Fact::Secret(_)
        | Fact::ClockOff(_)
        | Fact::Success
        | Fact::RetryAfter(_)
        | Fact::SecretIsNew => return None,
    };
    Some(Candidate {
        weight,
        depth: evidence.depth,
        cause,
        confidence,
        also,
        stage: stage_of(evidence, cause),
        code: named(&evidence.fact),
    })
}

type Weighed = (Weight, Cause, Confidence, &'static [Cause]);

const fn none() -> &'static [Cause] {
    &[]
}

/// A fault of the token shows at the `claims` stage, whatever call it made fail.
fn stage_of(evidence: &Evidence, cause: Cause) -> Option<Stage> {
    let of_token = is_token_reading(&evidence.fact) && cause != Cause::GraphPermissionMissing;
    if of_token {
        Some(Stage::Claims)
    } else {
        evidence.stage
    }
}

fn sign_in_code(number: u32, all: &[Evidence]) -> Weighed {
    let Some(code) = entra::code(number) else {
        let cause = entra::family(number).map_or(Cause::Unknown, |code| code.cause);
        return (Weight::Family, cause, Confidence::Possible, none());
    };
    let turned = entra::turned(number, all.iter().map(|e| &e.fact));
    let cause = turned.unwrap_or(code.cause);
    let (confidence, also) = entra::doubts(number, cause);
    let weight = match cause {
        Cause::Unknown => Weight::Unmapped,
        _ if entra::is_general(number) && turned.is_none() => Weight::General,
        _ => Weight::Specific,
    };
    (weight, cause, confidence, also)
}

fn response_code(name: &str, stage: Option<Stage>) -> Weighed {
    if stage == Some(Stage::Graph)
        && let Some((cause, _)) = graph::from_exchange(name)
    {
        return (Weight::Specific, cause, Confidence::Likely, none());
    }
    let Some(code) = ews::response_code(name) else {
        return (
            Weight::Unmapped,
            Cause::Unknown,
            Confidence::Possible,
            none(),
        );
    };
    match code.cause {
        Cause::Unknown => (
            Weight::Unmapped,
            Cause::Unknown,
            Confidence::Possible,
            none(),
        ),
        cause if ews::is_general(code.name) => (
            Weight::General,
            cause,
            Confidence::Likely,
            &[Cause::EwsThrottled],
        ),
        Cause::AccessDenied => (
            Weight::Refusal,
            Cause::AccessDenied,
            Confidence::Likely,
            &[Cause::AppAccessPolicyDenied, Cause::ImpersonationDenied],
        ),
        Cause::ImpersonationDenied => (
            Weight::Specific,
            Cause::ImpersonationDenied,
            Confidence::Certain,
            &[Cause::AppAccessPolicyDenied],
        ),
        cause => (Weight::Specific, cause, Confidence::Certain, none()),
    }
}

fn diagnostics(id: u32, words: &str) -> Weighed {
    let said = words.to_ascii_lowercase();
    if let Some(refusal) = ews::refusal(id) {
        let weight = match refusal.cause {
            Cause::TokenRejected => Weight::Refusal,
            _ => Weight::Specific,
        };
        if weight == Weight::Specific || !speaks(&said) {
            return (weight, refusal.cause, refusal.confidence, refusal.also);
        }
    }
    let cause = match () {
        () if said.contains("audience") => Cause::AudienceWrong,
        () if said.contains("expired") || said.contains("lifetime") => Cause::TokenExpired,
        () => Cause::TokenRejected,
    };
    (Weight::Refusal, cause, Confidence::Likely, none())
}

/// Whether the words beside a vague id say more than the id.
fn speaks(words: &str) -> bool {
    ["audience", "expired", "lifetime"]
        .iter()
        .any(|word| words.contains(word))
}

fn policy(reason: &str) -> Weighed {
    let (cause, confidence, _) = ews::policy_reason(reason);
    let also: &[Cause] = match cause {
        Cause::EwsDisabled => &[Cause::EwsRetired],
        _ => none(),
    };
    (Weight::Header, cause, confidence, also)
}

fn challenge(schemes: &str, stage: Option<Stage>) -> Option<Weighed> {
    let has = |word: &str| schemes.split(' ').any(|s| s.eq_ignore_ascii_case(word));
    if stage == Some(Stage::Token) {
        return None;
    }
    if has("insufficient_claims") {
        let cause = Cause::ConditionalAccessBlocked;
        return Some((Weight::Refusal, cause, Confidence::Likely, none()));
    }
    if has("Bearer") {
        let also: &[Cause] = &[
            Cause::AppRoleMissing,
            Cause::AudienceWrong,
            Cause::TokenExpired,
        ];
        return Some((
            Weight::OAuthError,
            Cause::TokenRejected,
            Confidence::Likely,
            also,
        ));
    }
    let offers = has("Basic") || has("Negotiate") || has("NTLM") || has("Digest");
    let cause = Cause::AuthSchemeUnsupported;
    offers.then_some((Weight::General, cause, Confidence::Likely, none()))
}

fn graph_code(id: &str, all: &[Evidence]) -> Weighed {
    let messages = all.iter().filter_map(|e| match &e.fact {
        Fact::Message(text) => Some(text.to_lowercase()),
        _ => None,
    });
    for message in messages {
        if let Some(cause) = graph::turned(id, &message) {
            return (Weight::Specific, cause, Confidence::Certain, none());
        }
    }
    if let Some(code) = graph::code(id) {
        let weight = match code.cause {
            Cause::Unknown => Weight::Unmapped,
            Cause::TokenRejected | Cause::GraphPermissionMissing => Weight::Refusal,
            _ if code.confidence == Confidence::Possible => Weight::General,
            _ => Weight::Specific,
        };
        return (weight, code.cause, code.confidence, code.also);
    }
    match graph::from_exchange(id) {
        Some((cause, _)) if cause != Cause::Unknown => {
            (Weight::Specific, cause, Confidence::Likely, none())
        }
        _ => (
            Weight::Unmapped,
            Cause::Unknown,
            Confidence::Possible,
            none(),
        ),
    }
}

fn http_status(code: u16, stage: Option<Stage>, all: &[Evidence]) -> Option<Weighed> {
    let hint = status::hint_of(code, stage)?;
    let asked_to_wait = all.iter().any(|e| matches!(e.fact, Fact::RetryAfter(_)));
    if code == 503 && asked_to_wait && stage == Some(Stage::Ews) {
        let also: &[Cause] = &[Cause::EwsUnavailable];
        return Some((
            Weight::Status,
            Cause::EwsThrottled,
            Confidence::Likely,
            also,
        ));
    }
    let weight = if hint.cause == Cause::ProxyAuthRequired {
        Weight::Fault
    } else {
        Weight::Status
    };
    Some((weight, hint.cause, hint.confidence, hint.also))
}

fn no_role(stage: Option<Stage>) -> Weighed {
    let cause = match stage {
        Some(Stage::Graph) => Cause::GraphPermissionMissing,
        _ => Cause::AppRoleMissing,
    };
    // permissions given by Exchange's own roles do not show in a token
    let also: &[Cause] = &[Cause::AppAccessPolicyDenied];
    (Weight::Token, cause, Confidence::Likely, also)
}

fn no_scope(stage: Option<Stage>) -> Weighed {
    let cause = match stage {
        Some(Stage::Graph) => Cause::GraphPermissionMissing,
        _ => Cause::DelegatedScopeMissing,
    };
    (Weight::Token, cause, Confidence::Likely, none())
}

fn outside_validity(all: &[Evidence]) -> Weighed {
    let clock_off = all.iter().any(|e| matches!(e.fact, Fact::ClockOff(_)));
    let cause = if clock_off {
        Cause::ClockSkew
    } else {
        Cause::TokenExpired
    };
    (Weight::Token, cause, Confidence::Likely, none())
}

/// Whether a fact is a reading of the access token, which counts only where a refusal followed.
fn is_token_reading(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::NoRole(_) | Fact::NoScope(_) | Fact::WrongAudience(_) | Fact::OutsideValidity
    )
}

/// Whether a fact says nothing of a call: a decoded token that somebody pasted has only such.
fn is_about_token(fact: &Fact) -> bool {
    is_token_reading(fact) || matches!(fact, Fact::Message(_) | Fact::ClockOff(_) | Fact::Success)
}

/// Whether a fact is a refusal that a fault of the token would explain.
fn is_refusal(fact: &Fact) -> bool {
    match fact {
        Fact::Status(code) => matches!(code, 401 | 403),
        Fact::Diagnostics { .. } => true,
        Fact::Challenge(schemes) => schemes.contains("Bearer"),
        Fact::EwsCode(name) => {
            ews::response_code(name).is_some_and(|code| code.cause == Cause::AccessDenied)
        }
        Fact::GraphCode(id) => graph::code(id).is_some_and(|code| {
            matches!(
                code.cause,
                Cause::GraphPermissionMissing | Cause::TokenRejected
            )
        }),
        Fact::Words(cause, _) => matches!(cause, Cause::AccessDenied | Cause::TokenRejected),
        _ => false,
    }
}

/// How a code is written, and what it says.
fn named(fact: &Fact) -> Option<(String, String)> {
    match fact {
        Fact::Aadsts(number) => Some((format!("AADSTS{number}"), super::codes::sign_in(*number))),
        Fact::EwsCode(name) => Some((name.clone(), super::codes::response(name))),
        Fact::GraphCode(id) => Some((id.clone(), super::codes::graph(id))),
        Fact::Diagnostics { id, words } => Some((
            format!("x-ms-diagnostics {id}"),
            super::codes::refusal(*id, words),
        )),
        Fact::PolicyReason(reason) => {
            let (_, _, summary) = ews::policy_reason(reason);
            Some(("X-EWS-Policy-Reason".to_owned(), summary.to_owned()))
        }
        Fact::Suberror(id) => {
            let word = entra::suberror(id)?;
            Some((word.id.to_owned(), word.summary.to_owned()))
        }
        Fact::OAuthError(id) => {
            let word = entra::oauth_error(id)?;
            Some((word.id.to_owned(), word.summary.to_owned()))
        }
        _ => None,
    }
}

/// Every distinct code, best first.
fn codes(candidates: &[Candidate]) -> Vec<CodeMeaning> {
    let mut codes: Vec<CodeMeaning> = Vec::new();
    for candidate in candidates {
        if let Some((code, summary)) = &candidate.code
            && !codes.iter().any(|known| known.code == *code)
        {
            codes.push(CodeMeaning {
                code: code.clone(),
                cause: candidate.cause,
                summary: summary.clone(),
            });
        }
    }
    codes
}

/// What local knowledge about the secret adds to a refused one.
fn sharpen(finding: &mut Finding, evidence: &[Evidence]) {
    if finding.cause != Cause::SecretInvalid {
        return;
    }
    let noted = |telling: fn(SecretNote) -> bool| {
        evidence
            .iter()
            .any(|e| matches!(e.fact, Fact::Secret(note) if telling(note)))
    };
    if noted(|note| !matches!(note, SecretNote::Padded | SecretNote::PercentEncoded)) {
        finding.confidence = Confidence::Certain;
        finding.also_possible.clear();
    } else if noted(|_| true) {
        finding.confidence = finding.confidence.max(Confidence::Likely);
    } else if evidence.iter().any(|e| e.fact == Fact::SecretIsNew) {
        finding.cause = Cause::SecretPropagating;
        finding.confidence = Confidence::Likely;
        finding.also_possible.insert(0, Cause::SecretInvalid);
    }
}

/// Leaves out what is said already, and what is too much.
fn tidy(finding: &mut Finding) {
    let mut kept: Vec<Cause> = Vec::new();
    for cause in finding.also_possible.drain(..) {
        if cause != finding.cause && cause != Cause::Unknown && !kept.contains(&cause) {
            kept.push(cause);
        }
    }
    kept.truncate(ALSO_LIMIT);
    finding.also_possible = kept;
}
