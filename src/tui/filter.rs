//! Which tenants are shown: words that must all fit.
//!
//! `status:`, `tag:`, `cause:` and `profile:` name what must begin with the word after the colon, so
//! that a filter narrows while it is typed; any other word may stand anywhere.

use chrono::{DateTime, Utc};

use super::row_status::RowStatus;
use crate::{board::Row, verdict::Status};

/// A filter as typed, taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    terms: Vec<Term>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Term {
    Status(String),
    Tag(String),
    Cause(String),
    Profile(String),
    Text(String),
}

impl Filter {
    /// Takes a typed filter apart; every text is a filter.
    pub(crate) fn parse(text: &str) -> Self {
        let terms = text.split_whitespace().map(|word| {
            let (field, value) = word.split_once(':').unwrap_or(("", word));
            let value_of = || value.to_owned();
            match field.to_ascii_lowercase().as_str() {
                "status" => Term::Status(value_of()),
                "tag" => Term::Tag(value_of()),
                "cause" => Term::Cause(value_of()),
                "profile" => Term::Profile(value_of()),
                _ => Term::Text(word.to_owned()),
            }
        });
        Self {
            terms: terms.collect(),
        }
    }

    /// Returns whether a tenant is shown.
    pub(crate) fn fits(&self, row: &Row, now: DateTime<Utc>) -> bool {
        self.terms.iter().all(|term| term.fits(row, now))
    }
}

impl Term {
    fn fits(&self, row: &Row, now: DateTime<Utc>) -> bool {
        let tenant = &row.tenant;
        match self {
            Self::Status(word) => {
                let row_status = RowStatus::of(row, now);
                begins(row_status.word(), word) || begins(status_id(row, row_status), word)
            }
            Self::Tag(word) => tenant.tags.iter().any(|tag| begins(tag, word)),
            Self::Cause(word) => cause_id(row).is_some_and(|id| begins(id, word)),
            Self::Profile(word) => begins(tenant.profile.id, word),
            Self::Text(word) => texts(row).any(|text| contains(text, word)),
        }
    }
}

/// The word of the report's status, as scripts know it; a stale answer is `unknown`.
fn status_id(row: &Row, row_status: RowStatus) -> &'static str {
    match (row_status, row.report.as_ref().map(|report| report.status)) {
        (RowStatus::Unknown | RowStatus::Loading, _) | (_, None | Some(Status::Unknown)) => {
            "unknown"
        }
        (RowStatus::Expired, _) | (_, Some(Status::Critical)) => "critical",
        (_, Some(Status::Warning)) => "warning",
        (_, Some(Status::Ok)) => "ok",
    }
}

fn cause_id(row: &Row) -> Option<&'static str> {
    let diagnosis = row.report.as_ref()?.diagnosis.as_ref()?;
    Some(diagnosis.cause.id())
}

/// Everything in which a plain word is looked for.
fn texts(row: &Row) -> impl Iterator<Item = &str> {
    let tenant = &row.tenant;
    [
        tenant.name.as_str(),
        tenant.profile.id,
        &tenant.app.tenant_id,
        &tenant.app.client_id,
    ]
    .into_iter()
    .chain(tenant.target.mailbox.as_deref())
    .chain(tenant.tags.iter().map(String::as_str))
    .chain(cause_id(row))
}

fn begins(text: &str, word: &str) -> bool {
    let (text, word) = (text.as_bytes(), word.as_bytes());
    text.get(..word.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(word))
}

fn contains(text: &str, word: &str) -> bool {
    let (text, word) = (text.as_bytes(), word.as_bytes());
    word.is_empty()
        || text
            .windows(word.len())
            .any(|part| part.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::{super::fixture, *};

    fn names(filter: &str) -> Vec<String> {
        let (board, now) = (fixture::board(), fixture::now());
        let filter = Filter::parse(filter);
        let shown = board.rows.iter().filter(|row| filter.fits(row, now));
        shown.map(|row| row.tenant.name.to_string()).collect()
    }

    #[test]
    fn words_narrow_and_fields_name_what_they_mean() {
        assert_eq!(names("").len(), fixture::board().rows.len());
        assert_eq!(names("CONTOSO"), ["contoso-rooms"]);
        assert_eq!(names("room-101@contoso"), ["contoso-rooms"]);
        assert_eq!(names("tag:prod status:critical").len(), 3);
        assert_eq!(names("status:ending"), ["tailspin-crm"]);
        assert_eq!(names("cause:ews"), ["northwind-bots"]);
        assert_eq!(names("profile:ept status:ok"), ["adatum-rooms"]);
        assert!(names("status:critical status:ok").is_empty());
        assert!(names("nothing-of-the-kind").is_empty());
        assert!(names("http://x").is_empty());
    }
}
