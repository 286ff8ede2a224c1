//! What the login service says: sign-in error numbers, OAuth errors and suberrors, each a table.

mod aadsts;
mod words;

use super::evidence::Fact;
use crate::verdict::Confidence;
use crate::verdict::cause::Cause;

pub(super) use words::{OAUTH_ERRORS, oauth_error, suberror};

/// One sign-in error number.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Code {
    /// The digits after `AADSTS`.
    pub(super) number: u32,
    /// Microsoft's name for it; empty where none is known.
    pub(super) name: &'static str,
    /// What it points to.
    pub(super) cause: Cause,
    /// What it says.
    pub(super) summary: &'static str,
    /// What helps.
    pub(super) remedy: &'static str,
}

/// Every known number, in order.
pub(super) fn codes() -> &'static [Code] {
    aadsts::CODES
}

/// Returns what a number means, if it is known.
pub(super) fn code(number: u32) -> Option<&'static Code> {
    let found = codes().binary_search_by_key(&number, |code| code.number);
    found.ok().and_then(|at| codes().get(at))
}

/// Returns what Microsoft's name of a number means, in any case.
pub(super) fn code_by_name(name: &str) -> Option<&'static Code> {
    let named = |code: &&Code| !code.name.is_empty() && code.name.eq_ignore_ascii_case(name);
    codes().iter().find(named)
}

/// Returns the nearest known relative of an unknown number.
///
/// Microsoft makes a variant of a number by adding digits to it (50105, 501051), so the longest
/// known beginning of at least five digits is its family.
pub(super) fn family(number: u32) -> Option<&'static Code> {
    let shorter = |n: &u32| Some(n / 10).filter(|n| *n >= 10_000);
    std::iter::successors(Some(number), shorter)
        .skip(1)
        .find_map(code)
}

/// Numbers that only wrap another one, or that say so little that a suberror says more.
const GENERAL: &[u32] = &[
    40016, 50000, 50080, 70000, 70002, 75006, 90023, 90117, 165_004, 5_001_214, 9_002_313,
    9_002_338,
];

/// Returns whether any other evidence of the same answer says more than this number.
pub(super) fn is_general(number: u32) -> bool {
    GENERAL.contains(&number)
}

/// A number whose meaning its message decides.
struct Turn {
    number: u32,
    /// In lower case.
    says: &'static str,
    cause: Cause,
}

const fn turn(number: u32, says: &'static str, cause: Cause) -> Turn {
    Turn {
        number,
        says,
        cause,
    }
}

/// The first row whose words stand in the message wins.
static TURNS: &[Turn] = &[
    turn(50012, "client secret", Cause::SecretInvalid),
    turn(50012, "audience", Cause::AssertionInvalid),
    turn(50013, "valid time range", Cause::ClockSkew),
    turn(50013, "assertion is expired", Cause::ClockSkew),
    turn(50027, "valid time range", Cause::ClockSkew),
    turn(50027, "token is expired", Cause::ClockSkew),
    turn(
        70000,
        "scopes requested are unauthorized",
        Cause::ConsentRequired,
    ),
    turn(70000, "'device_code'", Cause::DeviceCodeExpired),
    turn(70000, "'code'", Cause::AuthCodeInvalid),
    turn(70000, "authorization code", Cause::AuthCodeInvalid),
    turn(70000, "grant has been expired", Cause::RefreshTokenExpired),
    turn(70002, "client_assertion", Cause::AssertionInvalid),
    turn(70002, "client assertion", Cause::AssertionInvalid),
    turn(70008, "refresh token", Cause::RefreshTokenExpired),
    turn(70008, "authorization code", Cause::AuthCodeInvalid),
    turn(70008, "auth code", Cause::AuthCodeInvalid),
    turn(900_144, "'client_secret'", Cause::SecretMissing),
    turn(9_002_313, "refresh token", Cause::RefreshTokenInvalid),
];

/// Returns what a number means beside these messages, where they change it.
pub(super) fn turned<'a>(number: u32, facts: impl Iterator<Item = &'a Fact>) -> Option<Cause> {
    if !TURNS.iter().any(|turn| turn.number == number) {
        return None;
    }
    let mut messages = facts.filter_map(|fact| match fact {
        Fact::Message(text) => Some(text.to_lowercase()),
        _ => None,
    });
    messages.find_map(|text| {
        let fits = |turn: &&Turn| turn.number == number && text.contains(turn.says);
        TURNS.iter().find(fits).map(|turn| turn.cause)
    })
}

/// What else a number may mean, and how sure it is.
pub(super) fn doubts(number: u32, cause: Cause) -> (Confidence, &'static [Cause]) {
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
    fn numbers_are_sorted_without_duplicates_and_all_there() {
        assert!(codes().windows(2).all(|two| two[0].number < two[1].number));
        assert_eq!(codes().len(), 662);
        for code in codes() {
            assert!(
                !code.summary.is_empty() && !code.remedy.is_empty(),
                "{code:?}"
            );
            assert_eq!(super::code(code.number), Some(code));
        }
    }

    #[test]
    fn general_numbers_and_turns_are_known_numbers() {
        for number in GENERAL.iter().chain(TURNS.iter().map(|turn| &turn.number)) {
            assert!(code(*number).is_some(), "{number}");
        }
        assert!(
            TURNS
                .iter()
                .all(|turn| turn.says == turn.says.to_lowercase())
        );
    }

    #[test]
    fn an_unknown_variant_is_known_by_its_family() {
        assert_eq!(family(5_300_399).map(|code| code.number), Some(53003));
        assert_eq!(family(12), None);
        assert_eq!(family(99_999_999), None);
    }
}
