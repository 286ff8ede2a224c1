//! In which order tenants stand, and what there is to count. Computed when the board, the filter or
//! the order changes, never for a frame.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::{
    filter::Filter,
    row_status::{
        CredentialEnd, P95, RowStatus, credential_end, is_stale, next_change_at, percentile,
    },
};
use crate::{
    board::{Activity, Board, Row},
    verdict::cause::Cause,
};

/// What the table is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SortBy {
    /// Worst first, then soonest.
    Worst,
    Tenant,
    Profile,
    /// Slowest first, by the 95th percentile.
    Latency,
    /// Soonest first.
    Ends,
    /// Latest answer first.
    Checked,
    Cause,
}

impl SortBy {
    /// All, in the order in which the key goes round.
    pub(crate) const ALL: [Self; 7] = [
        Self::Worst,
        Self::Tenant,
        Self::Profile,
        Self::Latency,
        Self::Ends,
        Self::Checked,
        Self::Cause,
    ];

    /// Returns the next one, after the last the first.
    pub(crate) fn next(self) -> Self {
        let at = Self::ALL.iter().position(|by| *by == self).unwrap_or(0);
        let next = Self::ALL.get(at + 1).copied();
        next.unwrap_or(Self::Worst)
    }

    /// Returns the order in words.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Worst => "worst and soonest first",
            Self::Tenant => "by tenant",
            Self::Profile => "by profile",
            Self::Latency => "slowest first",
            Self::Ends => "soonest end first",
            Self::Checked => "latest check first",
            Self::Cause => "by cause",
        }
    }
}

/// How the table is arranged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arrangement {
    pub(crate) by: SortBy,
    pub(crate) reversed: bool,
    pub(crate) grouped: bool,
}

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TableEntry {
    /// The row of the board at this index.
    Row(usize),
    /// What the rows below have in common.
    Heading(Heading),
}

impl TableEntry {
    /// Returns the index of the row, if this is one.
    pub(crate) const fn row(&self) -> Option<usize> {
        match self {
            Self::Row(index) => Some(*index),
            Self::Heading(_) => None,
        }
    }
}

/// What a group of rows has in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Heading {
    pub(crate) cause: Option<Cause>,
    /// The worst status of the group.
    pub(crate) row_status: RowStatus,
    pub(crate) members: usize,
    /// How many tenants are shown in all.
    pub(crate) shown: usize,
    /// Since when the first of them has had it.
    pub(crate) since: Option<DateTime<Utc>>,
}

/// Two numbers and two texts: enough for every order, compared left to right.
type Key<'a> = (i64, i64, &'a str, &'a str);

/// Returns the lines of the table.
pub(crate) fn arrange(
    board: &Board,
    now: DateTime<Utc>,
    filter: &Filter,
    how: Arrangement,
) -> Vec<TableEntry> {
    let mut keyed: Vec<(Key<'_>, usize)> = board
        .rows
        .iter()
        .enumerate()
        .filter(|(_, row)| filter.fits(row, now))
        .map(|(index, row)| (key(row, now, how.by), index))
        .collect();
    keyed.sort_unstable();
    if how.reversed {
        keyed.reverse();
    }
    let rows = keyed.into_iter().map(|(_, index)| index);
    if how.grouped {
        group(board, now, rows.collect())
    } else {
        rows.map(TableEntry::Row).collect()
    }
}

/// Returns the rows of the timeline: soonest end first, then those without a date.
pub(crate) fn by_end(board: &Board, now: DateTime<Utc>, filter: &Filter) -> Vec<TableEntry> {
    let soonest = Arrangement {
        by: SortBy::Ends,
        reversed: false,
        grouped: false,
    };
    arrange(board, now, filter, soonest)
}

fn key(row: &Row, now: DateTime<Utc>, by: SortBy) -> Key<'_> {
    let name = row.tenant.name.as_str();
    let report = row.report.as_deref();
    match by {
        SortBy::Worst => (RowStatus::of(row, now) as i64, end_key(row), "", name),
        SortBy::Tenant => (0, 0, "", name),
        SortBy::Profile => (0, 0, row.tenant.profile.id, name),
        SortBy::Latency => (latency_key(row), 0, "", name),
        SortBy::Ends => (end_key(row), 0, "", name),
        SortBy::Checked => {
            let at = report.map_or(i64::MIN, |report| report.checked_at.timestamp_millis());
            (at.saturating_neg(), 0, "", name)
        }
        SortBy::Cause => {
            let cause = cause_of(row).map(Cause::id);
            (i64::from(cause.is_none()), 0, cause.unwrap_or(""), name)
        }
    }
}

