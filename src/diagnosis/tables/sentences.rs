//! The sentences of the services and of those who read their answers, with the causes they establish.
//!
//! A sentence is matched in lower case, as parts that follow each other closely. Some decide what a
//! code means whose number the service uses for several things; some tell the code where it was lost;
//! some have no code.

use std::sync::LazyLock;

use super::tsv;
use crate::verdict::cause::Cause;

/// Who says a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::diagnosis) enum Speaker {
    /// The login service, or a client that asked it for a token.
    Entra,
    /// Exchange, or a client of EWS.
    Exchange,
    /// Microsoft Graph, or one of its clients.
    Graph,
}

/// Where a sentence counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::diagnosis) enum Counts {
    /// Everywhere: nothing but the speaker says so.
    Alone,
    /// In a text that is about Microsoft's services: others say so too.
    Related,
    /// Beside its code only.
    Beside,
}

/// One sentence.
#[derive(Debug)]
pub(in crate::diagnosis) struct Sentence {
    /// Who says it.
    pub(in crate::diagnosis) speaker: Speaker,
    /// The code that it stands beside; empty where it has none.
    pub(in crate::diagnosis) code: &'static str,
    /// What it establishes.
    pub(in crate::diagnosis) cause: Cause,
    /// Where it counts.
    pub(in crate::diagnosis) counts: Counts,
    /// Its parts, in lower case, in this order and near each other.
    pub(in crate::diagnosis) parts: Vec<&'static str>,
}

/// Parts of one sentence lie at most so many bytes apart.
const REACH: usize = 200;

/// Separates the parts of a sentence.
const GAP: &str = " … ";

const DATA: &str = include_str!("../data/sentences.tsv");

static SENTENCES: LazyLock<Vec<Sentence>> = LazyLock::new(|| {
    let row = |[speaker, code, cause, counts, says]: [&'static str; 5]| {
        Some(Sentence {
            speaker: match speaker {
                "entra" => Speaker::Entra,
                "exchange" => Speaker::Exchange,
                "graph" => Speaker::Graph,
                _ => return None,
            },
            code: tsv::text(code),
            cause: tsv::cause(cause)?,
            counts: match counts {
                "alone" => Counts::Alone,
                "related" => Counts::Related,
                "beside" => Counts::Beside,
                _ => return None,
            },
            parts: says.split(GAP).collect(),
        })
    };
    tsv::rows(DATA).filter_map(row).collect()
});

/// Returns every sentence.
pub(in crate::diagnosis) fn all() -> &'static [Sentence] {
    &SENTENCES
}

/// Returns what a code means beside this message, where one of its sentences decides; the first row
/// that fits wins.
pub(in crate::diagnosis) fn beside(code: &str, message: &str) -> Option<Cause> {
    let lower = message.to_lowercase();
    let mut rows = all().iter().filter(|row| row.counts == Counts::Beside);
    let said = |row: &&Sentence| row.code.eq_ignore_ascii_case(code) && row.is_said(&lower);
    rows.find(said).map(|row| row.cause)
}

impl Sentence {
    /// Returns the part that a matcher looks for.
    pub(in crate::diagnosis) fn opening(&self) -> &'static str {
        self.parts.first().copied().unwrap_or_default()
    }

    /// Returns whether the sentence stands anywhere in a text in lower case.
    fn is_said(&self, lower: &str) -> bool {
        let opening = self.opening();
        lower
            .match_indices(opening)
            .any(|(at, _)| self.goes_on(lower.get(at + opening.len()..).unwrap_or_default()))
    }

    /// Returns whether the other parts follow in the text (in lower case) behind the opening.
    pub(in crate::diagnosis) fn goes_on(&self, behind: &str) -> bool {
        let near = behind.floor_char_boundary(REACH);
        let mut rest = behind.get(..near).unwrap_or_default();
        self.parts
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::tables::{aadsts, exchange, graph};
    use std::collections::HashSet;

    #[test]
    fn sentences_are_complete_unique_and_in_lower_case() {
        assert_eq!(all().len(), tsv::count(DATA));
        let mut seen = HashSet::new();
        for row in all() {
            assert!(seen.insert((row.code, &row.parts)), "twice: {row:?}");
            for part in &row.parts {
                assert_eq!(part.to_lowercase(), **part);
                assert!(!part.is_empty(), "{row:?}");
            }
            assert!(row.opening().len() > 2, "{row:?}");
        }
    }

    #[test]
    fn codes_of_sentences_are_known() {
        for row in all().iter().filter(|row| !row.code.is_empty()) {
            let number = row.code.parse().ok().and_then(aadsts::code).is_some();
            let other =
                graph::code(row.code).is_some() || exchange::response_code(row.code).is_some();
            assert!(number || other, "{row:?}");
        }
        assert!(
            all()
                .iter()
                .all(|row| row.counts != Counts::Beside || !row.code.is_empty())
        );
    }

    #[test]
    fn the_first_fitting_sentence_decides_what_a_code_means() {
        let said = "Access to OData is disabled: Blocked by tenant configured AppOnly AccessPolicy settings.";
        assert_eq!(
            beside("ErrorAccessDenied", said),
            Some(Cause::AppAccessPolicyDenied)
        );
        assert_eq!(
            beside("70008", "the auth code has expired"),
            Some(Cause::AuthCodeInvalid)
        );
        assert_eq!(beside("70008", "x"), None);
    }
}
