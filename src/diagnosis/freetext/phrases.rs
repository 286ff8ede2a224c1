//! The one phrase matcher: finds every phrase of every table in one pass, with its place.
//!
//! Phrases of faults, sentences of services, names of providers and marks of nesting share one
//! automaton, so their number costs no time. It knows nothing of edges of words or of what a phrase
//! means: the readers of each kind decide whether a hit counts.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::nesting::{self, NestingMark};
use crate::diagnosis::tables::{
    faults::{self, FaultPhrase},
    mail::{self, MailReply},
    providers::{self, ProviderMark},
    sentences::{self, Sentence},
};

/// One row of a table, by what it is about.
#[derive(Debug, Clone, Copy)]
pub(super) enum Phrase {
    /// A fault below HTTP.
    Fault(&'static FaultPhrase),
    /// A sentence of a service, found by its first part.
    Sentence(&'static Sentence),
    /// A name of a service or vendor.
    Provider(&'static ProviderMark),
    /// A reply of a mail protocol, found by its first part.
    Mail(&'static MailReply),
    /// A mark of an inner or outer error.
    Nesting(&'static NestingMark),
}

impl Phrase {
    fn text(&self) -> &'static str {
        match self {
            Self::Fault(row) => row.phrase,
            Self::Sentence(row) => row.opening(),
            Self::Mail(row) => row.opening(),
            Self::Provider(row) => row.mark,
            Self::Nesting(row) => row.mark,
        }
    }
}

/// Where a phrase stands in a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct PhraseHit {
    /// Its first byte.
    pub(super) at: usize,
    /// Behind its last byte.
    pub(super) end: usize,
    /// Which phrase.
    pub(super) phrase: Phrase,
}

struct Matcher {
    /// `None` only if the automaton could not be built, which a test rules out.
    automaton: Option<AhoCorasick>,
    phrases: Vec<Phrase>,
}

static MATCHER: LazyLock<Matcher> = LazyLock::new(|| {
    let faults = faults::phrases().iter().map(Phrase::Fault);
    let sentences = sentences::all().iter().map(Phrase::Sentence);
    let providers = providers::marks().iter().map(Phrase::Provider);
    let mail = mail::replies().iter().map(Phrase::Mail);
    let nesting = nesting::MARKS.iter().map(Phrase::Nesting);
    let all = faults
        .chain(sentences)
        .chain(providers)
        .chain(mail)
        .chain(nesting);
    let phrases: Vec<Phrase> = all.collect();
    Matcher {
        automaton: AhoCorasick::new(phrases.iter().map(Phrase::text)).ok(),
        phrases,
    }
});

/// Returns every phrase that stands in a text (in lower case), by its place; phrases may overlap.
pub(super) fn find(lower: &str) -> Vec<PhraseHit> {
    let matcher = &*MATCHER;
    let Some(automaton) = &matcher.automaton else {
        return Vec::new();
    };
    let hits = automaton.find_overlapping_iter(lower);
    let mut found: Vec<PhraseHit> = hits
        .filter_map(|hit| {
            let phrase = *matcher.phrases.get(hit.pattern().as_usize())?;
            Some(PhraseHit {
                at: hit.start(),
                end: hit.end(),
                phrase,
            })
        })
        .collect();
    // the automaton reports by end; of one place the table's order is kept
    found.sort_by_key(|hit| hit.at);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phrase_is_found_where_it_stands() {
        for phrase in &MATCHER.phrases {
            let text = format!("é {}", phrase.text());
            let hits = find(&text);
            let found = hits.iter().any(|hit| {
                hit.at == 3
                    && hit.end == text.len()
                    && std::ptr::eq(hit.phrase.text(), phrase.text())
            });
            assert!(found, "{}", phrase.text());
        }
    }
}
