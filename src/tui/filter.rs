//! Which tenants are shown: words that must all fit.
//!
//! | term | fits |
//! | --- | --- |
//! | `word` | it stands in a name, tag, profile, id, mailbox, cause, code, contact or status |
//! | `field:value` | the field begins with the value, so that a filter narrows while it is typed |
//! | `ends<30d` `ends>1w` | the deciding credential ends within, or after, that time |
//! | `age>1h` `age<5m` | the last answer is older, or younger, than that |
//! | `a,b` | one of them |
//! | `!term` | the term does not fit |

use crate::text::Word as _;
use chrono::{DateTime, TimeDelta, Utc};

use super::row_status::{CredentialEnd, RowStatus, credential_end};
use crate::{
    board::Row,
    verdict::{Diagnosis, Expiry, Live, Status},
};

/// A filter as typed, taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    terms: Vec<Term>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    negated: bool,
    test: Test,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    /// One of these values begins the field.
    Field(Field, Vec<String>),
    /// One of these words stands somewhere.
    Text(Vec<String>),
    EndsWithin(TimeDelta),
    EndsAfter(TimeDelta),
    OlderThan(TimeDelta),
    YoungerThan(TimeDelta),
    /// A field that there is not.
    UnknownField(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Status,
    Live,
    Expiry,
    Cause,
    Code,
    Profile,
    Tag,
    Owner,
    Contact,
}

impl Field {
    const ALL: [(&'static str, Self); 9] = [
        ("status", Self::Status),
        ("live", Self::Live),
        ("expiry", Self::Expiry),
        ("cause", Self::Cause),
        ("code", Self::Code),
        ("profile", Self::Profile),
        ("tag", Self::Tag),
        ("owner", Self::Owner),
        ("contact", Self::Contact),
    ];

    fn named(name: &str) -> Option<Self> {
        let fits = |(known, _): &&(&str, Self)| known.eq_ignore_ascii_case(name);
        Self::ALL.iter().find(fits).map(|(_, field)| *field)
    }
}

impl Filter {
    /// Takes a typed filter apart; every text is a filter.
    pub(crate) fn parse(text: &str) -> Self {
        Self {
            terms: text.split_whitespace().map(Term::parse).collect(),
        }
    }

    /// Returns whether a tenant is shown.
    pub(crate) fn fits(&self, row: &Row, now: DateTime<Utc>) -> bool {
        let mut terms = self.terms.iter();
        terms.all(|term| term.test.fits(row, now) != term.negated)
    }

    /// Returns what is wrong with the filter, if anything: a field that there is not.
    pub(crate) fn problem(&self) -> Option<String> {
        let unknown = self.terms.iter().find_map(|term| match &term.test {
            Test::UnknownField(name) => Some(name),
            _ => None,
        })?;
        let known: Vec<&str> = Field::ALL.iter().map(|(name, _)| *name).collect();
        Some(format!("no field '{unknown}': {}", known.join(" ")))
    }
}

impl Term {
    fn parse(word: &str) -> Self {
        let (negated, word) = match word.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, word),
        };
        Self {
            negated,
            test: Test::parse(word),
        }
    }
}

impl Test {
    fn parse(word: &str) -> Self {
        let compared = |start: &str| word.strip_prefix(start).and_then(duration);
        if let Some(test) = compared("ends<")
            .map(Self::EndsWithin)
            .or_else(|| compared("ends>").map(Self::EndsAfter))
            .or_else(|| compared("age>").map(Self::OlderThan))
            .or_else(|| compared("age<").map(Self::YoungerThan))
        {
            return test;
        }
        let values = |text: &str| text.split(',').map(str::to_owned).collect();
        match word.split_once(':') {
            None => Self::Text(values(word)),
            Some((name, value)) => match Field::named(name) {
                Some(field) => Self::Field(field, values(value)),
                // an address or a time has a colon too; only what looks like a name is one
                None if !name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic()) => {
                    Self::UnknownField(name.to_owned())
                }
                None => Self::Text(values(word)),
            },
        }
    }

    fn fits(&self, row: &Row, now: DateTime<Utc>) -> bool {
        let left = || match credential_end(row) {
            CredentialEnd::At(at, _) => Some(at - now),
            CredentialEnd::Never | CredentialEnd::Renews | CredentialEnd::Unknown => None,
        };
        let age = || Some(now - row.report.as_ref()?.checked_at);
        match self {
            Self::Field(field, values) => {
                let fits = |value: &String| field.fits(row, value, now);
                values.iter().any(fits)
            }
            Self::Text(words) => {
                let fits = |word: &String| texts(row, now).any(|text| contains(text, word));
                words.iter().any(fits)
            }
            Self::EndsWithin(limit) => left().is_some_and(|left| left <= *limit),
            Self::EndsAfter(limit) => left().is_some_and(|left| left > *limit),
            Self::OlderThan(limit) => age().is_some_and(|age| age > *limit),
            Self::YoungerThan(limit) => age().is_some_and(|age| age <= *limit),
            Self::UnknownField(_) => false,
        }
    }
}

