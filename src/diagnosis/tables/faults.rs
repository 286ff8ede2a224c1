//! How libraries and systems word a fault below HTTP, in all languages in which it was met, and the
//! numbers by which they name one.

use std::sync::LazyLock;

use super::tsv;
use crate::observation::{Distrust, FaultKind, Waiting};

/// How much a phrase says: a preamble such as "unable to connect" gives way to what stands inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::diagnosis) enum Force {
    /// Only leads to the fault.
    Preamble,
    /// Other protocols have it too: it counts in a text that is about TLS.
    Shared,
    /// Says this of nothing else.
    Plain,
}

/// One phrase, in lower case.
#[derive(Debug)]
pub(in crate::diagnosis) struct FaultPhrase {
    /// How much it says.
    pub(in crate::diagnosis) force: Force,
    /// The fault.
    pub(in crate::diagnosis) kind: FaultKind,
    /// The words.
    pub(in crate::diagnosis) phrase: &'static str,
}

const PHRASES: &str = include_str!("../data/faults.tsv");
const NUMBERS: &str = include_str!("../data/fault_numbers.tsv");

static FAULTS: LazyLock<Vec<FaultPhrase>> = LazyLock::new(|| {
    let row = |[fault, force, phrase]: [&'static str; 3]| {
        Some(FaultPhrase {
            force: match force {
                "plain" => Force::Plain,
                "shared" => Force::Shared,
                "preamble" => Force::Preamble,
                _ => return None,
            },
            kind: kind(fault)?,
            phrase,
        })
    };
    tsv::rows(PHRASES).filter_map(row).collect()
});

/// Returns every phrase.
pub(in crate::diagnosis) fn phrases() -> &'static [FaultPhrase] {
    &FAULTS
}

/// A number by which a family of systems names a fault.
struct FaultNumber {
    family: &'static str,
    number: u32,
    kind: FaultKind,
}

static NUMBERED: LazyLock<Vec<FaultNumber>> = LazyLock::new(|| {
    let row = |[family, number, fault]: [&'static str; 3]| {
        Some(FaultNumber {
            family,
            number: number.parse().ok()?,
            kind: kind(fault)?,
        })
    };
    tsv::rows(NUMBERS).filter_map(row).collect()
});

/// Returns the fault that a family of systems (`windows`, `curl`, `apple`) names by this number.
pub(in crate::diagnosis) fn numbered(family: &str, number: u32) -> Option<FaultKind> {
    let named = |row: &&FaultNumber| row.family == family && row.number == number;
    NUMBERED.iter().find(named).map(|row| row.kind)
}

fn kind(word: &str) -> Option<FaultKind> {
    Some(match word {
        "dns" => FaultKind::Dns,
        "refused" => FaultKind::Refused,
        "reset" => FaultKind::Reset,
        "unreachable" => FaultKind::Unreachable,
        "closed" => FaultKind::Closed,
        "timeout" => FaultKind::Timeout(Waiting::Unknown),
        "timeout-connect" => FaultKind::Timeout(Waiting::Connect),
        "timeout-handshake" => FaultKind::Timeout(Waiting::Handshake),
        "timeout-answer" => FaultKind::Timeout(Waiting::Answer),
        "timeout-body" => FaultKind::Timeout(Waiting::Body),
        "untrusted" => FaultKind::Untrusted(Distrust::Other),
        "untrusted-issuer" => FaultKind::Untrusted(Distrust::UnknownIssuer),
        "wrong-host" => FaultKind::Untrusted(Distrust::WrongHost),
        "certificate-expired" => FaultKind::Untrusted(Distrust::Expired),
        "certificate-not-yet-valid" => FaultKind::Untrusted(Distrust::NotYetValid),
        "certificate-revoked" => FaultKind::Untrusted(Distrust::Revoked),
        "handshake" => FaultKind::Handshake,
        "proxy-login" => FaultKind::ProxyLogin,
        "proxy-refused" => FaultKind::ProxyRefused,
        "garbled" => FaultKind::Garbled,
        "too-large" => FaultKind::TooLarge,
        "other" => FaultKind::Other,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn phrases_are_complete_unique_sorted_and_in_lower_case() {
        assert_eq!(phrases().len(), tsv::count(PHRASES));
        assert_eq!(NUMBERED.len(), tsv::count(NUMBERS));
        let rows: Vec<&str> = PHRASES.lines().skip(1).collect();
        assert!(rows.is_sorted());
        let mut seen = HashSet::new();
        for row in phrases() {
            assert_eq!(row.phrase.to_lowercase(), row.phrase);
            assert!(
                row.phrase.len() > 2 && seen.insert(row.phrase),
                "{}",
                row.phrase
            );
        }
    }

    #[test]
    fn no_phrase_holds_another_of_its_group() {
        // the shorter one is found wherever the longer one stands, so the longer one says nothing
        for long in phrases() {
            for short in phrases() {
                let same = long.kind == short.kind && long.force == short.force;
                let inside =
                    same && long.phrase != short.phrase && holds(long.phrase, short.phrase);
                assert!(!inside, "'{}' holds '{}'", long.phrase, short.phrase);
            }
        }
    }

    /// Whether a text holds these words with nothing of ASCII letters and digits touching them.
    fn holds(text: &str, words: &str) -> bool {
        let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        text.match_indices(words).any(|(at, _)| {
            let before = text.get(..at).and_then(|text| text.chars().next_back());
            let behind = text
                .get(at + words.len()..)
                .and_then(|text| text.chars().next());
            let opens = words.starts_with(|c: char| c.is_ascii_alphanumeric());
            let closes = words.ends_with(|c: char| c.is_ascii_alphanumeric());
            !(opens && edge(before) || closes && edge(behind))
        })
    }
}
