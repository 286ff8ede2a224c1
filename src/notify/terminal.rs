//! Notifications by the terminal itself, for people who sit at one far away: an escape sequence goes
//! through SSH and tmux to the terminal, which shows what its desktop would.
//!
//! Nothing of an alert's text can end the sequence or begin another: it has no control characters.

use std::{fmt, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::NotifyError;
use crate::{
    alert::{Alert, Urgency},
    text,
};

/// Characters of the id under which kitty replaces a notification.
const ID: usize = 60;

/// The terminal that this process owns.
#[derive(Clone)]
pub struct Terminal {
    /// Hands bytes to whoever owns the terminal, or says why it cannot.
    pub write: Arc<dyn Fn(String) -> Result<(), String> + Send + Sync>,
    /// Whether tmux stands before it; it lets through what is wrapped, where `allow-passthrough` is on.
    pub in_tmux: bool,
    /// What kind of terminal it says it is (`TERM`).
    pub kind: String,
}

impl fmt::Debug for Terminal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terminal")
            .field("in_tmux", &self.in_tmux)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// How a terminal is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sequence {
    /// As fits what the terminal says it is: OSC 99 for kitty, OSC 777 for foot, Ghostty and rxvt, else
    /// OSC 9.
    Auto,
    /// `OSC 9`: `iTerm2`, `WezTerm`, Windows Terminal and others.
    Osc9,
    /// `OSC 777`: foot, Ghostty, rxvt.
    Osc777,
    /// `OSC 99`: kitty.
    Osc99,
    /// The bell alone.
    Bell,
}

impl Sequence {
    /// Every one, with the word that the config knows it by.
    pub const ALL: [(&'static str, Self); 5] = [
        ("auto", Self::Auto),
        ("osc9", Self::Osc9),
        ("osc777", Self::Osc777),
        ("osc99", Self::Osc99),
        ("bell", Self::Bell),
    ];

    fn fitting(self, terminal: &str) -> Self {
        let is = |names: &[&str]| names.iter().any(|name| terminal.contains(name));
        match self {
            Self::Auto if is(&["kitty"]) => Self::Osc99,
            Self::Auto if is(&["foot", "ghostty", "rxvt"]) => Self::Osc777,
            Self::Auto => Self::Osc9,
            chosen => chosen,
        }
    }
}

/// Tells the terminal, with the bell besides: that also reaches terminals that know no sequence.
pub(super) fn show(
    terminal: Option<&Terminal>,
    sequence: Sequence,
    alert: &Alert,
) -> Result<(), NotifyError> {
    let terminal = terminal.ok_or(NotifyError::NoTerminal)?;
    let bytes = bytes(sequence.fitting(&terminal.kind), terminal.in_tmux, alert);
    (terminal.write)(bytes).map_err(NotifyError::Terminal)
}

fn bytes(sequence: Sequence, in_tmux: bool, alert: &Alert) -> String {
    let (title, body) = (text::line(&alert.summary), text::line(&alert.body));
    let escapes = match sequence {
        Sequence::Bell => String::new(),
        Sequence::Auto | Sequence::Osc9 => format!("\u{1b}]9;{title}: {body}\u{1b}\\"),
        // a semicolon would end the title
        Sequence::Osc777 => {
            let title = title.replace(';', ",");
            format!("\u{1b}]777;notify;{title};{body}\u{1b}\\")
        }
        Sequence::Osc99 => kitty(alert, &title, &body),
    };
    let wrapped = if in_tmux && !escapes.is_empty() {
        let doubled = escapes.replace('\u{1b}', "\u{1b}\u{1b}");
        format!("\u{1b}Ptmux;{doubled}\u{1b}\\")
    } else {
        escapes
    };
    format!("{wrapped}\u{7}")
}

/// One notification for what belongs together: a recovery takes the place of its failure.
fn kitty(alert: &Alert, title: &str, body: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_+.".contains(c);
    let id: String = alert
        .thread
        .chars()
        .take(ID)
        .map(|c| if allowed(c) { c } else { '_' })
        .collect();
    let urgency = match alert.urgency {
        Urgency::Low => 0,
        Urgency::Normal => 1,
        Urgency::Critical => 2,
    };
    let (title, body) = (STANDARD.encode(title), STANDARD.encode(body));
    format!(
        "\u{1b}]99;i={id}:d=0:e=1:u={urgency}:p=title;{title}\u{1b}\\\
         \u{1b}]99;i={id}:d=1:e=1:u={urgency}:p=body;{body}\u{1b}\\"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::fixture::at;

    fn alert(summary: &str) -> Alert {
        Alert {
            summary: summary.into(),
            thread: "live:a b".into(),
            body: "why; and what".into(),
            ..crate::alert::test(at(1, 0).fixed_offset())
        }
    }

    #[test]
    fn each_terminal_gets_its_sequence_and_the_bell() {
        let alert = alert("✖ a; b");
        let cases = [
            (Sequence::Bell, "\u{7}"),
            (
                Sequence::Osc9,
                "\u{1b}]9;✖ a; b: why; and what\u{1b}\\\u{7}",
            ),
            (
                Sequence::Osc777,
                "\u{1b}]777;notify;✖ a, b;why; and what\u{1b}\\\u{7}",
            ),
            (
                Sequence::Osc99,
                "\u{1b}]99;i=live_a_b:d=0:e=1:u=1:p=title;4pyWIGE7IGI=\u{1b}\\\
                 \u{1b}]99;i=live_a_b:d=1:e=1:u=1:p=body;d2h5OyBhbmQgd2hhdA==\u{1b}\\\u{7}",
            ),
        ];
        for (sequence, expected) in cases {
            assert_eq!(bytes(sequence, false, &alert), expected);
        }
    }

    #[test]
    fn tmux_gets_it_wrapped_with_every_escape_doubled() {
        let alert = alert("x");
        let expected = "\u{1b}Ptmux;\u{1b}\u{1b}]9;x: why; and what\u{1b}\u{1b}\\\u{1b}\\\u{7}";
        assert_eq!(bytes(Sequence::Osc9, true, &alert), expected);
        assert_eq!(bytes(Sequence::Bell, true, &alert), "\u{7}");
    }

    #[test]
    fn a_terminal_is_known_by_what_it_says_it_is() {
        for (kind, expected) in [
            ("xterm-kitty", Sequence::Osc99),
            ("foot-extra", Sequence::Osc777),
            ("xterm-ghostty", Sequence::Osc777),
            ("xterm-256color", Sequence::Osc9),
        ] {
            assert_eq!(Sequence::Auto.fitting(kind), expected);
            assert_eq!(Sequence::Bell.fitting(kind), Sequence::Bell);
        }
    }

    #[test]
    fn hostile_text_stays_inside() {
        let hostile = alert("a\u{1b}\\\u{7}\u{9c}\u{1b}]52;c;eA==\u{7}");
        for (_, sequence) in Sequence::ALL {
            for in_tmux in [false, true] {
                let bytes = bytes(sequence, in_tmux, &hostile);
                assert_eq!(bytes.matches('\u{7}').count(), 1, "{bytes:?}");
                assert!(!bytes.contains('\u{9c}') && !bytes.contains("\u{1b}]52"));
            }
        }
    }
}
