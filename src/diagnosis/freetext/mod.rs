//! Evidence in pasted text: from any bytes to what they state.
//!
//! A text is read in several forms ([`views`]): as it stands, unescaped, with broken lines joined.
//! In each, structure comes first (answers, headers, tokens), then codes, then words. Nothing here
//! decides which evidence wins, and nothing is guessed: a text that states nothing about a sign-in,
//! a mailbox or a connection yields no evidence.
//!
//! The text is hostile: it is bounded, nothing of it is trusted, and what leaves this room is free
//! of control characters, tokens and secrets.

mod answers;
mod codes;
mod faults;
mod ids;
mod index;
mod input;
mod mail;
mod pairs;
mod settle;
mod speakers;
mod tokens;
mod view;
mod views;
mod words;

use super::{
    Context,
    evidence::{Evidence, Fact},
    explain_evidence,
};
use crate::{observation::Stage, text, verdict::Diagnosis};
use view::View;

/// The longest piece of text that a fact keeps.
const FACT_LIMIT: usize = 600;

/// More facts than this say nothing new.
const FACTS: usize = 400;

/// What whoever pastes a text knows about it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hints {
    /// At which stage it was met.
    pub stage: Option<Stage>,
    /// The HTTP status that came with it.
    pub status: Option<u16>,
}

/// Returns what a pasted text states.
pub fn evidence(input: &[u8], hints: Hints) -> Vec<Evidence> {
    read(input, hints).evidence
}

/// Returns what a pasted text comes to; `unknown` where it states nothing.
pub fn explain(input: &[u8], hints: Hints) -> Diagnosis {
    let reading = read(input, hints);
    let mut diagnosis = explain_evidence(&reading.evidence, &Context::unnamed());
    diagnosis.trace_id = reading.trace_id;
    diagnosis.correlation_id = reading.correlation_id;
    diagnosis
}

/// What was found in a text.
#[derive(Debug, Default)]
struct Found {
    evidence: Vec<Evidence>,
    trace_id: Option<String>,
    correlation_id: Option<String>,
}

/// Collects facts, each once, cleaned.
#[derive(Debug)]
struct Sink {
    hints: Hints,
    /// Whether the payload of a token was read already.
    payload_read: bool,
    /// Whether the text lists sign-in errors, none of which happened.
    reference: bool,
    evidence: Vec<Evidence>,
}

impl Sink {
    fn add(&mut self, fact: Fact, stage: Option<Stage>, depth: u8) {
        let fact = cleaned(fact);
        let stage = match fact {
            Fact::Status(_) => self.hints.stage.or(stage),
            _ => stage.or(self.hints.stage),
        };
        if let Some(known) = self.evidence.iter_mut().find(|known| known.fact == fact) {
            known.depth = known.depth.max(depth);
            // who speaks may show in a later form only
            known.stage = known.stage.or(stage);
        } else if self.evidence.len() < FACTS {
            self.evidence.push(Evidence { fact, stage, depth });
        }
    }
}

/// Takes out of a fact what must not reach a screen or a log.
fn cleaned(fact: Fact) -> Fact {
    // unescaped first: a secret is known by its key, which escapes and entities disguise
    let safe = |text: String| {
        let plain = views::unescaped(text::head(&text, FACT_LIMIT));
        text::line(&text::redact(&plain))
    };
    match fact {
        Fact::OAuthError(text) => Fact::OAuthError(safe(text)),
        Fact::Suberror(text) => Fact::Suberror(safe(text)),
        Fact::EwsCode(text) => Fact::EwsCode(safe(text)),
        Fact::Diagnostics { id, words } => Fact::Diagnostics {
            id,
            words: safe(words),
        },
        Fact::PolicyReason(text) => Fact::PolicyReason(safe(text)),
        Fact::Challenge(text) => Fact::Challenge(safe(text)),
        Fact::GraphCode(text) => Fact::GraphCode(safe(text)),
        Fact::Page(text) => Fact::Page(safe(text)),
        Fact::Words(cause, text) => Fact::Words(cause, safe(text)),
        Fact::Message(text) => Fact::Message(safe(text)),
        Fact::WrongAudience(text) => Fact::WrongAudience(safe(text)),
        other => other,
    }
}

fn read(input: &[u8], hints: Hints) -> Found {
    let text = input::bound(input::decode(input));
    let mut sink = Sink {
        hints,
        payload_read: false,
        reference: false,
        evidence: Vec::new(),
    };
    let mut found = Found::default();
    let forms = views::of(&text);
    if let Some(form) = forms.first() {
        codes::alone(form, &mut sink);
    }
    let mut views: Vec<_> = forms.iter().map(|form| View::new(form)).collect();
    // a name that a console broke shows in the joined text only
    let elsewhere = views.iter().any(|view| view.elsewhere);
    sink.reference = views.iter().any(|view| view::is_reference(&view.lower));
    for view in &mut views {
        view.elsewhere = elsewhere;
        extract(view, &mut sink);
        let (trace_id, correlation_id) = ids::find(view);
        found.trace_id = found.trace_id.or(trace_id);
        found.correlation_id = found.correlation_id.or(correlation_id);
    }
    if let Some(status) = hints.status {
        sink.add(Fact::Status(status), None, 0);
    }
    found.evidence = match views.first() {
        Some(view) => settle::settled(sink.evidence, view),
        None => sink.evidence,
    };
    found
}

fn extract(view: &View<'_>, sink: &mut Sink) {
    answers::soap(view, sink);
    answers::graph_errors(view, sink);
    answers::graph_cmdlets(view, sink);
    answers::headers(view, sink);
    codes::sign_in_numbers(view, sink);
    codes::exchange_names(view, sink);
    codes::exchange_exceptions(view, sink);
    codes::graph_names(view, sink);
    codes::oauth_words(view, sink);
    tokens::read(view, sink);
    answers::statuses(view, sink);
    answers::page(view, sink);
    mail::replies(view, sink);
    faults::find(view, sink);
    words::find(view, sink);
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn codes_that_stand_alone_are_read_as_explain_reads_its_arguments() {
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
