//! Which columns of the table there is room for, and how wide they are.
//!
//! Widths depend on the terminal and on the names of the tenants, never on what ticks or changes.

use crate::tui::order::{BoardCounts, SortBy};

/// A column of the table, in the order in which they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Status,
    Tenant,
    Profile,
    Token,
    Ews,
    Graph,
    Latency,
    Ends,
    Checked,
    Cause,
}

/// Columns of the end date with its word, and without.
const ENDS: (usize, usize) = (17, 10);

/// What is given up, in this order, as the screen gets narrower.
const GIVEN_UP: [&[Column]; 8] = [
    &[],
    &[Column::Profile],
    &[Column::Latency],
    &[Column::Graph],
    &[Column::Cause],
    // the place where the words of the end date go, see `plan`
    &[],
    &[Column::Token, Column::Ews],
    &[Column::Checked],
];

/// At which of those the end date loses its words.
const BRIEF_ENDS: usize = 5;

/// A column with its width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Placed {
    pub(super) column: Column,
    pub(super) width: usize,
}

impl Column {
    const ALL: [Self; 10] = [
        Self::Status,
        Self::Tenant,
        Self::Profile,
        Self::Token,
        Self::Ews,
        Self::Graph,
        Self::Latency,
        Self::Ends,
        Self::Checked,
        Self::Cause,
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
            Self::Latency => "LATENCY",
            Self::Ends => "ENDS",
            Self::Checked => "AGE",
            Self::Cause => "CAUSE",
        }
    }

    /// Returns the order that goes by this column.
    pub(super) const fn order(self) -> Option<SortBy> {
        match self {
            Self::Status => Some(SortBy::Worst),
            Self::Tenant => Some(SortBy::Tenant),
            Self::Profile => Some(SortBy::Profile),
            Self::Latency => Some(SortBy::Latency),
            Self::Ends => Some(SortBy::Ends),
            Self::Checked => Some(SortBy::Checked),
            Self::Cause => Some(SortBy::Cause),
            Self::Token | Self::Ews | Self::Graph => None,
        }
    }

    /// Returns the least and the best width.
    fn widths(self, tally: &BoardCounts, brief: bool) -> (usize, usize) {
        let fixed = |width| (width, width);
        match self {
            Self::Status => fixed(9),
            Self::Tenant => (
                tally.tenant_width.clamp(8, 16),
                tally.tenant_width.clamp(8, 40),
            ),
            Self::Profile => (
                tally.profile_width.clamp(9, 10),
                tally.profile_width.clamp(9, 20),
            ),
            Self::Token | Self::Graph | Self::Checked => fixed(5),
            Self::Ews => fixed(3),
            Self::Latency => fixed(13),
            Self::Ends => fixed(if brief { ENDS.1 } else { ENDS.0 }),
            Self::Cause => (14, 29),
        }
    }
}

/// Chooses columns for this many terminal columns, with one of space between them.
pub(super) fn plan(width: usize, tally: &BoardCounts) -> Vec<Placed> {
    let mut columns: Vec<Column> = Column::ALL.to_vec();
    let mut placed = Vec::new();
    for (step, given_up) in GIVEN_UP.iter().enumerate() {
        columns.retain(|column| !given_up.contains(column));
        let brief = step >= BRIEF_ENDS;
        let least = |column: &Column| Placed {
            column: *column,
            width: column.widths(tally, brief).0,
        };
        placed = columns.iter().map(least).collect();
        if needed(&placed) <= width {
            break;
        }
    }
    spread(&mut placed, width, tally);
    placed
}

fn needed(placed: &[Placed]) -> usize {
    let widths: usize = placed.iter().map(|it| it.width).sum();
    widths + placed.len().saturating_sub(1)
}

/// Gives what is left over to the texts, or takes from the name what is missing.
fn spread(placed: &mut [Placed], width: usize, tally: &BoardCounts) {
    for greedy in [Column::Tenant, Column::Cause, Column::Profile] {
        let used = needed(placed);
        let Some(it) = placed.iter_mut().find(|it| it.column == greedy) else {
            continue;
        };
        let best = greedy.widths(tally, false).1;
        it.width += width
            .saturating_sub(used)
            .min(best.saturating_sub(it.width));
        if greedy == Column::Tenant {
            it.width -= used.saturating_sub(width).min(it.width);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles(width: usize) -> Vec<&'static str> {
        let tally = BoardCounts {
            tenant_width: 17,
            profile_width: 8,
            ..BoardCounts::default()
        };
        let columns = plan(width, &tally);
        assert!(width < 30 || needed(&columns) <= width, "{width}");
        columns.iter().map(|it| it.column.title()).collect()
    }

    #[test]
    fn columns_give_way_in_their_order() {
        assert_eq!(titles(120).len(), 10);
        assert!(!titles(100).contains(&"PROFILE"));
        assert!(titles(100).contains(&"LATENCY"));
        assert!(!titles(90).contains(&"LATENCY"));
        assert!(titles(80).contains(&"CAUSE"));
        assert!(!titles(70).contains(&"CAUSE"));
        assert_eq!(titles(40), ["STATUS", "TENANT", "ENDS"]);
        for width in 0..200 {
            assert!(titles(width).contains(&"TENANT"), "{width}");
        }
    }
}
