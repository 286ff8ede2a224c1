//! What Exchange says over IMAP, POP and SMTP, in the words of its replies.
//!
//! These protocols have no codes of Entra or EWS; the reason behind a reply decides. A reply that gives
//! no reason has no cause here: how the client proved itself decides, which only a whole text tells.
//! <https://learn.microsoft.com/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth>

use std::sync::LazyLock;

use super::tsv;
use crate::verdict::{Confidence, cause::Cause};

/// What a reply says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::diagnosis) enum ReplyKind {
    /// Why it says no.
    Reason,
    /// No, and the reason may stand behind it.
    Wrapper,
    /// No, without a reason.
    Refusal,
}

/// One reply.
#[derive(Debug)]
pub(in crate::diagnosis) struct MailReply {
    /// What it points to; `None` for a refusal without a reason.
    pub(in crate::diagnosis) cause: Option<Cause>,
    /// How sure it is.
    pub(in crate::diagnosis) confidence: Confidence,
    /// What it says.
    pub(in crate::diagnosis) kind: ReplyKind,
    /// Whether servers of others say so too, so that it counts only in a text about Microsoft's.
    pub(in crate::diagnosis) shared: bool,
    /// Its parts, in lower case.
    pub(in crate::diagnosis) parts: Vec<&'static str>,
}

const DATA: &str = include_str!("../data/mail_replies.tsv");

static REPLIES: LazyLock<Vec<MailReply>> = LazyLock::new(|| {
    let row = |[cause, confidence, kind, counts, reply]: [&'static str; 5]| {
        let kind = match kind {
            "reason" => ReplyKind::Reason,
            "wrapper" => ReplyKind::Wrapper,
            "refusal" => ReplyKind::Refusal,
            _ => return None,
        };
        let cause = tsv::cause(cause);
        (cause.is_some() != (kind == ReplyKind::Refusal)).then_some(MailReply {
            cause,
            confidence: tsv::confidence(confidence)?,
            kind,
            shared: counts == "related",
            parts: reply.split(" … ").collect(),
        })
    };
    tsv::rows(DATA).filter_map(row).collect()
});

/// Returns every reply.
pub(in crate::diagnosis) fn replies() -> &'static [MailReply] {
    &REPLIES
}

impl MailReply {
    /// Returns the part that a matcher looks for.
    pub(in crate::diagnosis) fn opening(&self) -> &'static str {
        self.parts.first().copied().unwrap_or_default()
    }

    /// Returns whether the other parts stand in the text behind the opening.
    pub(in crate::diagnosis) fn goes_on(&self, behind: &str) -> bool {
        self.parts.iter().skip(1).all(|part| behind.contains(part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn replies_are_complete_unique_and_in_lower_case() {
        assert_eq!(replies().len(), tsv::count(DATA));
        let mut seen = HashSet::new();
        for row in replies() {
            assert!(seen.insert(&row.parts), "twice: {row:?}");
            assert!(row.parts.iter().all(|part| part.to_lowercase() == **part));
        }
    }
}
