//! Collects what the readers of a text find: each fact once, bounded and cleaned.

use super::{normalised_text::forms, quoting};
use crate::{
    diagnosis::evidence::{Evidence, Fact, Place},
    observation::Stage,
    text,
};

/// The longest piece of text that a fact keeps.
const FACT_LIMIT: usize = 600;

/// More facts than this say nothing new.
const FACTS: usize = 400;

/// More secrets than this are not looked for; the allow-list of words hides them too.
const SECRETS: usize = 50;

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
    /// At which stage a challenge says that a token is asked for.
    pub(super) challenged_by: Option<Stage>,
    pub(super) evidence: Vec<Evidence>,
    /// Values of the text that look like secrets.
    secrets: Vec<String>,
}

/// Where in a form of the text a fact stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Position {
    /// How many errors enclose it.
    pub(super) depth: u8,
    /// Its place; `None` for what no text states.
    pub(super) place: Option<Place>,
}

impl Position {
    /// Returns the same place for a structured answer, which says more than the words around it.
    pub(super) const fn inside(self) -> Self {
        Self {
            depth: self.depth.saturating_add(1),
            place: self.place,
        }
    }
}

impl Collector {
    /// Returns an empty one for this text.
    pub(super) fn new(hints: Hints, text: &str) -> Self {
        let secrets = quoting::secrets(text).into_iter().take(SECRETS);
        Self {
            hints,
            payload_read: false,
            reference: false,
            challenged_by: None,
            evidence: Vec::new(),
            secrets: secrets.map(str::to_owned).collect(),
        }
    }

    /// Adds a fact; one that is known is only completed.
    pub(super) fn add(&mut self, fact: Fact, stage: Option<Stage>, position: Position) {
        self.add_said(fact, stage, position, "");
    }

    /// Adds a fact with the sentence that stands beside it, which may be empty.
    pub(super) fn add_said(
        &mut self,
        fact: Fact,
        stage: Option<Stage>,
        position: Position,
        says: &str,
    ) {
        let fact = cleaned(fact, &self.secrets);
        let stage = match fact {
            Fact::Status(_) => self.hints.stage.or(stage),
            _ => stage.or(self.hints.stage),
        };
        let says = Some(safe(says, &self.secrets)).filter(|says| !says.is_empty());
        if let Some(known) = self.evidence.iter_mut().find(|known| known.fact == fact) {
            known.depth = known.depth.max(position.depth);
            // who speaks, and what was said, may show in a later form or place only
            known.stage = known.stage.or(stage);
            if let Some(says) = says {
                let more = known.says.get_or_insert_default();
                if more.len() + says.len() < FACT_LIMIT && !more.contains(&says) {
                    if !more.is_empty() {
                        more.push_str(" | ");
                    }
                    more.push_str(&says);
                }
            }
        } else if self.evidence.len() < FACTS {
            self.evidence.push(Evidence {
                says,
                place: position.place,
                ..Evidence::new(fact, stage, position.depth)
            });
        }
    }
}

/// Makes a piece of the text safe to show: known words only, and no value that looks like a secret.
fn safe(text: &str, secrets: &[String]) -> String {
    // unescaped first: a secret is known by its key, which escapes and entities disguise
    let plain = forms::unescaped(text::head(text, FACT_LIMIT));
    let mut plain = text::redact(&text::line(&plain)).into_owned();
    for secret in secrets {
        if plain.contains(secret.as_str()) {
            plain = plain.replace(secret.as_str(), text::REDACTED);
        }
    }
    quoting::known_words(&plain)
}

/// Takes out of a fact what must not reach a screen or a log.
fn cleaned(fact: Fact, secrets: &[String]) -> Fact {
    let safe = |text: &str| safe(text, secrets);
    match fact {
        Fact::OAuthError(text) => Fact::OAuthError(safe(&text)),
        Fact::Suberror(text) => Fact::Suberror(safe(&text)),
        Fact::EwsCode(text) => Fact::EwsCode(safe(&text)),
        Fact::Diagnostics { id, words } => Fact::Diagnostics {
            id,
            words: safe(&words),
        },
        Fact::PolicyReason(text) => Fact::PolicyReason(safe(&text)),
        Fact::Challenge(text) => Fact::Challenge(safe(&text)),
        Fact::GraphCode(text) => Fact::GraphCode(safe(&text)),
        Fact::Page(text) => Fact::Page(safe(&text)),
        Fact::Words(cause, text) => Fact::Words(cause, safe(&text)),
        Fact::Said(cause, text) => Fact::Said(cause, safe(&text)),
        Fact::Message(text) => Fact::Message(safe(&text)),
        Fact::WrongAudience(text) => {
            let shown = safe(&text);
            let known = shown.chars().any(char::is_alphanumeric);
            Fact::WrongAudience(if known {
                shown
            } else {
                "another resource".to_owned()
            })
        }
        other => other,
    }
}