fn end_key(row: &Row) -> i64 {
    match credential_end(row) {
        CredentialEnd::At(at, _) => at.timestamp(),
        CredentialEnd::Unknown => i64::MAX - 1,
        CredentialEnd::Never | CredentialEnd::Renews => i64::MAX,
    }
}

fn latency_key(row: &Row) -> i64 {
    let ms = percentile(row, P95);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a cast from float saturates, and microseconds are fine enough"
    )]
    ms.map_or(i64::MAX, |ms| -((ms * 1000.0) as i64))
}

fn cause_of(row: &Row) -> Option<Cause> {
    let diagnosis = row.report.as_ref()?.diagnosis.as_ref()?;
    Some(diagnosis.cause)
}

/// What puts rows into one group: their cause, or how they are where there is none.
#[derive(PartialEq, Eq, Hash, Clone, Copy)]
enum GroupKey {
    Cause(Cause),
    RowStatus(RowStatus),
}

/// Puts sorted rows under headings: the worst group first, the larger of equals first.
fn group(board: &Board, now: DateTime<Utc>, rows: Vec<usize>) -> Vec<TableEntry> {
    let shown = rows.len();
    let mut groups: Vec<(Heading, Vec<usize>)> = Vec::new();
    let mut places: HashMap<GroupKey, usize> = HashMap::new();
    for index in rows {
        let Some(row) = board.rows.get(index) else {
            continue;
        };
        let row_status = RowStatus::of(row, now);
        let cause = cause_of(row);
        let common = cause.map_or(GroupKey::RowStatus(row_status), GroupKey::Cause);
        let place = *places.entry(common).or_insert_with(|| {
            let heading = Heading {
                cause,
                row_status,
                members: 0,
                shown,
                since: None,
            };
            groups.push((heading, Vec::new()));
            groups.len() - 1
        });
        if let Some((heading, members)) = groups.get_mut(place) {
            let since = row.streak.map(|streak| streak.since);
            heading.members += 1;
            heading.row_status = heading.row_status.min(row_status);
            heading.since = [heading.since, since].into_iter().flatten().min();
            members.push(index);
        }
    }
    groups.sort_by_key(|(heading, _)| (heading.row_status, usize::MAX - heading.members));
    let lines = groups.into_iter().flat_map(|(heading, members)| {
        std::iter::once(TableEntry::Heading(heading))
            .chain(members.into_iter().map(TableEntry::Row))
    });
    lines.collect()
}

/// What there is to count and to measure on a whole board.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct BoardCounts {
    /// How many tenants are in each status, in the order of [`RowStatus::ALL`].
    pub(crate) statuses: [usize; RowStatus::ALL.len()],
    pub(crate) checking: usize,
    pub(crate) stale: usize,
    /// When the next poll is due.
    pub(crate) next_at: Option<DateTime<Utc>>,
    /// When a status changes by the mere passing of time.
    pub(crate) next_change_at: Option<DateTime<Utc>>,
    /// Whether anything here lives on EWS in Exchange Online.
    pub(crate) retiring: bool,
    /// Columns of the longest tenant name and profile.
    pub(crate) tenant_width: usize,
    pub(crate) profile_width: usize,
}

