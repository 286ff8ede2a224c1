//! The sign-in error numbers of Entra (`AADSTS…`).
//!
//! Numbers on Microsoft's reference page and numbers met elsewhere alike; summaries and remedies are
//! our own words. Microsoft may change a number at any time: it is a hint, and an unknown one falls
//! back to the OAuth `error` and the `suberror`.
//! <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>

use std::sync::LazyLock;

use super::{sentences, tsv};
use crate::verdict::{Confidence, cause::Cause};

/// One sign-in error number.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::diagnosis) struct SignInCode {
    /// The digits after `AADSTS`.
    pub(in crate::diagnosis) number: u32,
    /// Microsoft's name for it; empty where none is known.
    pub(in crate::diagnosis) name: &'static str,
    /// What it points to.
    pub(in crate::diagnosis) cause: Cause,
    /// What it says.
    pub(in crate::diagnosis) summary: &'static str,
    /// What helps.
    pub(in crate::diagnosis) remedy: &'static str,
}

const DATA: &str = include_str!("../data/aadsts.tsv");

static CODES: LazyLock<Vec<SignInCode>> = LazyLock::new(|| {
    let row = |[number, name, cause, summary, remedy]: [&'static str; 5]| {
        Some(SignInCode {
            number: number.parse().ok()?,
            name: tsv::text(name),
            cause: tsv::cause(cause)?,
            summary,
            remedy,
        })
    };
    tsv::rows(DATA).filter_map(row).collect()
});

/// Returns every known number, in order.
pub(in crate::diagnosis) fn codes() -> &'static [SignInCode] {
    &CODES
}

/// Returns what a number means, if it is known.
pub(in crate::diagnosis) fn code(number: u32) -> Option<&'static SignInCode> {
    let found = codes().binary_search_by_key(&number, |code| code.number);
    found.ok().and_then(|at| codes().get(at))
}

/// Returns what Microsoft's name of a number means, in any case.
pub(in crate::diagnosis) fn code_by_name(name: &str) -> Option<&'static SignInCode> {
    let named = |code: &&SignInCode| !code.name.is_empty() && code.name.eq_ignore_ascii_case(name);
    codes().iter().find(named)
}

/// A variant has at most so many digits more than its family.
const VARIANT_DIGITS: usize = 2;

/// Returns the nearest known relative of an unknown number.
///
/// Microsoft makes a variant of a number by adding digits to it (50105, 501051), so the longest
/// known beginning of at least five digits is its family.
pub(in crate::diagnosis) fn family(number: u32) -> Option<&'static SignInCode> {
    let shorter = |n: &u32| Some(n / 10).filter(|n| *n >= 10_000);
    std::iter::successors(Some(number), shorter)
        .skip(1)
        .take(VARIANT_DIGITS)
        .find_map(code)
}

/// Numbers that only wrap another one, or that say so little that a suberror says more.
const GENERAL: &[u32] = &[
    40016, 50000, 50080, 70000, 70002, 75006, 90023, 90117, 165_004, 5_001_214, 9_002_313,
    9_002_338,
];

/// Returns whether any other evidence of the same answer says more than this number.
pub(in crate::diagnosis) fn is_general(number: u32) -> bool {
    GENERAL.contains(&number)
}

/// Returns what a number means beside this message, where the message decides.
pub(in crate::diagnosis) fn turned(number: u32, message: &str) -> Option<Cause> {
    sentences::beside(&number.to_string(), message)
}

/// Returns how sure a number with this meaning is, and what else it may be.
pub(in crate::diagnosis) fn doubts(number: u32, cause: Cause) -> (Confidence, &'static [Cause]) {
    match (number, cause) {
        // deleted after it expired, rotated elsewhere, not yet spread: all read "invalid"
        (7_000_215, _) => (
            Confidence::Likely,
            &[Cause::SecretExpired, Cause::SecretPropagating],
        ),
        (_, Cause::SecretInvalid) => (Confidence::Likely, &[Cause::SecretExpired]),
        (700_016 | 70001 | 700_011, _) => (
            Confidence::Certain,
            &[Cause::TenantNotFound, Cause::ServicePrincipalMissing],
        ),
        (70000 | 9_002_313, _) => (Confidence::Likely, &[]),
        (650_056, _) => (Confidence::Likely, &[Cause::AppNotFound]),
        (500_011, _) => (
            Confidence::Certain,
            &[Cause::ScopeInvalid, Cause::TenantNotFound],
        ),
        (70008, Cause::RefreshTokenExpired) => (Confidence::Likely, &[Cause::RefreshTokenRevoked]),
        _ => (Confidence::Certain, &[]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_sorted_and_complete() {
        assert!(codes().windows(2).all(|two| two[0].number < two[1].number));
        assert_eq!(codes().len(), tsv::count(DATA));
        assert!(codes().len() >= 662);
        for code in codes() {
            assert!(
                !code.summary.is_empty() && !code.remedy.is_empty(),
                "{code:?}"
            );
            assert_eq!(super::code(code.number), Some(code));
        }
    }

    #[test]
    fn general_numbers_are_known_numbers() {
        for number in GENERAL {
            assert!(code(*number).is_some(), "{number}");
        }
    }

    #[test]
    fn an_unknown_variant_is_known_by_its_family() {
        assert_eq!(family(5_300_399).map(|code| code.number), Some(53003));
        assert_eq!(family(12), None);
        assert_eq!(family(99_999_999), None);
    }
}
