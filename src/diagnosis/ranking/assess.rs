//! How much each piece of evidence says, and what it points to.

use crate::{
    diagnosis::{
        codes,
        evidence::{Evidence, Fact},
        tables::{aadsts, exchange, graph, oauth, status, transport},
    },
    observation::Stage,
    verdict::{Confidence, cause::Cause},
};

/// How much a kind of evidence says; the order of the variants is the order of rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
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
    /// A sentence that only the service says.
    Said,
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

impl Weight {
    /// Returns the rule by which a piece of evidence has this weight, in words.
    pub(super) const fn rule(self) -> &'static str {
        match self {
            Self::Status => "a status, which counts where nothing else speaks",
            Self::Family => "an unknown number of a known family",
            Self::Page => "a page where an answer was due",
            Self::OAuthError => "an OAuth error or challenge, which leaves open why",
            Self::Unmapped => "a known code that points to no cause",
            Self::Words => "words that others use too",
            Self::General => "a code that wraps another one or leaves open why",
            Self::Said => "a sentence that only the service says",
            Self::Suberror => "a suberror, which says more than a general code",
            Self::Fault => "a fault below HTTP, with no answer of a service",
            Self::Refusal => "a refusal that a fault of the token may explain",
            Self::Token => "what the token lacks, where a refusal followed",
            Self::Specific => "a code or reply with one meaning",
            Self::Header => "a header that was made to tell, or found out here",
        }
    }
}

/// One piece of evidence, assessed.
pub(super) struct Candidate {
    pub(super) weight: Weight,
    pub(super) depth: u8,
    pub(super) cause: Cause,
    pub(super) confidence: Confidence,
    pub(super) also: &'static [Cause],
    pub(super) stage: Option<Stage>,
    pub(super) code: Option<(String, String)>,
}

