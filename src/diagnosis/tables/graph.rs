//! The error codes of Microsoft Graph that the calls of a check can meet.
//!
//! Graph hands on the response codes of Exchange too; those are looked up in [`super::exchange`] when
//! they are not here. <https://learn.microsoft.com/graph/errors>

use std::sync::LazyLock;

use super::{exchange, sentences, tsv};
use crate::{
    verdict::Confidence,
    verdict::cause::Cause::{
        self, AccessDenied, EwsEndpointWrong, EwsRequestInvalid, EwsThrottled, EwsUnavailable,
        GraphPermissionMissing, GraphThrottled, GraphUnavailable, ImpersonationHeaderMissing,
        Unknown,
    },
};

/// One `error.code`.
#[derive(Debug)]
pub(in crate::diagnosis) struct GraphCode {
    /// As the service spells it.
    pub(in crate::diagnosis) id: &'static str,
    /// What it points to.
    pub(in crate::diagnosis) cause: Cause,
    /// How sure the code alone is.
    pub(in crate::diagnosis) confidence: Confidence,
    /// What else it may be.
    pub(in crate::diagnosis) also: Vec<Cause>,
    /// What it says.
    pub(in crate::diagnosis) summary: &'static str,
}

const DATA: &str = include_str!("../data/graph_codes.tsv");

static CODES: LazyLock<Vec<GraphCode>> = LazyLock::new(|| {
    let row = |[id, cause, confidence, also, summary]: [&'static str; 5]| {
        Some(GraphCode {
            id,
            cause: tsv::cause(cause)?,
            confidence: tsv::confidence(confidence)?,
            also: tsv::causes(also)?,
            summary,
        })
    };
    tsv::rows(DATA).filter_map(row).collect()
});

/// Returns every code that has its own meaning in Graph.
pub(in crate::diagnosis) fn codes() -> &'static [GraphCode] {
    &CODES
}

/// Returns what a code means by itself, in any case.
pub(in crate::diagnosis) fn code(id: &str) -> Option<&'static GraphCode> {
    CODES.iter().find(|code| code.id.eq_ignore_ascii_case(id))
}

/// Returns what a code means beside this message, where the message decides.
pub(in crate::diagnosis) fn turned(id: &str, message: &str) -> Option<Cause> {
    sentences::beside(id, message)
}

/// Returns what a response code of Exchange means when Graph hands it on.
pub(in crate::diagnosis) fn from_exchange(id: &str) -> Option<(Cause, String)> {
    let code = exchange::response_code(id)?;
    let cause = match code.cause {
        EwsThrottled => GraphThrottled,
        EwsUnavailable => GraphUnavailable,
        AccessDenied => GraphPermissionMissing,
        EwsRequestInvalid | EwsEndpointWrong | ImpersonationHeaderMissing => Unknown,
        other => other,
    };
    Some((cause, code.words()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_and_complete() {
        let keys: Vec<_> = codes()
            .iter()
            .map(|code| code.id.to_ascii_lowercase())
            .collect();
        assert!(keys.windows(2).all(|two| two[0] < two[1]));
        assert_eq!(codes().len(), tsv::count(DATA));
    }
}
