//! Which columns the table has room for, and how wide they are.
//!
//! Widths depend on the terminal and on the names of the tenants, never on what ticks or changes.

use crate::tui::order::{BoardCounts, SortBy};

/// A column of the table, in the order in which they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    Status,
    Tenant,
    Profile,
    Token,
    Ews,
    Graph,
    /// The last 24 hours, as one row of small bars.
    Day,
    /// The 95th percentile of the response times.
    P95,
    Ends,
    Checked,
    Cause,
    Owner,
}

/// Columns of the end with its gauge, and without.
const ENDS: (usize, usize) = (GAUGE + 1 + 9, 9);

/// Columns of the gauge before the end.
pub(super) const GAUGE: usize = 10;

/// Hours that one column of the day stands for, where there is little room.
const DAY: (usize, usize) = (12, 24);

/// What is given up, in this order, as the screen gets narrower.
const GIVEN_UP: [&[Column]; 10] = [
    &[],
    &[Column::Profile],
    &[Column::Checked],
    &[Column::Day],
    &[Column::P95],
    &[Column::Owner],
    // the place where the gauge goes, see `plan`
    &[],
    &[Column::Graph],
    &[Column::Cause],
    &[Column::Token, Column::Ews],
];

/// At which of those the end loses its gauge.
const BRIEF_ENDS: usize = 6;

/// A column with its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PlacedColumn {
    pub(crate) column: Column,
    pub(crate) width: usize,
}

impl Column {
    const ALL: [Self; 12] = [
        Self::Status,
        Self::Tenant,
        Self::Profile,
        Self::Token,
        Self::Ews,
        Self::Graph,
        Self::Day,
        Self::P95,
        Self::Ends,
        Self::Checked,
        Self::Cause,
        Self::Owner,
    ];

    /// Returns the title.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Status => "STATUS",
            Self::Tenant => "TENANT",
            Self::Profile => "PROFILE",
            Self::Token => "TOKEN",
            Self::Ews => "EWS",
            Self::Graph => "GRAPH",
            Self::Day => "24 H",
            Self::P95 => "P95",
            Self::Ends => "ENDS",
            Self::Checked => "AGE",
            Self::Cause => "CAUSE",
            Self::Owner => "OWNER",
        }
    }

    /// Returns the order that goes by this column.
    pub(crate) const fn order(self) -> Option<SortBy> {
        match self {
            Self::Status => Some(SortBy::Worst),
            Self::Tenant => Some(SortBy::Tenant),
            Self::Profile => Some(SortBy::Profile),
            Self::P95 => Some(SortBy::Latency),
            Self::Ends => Some(SortBy::Ends),
            Self::Checked => Some(SortBy::Checked),
            Self::Cause => Some(SortBy::Cause),
            Self::Token | Self::Ews | Self::Graph | Self::Day | Self::Owner => None,
        }
    }

    /// Returns the least and the best width.
    fn widths(self, counts: &BoardCounts, brief: bool) -> (usize, usize) {
        let fixed = |width| (width, width);
        match self {
            Self::Status => fixed(10),
            Self::Tenant => (
                counts.tenant_width.clamp(8, 16),
                counts.tenant_width.clamp(8, 40),
            ),
            Self::Profile => (
                counts.profile_width.clamp(9, 10),
                counts.profile_width.clamp(9, 20),
            ),
            Self::Token | Self::Graph => fixed(5),
            Self::Checked => fixed(4),
            Self::Ews => fixed(3),
            Self::Day => DAY,
            Self::P95 => fixed(6),
            Self::Ends => fixed(if brief { ENDS.1 } else { ENDS.0 }),
            Self::Cause => (18, 26),
            Self::Owner => (9, 14),
        }
    }
}

/// Chooses columns for this many terminal columns, with one of space between them.
pub(crate) fn plan(width: usize, counts: &BoardCounts) -> Vec<PlacedColumn> {
    let mut columns: Vec<Column> = Column::ALL.to_vec();
    let mut placed = Vec::new();
    for (step, given_up) in GIVEN_UP.iter().enumerate() {
        columns.retain(|column| !given_up.contains(column));
        let brief = step >= BRIEF_ENDS;
        let least = |column: &Column| PlacedColumn {
            column: *column,
            width: column.widths(counts, brief).0,
        };
        placed = columns.iter().map(least).collect();
        if needed(&placed) <= width {
            break;
        }
    }
    spread(&mut placed, width, counts);
    placed
}

fn needed(placed: &[PlacedColumn]) -> usize {
    let widths: usize = placed.iter().map(|it| it.width).sum();
    widths + placed.len().saturating_sub(1)
}

/// Gives what is left over to the texts, or takes from the name what is missing.
fn spread(placed: &mut [PlacedColumn], width: usize, counts: &BoardCounts) {
    for greedy in [
        Column::Tenant,
        Column::Cause,
        Column::Owner,
        Column::Day,
        Column::Profile,
    ] {
        let used = needed(placed);
        let Some(it) = placed.iter_mut().find(|it| it.column == greedy) else {
            continue;
        };
        let best = greedy.widths(counts, false).1;
        let spare = width.saturating_sub(used);
        let grows = spare.min(best.saturating_sub(it.width));
        // a column of the day is one hour or two, nothing between
        it.width += if greedy == Column::Day && grows < DAY.1 - DAY.0 {
            0
        } else {
            grows
        };
        if greedy == Column::Tenant {
            it.width -= used.saturating_sub(width).min(it.width);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles(width: usize) -> Vec<&'static str> {
        let counts = BoardCounts {
            tenant_width: 17,
            profile_width: 8,
            ..BoardCounts::default()
        };
        let columns = plan(width, &counts);
        assert!(width < 30 || needed(&columns) <= width, "{width}");
        columns.iter().map(|it| it.column.title()).collect()
    }

    #[test]
    fn columns_give_way_in_their_order() {
        assert_eq!(titles(140).len(), 12);
        assert!(!titles(118).contains(&"PROFILE"));
        assert!(titles(118).contains(&"24 H"));
        assert!(titles(118).contains(&"OWNER"));
        assert!(!titles(98).contains(&"24 H"));
        assert!(titles(98).contains(&"OWNER"));
        assert!(titles(78).contains(&"CAUSE"));
        assert!(!titles(50).contains(&"CAUSE"));
        assert_eq!(titles(38), ["STATUS", "TENANT", "ENDS"]);
        for width in 0..200 {
            assert!(titles(width).contains(&"TENANT"), "{width}");
        }
    }
}