/// Assesses one piece of evidence among all of its answer; `None` where it points nowhere by itself.
pub(super) fn assess(evidence: &Evidence, all: &[Evidence]) -> Option<Candidate> {
    let (weight, cause, confidence, also): Assessed = match &evidence.fact {
        Fact::Aadsts(number) => sign_in_code(*number, evidence, all),
        Fact::OAuthError(id) => {
            let word = oauth::error(id)?;
            (Weight::OAuthError, word.cause, word.confidence, &word.also)
        }
        Fact::Suberror(id) => {
            let word = oauth::suberror(id)?;
            (Weight::Suberror, word.cause, word.confidence, &word.also)
        }
        Fact::EwsCode(name) => response_code(name, evidence, all),
        Fact::Diagnostics { id, words } => diagnostics(*id, words, all),
        Fact::PolicyReason(reason) => policy(reason),
        Fact::Challenge(schemes) => challenge(schemes, evidence.stage)?,
        Fact::GraphCode(id) => graph_code(id, evidence, all),
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
        Fact::Said(cause, _) => said(*cause),
        Fact::MailReply {
            cause,
            confidence,
            wraps,
            ..
        } => mail_reply(*cause, *confidence, *wraps),
        Fact::Named(cause) => (Weight::Specific, *cause, Confidence::Certain, none()),
        fact if is_token_reading(fact) => token_reading(evidence, all),
        Fact::NoSecret(_) => found_here(Cause::SecretUnavailable),
        Fact::NotSignedIn(_) => found_here(Cause::LoginMissing),
        Fact::Message(_)
        | Fact::Secret(_)
        | Fact::Presented(_)
        | Fact::ClockOff(_)
        | Fact::Success
        | Fact::RetryAfter(_)
        | Fact::SecretIsNew
        | Fact::WrongAudience(_)
        | Fact::NoRole(_)
        | Fact::NoScope(_)
        | Fact::OutsideValidity
        | Fact::NotYetValid => return None,
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

type Assessed = (Weight, Cause, Confidence, &'static [Cause]);

const fn none() -> &'static [Cause] {
    &[]
}

/// What credwatch found out by itself is certain.
const fn found_here(cause: Cause) -> Assessed {
    (Weight::Header, cause, Confidence::Certain, none())
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

/// What the access token itself lacks.
fn token_reading(evidence: &Evidence, all: &[Evidence]) -> Assessed {
    match &evidence.fact {
        Fact::NoRole(_) => no_role(evidence.stage),
        Fact::NoScope(_) => no_scope(evidence.stage),
        Fact::OutsideValidity => outside_validity(all),
        // no token is issued for later: one of the two clocks is off
        Fact::NotYetValid => (Weight::Token, Cause::ClockSkew, Confidence::Likely, none()),
        _ => (
            Weight::Token,
            Cause::AudienceWrong,
            Confidence::Likely,
            none(),
        ),
    }
}

/// A sentence of the service; two of them leave something open.
fn said(cause: Cause) -> Assessed {
    let also: &[Cause] = match cause {
        // a policy on the user agent says the same as one on the app
        Cause::AppAccessPolicyDenied => &[Cause::EwsDisabled],
        Cause::RefreshTokenExpired => &[Cause::RefreshTokenRevoked],
        _ => none(),
    };
    (Weight::Said, cause, Confidence::Likely, also)
}

fn mail_reply(cause: Cause, confidence: Confidence, wraps: bool) -> Assessed {
    let weight = match confidence {
        _ if wraps => Weight::General,
        Confidence::Possible => Weight::Words,
        Confidence::Likely | Confidence::Certain => Weight::Specific,
    };
    let also: &[Cause] = match (cause, confidence) {
        (Cause::TokenRejected, _) => &[Cause::MailboxPermissionMissing, Cause::AppRoleMissing],
        (Cause::MailboxPermissionMissing, _) => &[Cause::TokenRejected, Cause::AppRoleMissing],
        (Cause::UserPasswordWrong, Confidence::Possible) => {
            &[Cause::BasicAuthRetired, Cause::MailProtocolDisabled]
        }
        (Cause::ConditionalAccessBlocked, _) => &[Cause::BasicAuthRetired],
        _ => none(),
    };
    (weight, cause, confidence, also)
}

fn sign_in_code(number: u32, evidence: &Evidence, all: &[Evidence]) -> Assessed {
    let Some(code) = aadsts::code(number) else {
        let cause = aadsts::family(number).map_or(Cause::Unknown, |code| code.cause);
        return (Weight::Family, cause, Confidence::Possible, none());
    };
    let turned = beside(evidence, all, |message| aadsts::turned(number, message));
    let cause = turned.unwrap_or(code.cause);
    let (confidence, also) = aadsts::doubts(number, cause);
    let weight = match cause {
        Cause::Unknown => Weight::Unmapped,
        _ if aadsts::is_general(number) && turned.is_none() => Weight::General,
        _ => Weight::Specific,
    };
    (weight, cause, confidence, also)
}

/// What the sentence beside a code makes of it: its own one, or else any of the answer.
fn beside(
    evidence: &Evidence,
    all: &[Evidence],
    turned: impl Fn(&str) -> Option<Cause>,
) -> Option<Cause> {
    match &evidence.says {
        Some(says) => turned(says),
        None => messages(all).find_map(|message| turned(&message)),
    }
}

fn response_code(name: &str, evidence: &Evidence, all: &[Evidence]) -> Assessed {
    if evidence.stage == Some(Stage::Graph)
        && let Some((cause, _)) = graph::from_exchange(name)
    {
        return (Weight::Specific, cause, Confidence::Likely, none());
    }
    let Some(code) = exchange::response_code(name) else {
        return (
            Weight::Unmapped,
            Cause::Unknown,
            Confidence::Possible,
            none(),
        );
    };
    if let Some(cause) = beside(evidence, all, |message| {
        exchange::turned(code.name, message)
    }) {
        return (Weight::Specific, cause, Confidence::Certain, none());
    }
    match code.cause {
        Cause::Unknown => (
            Weight::Unmapped,
            Cause::Unknown,
            Confidence::Possible,
            none(),
        ),
        cause if exchange::is_general(code.name) => (
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

/// The messages beside the codes, in lower case.
fn messages(all: &[Evidence]) -> impl Iterator<Item = String> {
    all.iter().filter_map(|evidence| match &evidence.fact {
        Fact::Message(text) => Some(text.to_lowercase()),
        _ => None,
    })
}

fn diagnostics(id: u32, words: &str, all: &[Evidence]) -> Assessed {
    let said = words.to_ascii_lowercase();
    let for_a_person = all.iter().any(|one| matches!(one.fact, Fact::NoScope(_)));
    if let Some(refusal) = exchange::refusal(id) {
        // one number for both kinds of token; which it is shows in the token
        if refusal.cause == Cause::AppRoleMissing && for_a_person {
            let cause = Cause::DelegatedScopeMissing;
            return (Weight::Specific, cause, Confidence::Likely, none());
        }
        let weight = match refusal.cause {
            Cause::TokenRejected => Weight::Refusal,
            _ => Weight::Specific,
        };
        if weight == Weight::Specific || !speaks(&said) {
            return (weight, refusal.cause, refusal.confidence, &refusal.also);
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

fn policy(reason: &str) -> Assessed {
    let (cause, confidence, _) = exchange::policy_reason(reason);
    let also: &[Cause] = match cause {
        Cause::EwsDisabled => &[Cause::EwsRetired],
        _ => none(),
    };
    (Weight::Header, cause, confidence, also)
}

fn challenge(schemes: &str, stage: Option<Stage>) -> Option<Assessed> {
    let has = |word: &str| schemes.split(' ').any(|s| s.eq_ignore_ascii_case(word));
    // every server may ask for a bearer token; the challenge counts where Exchange or Graph answered
    if matches!(stage, None | Some(Stage::Token)) {
        return None;
    }
    let at_graph = stage == Some(Stage::Graph);
    let told: Option<(Cause, &'static [Cause])> = match () {
        () if has("revoked") => Some((
            Cause::RefreshTokenRevoked,
            &[Cause::InteractionRequired, Cause::ConditionalAccessBlocked],
        )),
        () if has("insufficient_claims") => Some((Cause::ConditionalAccessBlocked, none())),
        () if has("insufficient_scope") && at_graph => {
            Some((Cause::GraphPermissionMissing, none()))
        }
        () if has("insufficient_scope") => {
            Some((Cause::AppRoleMissing, &[Cause::DelegatedScopeMissing]))
        }
        () if has("audience") => Some((Cause::AudienceWrong, &[Cause::TokenRejected])),
        () if has("expired") => Some((Cause::TokenExpired, &[Cause::TokenRejected])),
        () => None,
    };
    if let Some((cause, also)) = told {
        return Some((Weight::Refusal, cause, Confidence::Likely, also));
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

fn graph_code(id: &str, evidence: &Evidence, all: &[Evidence]) -> Assessed {
    // all of them at once: one that was cut short must not hide what a whole one says
    let said = evidence
        .says
        .iter()
        .map(|says| says.to_lowercase())
        .chain(messages(all))
        .collect::<Vec<_>>()
        .join(
            "
",
        );
    if let Some(cause) = graph::turned(id, &said) {
        return (Weight::Specific, cause, Confidence::Certain, none());
    }
    if let Some(code) = graph::code(id) {
        let weight = match code.cause {
            Cause::Unknown => return without_reason(all),
            _ if code.confidence == Confidence::Possible => Weight::General,
            Cause::TokenRejected | Cause::GraphPermissionMissing => Weight::Refusal,
            _ => Weight::Specific,
        };
        return (weight, code.cause, code.confidence, &code.also);
    }
    match graph::from_exchange(id) {
        Some((cause, _)) if cause != Cause::Unknown => {
            (Weight::Specific, cause, Confidence::Likely, none())
        }
        _ => without_reason(all),
    }
}

/// A code of Graph that says nothing: where the server failed, that is what is known.
fn without_reason(all: &[Evidence]) -> Assessed {
    let failed = |one: &Evidence| matches!(one.fact, Fact::Status(500..=599));
    let (cause, confidence) = if all.iter().any(failed) {
        (Cause::GraphUnavailable, Confidence::Likely)
    } else {
        (Cause::Unknown, Confidence::Possible)
    };
    (Weight::Unmapped, cause, confidence, none())
}

fn http_status(code: u16, stage: Option<Stage>, all: &[Evidence]) -> Option<Assessed> {
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

fn no_role(stage: Option<Stage>) -> Assessed {
    let cause = match stage {
        Some(Stage::Graph) => Cause::GraphPermissionMissing,
        _ => Cause::AppRoleMissing,
    };
    // permissions given by Exchange's own roles do not show in a token
    let also: &[Cause] = &[Cause::AppAccessPolicyDenied];
    (Weight::Token, cause, Confidence::Likely, also)
}

fn no_scope(stage: Option<Stage>) -> Assessed {
    let cause = match stage {
        Some(Stage::Graph) => Cause::GraphPermissionMissing,
        _ => Cause::DelegatedScopeMissing,
    };
    (Weight::Token, cause, Confidence::Likely, none())
}

fn outside_validity(all: &[Evidence]) -> Assessed {
    let clock_off = all.iter().any(|e| matches!(e.fact, Fact::ClockOff(_)));
    let cause = if clock_off {
        Cause::ClockSkew
    } else {
        Cause::TokenExpired
    };
    (Weight::Token, cause, Confidence::Likely, none())
}

/// How a code is written, and what it says.
fn named(fact: &Fact) -> Option<(String, String)> {
    match fact {
        Fact::Aadsts(number) => Some((format!("AADSTS{number}"), codes::sign_in(*number))),
        Fact::EwsCode(name) => Some((name.clone(), codes::response(name))),
        Fact::GraphCode(id) => Some((id.clone(), codes::graph(id))),
        Fact::Diagnostics { id, words } => {
            Some((format!("x-ms-diagnostics {id}"), codes::refusal(*id, words)))
        }
        Fact::PolicyReason(reason) => {
            let (_, _, summary) = exchange::policy_reason(reason);
            Some(("X-EWS-Policy-Reason".to_owned(), summary.to_owned()))
        }
        Fact::Suberror(id) => {
            let word = oauth::suberror(id)?;
            Some((word.id.to_owned(), word.summary.to_owned()))
        }
        Fact::OAuthError(id) => {
            let word = oauth::error(id)?;
            Some((word.id.to_owned(), word.summary.to_owned()))
        }
        Fact::MailReply { code, cause, .. } => Some((code.clone(), cause.meaning().to_owned())),
        Fact::Named(cause) => Some((cause.id().to_owned(), cause.meaning().to_owned())),
        _ => None,
    }
}

/// Whether a fact is a reading of the access token, which counts only where a refusal followed.
pub(super) fn is_token_reading(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::NoRole(_)
            | Fact::NoScope(_)
            | Fact::WrongAudience(_)
            | Fact::OutsideValidity
            | Fact::NotYetValid
    )
}
