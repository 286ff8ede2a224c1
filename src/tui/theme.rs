//! Symbols, colours and themes.
//!
//! Views write roles: a named colour for "failing", the modifier `DIM` for quiet text, reverse video for
//! the selected row. [`adapt`] turns the roles of a finished frame into the cells of the chosen theme,
//! so that no view can forget a theme. Every pair of colours is checked against the palettes of common
//! terminals by the tests of `contrast`.

use ratatui::{
    buffer::{Buffer, Cell},
    layout::Rect,
    style::{Color, Modifier, Style},
};

use super::row_status::RowStatus;
use crate::verdict::{Expiry, StageStatus, Status};

/// A named theme, as in the config and behind `--theme`.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    clap::ValueEnum,
    strum::EnumString,
    strum::VariantNames,
)]
#[strum(serialize_all = "kebab-case")]
pub enum Theme {
    /// Dark or light, as the terminal answers when it is asked for its background
    #[default]
    Auto,
    /// For a dark background
    Dark,
    /// For a light background
    Light,
    /// White on black, with strong colours, whatever the terminal's palette is
    HighContrast,
    /// No colours: symbols, words, bold and reverse video
    Mono,
}

/// Whether the background of a terminal is dark or light.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Background {
    /// Dark, or not known.
    #[default]
    Dark,
    /// Light.
    Light,
}

/// Text that matters little just now. `DIM` keeps the terminal's own text colour: any fixed grey is
/// the background of some palette.
pub(crate) const QUIET: Style = Style::new().add_modifier(Modifier::DIM);
/// Titles.
pub(crate) const STRONG: Style = Style::new().add_modifier(Modifier::BOLD);
/// Names of keys, and text being typed.
pub(crate) const KEY: Style = Style::new().fg(ACCENT);
/// The open tab, and the selected row.
pub(crate) const REVERSE: Style = Style::new().add_modifier(Modifier::REVERSED);
pub(crate) const GOOD: Style = Style::new().fg(Color::Green);
pub(crate) const WARN: Style = Style::new().fg(Color::Yellow);
pub(crate) const ALARM: Style = Style::new().fg(Color::Yellow).add_modifier(Modifier::BOLD);
pub(crate) const BAD: Style = Style::new().fg(Color::Red);
pub(crate) const UNSURE: Style = Style::new().fg(Color::Magenta);

/// The role of names of keys.
const ACCENT: Color = Color::Cyan;

impl RowStatus {
    /// Returns the symbol before the word.
    pub(crate) const fn symbol(self) -> &'static str {
        match self {
            Self::Failing | Self::Expired => "✖",
            Self::Urgent => "◆",
            Self::Ending | Self::TooLong | Self::NoEndDate => "▲",
            Self::Unknown => "?",
            Self::Loading => "…",
            Self::Ok => "●",
        }
    }

    /// Returns the colour that is added to symbol and word. A tenant that works is never red.
    pub(crate) const fn style(self) -> Style {
        match self {
            Self::Failing | Self::Expired => BAD,
            Self::Urgent => ALARM,
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
        Expiry::Critical => ("◆", ALARM),
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

/// Heights of a bar that stands, lowest first.
pub(crate) const SPARKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Widths of the end of a bar that lies, shortest first; nothing and a full cell are no end.
const BAR_ENDS: [char; 7] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// Returns a bar of this share of the width, in eighths of a column. A share above nothing shows at
/// least an eighth.
pub(crate) fn bar(share: f64, width: usize) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast from float saturates, and the result is cut to the width"
    )]
    let eighths = (share.clamp(0.0, 1.0) * width as f64 * 8.0).round() as usize;
    let eighths = if share > 0.0 { eighths.max(1) } else { 0 };
    let mut bar = "█".repeat(eighths / 8);
    bar.extend(
        (eighths % 8)
            .checked_sub(1)
            .and_then(|end| BAR_ENDS.get(end)),
    );
    bar
}

/// Marks the selected line by reverse video over its whole width. Colours and dim text are taken out:
/// reversed, each would be a background of its own.
pub(crate) fn select(area: Rect, buffer: &mut Buffer) {
    for position in area.intersection(buffer.area).positions() {
        if let Some(cell) = buffer.cell_mut(position) {
            cell.fg = Color::Reset;
            cell.modifier.remove(Modifier::DIM);
            cell.modifier.insert(Modifier::REVERSED);
        }
    }
}

