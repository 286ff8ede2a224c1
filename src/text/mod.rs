//! Makes foreign text safe: what a server or a paste says must not drive a terminal, hide itself, or
//! carry a secret into a log.
//!
//! Everything that did not originate in this program passes through here before a screen, a file, a
//! log or a notification sees it.

pub mod duration;
mod known_secret;
mod secrets;
mod word;

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

pub use known_secret::KnownSecrets;
pub use secrets::{REDACTED, redact};
pub use word::Word;

/// Returns one line without control, bidirectional and other invisible characters; line ends and
/// tabs become single spaces.
pub fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}') {
            if !out.ends_with(' ') {
                out.push(' ');
            }
        } else if !is_hostile(c) {
            out.push(c);
        }
    }
    out.truncate(out.trim_end().len());
    out.drain(..out.len() - out.trim_start().len());
    out
}

/// Returns whether a character may move a cursor, reorder text, or hide in it.
pub fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// Returns the text for those who can show only ASCII: signs have a likeness, the rest is `?`.
pub fn ascii(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_ascii() => out.push(c),
            '…' => out.push_str("..."),
            '–' | '—' | '‑' | '·' | '•' => out.push('-'),
            '‘' | '’' | '‹' | '›' => out.push('\''),
            '“' | '”' | '„' | '«' | '»' => out.push('"'),
            '→' => out.push_str("->"),
            '\u{a0}' => out.push(' '),
            _ => out.push('?'),
        }
    }
    Cow::Owned(out)
}

/// Returns a text up to the end of its first sentence; a full stop inside a name or number ends none.
pub fn first_sentence(text: &str) -> &str {
    let ends = text.match_indices(['.', '!', '?']).map(|(at, _)| at + 1);
    let mut parts = ends.filter_map(|at| text.split_at_checked(at));
    let begins = |rest: &str| {
        let next = rest.trim_start();
        next.len() < rest.len() && next.starts_with(|c: char| !c.is_lowercase())
    };
    parts
        .find(|(_, rest)| begins(rest))
        .map_or(text, |(first, _)| first)
}

/// Returns how many columns a character takes at the most, wherever it stands: what turns the one before
/// it into a picture makes that wider.
pub fn columns(c: char) -> usize {
    match c {
        '\u{fe0f}' => 1,
        c => c.width().unwrap_or(0),
    }
}

/// Returns the text cut to a width in terminal columns, ending in `…` where something is missing.
pub fn fit(text: &str, width: usize) -> Cow<'_, str> {
    if text.width() <= width {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    let mut used = 0;
    for c in text.chars() {
        let wide = columns(c);
        if used + wide + 1 > width {
            break;
        }
        used += wide;
        out.push(c);
    }
    if width > 0 {
        out.push('…');
    }
    Cow::Owned(out)
}

/// Returns bytes as text, with � for what is none.
///
/// Says what [`String::from_utf8_lossy`] says, sooner where all of it is text, as it nearly always is.
pub fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// Returns at most the first `limit` bytes of a text, cut between characters.
pub fn head(text: &str, limit: usize) -> &str {
    let mut end = limit.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escape_sequences_and_bidi_controls_do_not_survive() {
        assert_eq!(
            line("a\u{1b}[2Jb\r\n\tc\u{202e}d\u{9b}31m\u{7}"),
            "a[2Jb cd31m"
        );
    }

    #[test]
    fn what_ascii_cannot_say_is_likened_or_marked() {
        assert_eq!(ascii("plain"), "plain");
        assert_eq!(ascii("a · “b” … räume"), "a - \"b\" ... r?ume");
    }

    #[test]
    fn the_first_sentence_ends_where_another_begins() {
        for (text, first) in [
            ("It ended. Make a new one.", "It ended."),
            (
                "See v1.0 of a.b.c first, e.g. here. Then go on.",
                "See v1.0 of a.b.c first, e.g. here.",
            ),
            ("Ended?\nYes.", "Ended?"),
            ("No end", "No end"),
            ("Ends. ", "Ends. "),
            ("", ""),
        ] {
            assert_eq!(first_sentence(text), first);
        }
    }

    #[test]
    fn text_is_cut_to_columns() {
        assert_eq!(fit("contoso", 7), "contoso");
        assert_eq!(fit("contoso", 4), "con…");
        assert_eq!(fit("日本語", 4), "日…");
        assert_eq!(fit("x", 0), "");
    }

    proptest! {
        #[test]
        fn a_line_never_holds_a_hostile_character(text in "\\PC*|[\\x00-\\x9f\u{200b}-\u{206f}]*") {
            prop_assert!(!line(&text).chars().any(is_hostile));
        }

        #[test]
        fn cutting_never_panics(text in any::<String>(), n in 0usize..50) {
            prop_assert!(fit(&line(&text), n).width() <= n);
            prop_assert!(head(&text, n).len() <= n);
        }
    }
}
