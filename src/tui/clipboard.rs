//! The clipboard of the operator's machine, also across SSH: a text goes there as an OSC 52 sequence,
//! which the terminal takes in (or not: many ask first, some refuse).

use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::text;

/// Terminals drop sequences longer than some 100 kB; base64 makes four bytes of three.
const TEXT_LIMIT: usize = 74_000;

/// What stands at the end of a text that was too long.
const CUT: &str = "\n\n(cut here: the clipboard takes no more)\n";

/// How a text gets into the clipboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clipboard {
    /// The terminal reads what this process writes.
    Direct,
    /// tmux stands between the two.
    ThroughTmux,
}

/// Returns the bytes that put a text into the clipboard.
///
/// tmux takes the sequence for itself where `set-clipboard` is on; wrapped, it passes through to the
/// terminal outside where `allow-passthrough` is on. Within tmux both are sent: they say the same.
pub(super) fn sequence(text: &str, way: Clipboard) -> String {
    let plain = format!("\u{1b}]52;c;{}\u{7}", STANDARD.encode(&*bounded(text)));
    if way == Clipboard::Direct {
        return plain;
    }
    let escaped = plain.replace('\u{1b}', "\u{1b}\u{1b}");
    format!("{plain}\u{1b}Ptmux;{escaped}\u{1b}\\")
}

/// A text that fits, with a word where the rest is missing.
fn bounded(text: &str) -> Cow<'_, str> {
    if text.len() <= TEXT_LIMIT {
        return Cow::Borrowed(text);
    }
    let kept = text::head(text, TEXT_LIMIT - CUT.len());
    Cow::Owned(format!("{kept}{CUT}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payload(sequence: &str) -> String {
        let encoded = sequence.strip_prefix("\u{1b}]52;c;").unwrap();
        let encoded = encoded.strip_suffix('\u{7}').unwrap();
        String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap()
    }

    #[test]
    fn a_text_is_one_sequence_that_holds_it_and_nothing_else() {
        assert_eq!(
            sequence("héllo\n", Clipboard::Direct),
            "\u{1b}]52;c;aMOpbGxvCg==\u{7}"
        );
        // whatever the text holds, it cannot end the sequence
        let hostile = "\u{1b}]0;x\u{7}\u{1b}\\";
        assert_eq!(payload(&sequence(hostile, Clipboard::Direct)), hostile);
    }

    #[test]
    fn within_tmux_it_also_passes_through_with_doubled_escapes() {
        let wrapped = sequence("a", Clipboard::ThroughTmux);
        let plain = sequence("a", Clipboard::Direct);
        let passed = wrapped.strip_prefix(&plain).unwrap();
        assert_eq!(passed, "\u{1b}Ptmux;\u{1b}\u{1b}]52;c;YQ==\u{7}\u{1b}\\");
    }

    #[test]
    fn a_text_without_end_is_cut_and_says_so() {
        let sequence = sequence(&"ä".repeat(100_000), Clipboard::Direct);
        assert!(sequence.len() <= 100_000, "{}", sequence.len());
        assert!(payload(&sequence).ends_with(CUT));
    }
}
