//! How the dashboard is shown on this terminal. `app` fills it in; nothing here changes while it runs.

use chrono::FixedOffset;

use super::{
    clipboard::Clipboard,
    theme::{Appearance, Background, Theme},
};

/// How the dashboard is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DashboardSettings {
    /// Offset of local time: all times on the screen are local.
    pub local_offset: FixedOffset,
    /// Whether colours may be used; without, words, symbols and reverse video remain.
    pub colour: bool,
    /// The theme; without colours it does not matter.
    pub theme: Theme,
    /// How the background of the terminal becomes known.
    pub background: BackgroundSource,
    /// Whether the terminal can only show ASCII (`TERM=linux`, a locale other than UTF-8).
    pub ascii: bool,
    /// Whether the mouse selects and scrolls; the terminal's own selection then needs Shift.
    pub mouse: bool,
    /// How a text gets into the clipboard.
    pub clipboard: Clipboard,
    /// The filter to begin with; empty for none.
    pub filter: String,
    /// Name of the operator: written into acknowledgements.
    pub operator: String,
    /// What stands at the top left, such as `credwatch` or `credwatch demo`.
    pub title: String,
}

impl DashboardSettings {
    /// Returns what the theme has to know.
    pub(crate) const fn appearance(&self) -> Appearance {
        Appearance {
            theme: self.theme,
            colour: self.colour,
            ascii: self.ascii,
        }
    }
}

/// How the background of the terminal becomes known; only the theme `auto` depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackgroundSource {
    /// The terminal is not asked: this is assumed.
    Assumed(Background),
    /// The terminal is asked (OSC 11); this is assumed until it answers.
    Asked(Background),
}

impl BackgroundSource {
    /// Returns what is assumed before an answer.
    pub const fn assumed(self) -> Background {
        match self {
            Self::Assumed(background) | Self::Asked(background) => background,
        }
    }
}