impl BoardCounts {
    /// Counts a board.
    pub(crate) fn of(board: &Board, now: DateTime<Utc>) -> Self {
        use unicode_width::UnicodeWidthStr as _;
        let mut tally = Self::default();
        for row in &board.rows {
            let row_status = RowStatus::of(row, now);
            if let Some(count) = tally.statuses.get_mut(row_status as usize) {
                *count += 1;
            }
            tally.checking += usize::from(row.activity != Activity::Waiting);
            tally.stale += usize::from(is_stale(row, now));
            if row.activity == Activity::Waiting {
                tally.next_at = earlier(tally.next_at, row.next_at);
            }
            tally.next_change_at = earlier(tally.next_change_at, next_change_at(row, now));
            let report = row.report.as_ref();
            tally.retiring |= report.is_some_and(|report| report.retirement.is_some());
            tally.tenant_width = tally.tenant_width.max(row.tenant.name.as_str().width());
            tally.profile_width = tally.profile_width.max(row.tenant.profile.id.width());
        }
        tally
    }

    /// Returns how many tenants are in a status.
    pub(crate) fn count(&self, row_status: RowStatus) -> usize {
        self.statuses.get(row_status as usize).copied().unwrap_or(0)
    }

    /// Returns how many tenants there are.
    pub(crate) fn total(&self) -> usize {
        self.statuses.iter().sum()
    }
}

fn earlier(a: Option<DateTime<Utc>>, b: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    [a, b].into_iter().flatten().min()
}

#[cfg(test)]
mod tests {
    use super::{super::fixture, *};

    fn names(how: Arrangement) -> Vec<String> {
        let board = fixture::board();
        let entries = arrange(&board, fixture::now(), &Filter::default(), how);
        let name = |entry: &TableEntry| match entry {
            TableEntry::Row(index) => board.rows[*index].tenant.name.to_string(),
            TableEntry::Heading(heading) => format!("# {:?} {}", heading.cause, heading.members),
        };
        entries.iter().map(name).collect()
    }

    fn by(by: SortBy) -> Arrangement {
        Arrangement {
            by,
            reversed: false,
            grouped: false,
        }
    }

    #[test]
    fn the_worst_and_soonest_stand_first() {
        assert_eq!(
            names(by(SortBy::Worst)),
            [
                "contoso-rooms",
                "northwind-bots",
                "fabrikam-helpdesk",
                "litware-mail",
                "tailspin-crm",
                "wingtip-desk",
                "proseware-sync",
                "adatum-rooms",
            ]
        );
    }

    #[test]
    fn every_order_shows_every_tenant_and_reverses() {
        for sort in SortBy::ALL {
            let forward = names(by(sort));
            let mut backward = names(Arrangement {
                reversed: true,
                ..by(sort)
            });
            backward.reverse();
            assert_eq!(forward, backward, "{sort:?}");
            assert_eq!(forward.len(), 8, "{sort:?}");
        }
        assert_eq!(names(by(SortBy::Ends))[0], "contoso-rooms");
        assert_eq!(names(by(SortBy::Cause))[0], "northwind-bots");
        assert_eq!(SortBy::ALL.last().unwrap().next(), SortBy::Worst);
    }

    #[test]
    fn groups_stand_under_their_cause() {
        let grouped = names(Arrangement {
            grouped: true,
            ..by(SortBy::Worst)
        });
        assert_eq!(grouped[..2], ["# Some(SecretExpired) 1", "contoso-rooms"]);
        assert_eq!(
            grouped.iter().filter(|name| !name.starts_with('#')).count(),
            8
        );
    }

    #[test]
    fn conditions_are_counted_by_their_place() {
        for (place, row_status) in RowStatus::ALL.iter().enumerate() {
            assert_eq!(*row_status as usize, place);
        }
        let tally = BoardCounts::of(&fixture::board(), fixture::now());
        assert_eq!(tally.total(), 8);
        assert_eq!(tally.count(RowStatus::Failing), 2);
    }
}
