//! Evidence in pasted text: from any bytes to what they state.
//!
//! A text is read in several forms ([`normalised_text`]): as it stands, unescaped, with broken lines
//! joined. In each, structure comes first (answers, headers, tokens), then codes, then sentences.
//! Nothing here decides which evidence wins, and nothing is guessed: a text that states nothing about
//! a sign-in, a mailbox or a connection yields no evidence.
//!
//! The text is hostile: it is bounded, nothing of it is trusted, and what leaves this module is free
//! of control characters, tokens and secrets. Called by `explain` for a pasted text.

mod answers;
mod codes;
mod collector;
mod context;
mod faults;
mod ids;
mod input;
mod key_values;
mod mail;
mod nesting;
mod normalised_text;
mod phrases;
mod providers;
mod quoting;
mod reconcile;
mod sentences;
mod tokens;

use super::{
    advice::{Context, Topic},
    evidence::{Evidence, Fact},
    explain::explain_evidence,
    ranking::{self, RankedEvidence},
};
use crate::verdict::Diagnosis;
use collector::{Collector, Position};
use normalised_text::{NormalisedText, forms};

pub use collector::Hints;

/// Returns what a pasted text states.
pub fn evidence(input: &[u8], hints: Hints) -> Vec<Evidence> {
    read(input, hints).evidence
}

/// Returns what a pasted text comes to; `unknown` where it states nothing.
pub fn explain(input: &[u8], hints: Hints) -> Diagnosis {
    let reading = read(input, hints);
    let ids = [&reading.correlation_id, &reading.trace_id].map(Option::as_deref);
    let context = Context::unnamed()
        .about(Topic::named_in(&String::from_utf8_lossy(input)))
        .with_request(ids);
    let mut diagnosis = explain_evidence(&reading.evidence, &context);
    diagnosis.trace_id = reading.trace_id;
    diagnosis.correlation_id = reading.correlation_id;
    diagnosis
}

/// Returns the evidence of a pasted text, the strongest first, with the rule that ranks each piece.
pub fn ranked_evidence(input: &[u8], hints: Hints) -> Vec<RankedEvidence> {
    ranking::ranked(&read(input, hints).evidence)
}

/// What was found in a text.
#[derive(Debug, Default)]
struct Found {
    evidence: Vec<Evidence>,
    trace_id: Option<String>,
    correlation_id: Option<String>,
}

fn read(input: &[u8], hints: Hints) -> Found {
    let text = input::bound(input::decode(input));
    let mut collector = Collector::new(hints, &text);
    let mut found = Found::default();
    let forms = forms::of(&text);
    if let Some(form) = forms.first() {
        codes::alone(form, &mut collector);
    }
    // lines can be named only in the form that keeps them
    let read = |(at, form)| match at {
        0 => NormalisedText::as_it_came(form),
        _ => NormalisedText::new(form),
    };
    let mut forms: Vec<_> = forms
        .iter()
        .map(String::as_str)
        .enumerate()
        .map(read)
        .collect();
    // a name that a console broke shows in the joined text only
    let elsewhere = forms.iter().any(|form| form.providers.elsewhere);
    collector.reference = forms
        .iter()
        .any(|form| normalised_text::is_reference(&form.lower));
    for form in &mut forms {
        form.providers.elsewhere = elsewhere;
        extract(form, &mut collector);
        let (trace_id, correlation_id) = ids::find(form);
        found.trace_id = found.trace_id.or(trace_id);
        found.correlation_id = found.correlation_id.or(correlation_id);
    }
    if let Some(status) = hints.status {
        collector.add(Fact::Status(status), None, Position::default());
    }
    found.evidence = match forms.first() {
        Some(form) => reconcile::reconciled(collector.evidence, form),
        None => collector.evidence,
    };
    found
}

fn extract(form: &NormalisedText<'_>, collector: &mut Collector) {
    answers::soap(form, collector);
    answers::graph_errors(form, collector);
    answers::graph_cmdlets(form, collector);
    answers::headers(form, collector);
    codes::sign_in_numbers(form, collector);
    codes::exchange_names(form, collector);
    codes::exchange_exceptions(form, collector);
    codes::graph_names(form, collector);
    codes::oauth_words(form, collector);
    tokens::read(form, collector);
    answers::statuses(form, collector);
    answers::page(form, collector);
    mail::replies(form, collector);
    faults::find(form, collector);
    sentences::find(form, collector);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::Stage;

    fn cause(text: &str, stage: Option<Stage>, status: Option<u16>) -> &'static str {
        explain(text.as_bytes(), Hints { stage, status }).cause.id()
    }

    #[test]
    fn a_bare_status_tells_only_what_the_one_who_pastes_adds() {
        let (ews, graph) = (Some(Stage::Ews), Some(Stage::Graph));
        assert_eq!(cause("401 Unauthorized", None, None), "unknown");
        assert_eq!(cause("", ews, Some(401)), "token-rejected");
        assert_eq!(cause("", graph, Some(429)), "graph-throttled");
        assert_eq!(
            cause("HTTP/1.1 503 Service Unavailable", ews, None),
            "ews-unavailable"
        );
        assert_eq!(cause("AADSTS7000222", ews, Some(401)), "secret-expired");
    }

    #[test]
    fn codes_alone_are_read_like_arguments() {
        for (text, due) in [
            ("invalid_client", "secret-invalid"),
            ("\"7000222\"", "secret-expired"),
            ("50076 70002\n", "mfa-required"),
            ("2000003", "audience-wrong"),
            ("Forbidden", "unknown"),
            ("access_denied", "unknown"),
            ("404", "unknown"),
            ("invalid_client of the broker", "unknown"),
        ] {
            assert_eq!(cause(text, None, None), due, "{text}");
        }
    }

    #[test]
    fn a_fact_is_kept_once_and_without_what_must_not_be_shown() {
        let text = "AADSTS50076: x\u{1b}[2J client_secret=hunter2\nAADSTS50076: y";
        let found = evidence(text.as_bytes(), Hints::default());
        let codes = found.iter().filter(|e| e.fact == Fact::Aadsts(50076));
        assert_eq!(codes.count(), 1);
        let shown = format!("{found:?}");
        assert!(
            !shown.contains("hunter2") && !shown.contains("\\u{1b}"),
            "{shown}"
        );
    }
}
