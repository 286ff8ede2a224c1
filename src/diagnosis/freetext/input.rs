//! From pasted bytes to bounded text.

use std::borrow::Cow;

/// Text up to this size is read whole.
const WHOLE: usize = 512 * 1024;

/// Of a longer text, this much is read at each end.
const END: usize = 192 * 1024;

/// Around each anchor in the middle of a longer text, this much is read on either side.
const AROUND: usize = 2 * 1024;

/// At most so many anchors are followed.
const ANCHORS: usize = 32;

/// What gives evidence away in the middle of a long text.
const MARKS: &[&str] = &[
    "AADSTS",
    "error_codes",
    "ResponseCode>",
    "x-ms-diagnostics",
    "X-EWS-Policy-Reason",
    "Caused by:",
];

/// Decodes a paste: UTF-8, or UTF-16 with a byte order mark; invalid parts are replaced.
pub(super) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match bytes {
        [0xff, 0xfe, rest @ ..] => Cow::Owned(utf16(rest, u16::from_le_bytes)),
        [0xfe, 0xff, rest @ ..] => Cow::Owned(utf16(rest, u16::from_be_bytes)),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest),
        _ => String::from_utf8_lossy(bytes),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let (pairs, _odd) = bytes.as_chunks::<2>();
    let units = pairs.iter().copied().map(unit);
    char::decode_utf16(units)
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// Cuts a long text down to both its ends and what surrounds the marks of evidence between them.
pub(super) fn bound(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.len() <= WHOLE {
        return text;
    }
    let (mut out, tail_at) = (String::new(), text.len() - END);
    out.push_str(between(&text, 0, END));
    let mut kept = END;
    for at in anchors(between(&text, END, tail_at)) {
        let at = END + at;
        let from = at.saturating_sub(AROUND).max(kept);
        let to = (at + AROUND).min(tail_at);
        if from < to {
            out.push('\n');
            out.push_str(between(&text, from, to));
            kept = to;
        }
    }
    out.push('\n');
    out.push_str(between(&text, tail_at, text.len()));
    Cow::Owned(out)
}

fn anchors(middle: &str) -> Vec<usize> {
    let hits = |mark: &&'static str| middle.match_indices(*mark).take(ANCHORS / MARKS.len() + 1);
    let mut found: Vec<_> = MARKS.iter().flat_map(hits).map(|(at, _)| at).collect();
    found.sort_unstable();
    found
}

/// The text between two byte offsets, moved down to where characters begin.
pub(super) fn between(text: &str, from: usize, to: usize) -> &str {
    let to = text.floor_char_boundary(to);
    text.get(text.floor_char_boundary(from).min(to)..to)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_16_is_read_by_its_mark_and_broken_bytes_are_replaced() {
        let little: Vec<u8> = [0xfeff_u16, 0x41, 0x42]
            .iter()
            .flat_map(|unit| unit.to_le_bytes())
            .collect();
        assert_eq!(decode(&little), "AB");
        assert_eq!(decode(b"\xfe\xff\0A\0B\0"), "AB");
        assert_eq!(decode(b"\xef\xbb\xbfA"), "A");
        assert_eq!(decode(b"A\xffB"), "A\u{fffd}B");
    }

    #[test]
    fn a_long_text_keeps_its_ends_and_the_marks_between() {
        let filler = "é".repeat(1_000_000);
        let text = format!("head {filler} AADSTS7000222: expired {filler} tail");
        let cut = bound(Cow::Owned(text));
        assert!(cut.starts_with("head ") && cut.ends_with(" tail"));
        assert!(cut.contains("AADSTS7000222: expired"));
        assert!(cut.len() < WHOLE);
    }
}
