//! Sentences that establish a cause where no code did: the services' own messages, in the languages
//! in which they are met.
//!
//! The last resort: a sentence counts only in a text that is about Microsoft's services, or where
//! nobody else would say it.

mod sentences;

use sentences::SENTENCES;

use super::{Sink, view::View};
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
];

/// Finds sentences that establish a cause.
pub(super) fn find(view: &View<'_>, sink: &mut Sink) {
    if view.foreign {
        return;
    }
    let failure = FAILURES.iter().any(|word| view.lower.contains(word));
    for sentence in SENTENCES
        .iter()
        .filter(|s| s.own || (view.microsoft && failure))
    {
        if let Some(at) = place(view, sentence.parts) {
            let words = view.rest_of_line(at, REACH).to_owned();
            sink.add(
                Fact::Words(sentence.cause, words),
                Some(sentence.stage),
                view.depth_at(at),
            );
        }
    }
}

fn place(view: &View<'_>, parts: &[&str]) -> Option<usize> {
    let (first, others) = parts.split_first()?;
    let mut hits = view.lower.match_indices(first).take(20).map(|(at, _)| at);
    hits.find(|at| {
        let near = super::input::between(&view.lower, *at, at + first.len() + REACH);
        let mut rest = near;
        others.iter().all(|part| match rest.split_once(part) {
            Some((_, behind)) => {
                rest = behind;
                true
            }
            None => false,
        })
    })
}
