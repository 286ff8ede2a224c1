//! What Exchange Web Services says: response codes, `x-ms-diagnostics` ids, the policy header.

mod diagnostics;
mod response_codes;

use crate::verdict::Confidence;
use crate::verdict::cause::Cause;

pub(super) use diagnostics::refusal;

/// One `ResponseCode`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ResponseCode {
    /// As the service spells it.
    pub(super) name: &'static str,
    /// What it points to; `unknown` where it is about something else than access.
    pub(super) cause: Cause,
    /// What it says; empty where the name says it all.
    pub(super) summary: &'static str,
}

impl ResponseCode {
    /// Returns one line on what the code says.
    pub(super) fn words(&self) -> String {
        if self.summary.is_empty() {
            spelled_out(self.name)
        } else {
            self.summary.to_owned()
        }
    }
}

/// Every known code, in order of their names without regard to case.
pub(super) fn response_codes() -> &'static [ResponseCode] {
    response_codes::CODES
}

/// Returns what a response code means, in any case, with or without its leading `Error`.
pub(super) fn response_code(name: &str) -> Option<&'static ResponseCode> {
    exact(name).or_else(|| exact(&format!("Error{name}")))
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
pub(super) fn is_general(name: &str) -> bool {
    [
        "ErrorInternalServerError",
        "ErrorBatchProcessingStopped",
        "ErrorProxyRequestProcessingFailed",
    ]
    .contains(&name)
}

/// Returns what a code means where the message beside it, in lower case, says more than the code.
pub(super) fn turned(cause: Cause, message: &str) -> Option<Cause> {
    let by_policy = cause == Cause::AccessDenied && message.contains("apponly accesspolicy");
    by_policy.then_some(Cause::AppAccessPolicyDenied)
}

/// What a value of `X-EWS-Policy-Reason` points to; the two known values differ in one word.
/// <https://learn.microsoft.com/exchange/client-developer/exchange-web-services/how-to-control-access-to-ews-in-exchange>
pub(super) fn policy_reason(reason: &str) -> (Cause, Confidence, &'static str) {
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
        assert_eq!(keys.len(), 491);
        for code in response_codes() {
            assert_eq!(exact(code.name), Some(code));
            assert!(
                code.cause == Cause::Unknown || !code.summary.is_empty(),
                "{code:?}"
            );
        }
    }

    #[test]
    fn a_code_without_words_is_spelled_out() {
        let code = response_code("cannotemptyfolder").unwrap();
        assert_eq!(code.words(), "EWS says: cannot empty folder");
    }
}
