//! The one ranking: which of several pieces of evidence names the cause.
//!
//! 1. What a service says of itself in its own words wins over what is guessed from outside. From the
//!    strongest to the weakest ([`assess::Weight`]): a header made to tell, and what was found out here ·
//!    a code or mail reply with one meaning · what the token lacks, where a refusal followed · a refusal
//!    that a fault of the token may explain · a fault below HTTP · a suberror · a sentence that only the
//!    service says · a code that wraps or leaves open · words that others use too · a code without a
//!    cause · an OAuth `error` or challenge · a page · an unknown number of a known family · a status.
//! 2. Of equals the inner statement wins over the one that wraps it, and the later over the earlier.
//! 3. The sentence beside a code decides what the code means, where the service uses it for several
//!    things.
//! 4. A fault below HTTP counts only where no service answered: what broke off after an answer is no
//!    cause (`freetext::reconcile`; an observation has one or the other).
//! 5. Another cause of the same rank and depth makes the verdict `possible`; a weaker one that only a
//!    service states makes it at most `likely`.

mod assess;

use super::{
    evidence::{Evidence, Fact},
    tables::{exchange, graph},
};
use crate::verdict::cause::Cause;
use crate::{
    observation::{SecretNote, Stage},
    verdict::{CodeMeaning, Confidence},
};
use assess::{Candidate, Weight, assess, is_token_reading};

/// One piece of evidence with the cause it points to and the rule that ranks it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RankedEvidence {
    /// The fact, safe to show.
    pub what: String,
    /// The line of the text in which it stands, from 1; `None` where only a rewritten form shows it.
    pub line: Option<usize>,
    /// The stage at which it was stated.
    pub stage: Option<Stage>,
    /// What it points to.
    pub cause: Cause,
    /// Why it ranks where it does.
    pub rule: &'static str,
}

/// Returns the evidence that points somewhere, the strongest first.
pub(super) fn ranked(evidence: &[Evidence]) -> Vec<RankedEvidence> {
    let mut all: Vec<_> = evidence
        .iter()
        .filter_map(|one| Some((one, assess(one, evidence)?)))
        .collect();
    all.reverse();
    all.sort_by_key(|(_, candidate)| std::cmp::Reverse((candidate.weight, candidate.depth)));
    all.into_iter()
        .map(|(one, candidate)| RankedEvidence {
            what: what(&one.fact, candidate.code.as_ref()),
            line: one.place.and_then(|place| place.line),
            stage: one.stage,
            cause: candidate.cause,
            rule: candidate.weight.rule(),
        })
        .collect()
}

/// A fact in words: its code, or what it is.
fn what(fact: &Fact, code: Option<&(String, String)>) -> String {
    if let Some((code, _)) = code {
        return code.clone();
    }
    match fact {
        Fact::Status(status) => format!("HTTP {status}"),
        Fact::Fault(_) => "a fault of the connection".to_owned(),
        Fact::Page(title) => format!("a page: '{title}'"),
        Fact::Challenge(summary) => format!("a challenge: {summary}"),
        Fact::Words(_, words) | Fact::Said(_, words) => format!("'{words}'"),
        Fact::NoRole(role) | Fact::NoScope(role) => format!("a token without {role}"),
        Fact::WrongAudience(audience) => format!("a token for {audience}"),
        _ => "what was found out here".to_owned(),
    }
}

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

/// Ranks the evidence; `None` where none of it points anywhere.
pub(super) fn rank(evidence: &[Evidence]) -> Option<Finding> {
    let refused = evidence.iter().any(|e| is_refusal(&e.fact));
    let alone = evidence.iter().all(|e| is_about_token(&e.fact));
    let mut candidates: Vec<Candidate> = evidence
        .iter()
        .filter(|e| refused || alone || !is_token_reading(&e.fact))
        .filter_map(|e| assess(e, evidence))
        .collect();
    // of equals the later one is the inner one: `[70002, 50126]`; reversed, a stable sort keeps that
    candidates.reverse();
    candidates.sort_by_key(|c| std::cmp::Reverse((c.weight, c.depth)));
    let first = candidates.first()?;
    // a code that points nowhere gives way to what lies inside it
    let inner = |c: &&Candidate| c.cause != Cause::Unknown && c.depth > first.depth;
    let best = Some(first)
        .filter(|first| first.cause != Cause::Unknown)
        .or_else(|| candidates.iter().find(inner))
        .unwrap_or(first);
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
    let in_token = |c: &Candidate| c.stage == Some(Stage::Claims) && c.cause == best.cause;
    if candidates.iter().any(in_token) {
        blame_token(&mut finding);
    }
    doubt(&mut finding, best, &candidates);
    sharpen(&mut finding, evidence);
    tidy(&mut finding);
    Some(finding)
}

