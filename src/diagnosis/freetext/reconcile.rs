//! What is left of the evidence once each piece is seen beside the others: wrappers go, and a page
//! goes where the status that came with it tells more, as it does for an answer that was observed.

use super::normalised_text::NormalisedText;
use crate::{
    diagnosis::{
        evidence::{Evidence, Fact},
        observed,
        tables::aadsts,
    },
    observation::{FaultKind, Stage},
    verdict::cause::Cause,
};

/// Names of EWS codes that clients raise for faults that they met below EWS.
const RAISED_BY_CLIENTS: &[&str] = &["ErrorTimeoutExpired", "ErrorConnectionFailed"];

/// Causes of which a client tells without an answer.
const TOLD_BY_CLIENTS: &[Cause] = &[
    Cause::UnexpectedPage,
    Cause::LoginMissing,
    Cause::TenantNotFound,
    Cause::InteractionRequired,
];

/// Takes out what other evidence shows to be a mere wrapper.
pub(super) fn reconciled(mut evidence: Vec<Evidence>, form: &NormalisedText<'_>) -> Vec<Evidence> {
    let fault = evidence.iter().any(|e| matches!(e.fact, Fact::Fault(_)));
    let answered = evidence.iter().any(|e| is_answer(&e.fact));
    let page = !is_told_by_status(&evidence, form);
    let refused = evidence
        .iter()
        .any(|e| matches!(e.fact, Fact::Status(401 | 403 | 429 | 500..=599)));
    let graph: Vec<String> = evidence
        .iter()
        .filter_map(|e| match &e.fact {
            Fact::GraphCode(id) => Some(id.clone()),
            _ => None,
        })
        .collect();
    let by_codes: Vec<String> = evidence.iter().filter_map(said_by_code).collect();
    evidence.retain(|e| match &e.fact {
        // the sentence behind a code is what the code says, and no evidence of its own
        Fact::Words(_, words) | Fact::Said(_, words)
            if by_codes.iter().any(|says| says.contains(opening(words))) =>
        {
            false
        }
        // Graph hands on the names of Exchange: what its error object says is said there
        Fact::EwsCode(name) if graph.contains(name) => false,
        // clients of EWS raise names of its codes for what they met themselves
        Fact::EwsCode(name) => !fault || !RAISED_BY_CLIENTS.contains(&name.as_str()),
        // an answer shows that the connection worked; what broke off followed it
        Fact::Fault(FaultKind::ProxyLogin | FaultKind::ProxyRefused) => true,
        Fact::Fault(_) => !answered,
        Fact::Page(_) => page && !answered,
        // an address that refuses was found
        Fact::Words(Cause::EwsEndpointWrong, _) => !refused,
        _ => true,
    });
    evidence
}

/// The sentence that stands behind a sign-in error number with a meaning of its own.
fn said_by_code(evidence: &Evidence) -> Option<String> {
    let Fact::Aadsts(number) = evidence.fact else {
        return None;
    };
    let says = evidence.says.as_ref()?;
    let code = aadsts::code(number).filter(|code| code.cause != Cause::Unknown)?;
    let decided = !aadsts::is_general(code.number) || aadsts::turned(number, says).is_some();
    decided.then(|| says.clone())
}

/// So much of a sentence tells it from others.
const OPENING: usize = 24;

fn opening(words: &str) -> &str {
    words
        .get(..words.floor_char_boundary(OPENING))
        .unwrap_or(words)
}

/// Whether a fact can only come from an answer of a service.
fn is_answer(fact: &Fact) -> bool {
    match fact {
        Fact::Aadsts(_)
        | Fact::Suberror(_)
        | Fact::Diagnostics { .. }
        | Fact::PolicyReason(_)
        | Fact::MailReply { .. } => true,
        Fact::Said(cause, _) => !TOLD_BY_CLIENTS.contains(cause),
        Fact::EwsCode(name) => !RAISED_BY_CLIENTS.contains(&name.as_str()),
        _ => false,
    }
}

/// Whether a status of the text says more than the page that came with it.
fn is_told_by_status(evidence: &[Evidence], form: &NormalisedText<'_>) -> bool {
    let foreign_page = observed::names_proxy(&form.lower);
    let own = observed::names_own(&form.lower) || form.lower.contains("microsoft-iis");
    // a parser that complains without showing what it read
    let unseen = !["<html", "<!doctype html", "<title"]
        .iter()
        .any(|mark| form.lower.contains(mark));
    let challenged = evidence
        .iter()
        .any(|e| matches!(e.fact, Fact::Challenge(_)));
    evidence.iter().any(|e| match (&e.fact, e.stage) {
        (Fact::Status(404 | 405), Some(Stage::Ews))
        | (Fact::Status(429), _)
        | (Fact::Status(408 | 500..=599), Some(_)) => !foreign_page,
        (Fact::Status(401), Some(Stage::Ews)) => challenged || ((own || unseen) && !foreign_page),
        (Fact::Status(403), Some(Stage::Ews)) => (own || unseen) && !foreign_page,
        _ => false,
    })
}
