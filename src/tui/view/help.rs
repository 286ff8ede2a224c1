//! What the keys do, made from the one table of keys, and what the symbols mean.

use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Line};
use unicode_width::UnicodeWidthStr as _;

use super::paper::{Lines, item, padded, rule, span, write};
use crate::tui::{
    condition::Condition,
    keymap::{BINDINGS, Place},
    model::{Model, Screen},
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

fn lines(width: usize) -> Lines {
    let mut lines = vec![rule("keys", width)];
    let labels = BINDINGS
        .iter()
        .map(|it| it.label.width())
        .max()
        .unwrap_or(0);
    for binding in BINDINGS.iter().filter(|it| it.place != Place::Typing) {
        let key = span(format!("  {}  ", padded(binding.label, labels)), theme::KEY);
        let help = match where_it_works(binding.place) {
            Some(place) => format!("{} ({place})", binding.help),
            None => binding.help.to_owned(),
        };
        lines.extend(item(&key, &help, width, Style::new()));
    }
    lines.push(Line::raw(""));
    lines.push(rule("status", width));
    for condition in Condition::ALL {
        let word = format!("  {} {}  ", condition.symbol(), padded(condition.word(), 8));
        let mark = span(word, condition.style());
        lines.extend(item(&mark, meaning(condition), width, Style::new()));
    }
    lines.push(Line::raw(""));
    lines.push(rule("marks", width));
    for (mark, meaning) in MARKS {
        let mark = span(format!("  {mark}         "), theme::KEY);
        lines.extend(item(&mark, meaning, width, Style::new()));
    }
    lines
}

const MARKS: [(&str, &str); 5] = [
    ("✔", "this stage of the last check worked"),
    ("✖", "this stage of the last check failed"),
    ("–", "not configured, or not reached"),
    ("↻", "being checked just now"),
    ("!", "the last answer is too old to count"),
];

/// Where a key works, unless it works on more screens than not.
fn where_it_works(place: Place) -> Option<&'static str> {
    match place {
        Place::On([Screen::Fleet]) => Some("table"),
        Place::On([Screen::Timeline]) => Some("timeline"),
        Place::On([Screen::Detail]) => Some("detail"),
        Place::On([Screen::Fleet, Screen::Timeline]) => Some("table, timeline"),
        Place::On(_) | Place::Everywhere | Place::Typing => None,
    }
}

const fn meaning(condition: Condition) -> &'static str {
    match condition {
        Condition::Failing => "does not work now: the service refused, or cannot be reached",
        Condition::Expired => "its credential has ended",
        Condition::Urgent => "works; its credential ends within `critical`",
        Condition::Unknown => "could not be tried or told, or the last answer is too old",
        Condition::Ending => "works; its credential ends within `warn`",
        Condition::Lasting => "works; its credential was made for longer than `max_lifetime`",
        Condition::Undated => "works; nobody knows when its credential ends",
        Condition::Waiting => "its first check has not ended yet",
        Condition::Ok => "works, and nothing ends soon",
    }
}
