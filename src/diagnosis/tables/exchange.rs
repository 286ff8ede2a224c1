//! What Exchange Web Services says: response codes, `x-ms-diagnostics` ids, the policy header.
//!
//! Response codes come from Microsoft's page on `ResponseCode`, its managed API, and open clients (two
//! names keep the page's spelling beside the right one). A code about signing in, rights, the mailbox,
//! load or routing has a cause; any other is known by name, and its name says what it means.
//! <https://learn.microsoft.com/exchange/client-developer/web-service-reference/responsecode>,
//! <https://learn.microsoft.com/exchange/client-developer/exchange-web-services/instrumenting-client-requests-for-ews-and-rest-in-exchange>

use std::{collections::HashMap, sync::LazyLock};

use super::{sentences, tsv};
use crate::verdict::{Confidence, cause::Cause};

/// One `ResponseCode`.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::diagnosis) struct ResponseCode {
    /// As the service spells it.
    pub(in crate::diagnosis) name: &'static str,
    /// What it points to; `unknown` where it is about something else than access.
    pub(in crate::diagnosis) cause: Cause,
    /// What it says; empty where the name says it all.
    pub(in crate::diagnosis) summary: &'static str,
}

impl ResponseCode {
    /// Returns one line on what the code says.
    pub(in crate::diagnosis) fn words(&self) -> String {
        if self.summary.is_empty() {
            spelled_out(self.name)
        } else {
            self.summary.to_owned()
        }
    }
}

const RESPONSE_CODES: &str = include_str!("../data/ews_response_codes.tsv");

static CODES: LazyLock<Vec<ResponseCode>> = LazyLock::new(|| {
    let row = |[name, cause, summary]: [&'static str; 3]| {
        Some(ResponseCode {
            name,
            cause: tsv::cause(cause)?,
            summary: tsv::text(summary),
        })
    };
    tsv::rows(RESPONSE_CODES).filter_map(row).collect()
});

/// Returns every known code, in order of their names without regard to case.
pub(in crate::diagnosis) fn response_codes() -> &'static [ResponseCode] {
    &CODES
}

/// One id of `x-ms-diagnostics`: a reason to refuse a token.
#[derive(Debug)]
pub(in crate::diagnosis) struct Refusal {
    /// The number before the first semicolon.
    pub(in crate::diagnosis) id: u32,
    /// What it points to.
    pub(in crate::diagnosis) cause: Cause,
    /// How sure the id alone is.
    pub(in crate::diagnosis) confidence: Confidence,
    /// What else it may be.
    pub(in crate::diagnosis) also: Vec<Cause>,
    /// What it says.
    pub(in crate::diagnosis) summary: &'static str,
}

const REFUSED: &str = include_str!("../data/exchange_refusals.tsv");

static REFUSALS: LazyLock<Vec<Refusal>> = LazyLock::new(|| {
    let row = |[id, cause, confidence, also, summary]: [&'static str; 5]| {
        Some(Refusal {
            id: id.parse().ok()?,
            cause: tsv::cause(cause)?,
            confidence: tsv::confidence(confidence)?,
            also: tsv::causes(also)?,
            summary,
        })
    };
    tsv::rows(REFUSED).filter_map(row).collect()
});

/// Returns what an id of `x-ms-diagnostics` means.
pub(in crate::diagnosis) fn refusal(id: u32) -> Option<&'static Refusal> {
    REFUSALS.iter().find(|row| row.id == id)
}

/// Returns what a response code means, in any case, with or without its leading `Error`.
pub(in crate::diagnosis) fn response_code(name: &str) -> Option<&'static ResponseCode> {
    exact(name).or_else(|| exact(&format!("Error{name}")))
}

