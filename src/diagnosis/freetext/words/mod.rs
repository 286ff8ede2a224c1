//! Sentences that establish a cause where no code did: the services' own messages, in the languages
//! in which they are met.
//!
//! The last resort: a sentence counts only in a text that is about Microsoft's services, or where
//! nobody else would say it.

mod sentences;
mod sign_in;

use std::sync::LazyLock;

use sentences::SENTENCES;
use sign_in::MESSAGES;

use super::{Sink, index::Index, view::View};
use crate::{
    diagnosis::{entra, evidence::Fact},
    observation::Stage,
    verdict::cause::Cause,
};

struct Sentence {
    cause: Cause,
    stage: Stage,
    /// Whether only Microsoft's services say so, so that no other sign of it is asked for.
    own: bool,
    /// All of them, in lower case, in this order and near each other.
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
    "unexpected",
];

/// Sentences, then messages, by the first of their parts.
static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let sentences = SENTENCES.iter().map(|sentence| sentence.parts);
    let messages = MESSAGES.iter().map(|(_, parts)| *parts);
    Index::new(sentences.chain(messages).map(opening))
});

fn opening(parts: &'static [&'static str]) -> &'static str {
    parts.first().copied().unwrap_or_default()
}

/// Finds sentences that establish a cause.
pub(super) fn find(view: &View<'_>, sink: &mut Sink) {
    if view.foreign || sink.reference {
        return;
    }
    let failure = FAILURES.iter().any(|word| view.lower.contains(word));
    let related = view.microsoft && failure;
    let said = INDEX.hits(&view.lower).filter_map(|(at, row)| {
        let (cause, stage, parts) = sentence(row, related)?;
        goes_on(view, at, parts).then_some((at, row, cause, stage))
    });
    for (at, row, cause, stage) in said.take(HITS) {
        let words = view.rest_of_line(at, REACH).to_owned();
        // a parser that complains says no more than that a page came
        let complaint = SENTENCES.get(row).is_some_and(|sentence| !sentence.own);
        let fact = match cause {
            Cause::UnexpectedPage if complaint => Fact::Page(words),
            cause => Fact::Words(cause, words),
        };
        sink.add(fact, Some(stage), view.depth_at(at));
    }
}

/// What the sentence of this row establishes, and how it reads; `None` where it does not count,
/// because the text is not `related` to Microsoft's services and anybody may say so.
fn sentence(row: usize, related: bool) -> Option<(Cause, Stage, &'static [&'static str])> {
    if let Some(sentence) = SENTENCES.get(row) {
        return (sentence.own || related).then_some((
            sentence.cause,
            sentence.stage,
            sentence.parts,
        ));
    }
    let (number, parts) = MESSAGES.get(row.checked_sub(SENTENCES.len())?)?;
    Some((entra::code(*number)?.cause, Stage::Token, parts))
}

/// Whether the other parts of a sentence follow its first one.
fn goes_on(view: &View<'_>, at: usize, parts: &'static [&'static str]) -> bool {
    let first = opening(parts).len();
    let mut rest = super::input::between(&view.lower, at + first, at + first + REACH);
    parts
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
