//! Symbols and colours. Views write for a terminal that can do everything; what this one cannot do
//! is taken out of the finished frame, so that no view can forget it.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Color, Modifier, Style},
};

use super::{DashboardSettings, row_status::RowStatus};
use crate::verdict::{Expiry, StageStatus, Status};

/// Beside what is of no account just now.
pub(crate) const QUIET: Style = Style::new().fg(Color::DarkGray);
/// Titles.
pub(crate) const STRONG: Style = Style::new().add_modifier(Modifier::BOLD);
/// Names of keys, and what is being typed.
pub(crate) const KEY: Style = Style::new().fg(Color::Cyan);
const SELECTED: Style = Style::new()
    .bg(Color::DarkGray)
    .add_modifier(Modifier::BOLD);
const GOOD: Style = Style::new().fg(Color::Green);
const WARN: Style = Style::new().fg(Color::Yellow);
const BAD: Style = Style::new().fg(Color::Red);
const UNSURE: Style = Style::new().fg(Color::Magenta);

impl RowStatus {
    /// Returns the symbol before the word.
    pub(crate) const fn symbol(self) -> &'static str {
        match self {
            Self::Failing | Self::Expired => "✖",
            Self::Urgent | Self::Ending | Self::TooLong | Self::NoEndDate => "▲",
            Self::Unknown => "?",
            Self::Loading => "…",
            Self::Ok => "●",
        }
    }

    /// Returns the colour that is added to symbol and word.
    pub(crate) const fn style(self) -> Style {
        match self {
            Self::Failing | Self::Expired | Self::Urgent => BAD,
            Self::Ending | Self::TooLong | Self::NoEndDate => WARN,
            Self::Unknown => UNSURE,
            Self::Loading => QUIET,
            Self::Ok => GOOD,
        }
    }
}

/// Returns symbol and colour of a status.
pub(crate) const fn status(status: Status) -> (&'static str, Style) {
    match status {
        Status::Ok => ("●", GOOD),
        Status::Warning => ("▲", WARN),
        Status::Critical => ("✖", BAD),
        Status::Unknown => ("?", UNSURE),
    }
}

/// Returns symbol and colour of an end date.
pub(crate) const fn expiry(state: Expiry) -> (&'static str, Style) {
    match state {
        Expiry::Ok | Expiry::Never => ("●", GOOD),
        Expiry::Warning => ("▲", WARN),
        Expiry::Critical => ("▲", BAD),
        Expiry::Expired => ("✖", BAD),
        Expiry::Unknown => ("?", UNSURE),
    }
}

/// Returns symbol, word and colour of a stage.
pub(crate) const fn stage(status: StageStatus) -> (&'static str, &'static str, Style) {
    match status {
        StageStatus::Ok => ("✔", "ok", GOOD),
        StageStatus::Failed => ("✖", "failed", BAD),
        StageStatus::Skipped => ("–", "skipped", QUIET),
    }
}

/// Heights of a sparkline, lowest first.
pub(crate) const SPARKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Marks the selected line; what is quiet elsewhere would vanish on its background.
pub(crate) fn select(area: Rect, buffer: &mut Buffer) {
    buffer.set_style(area, SELECTED);
    for position in area.intersection(buffer.area).positions() {
        if let Some(cell) = buffer.cell_mut(position)
            && cell.fg == Color::DarkGray
        {
            cell.fg = Color::Gray;
        }
    }
}

/// Takes out of a finished frame what the terminal cannot show.
pub(crate) fn adapt(settings: &DashboardSettings, buffer: &mut Buffer) {
    if settings.colour && !settings.ascii {
        return;
    }
    for cell in &mut buffer.content {
        if settings.ascii && !cell.symbol().is_ascii() {
            cell.set_symbol(ascii(cell.symbol()));
        }
        if !settings.colour {
            if cell.bg != Color::Reset {
                cell.modifier.insert(Modifier::REVERSED);
            }
            cell.fg = Color::Reset;
            cell.bg = Color::Reset;
        }
    }
}

/// Returns what stands for a character on an ASCII terminal.
fn ascii(symbol: &str) -> &'static str {
    match symbol {
        "✖" | "×" => "x",
        "✔" => "+",
        "●" => "o",
        "▲" | "▴" | "↑" => "^",
        "▾" | "↓" => "v",
        "▸" | "→" | "›" => ">",
        "←" => "<",
        "⏎" => "E",
        "↻" => "~",
        "–" | "—" | "─" | "…" | "▂" | "▃" => "-",
        "│" | "┊" => "|",
        "·" | "░" => ".",
        "▒" | "▓" => ":",
        "▁" => "_",
        "▄" | "▅" => "=",
        "▆" | "▇" | "█" => "#",
        "◆" => "*",
        "’" | "‘" => "'",
        "“" | "”" => "\"",
        _ => "?",
    }
}
