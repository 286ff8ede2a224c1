//! Sentences that establish a cause where no code did: the services' own messages, in the languages
//! in which they are met.
//!
//! The last resort: a sentence counts only in a text that is about Microsoft's services, or where
//! nobody else would say it.

mod sentences;

use std::sync::LazyLock;

use sentences::SENTENCES;

use super::{Sink, index::Index, view::View};
use crate::{
    diagnosis::{cause::Cause, evidence::Fact},
    observation::Stage,
};

struct Sentence {
    cause: Cause,
    stage: Stage,
    /// Whether only Microsoft's services say so, so that no other sign of it is asked for.
    own: bool,
    /// All of them, in ASCII lower case, in this order and near each other.
    parts: &'static [&'static str],
}

/// Parts of one sentence lie at most so far apart.
const REACH: usize = 200;

/// At most so many openings of sentences are followed.
const HITS: usize = 500;

/// A text about a failure has one of these; an announcement or a question has none.
const FAILURES: &[&str] = &[
    "error",
    "fail",
    "exception",
    "denied",
    "invalid",
    "unauthorized",
    "forbidden",
    "refused",
    "expired",
    "not found",
    "aadsts",
    "401",
    "403",
    "fehler",
    "verweigert",
    "refus",
    "denegad",
    "拒否",
    "erreur",
    "エラー",
    "unable",
    "cannot",
    "must",
    "blocked",
    "does not",
    "not available",
    "couldn't",
    "can't",
    "timeout",
    "missing",
];

/// Sentences by the first of their parts.
static INDEX: LazyLock<Index> = LazyLock::new(|| Index::new(SENTENCES.iter().map(opening)));

fn opening(sentence: &Sentence) -> &'static str {
    sentence.parts.first().copied().unwrap_or_default()
}

/// Finds sentences that establish a cause.
pub(super) fn find(view: &View<'_>, sink: &mut Sink) {
    if view.foreign {
        return;
    }
    let failure = FAILURES.iter().any(|word| view.lower.contains(word));
    for (at, row) in INDEX.hits(&view.lower).take(HITS) {
        let Some(sentence) = SENTENCES.get(row) else {
            continue;
        };
        let counts = sentence.own || (view.microsoft && failure);
        if counts && goes_on(view, at, sentence) {
            let words = view.rest_of_line(at, REACH).to_owned();
            let fact = Fact::Words(sentence.cause, words);
            sink.add(fact, Some(sentence.stage), view.depth_at(at));
        }
    }
}

/// Whether the other parts of a sentence follow its first one.
fn goes_on(view: &View<'_>, at: usize, sentence: &Sentence) -> bool {
    let first = opening(sentence).len();
    let mut rest = super::input::between(&view.lower, at + first, at + first + REACH);
    sentence
        .parts
        .iter()
        .skip(1)
        .all(|part| match rest.split_once(part) {
            Some((_, behind)) => {
                rest = behind;
                true
            }
            None => false,
        })
}
