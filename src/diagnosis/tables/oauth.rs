//! OAuth `error` values and Entra's `suberror` values.
//!
//! <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>, RFC 6749 section 5.2,
//! RFC 8628 section 3.5, and the suberrors that Microsoft's own client libraries know.

use std::sync::LazyLock;

use super::tsv;
use crate::verdict::{Confidence, cause::Cause};

/// One word of an error answer.
#[derive(Debug)]
pub(in crate::diagnosis) struct OAuthWord {
    /// As the service spells it.
    pub(in crate::diagnosis) id: &'static str,
    /// What it points to.
    pub(in crate::diagnosis) cause: Cause,
    /// How sure the word alone is.
    pub(in crate::diagnosis) confidence: Confidence,
    /// What else it may be.
    pub(in crate::diagnosis) also: Vec<Cause>,
    /// What it says.
    pub(in crate::diagnosis) summary: &'static str,
}

const DATA: &str = include_str!("../data/oauth_words.tsv");

static ERRORS: LazyLock<Vec<OAuthWord>> = LazyLock::new(|| words("error"));
static SUBERRORS: LazyLock<Vec<OAuthWord>> = LazyLock::new(|| words("suberror"));

fn words(kind: &str) -> Vec<OAuthWord> {
    let row = |[_, id, cause, confidence, also, summary]: [&'static str; 6]| {
        Some(OAuthWord {
            id,
            cause: tsv::cause(cause)?,
            confidence: tsv::confidence(confidence)?,
            also: tsv::causes(also)?,
            summary,
        })
    };
    let of_kind = tsv::rows(DATA).filter(|row: &[&str; 6]| row.first() == Some(&kind));
    of_kind.filter_map(row).collect()
}

/// Returns every OAuth `error`.
pub(in crate::diagnosis) fn errors() -> &'static [OAuthWord] {
    &ERRORS
}

/// Returns what an OAuth `error` means, in any case.
pub(in crate::diagnosis) fn error(id: &str) -> Option<&'static OAuthWord> {
    find(&ERRORS, id)
}

/// Returns what a `suberror` means, in any case.
pub(in crate::diagnosis) fn suberror(id: &str) -> Option<&'static OAuthWord> {
    find(&SUBERRORS, id)
}

fn find(words: &'static [OAuthWord], id: &str) -> Option<&'static OAuthWord> {
    words.iter().find(|word| word.id.eq_ignore_ascii_case(id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn words_are_unique_and_complete() {
        assert_eq!(ERRORS.len() + SUBERRORS.len(), tsv::count(DATA));
        for words in [&ERRORS, &SUBERRORS] {
            let ids: HashSet<_> = words.iter().map(|word| word.id).collect();
            assert_eq!(ids.len(), words.len());
            assert!(words.iter().all(|word| !word.also.contains(&word.cause)));
        }
    }
}
