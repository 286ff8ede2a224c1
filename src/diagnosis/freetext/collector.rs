//! Collects what the readers of a text find: each fact once, bounded and cleaned.

use super::normalised_text::forms;
use crate::{
    diagnosis::evidence::{Evidence, Fact},
    observation::Stage,
    text,
};

/// The longest piece of text that a fact keeps.
const FACT_LIMIT: usize = 600;

/// More facts than this say nothing new.
const FACTS: usize = 400;

/// What the person who pastes a text knows about it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hints {
    /// At which stage it was met.
    pub stage: Option<Stage>,
    /// The HTTP status that came with it.
    pub status: Option<u16>,
}

/// Collects facts, each once, cleaned.
#[derive(Debug)]
pub(super) struct Collector {
    pub(super) hints: Hints,
    /// Whether the payload of a token was read already.
    pub(super) payload_read: bool,
    /// Whether the text lists sign-in errors, none of which happened.
    pub(super) reference: bool,
    pub(super) evidence: Vec<Evidence>,
}

impl Collector {
    /// Returns an empty one.
    pub(super) const fn new(hints: Hints) -> Self {
        Self {
            hints,
            payload_read: false,
            reference: false,
            evidence: Vec::new(),
        }
    }

    /// Adds a fact that was stated at this stage and depth; a known one is only completed.
    pub(super) fn add(&mut self, fact: Fact, stage: Option<Stage>, depth: u8) {
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
        let plain = forms::unescaped(text::head(&text, FACT_LIMIT));
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