impl Field {
    fn fits(self, row: &Row, value: &str, now: DateTime<Utc>) -> bool {
        let tenant = &row.tenant;
        let report = row.report.as_deref();
        let optional = |text: Option<&str>| text.is_some_and(|text| begins(text, value));
        match self {
            Self::Status => {
                let row_status = RowStatus::of(row, now);
                begins(row_status.word(), value) || begins(status_id(row, row_status), value)
            }
            Self::Live => optional(report.and_then(|it| it.live).map(live_id)),
            Self::Expiry => optional(report.and_then(|it| it.expiry).map(expiry_id)),
            Self::Cause => optional(diagnosis(row).map(|it| it.cause.id())),
            Self::Code => optional(diagnosis(row).and_then(|it| it.code.as_deref())),
            Self::Profile => begins(tenant.profile.id, value),
            Self::Tag => tenant.tags.iter().any(|tag| begins(tag, value)),
            Self::Owner => optional(diagnosis(row).map(|it| it.owner.word())),
            Self::Contact => optional(contact(row)),
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

const fn live_id(live: Live) -> &'static str {
    match live {
        Live::Ok => "ok",
        Live::Failing => "failing",
        Live::Unknown => "unknown",
    }
}

const fn expiry_id(expiry: Expiry) -> &'static str {
    match expiry {
        Expiry::Ok => "ok",
        Expiry::Warning => "warning",
        Expiry::Critical => "critical",
        Expiry::Expired => "expired",
        Expiry::Never => "never",
        Expiry::Unknown => "unknown",
    }
}

fn diagnosis(row: &Row) -> Option<&Diagnosis> {
    row.report.as_ref()?.diagnosis.as_ref()
}

fn contact(row: &Row) -> Option<&str> {
    row.tenant.support.contact.as_deref()
}

/// Everything in which a plain word is looked for.
fn texts(row: &Row, now: DateTime<Utc>) -> impl Iterator<Item = &str> {
    let tenant = &row.tenant;
    [
        tenant.name.as_str(),
        tenant.profile.id,
        &tenant.app.tenant_id,
        &tenant.app.client_id,
        RowStatus::of(row, now).word(),
    ]
    .into_iter()
    .chain(tenant.target.mailbox.as_deref())
    .chain(tenant.tags.iter().map(String::as_str))
    .chain(diagnosis(row).map(|it| it.cause.id()))
    .chain(diagnosis(row).and_then(|it| it.code.as_deref()))
    .chain(contact(row))
}

/// Returns a duration as typed: a whole number with `m`, `h`, `d` or `w`.
fn duration(text: &str) -> Option<TimeDelta> {
    let unit = text.chars().next_back()?;
    let number: i64 = text.strip_suffix(unit)?.parse().ok()?;
    match unit {
        'm' => TimeDelta::try_minutes(number),
        'h' => TimeDelta::try_hours(number),
        'd' => TimeDelta::try_days(number),
        'w' => TimeDelta::try_weeks(number),
        _ => None,
    }
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

    #[test]
    fn terms_are_negated_joined_by_commas_and_compare_times() {
        assert_eq!(names("cause:ews,secret-exp").len(), 2);
        assert_eq!(names("!status:works tag:prod").len(), 3);
        assert_eq!(names("ends<3d"), ["contoso-rooms", "fabrikam-helpdesk"]);
        assert_eq!(
            names("ends>30d !live:ok"),
            ["northwind-bots", "proseware-sync"]
        );
        assert!(names("age>1h").is_empty());
        assert_eq!(names("age<1h").len(), 7);
        assert_eq!(names("owner:exchange"), ["northwind-bots"]);
    }

    #[test]
    fn a_field_that_does_not_exist_is_said() {
        let problem = Filter::parse("!colour:red").problem().unwrap();
        assert!(
            problem.starts_with("no field 'colour': status live"),
            "{problem}"
        );
        assert_eq!(Filter::parse("tag:prod ends<3d 12:30").problem(), None);
    }
}