/// What this terminal shows, and in which theme.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Appearance {
    /// The chosen theme.
    pub(crate) theme: Theme,
    /// Whether colours may be used.
    pub(crate) colour: bool,
    /// Whether the terminal can only show ASCII.
    pub(crate) ascii: bool,
}

/// Turns the roles of a finished frame into what this terminal shows in the chosen theme.
pub(crate) fn adapt(appearance: Appearance, background: Background, buffer: &mut Buffer) {
    let colour = match (appearance.theme, background) {
        // colours were refused: by `NO_COLOR`, by `--color never`, or by a terminal without any
        _ if !appearance.colour => mono,
        (Theme::Mono, _) => mono,
        (Theme::HighContrast, _) => high_contrast,
        (Theme::Light, _) | (Theme::Auto, Background::Light) => light,
        (Theme::Dark, _) | (Theme::Auto, Background::Dark) => dark,
    };
    for cell in &mut buffer.content {
        if appearance.ascii && !cell.symbol().is_ascii() {
            cell.set_symbol(ascii(cell.symbol()));
        }
        colour(cell);
    }
}

/// The sixteen colours of the terminal's own palette. Plain red is too dark on GNOME and on the Linux
/// console, plain magenta on Campbell, while bright green and bright yellow are greys in Solarized.
fn dark(cell: &mut Cell) {
    cell.fg = match cell.fg {
        Color::Red => Color::LightRed,
        Color::Magenta => Color::LightMagenta,
        other => other,
    };
}

/// Colours of the fixed 256: the green, yellow and cyan of most palettes are too pale on white.
fn light(cell: &mut Cell) {
    cell.fg = match cell.fg {
        Color::Red => Color::Indexed(124),
        Color::Yellow => Color::Indexed(130),
        Color::Green => Color::Indexed(28),
        Color::Magenta => Color::Indexed(90),
        Color::Cyan => Color::Indexed(30),
        other => other,
    };
}

/// White on black from the fixed 256, so that the palette does not matter; nothing is dim.
fn high_contrast(cell: &mut Cell) {
    cell.fg = match cell.fg {
        Color::Red => Color::Indexed(210),
        Color::Yellow => Color::Indexed(226),
        Color::Green => Color::Indexed(120),
        Color::Magenta => Color::Indexed(219),
        Color::Cyan => Color::Indexed(123),
        Color::Reset => Color::Indexed(231),
        other => other,
    };
    cell.bg = Color::Indexed(16);
    cell.modifier.remove(Modifier::DIM);
}

fn mono(cell: &mut Cell) {
    cell.fg = Color::Reset;
    cell.bg = Color::Reset;
}

/// Returns what stands for a character on an ASCII terminal.
fn ascii(symbol: &str) -> &'static str {
    match symbol {
        "✖" | "×" => "x",
        "●" => "o",
        "▲" | "▴" | "↑" => "^",
        "▾" | "↓" => "v",
        "▸" | "→" | "›" => ">",
        "←" => "<",
        "⏎" => "E",
        "↻" => "~",
        "–" | "—" | "─" | "…" | "▂" | "▃" | "╌" => "-",
        "│" | "┊" | "▏" | "▎" | "┃" => "|",
        "✔" | "╭" | "╮" | "╰" | "╯" | "├" | "┤" => "+",
        "·" | "░" => ".",
        "▒" | "▓" => ":",
        "▁" => "_",
        "▄" | "▅" => "=",
        "▆" | "▇" | "█" | "▌" | "▍" | "▋" | "▊" | "▉" => "#",
        "◆" => "*",
        "’" | "‘" => "'",
        "“" | "”" => "\"",
        _ => "?",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_grows_by_eighths() {
        for (share, expected) in [
            (0.0, ""),
            (0.001, "▏"),
            (0.5, "██"),
            (0.53125, "██▏"),
            (1.0, "████"),
            (7.0, "████"),
        ] {
            assert_eq!(bar(share, 4), expected, "{share}");
        }
    }
}