/// Another cause that is stated as well leaves the verdict less sure: two of the same rank and depth
/// are both possible.
fn doubt(finding: &mut Finding, best: &Candidate, candidates: &[Candidate]) {
    let rivals = candidates.iter().filter(|other| {
        let known = other.cause != Cause::Unknown && other.cause != best.cause;
        known && !best.also.contains(&other.cause)
    });
    let sure = rivals
        .map(|other| match (other.weight, other.depth) {
            (weight, depth) if weight == best.weight && depth == best.depth => Confidence::Possible,
            (weight, _) if weight >= Weight::Said => Confidence::Likely,
            _ => Confidence::Certain,
        })
        .min()
        .unwrap_or(Confidence::Certain);
    finding.confidence = finding.confidence.min(sure);
}

/// What the token was seen to lack explains the refusal; a service that says the same makes it certain.
fn blame_token(finding: &mut Finding) {
    if finding.stage.replace(Stage::Claims) != Some(Stage::Claims) {
        finding.confidence = Confidence::Certain;
        // whose token it is was read too
        let lacking = [Cause::AppRoleMissing, Cause::DelegatedScopeMissing];
        finding.also_possible.retain(|it| !lacking.contains(it));
    }
}

/// Whether a fact says nothing of a call: a pasted token has only such facts.
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
            exchange::response_code(name).is_some_and(|code| code.cause == Cause::AccessDenied)
        }
        Fact::GraphCode(id) => graph::code(id).is_some_and(|code| {
            matches!(
                code.cause,
                Cause::GraphPermissionMissing | Cause::TokenRejected
            )
        }),
        Fact::Words(cause, _) | Fact::Said(cause, _) => {
            matches!(cause, Cause::AccessDenied | Cause::TokenRejected)
        }
        _ => false,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::FaultKind;

    fn ranked(stage: Option<Stage>, facts: &[Fact]) -> Option<(Cause, Confidence)> {
        let evidence: Vec<_> = facts
            .iter()
            .map(|fact| Evidence::new(fact.clone(), stage, 0))
            .collect();
        rank(&evidence).map(|finding| (finding.cause, finding.confidence))
    }

    fn cause(facts: &[Fact]) -> Option<Cause> {
        ranked(None, facts).map(|(cause, _)| cause)
    }

    fn error(id: &str) -> Fact {
        Fact::OAuthError(id.into())
    }

    fn suberror(id: &str) -> Fact {
        Fact::Suberror(id.into())
    }

    fn response(name: &str) -> Fact {
        Fact::EwsCode(name.into())
    }

    #[test]
    fn the_most_specific_statement_wins() {
        use Cause::{
            ConditionalAccessBlocked, RefreshTokenExpired, RefreshTokenInvalid,
            RefreshTokenRevoked, SecretExpired, SecretInvalid, UserPasswordWrong,
        };
        let cases = [
            (
                vec![Fact::Aadsts(70002), Fact::Aadsts(50126)],
                UserPasswordWrong,
            ),
            (
                vec![Fact::Aadsts(50126), Fact::Aadsts(70002)],
                UserPasswordWrong,
            ),
            (
                vec![error("invalid_client"), Fact::Aadsts(7_000_222)],
                SecretExpired,
            ),
            (vec![error("invalid_client")], SecretInvalid),
            // a suberror says more than a general number, and less than a specific one
            (
                vec![Fact::Aadsts(9_002_313), suberror("bad_token")],
                RefreshTokenInvalid,
            ),
            (
                vec![Fact::Aadsts(50173), suberror("bad_token")],
                RefreshTokenRevoked,
            ),
            (
                vec![Fact::Aadsts(70000), suberror("token_expired")],
                RefreshTokenExpired,
            ),
            (
                vec![
                    error("unauthorized_client"),
                    suberror("protection_policy_required"),
                ],
                ConditionalAccessBlocked,
            ),
        ];
        for (facts, due) in cases {
            assert_eq!(cause(&facts), Some(due), "{facts:?}");
        }
    }

    #[test]
    fn what_the_token_lacks_and_the_service_names_is_certain() {
        let lacks = |stage, fact| Evidence::new(fact, Some(stage), 0);
        let id = Fact::Diagnostics {
            id: 2_000_008,
            words: String::new(),
        };
        let read = lacks(Stage::Claims, Fact::NoRole("full_access_as_app".into()));
        let both = rank(&[lacks(Stage::Ews, id.clone()), read.clone()]).unwrap();
        assert_eq!(both.cause, Cause::AppRoleMissing);
        assert_eq!(
            (both.stage, both.confidence),
            (Some(Stage::Claims), Confidence::Certain)
        );
        assert_eq!(both.also_possible, []);
        let person = lacks(Stage::Claims, Fact::NoScope("EWS.AccessAsUser.All".into()));
        let both = rank(&[lacks(Stage::Ews, id.clone()), person]).unwrap();
        assert_eq!(both.cause, Cause::DelegatedScopeMissing);
        assert_eq!(
            (both.stage, both.confidence),
            (Some(Stage::Claims), Confidence::Certain)
        );
        let bare = rank(&[lacks(Stage::Ews, Fact::Status(401)), read]).unwrap();
        assert_eq!(
            (bare.stage, bare.confidence),
            (Some(Stage::Claims), Confidence::Likely)
        );
        let unread = rank(&[lacks(Stage::Ews, id)]).unwrap();
        assert_eq!(unread.also_possible, [Cause::DelegatedScopeMissing]);
    }

    #[test]
    fn what_is_unknown_falls_back_and_what_wraps_steps_back() {
        use Cause::{ConditionalAccessBlocked, EwsDisabled, EwsThrottled, SecretInvalid, Unknown};
        let cases = [
            // a known number without a cause of ours is not talked over by the word around it
            (vec![error("invalid_request"), Fact::Aadsts(50003)], Unknown),
            // an unknown number is: it falls back to the word
            (
                vec![error("invalid_client"), Fact::Aadsts(88_888_888)],
                SecretInvalid,
            ),
            (vec![Fact::Aadsts(5_300_399)], ConditionalAccessBlocked),
            (
                vec![
                    response("ErrorInternalServerError"),
                    response("ErrorServerBusy"),
                ],
                EwsThrottled,
            ),
            (
                vec![
                    response("ErrorAccessDenied"),
                    Fact::PolicyReason("EWS is disabled for this user or tenant".into()),
                ],
                EwsDisabled,
            ),
        ];
        for (facts, due) in cases {
            assert_eq!(cause(&facts), Some(due), "{facts:?}");
        }
    }

    #[test]
    fn the_inner_statement_wins_over_the_one_around_it() {
        let at = |number, depth| Evidence::new(Fact::Aadsts(number), None, depth);
        let finding = rank(&[at(50126, 2), at(700_016, 0)]).unwrap();
        assert_eq!(finding.cause, Cause::UserPasswordWrong);
        assert_eq!(finding.also_possible, [Cause::AppNotFound]);
        assert_eq!(finding.codes.len(), 2);
        assert_eq!(finding.code.as_deref(), Some("AADSTS50126"));
    }

    #[test]
    fn an_unexplained_refusal_counts_only_with_its_stage() {
        for status in [401, 403] {
            assert_eq!(cause(&[Fact::Status(status)]), None);
        }
        let unplaced = [
            Fact::Challenge("Bearer invalid_token".into()),
            Fact::Status(401),
        ];
        assert_eq!(cause(&unplaced), None);
        let ews = Some(Stage::Ews);
        let likely = Some((Cause::TokenRejected, Confidence::Likely));
        assert_eq!(ranked(ews, &unplaced), likely);
        assert_eq!(
            ranked(ews, &[Fact::Status(401)]),
            Some((Cause::TokenRejected, Confidence::Possible))
        );
        assert_eq!(
            ranked(ews, &[Fact::Status(403)]),
            Some((Cause::AccessDenied, Confidence::Possible))
        );
        assert_eq!(cause(&[Fact::Success]), None);
        assert_eq!(cause(&[Fact::Status(407)]), Some(Cause::ProxyAuthRequired));
    }

    #[test]
    fn what_a_token_lacks_counts_alone_and_with_a_refusal_only() {
        let lacks = Fact::NoRole("full_access_as_app".into());
        assert_eq!(
            cause(std::slice::from_ref(&lacks)),
            Some(Cause::AppRoleMissing)
        );
        let ews = |facts: &[Fact]| ranked(Some(Stage::Ews), facts).map(|(cause, _)| cause);
        assert_eq!(
            ews(&[lacks.clone(), Fact::Status(403)]),
            Some(Cause::AppRoleMissing)
        );
        assert_eq!(
            ews(&[lacks.clone(), response("ErrorAccessDenied")]),
            Some(Cause::AppRoleMissing)
        );
        assert_eq!(
            ews(&[lacks.clone(), Fact::Fault(FaultKind::Dns)]),
            Some(Cause::DnsFailure)
        );
        assert_eq!(
            ews(&[lacks, response("ErrorServerBusy")]),
            Some(Cause::EwsThrottled)
        );
        let late = [
            Fact::OutsideValidity,
            Fact::ClockOff(900),
            Fact::Status(401),
        ];
        assert_eq!(ews(&late), Some(Cause::ClockSkew));
        let early = [Fact::NotYetValid, Fact::Status(401)];
        assert_eq!(ews(&early), Some(Cause::ClockSkew));
    }

    #[test]
    fn every_known_code_is_ranked_as_its_table_says() {
        for code in crate::diagnosis::tables::aadsts::codes() {
            assert_eq!(
                cause(&[Fact::Aadsts(code.number)]),
                Some(code.cause),
                "{}",
                code.number
            );
        }
        for code in exchange::response_codes() {
            assert_eq!(
                cause(&[response(code.name)]),
                Some(code.cause),
                "{}",
                code.name
            );
        }
        for code in graph::codes() {
            assert_eq!(
                cause(&[Fact::GraphCode(code.id.into())]),
                Some(code.cause),
                "{}",
                code.id
            );
        }
    }
}
