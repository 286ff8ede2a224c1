//! The help screen: every key, made from the table of keys, then the statuses and marks.
//!
//! Draws two columns: the key or symbol, and its meaning.

use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Line};
use unicode_width::UnicodeWidthStr as _;

use super::text_layout::{TextLines, item, padded, rule, span, write};
use crate::tui::{
    keymap::{BINDINGS, KeyScope},
    model::{Model, Screen},
    row_status::RowStatus,
    theme,
};

/// Draws the help.
pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    write(&lines(usize::from(area.width)), model.scroll, area, buffer);
}

/// Returns how many lines there are.
pub(crate) fn height(area: Rect) -> usize {
    lines(usize::from(area.width)).len()
}

fn lines(width: usize) -> TextLines {
    let mut lines = vec![rule("keys", width)];
    let labels = BINDINGS
        .iter()
        .map(|it| it.label.width())
        .max()
        .unwrap_or(0);
    for binding in BINDINGS.iter().filter(|it| it.place.is_listed()) {
        let key = span(format!("  {}  ", padded(binding.label, labels)), theme::KEY);
        let help = match where_it_works(binding.place) {
            Some(place) => format!("{} ({place})", binding.help),
            None => binding.help.to_owned(),
        };
        lines.extend(item(&key, &help, width, Style::new()));
    }
    lines.push(Line::raw(""));
    lines.push(rule("status", width));
    for row_status in RowStatus::ALL {
        let word = format!(
            "  {} {}  ",
            row_status.symbol(),
            padded(row_status.word(), 8)
        );
        let mark = span(word, row_status.style());
        lines.extend(item(&mark, meaning(row_status), width, Style::new()));
    }
    lines.push(Line::raw(""));
    lines.push(rule("marks", width));
    for (mark, meaning) in MARKS {
        let mark = span(format!("  {}  ", padded(mark, 10)), theme::KEY);
        lines.extend(item(&mark, meaning, width, Style::new()));
    }
    lines
}

const MARKS: [(&str, &str); 12] = [
    ("✔", "this stage of the last check worked"),
    ("✖", "this stage of the last check failed"),
    ("–", "not configured, or not reached"),
    ("↻", "being checked just now"),
    ("!", "the last answer is too old to count"),
    ("▎", "its status changed lately"),
    ("z", "its alerts are snoozed"),
    ("a", "its trouble is acknowledged"),
    ("█░", "what is left of the life of its credential"),
    (
        "▁▄",
        "24 h: all checks of the hour worked (higher: slower), some failed",
    ),
    ("✖", "24 h: all checks of the hour failed"),
    ("·", "24 h: no check in the hour"),
];

/// Where a key works, unless it works on more screens than not.
fn where_it_works(place: KeyScope) -> Option<&'static str> {
    match place {
        KeyScope::On([Screen::Fleet]) => Some("table"),
        KeyScope::On([Screen::Timeline]) => Some("timeline"),
        KeyScope::On([Screen::Events]) => Some("events"),
        KeyScope::On([Screen::Detail, Screen::Diagnosis]) => Some("detail"),
        KeyScope::On([Screen::Fleet, Screen::Timeline]) => Some("table, timeline"),
        KeyScope::On(_)
        | KeyScope::Everywhere
        | KeyScope::Filter
        | KeyScope::Numbers
        | KeyScope::Prompt => None,
    }
}

const fn meaning(row_status: RowStatus) -> &'static str {
    match row_status {
        RowStatus::Failing => "does not work now: the service refused, or cannot be reached",
        RowStatus::Expired => "its credential has ended, and nothing shows that it works",
        RowStatus::Urgent => {
            "works; its credential ends within `critical`, or has ended by its date"
        }
        RowStatus::Unknown => "could not be checked, or the last answer is too old",
        RowStatus::Ending => "works; its credential ends within `warn`",
        RowStatus::TooLong => "works; its credential was made for longer than `max_lifetime`",
        RowStatus::NoEndDate => "works; the end date of its credential is not known",
        RowStatus::Loading => "its first check has not ended yet",
        RowStatus::Ok => "works, and nothing ends soon",
    }
}
