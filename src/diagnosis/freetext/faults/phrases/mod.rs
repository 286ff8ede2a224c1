//! How the libraries and systems of this world word a fault below HTTP, as data: one table for each
//! kind of fault, in all languages in which it is met, in lower case.

mod connections;
mod handshake;
mod names;
mod proxies;
mod timeouts;
mod trust;

use super::{Force, Phrase};
use crate::observation::FaultKind;

/// Phrases that tell the same fault with the same force.
struct Group {
    force: Force,
    kind: FaultKind,
    phrases: &'static [&'static str],
}

/// Phrases that nobody says of anything else.
const fn plain(kind: FaultKind, phrases: &'static [&'static str]) -> Group {
    Group {
        force: Force::Plain,
        kind,
        phrases,
    }
}

/// Phrases that other protocols have too: they count in a text that is about TLS.
const fn shared(kind: FaultKind, phrases: &'static [&'static str]) -> Group {
    Group {
        force: Force::Shared,
        kind,
        phrases,
    }
}

/// Phrases that only lead to the fault.
const fn preambles(kind: FaultKind, phrases: &'static [&'static str]) -> Group {
    Group {
        force: Force::Preamble,
        kind,
        phrases,
    }
}

/// All phrases.
pub(super) fn all() -> impl Iterator<Item = Phrase> {
    let tables = [
        names::NAMES,
        connections::CONNECTIONS,
        timeouts::TIMEOUTS,
        trust::TRUST,
        handshake::HANDSHAKE,
        proxies::PROXIES,
    ];
    let groups = tables.into_iter().flatten();
    groups.flat_map(|group| {
        let row = |phrase: &&'static str| (group.force, group.kind, *phrase);
        group.phrases.iter().map(row)
    })
}

#[cfg(test)]
mod tests {
    use super::all;
    use std::collections::HashSet;

    #[test]
    fn phrases_are_in_lower_case_and_stand_once() {
        let mut seen = HashSet::new();
        for (_, _, phrase) in all() {
            assert_eq!(phrase.to_lowercase(), phrase);
            assert!(phrase.len() > 2 && seen.insert(phrase), "{phrase}");
        }
    }
}