/// Returns the code that a reader of pictures may have seen as this name: `Errorlmpersonate…`.
pub(in crate::diagnosis) fn misread_code(name: &str) -> Option<&'static ResponseCode> {
    static FOLDED: LazyLock<HashMap<String, &'static ResponseCode>> = LazyLock::new(|| {
        let codes = response_codes().iter();
        codes.map(|code| (folded(code.name), code)).collect()
    });
    FOLDED.get(&folded(name)).copied()
}

/// A name with letters of one shape made equal.
fn folded(name: &str) -> String {
    let fold = |c: char| match c {
        'I' | 'l' | '1' | '|' => 'i',
        '0' | 'O' => 'o',
        c => c.to_ascii_lowercase(),
    };
    name.chars().map(fold).collect()
}

fn exact(name: &str) -> Option<&'static ResponseCode> {
    let key = name.to_ascii_lowercase();
    let found =
        response_codes().binary_search_by(|code| code.name.to_ascii_lowercase().as_str().cmp(&key));
    found.ok().and_then(|at| response_codes().get(at))
}

/// `ErrorCannotEmptyFolder` reads `cannot empty folder`.
fn spelled_out(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 8);
    for c in name.strip_prefix("Error").unwrap_or(name).chars() {
        if c.is_ascii_uppercase() && words.ends_with(|last: char| last.is_ascii_lowercase()) {
            words.push(' ');
        }
        words.push(c);
    }
    let mut words = words.to_ascii_lowercase();
    words.insert_str(0, "EWS says: ");
    words
}

/// Response codes that only wrap another one.
pub(in crate::diagnosis) fn is_general(name: &str) -> bool {
    [
        "ErrorInternalServerError",
        "ErrorBatchProcessingStopped",
        "ErrorProxyRequestProcessingFailed",
    ]
    .contains(&name)
}

/// Returns what a code means beside this message, where the message decides.
pub(in crate::diagnosis) fn turned(name: &str, message: &str) -> Option<Cause> {
    sentences::beside(name, message)
}

/// What a value of `X-EWS-Policy-Reason` points to; the two known values differ in one word.
/// <https://learn.microsoft.com/exchange/client-developer/exchange-web-services/how-to-control-access-to-ews-in-exchange>
pub(in crate::diagnosis) fn policy_reason(reason: &str) -> (Cause, Confidence, &'static str) {
    let reason = reason.to_ascii_lowercase();
    if reason.contains("blocked by policy") {
        let summary = "the list of allowed apps or the user-agent policy of the organisation \
                       keeps this app out";
        return (Cause::EwsDisabled, Confidence::Certain, summary);
    }
    let summary = "EWS is switched off for the organisation or the mailbox";
    if reason.contains("disabled for this user or tenant") {
        return (Cause::EwsDisabled, Confidence::Certain, summary);
    }
    if reason.contains("retired") {
        let summary = "EWS has been retired for this organisation";
        return (Cause::EwsRetired, Confidence::Likely, summary);
    }
    (Cause::EwsDisabled, Confidence::Likely, summary)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_without_duplicates_and_all_there() {
        let keys: Vec<_> = response_codes()
            .iter()
            .map(|code| code.name.to_ascii_lowercase())
            .collect();
        assert!(keys.windows(2).all(|two| two[0] < two[1]));
        assert_eq!(keys.len(), tsv::count(RESPONSE_CODES));
        assert!(keys.len() >= 491);
        for code in response_codes() {
            assert_eq!(exact(code.name), Some(code));
            assert!(
                code.cause == Cause::Unknown || !code.summary.is_empty(),
                "{code:?}"
            );
        }
    }

    #[test]
    fn refusals_are_unique_and_complete() {
        assert!(REFUSALS.windows(2).all(|two| two[0].id < two[1].id));
        assert_eq!(REFUSALS.len(), tsv::count(REFUSED));
    }

    #[test]
    fn a_code_without_words_is_spelled_out() {
        let code = response_code("cannotemptyfolder").unwrap();
        assert_eq!(code.words(), "EWS says: cannot empty folder");
    }
}
