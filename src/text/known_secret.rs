//! Finds known secrets in a foreign text, in whatever spelling a server sends them back.
//!
//! Prepared spellings of a secret never cover every server. The text is decoded instead (percent,
//! JSON, HTML, base64, also one inside the other), every decoded byte remembers the piece of the text
//! that it came from, and what is equal to the secret is removed there. Blanks, line ends, `+`, `=`,
//! backslashes and invisible characters do not count in the comparison: forms, escapes and broken
//! lines change them. Called for every answer before it is kept, shown or logged.

use std::{fmt, ops::Range};

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use memchr::memmem::Finder;
use zeroize::Zeroizing;

use super::{REDACTED, head, is_hostile};

/// A shorter secret is no secret; replacing it would tear words apart.
const SHORTEST: usize = 4;

/// A part of a secret of this many characters is removed too.
const PART: usize = 8;

/// Parts are looked for in secrets up to this length; a token is far longer, and is sent back whole or
/// cut at its end, which is found without looking for every part.
const LONGEST_WITH_PARTS: usize = 160;

/// A shorter run of base64 characters is too short for a secret.
const BASE64_RUN: usize = 8;

/// So many encodings of one kind inside another are undone; base64 within base64 fewer times.
const ROUNDS: usize = 6;
const BASE64_DEPTH: usize = 3;

/// Base64 as servers write it, with what a cut leaves at its end.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// Secrets to look for, made ready once for many texts.
pub struct KnownSecrets {
    needles: Vec<Needle>,
}

/// One secret as it is compared.
struct Needle {
    /// Its bytes without what does not count.
    bytes: Zeroizing<Vec<u8>>,
    /// Looks for its first bytes: nearly every text holds no secret, and is left at that.
    start: Finder<'static>,
    /// Parts that are specific enough to be looked for by themselves, sorted.
    parts: Zeroizing<Vec<[u8; PART]>>,
}

/// A byte after decoding, and the piece of the text that it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Unit {
    byte: u8,
    start: u32,
    end: u32,
}

impl Unit {
    /// Returns the piece of the text from this unit to a later one.
    fn to(self, last: Self) -> Range<usize> {
        self.start as usize..last.end as usize
    }
}

impl fmt::Debug for KnownSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KnownSecrets({})", self.needles.len())
    }
}

impl KnownSecrets {
    /// Prepares to look for these secrets; one that is too short to be a secret is left out.
    pub fn new<'s>(secrets: impl IntoIterator<Item = &'s str>) -> Self {
        let mut needles = Vec::new();
        for secret in secrets {
            let units = tidy(plain_units(secret));
            needles.extend(Needle::of(&units));
            // a secret that looks encoded itself: a text in which it was decoded too is compared
            // with what it decodes to
            let decoded = decoded_fully(units.clone());
            if decoded != units {
                needles.extend(Needle::of(&decoded));
            }
        }
        Self { needles }
    }

    /// Removes every copy from a text, whole or cut.
    pub fn remove_from(&self, text: &mut String) {
        let spans = self.spans(text);
        for span in spans.into_iter().rev() {
            text.replace_range(span, REDACTED);
        }
    }

    /// Returns whether a text holds one of the secrets.
    pub fn are_in(&self, text: &str) -> bool {
        !self.spans(text).is_empty()
    }

    /// Returns the pieces of a text that hold a secret, in order and apart.
    fn spans(&self, text: &str) -> Vec<Range<usize>> {
        if self.needles.is_empty() || text.len() < SHORTEST {
            return Vec::new();
        }
        let mut found = Vec::new();
        self.search(tidy(plain_units(text)), text.len(), 0, &mut found);
        found.sort_unstable_by_key(|span| span.start);
        let mut apart: Vec<Range<usize>> = Vec::new();
        for span in found {
            match apart.last_mut().filter(|last| span.start <= last.end) {
                Some(last) => last.end = last.end.max(span.end),
                None => apart.push(span),
            }
        }
        // decoded bytes may lie within one character of the text
        for span in &mut apart {
            while !text.is_char_boundary(span.start) {
                span.start -= 1;
            }
            while !text.is_char_boundary(span.end) {
                span.end += 1;
            }
        }
        apart
    }

    /// Compares a text as it is, and after each step of decoding.
    fn search(
        &self,
        mut units: Vec<Unit>,
        text_end: usize,
        depth: usize,
        found: &mut Vec<Range<usize>>,
    ) {
        self.compare(&units, text_end, found);
        self.search_base64(&units, text_end, depth, found);
        for _round in 0..ROUNDS {
            let mut changed = false;
            for decode in DECODERS {
                if let Some(decoded) = decode(&units) {
                    changed = true;
                    units = tidy(decoded);
                    self.compare(&units, text_end, found);
                    self.search_base64(&units, text_end, depth, found);
                }
            }
            if !changed {
                break;
            }
        }
    }

    fn search_base64(
        &self,
        units: &[Unit],
        text_end: usize,
        depth: usize,
        found: &mut Vec<Range<usize>>,
    ) {
        if depth >= BASE64_DEPTH {
            return;
        }
        let mut standard = Vec::new();
        let mut decoded = Zeroizing::new(Vec::new());
        for run in units.split(|unit| base64_byte(unit.byte).is_none()) {
            if run.len() < BASE64_RUN {
                continue;
            }
            // where the encoded text begins within the run is not known: words may touch it
            for skipped in 0..4 {
                let run = run.get(skipped..).unwrap_or_default();
                decode_base64(run, &mut standard, &mut decoded);
                // any word decodes to something: nearly all of it is noise, and is left at that
                if self.may_hold_a_secret(&decoded) {
                    let units = tidy(base64_units(run, &decoded));
                    self.search(units, text_end, depth + 1, found);
                }
            }
        }
    }

    /// Whether decoded bytes begin a secret, or are a text that is encoded once more.
    fn may_hold_a_secret(&self, decoded: &[u8]) -> bool {
        let printable = |byte: &u8| (b' '..0x7f).contains(byte);
        let runs = decoded.split(|byte| !printable(byte)).map(<[u8]>::len);
        let longest = runs.max().unwrap_or(0);
        let escaped = || {
            decoded
                .iter()
                .any(|byte| matches!(byte, b'%' | b'\\' | b'&'))
        };
        let invisible = || {
            let marks = [[0xe2, 0x80], [0xe2, 0x81], [0xc2, 0xad], [0xef, 0xbb]];
            decoded
                .windows(2)
                .any(|pair| marks.iter().any(|mark| pair == mark))
        };
        if longest >= BASE64_RUN || (longest >= PART && escaped()) || invisible() {
            return true;
        }
        let counted: Zeroizing<Vec<u8>> = Zeroizing::new(
            decoded
                .iter()
                .copied()
                .filter(|byte| counts(*byte))
                .collect(),
        );
        self.needles
            .iter()
            .any(|needle| needle.is_begun_in(&counted))
    }

    fn compare(&self, units: &[Unit], text_end: usize, found: &mut Vec<Range<usize>>) {
        let counted: Vec<Unit> = units
            .iter()
            .copied()
            .filter(|unit| counts(unit.byte))
            .collect();
        let bytes: Zeroizing<Vec<u8>> =
            Zeroizing::new(counted.iter().map(|unit| unit.byte).collect());
        for needle in &self.needles {
            needle.find(&bytes, |range| {
                let span = |at: usize| counted.get(at);
                let (Some(first), Some(last)) =
                    (span(range.start), span(range.end.saturating_sub(1)))
                else {
                    return;
                };
                found.push(first.to(*last));
            });
            // what is kept of a long answer is cut, perhaps in the middle of a copy
            if let Some(at) = needle.cut_copy(&bytes)
                && let Some(first) = counted.get(at)
            {
                found.push(first.start as usize..text_end);
            }
        }
    }
}

impl Needle {
    fn of(units: &[Unit]) -> Option<Self> {
        let bytes: Vec<u8> = units
            .iter()
            .map(|unit| unit.byte)
            .filter(|byte| counts(*byte))
            .collect();
        let bytes = Zeroizing::new(bytes);
        let start = Finder::new(bytes.get(..SHORTEST)?).into_owned();
        let mut parts = Vec::new();
        if bytes.len() <= LONGEST_WITH_PARTS {
            let windows = bytes.windows(PART).filter(|part| is_specific(part));
            parts.extend(windows.filter_map(|part| <[u8; PART]>::try_from(part).ok()));
        }
        parts.sort_unstable();
        parts.dedup();
        Some(Self {
            bytes,
            start,
            parts: Zeroizing::new(parts),
        })
    }

    /// Returns whether a text holds the first bytes, or a part.
    fn is_begun_in(&self, text: &[u8]) -> bool {
        let is_part = |window: &[u8]| {
            let order = |part: &[u8; PART]| part.as_slice().cmp(window);
            self.parts.binary_search_by(order).is_ok()
        };
        self.start.find(text).is_some()
            || (!self.parts.is_empty() && text.windows(PART).any(is_part))
    }

    /// Tells of every whole copy and of every part.
    fn find(&self, text: &[u8], mut tell: impl FnMut(Range<usize>)) {
        for at in self.start.find_iter(text) {
            let whole = at..at + self.bytes.len();
            if text.get(whole.clone()) == Some(self.bytes.as_slice()) {
                tell(whole);
            }
        }
        if self.parts.is_empty() {
            return;
        }
        for (at, window) in text.windows(PART).enumerate() {
            let is_part = |part: &[u8; PART]| part.as_slice().cmp(window);
            if self.parts.binary_search_by(is_part).is_ok() {
                tell(at..at + PART);
            }
        }
    }

    /// Where a copy begins that the end of the text cuts off, perhaps within an escape.
    fn cut_copy(&self, text: &[u8]) -> Option<usize> {
        self.start.find_iter(text).find(|at| {
            let tail = text.get(*at..).unwrap_or_default();
            let begins = |tail: &[u8]| tail.len() >= SHORTEST && self.bytes.starts_with(tail);
            begins(tail)
                || (1..=7).any(|cut| {
                    let (head, rest) = tail.split_at(tail.len().saturating_sub(cut));
                    begins(head) && is_cut_escape(rest)
                })
        })
    }
}

/// Whether a part of a secret is unlike any word: capitals, small letters and digits together.
fn is_specific(part: &[u8]) -> bool {
    part.iter().any(u8::is_ascii_uppercase)
        && part.iter().any(u8::is_ascii_lowercase)
        && part.iter().any(u8::is_ascii_digit)
}

/// Whether bytes are the beginning of an escape, without backslashes, which do not count.
fn is_cut_escape(bytes: &[u8]) -> bool {
    let hex = |rest: &[u8]| rest.iter().all(u8::is_ascii_hexdigit);
    match bytes {
        [b'%' | b'u' | b'x', rest @ ..] => hex(rest),
        [b'&', rest @ ..] => rest
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'#'),
        _ => false,
    }
}

/// Whether a byte counts in a comparison.
const fn counts(byte: u8) -> bool {
    !byte.is_ascii_whitespace() && !matches!(byte, b'+' | b'=' | b'\\' | 0x0b)
}

/// One step of decoding.
type Decoder = fn(&[Unit]) -> Option<Vec<Unit>>;

/// The steps of decoding; each returns nothing where there was nothing to decode.
const DECODERS: [Decoder; 3] = [percent, escapes, entities];

fn plain_units(text: &str) -> Vec<Unit> {
    // an answer is cut long before its length fills 32 bits
    let text = head(text, u32::MAX as usize - 1);
    let unit = |(byte, at): (u8, u32)| Unit {
        byte,
        start: at,
        end: at + 1,
    };
    text.bytes().zip(0..).map(unit).collect()
}

/// Everything decoded that can be.
fn decoded_fully(mut units: Vec<Unit>) -> Vec<Unit> {
    for _round in 0..ROUNDS {
        for decode in DECODERS {
            if let Some(decoded) = decode(&units) {
                units = tidy(decoded);
            }
        }
    }
    units
}

/// Leaves out line ends with the blanks that set the next line in, and characters that do not show, so
/// that what they cut in two is whole again.
fn tidy(units: Vec<Unit>) -> Vec<Unit> {
    let plain = |unit: &Unit| (b' '..0x7f).contains(&unit.byte);
    if units.iter().all(plain) {
        return units;
    }
    let mut out: Vec<Unit> = Vec::with_capacity(units.len());
    let mut at = 0;
    let mut line_ended = false;
    while let Some(unit) = units.get(at) {
        let width = character(&units, at).map_or(1, |(c, width)| {
            let blank = c.is_whitespace() || is_hostile(c);
            line_ended = matches!(c, '\n' | '\r') || (line_ended && blank);
            if blank && (line_ended || c != ' ') {
                // a tab still parts words, as a blank does
                if c == '\t' && !line_ended {
                    out.push(Unit {
                        byte: b' ',
                        ..*unit
                    });
                }
                return width;
            }
            out.extend(units.get(at..at + width).unwrap_or_default());
            width
        });
        if character(&units, at).is_none() {
            line_ended = false;
            out.push(*unit);
        }
        at += width;
    }
    out
}

/// The character that begins at a unit, and how many units it has; `None` where they are none.
fn character(units: &[Unit], at: usize) -> Option<(char, usize)> {
    let first = units.get(at)?.byte;
    let width = match first {
        0..0x80 => return Some((char::from(first), 1)),
        0xc2..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0..0xf5 => 4,
        _ => return None,
    };
    let bytes: Vec<u8> = units
        .get(at..at + width)?
        .iter()
        .map(|unit| unit.byte)
        .collect();
    let text = std::str::from_utf8(&bytes).ok()?;
    Some((text.chars().next()?, width))
}

/// Replaces escapes by what they stand for. `read` returns bytes and the length of the escape that
/// begins at a unit.
fn replaced(
    units: &[Unit],
    mark: u8,
    read: impl Fn(&[Unit]) -> Option<(String, Vec<u8>, usize)>,
) -> Option<Vec<Unit>> {
    if !units.iter().any(|unit| unit.byte == mark) {
        return None;
    }
    let mut out = Vec::with_capacity(units.len());
    let (mut at, mut changed) = (0, false);
    while let Some(unit) = units.get(at) {
        let rest = units.get(at..).unwrap_or_default();
        let escape = (unit.byte == mark).then(|| read(rest)).flatten();
        let Some((text, bytes, length)) = escape else {
            out.push(*unit);
            at += 1;
            continue;
        };
        let last = units.get(at + length - 1).map_or(unit.end, |unit| unit.end);
        let bytes = text.bytes().chain(bytes);
        out.extend(bytes.map(|byte| Unit {
            byte,
            start: unit.start,
            end: last,
        }));
        at += length;
        changed = true;
    }
    changed.then_some(out)
}

fn hex(units: &[Unit]) -> Option<u32> {
    let digit = |value: u32, unit: &Unit| Some(value * 16 + char::from(unit.byte).to_digit(16)?);
    (!units.is_empty())
        .then(|| units.iter().try_fold(0, digit))
        .flatten()
}

/// `%2B`, `%2b`, and the `%u00FC` of old scripts.
fn percent(units: &[Unit]) -> Option<Vec<Unit>> {
    replaced(units, b'%', |rest| {
        if let Some(byte) = rest.get(1..3).and_then(hex) {
            return Some((String::new(), vec![u8::try_from(byte).ok()?], 3));
        }
        let old = rest
            .get(1)
            .is_some_and(|unit| matches!(unit.byte, b'u' | b'U'));
        let value = old.then(|| hex(rest.get(2..6)?)).flatten()?;
        Some((char::from_u32(value)?.to_string(), Vec::new(), 6))
    })
}

/// `\u00fc`, surrogate pairs, `\xfc`, and the escapes of one letter.
fn escapes(units: &[Unit]) -> Option<Vec<Unit>> {
    replaced(units, b'\\', |rest| {
        let text = |c: char, length| Some((c.to_string(), Vec::new(), length));
        match rest.get(1)?.byte {
            b'u' | b'U' => {
                let high = hex(rest.get(2..6)?)?;
                if let Some(c) = char::from_u32(high) {
                    return text(c, 6);
                }
                let is_pair = rest.get(6)?.byte == b'\\' && rest.get(7)?.byte == b'u';
                let low = is_pair.then(|| hex(rest.get(8..12)?)).flatten()?;
                let pair = [u16::try_from(high).ok()?, u16::try_from(low).ok()?];
                let c = char::decode_utf16(pair).next()?.ok()?;
                text(c, 12)
            }
            b'x' => Some((
                String::new(),
                vec![u8::try_from(hex(rest.get(2..4)?)?).ok()?],
                4,
            )),
            b'n' => text('\n', 2),
            b'r' => text('\r', 2),
            b't' => text('\t', 2),
            byte @ (b'"' | b'\'' | b'/' | b'\\' | b'&') => text(char::from(byte), 2),
            _ => None,
        }
    })
}

/// Names of entities that stand for characters of a secret.
const ENTITIES: &[(&str, char)] = &[
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", ' '),
    ("plus", '+'),
    ("equals", '='),
    ("percnt", '%'),
    ("sol", '/'),
    ("bsol", '\\'),
    ("num", '#'),
    ("tilde", '~'),
    ("lowbar", '_'),
    ("period", '.'),
    ("colon", ':'),
    ("semi", ';'),
    ("comma", ','),
    ("excl", '!'),
    ("quest", '?'),
    ("commat", '@'),
    ("dollar", '$'),
    ("ast", '*'),
    ("lpar", '('),
    ("rpar", ')'),
    ("auml", 'ä'),
    ("ouml", 'ö'),
    ("uuml", 'ü'),
    ("szlig", 'ß'),
];

/// `&amp;`, `&#43;`, `&#x2B;`.
fn entities(units: &[Unit]) -> Option<Vec<Unit>> {
    replaced(units, b'&', |rest| {
        let end = rest.iter().take(12).position(|unit| unit.byte == b';')?;
        let name: Vec<u8> = rest.get(1..end)?.iter().map(|unit| unit.byte).collect();
        let name = std::str::from_utf8(&name).ok()?;
        let c = match name.strip_prefix('#') {
            Some(number) => {
                let hex = number.strip_prefix(['x', 'X']);
                let value = match hex {
                    Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                    None => number.parse().ok()?,
                };
                char::from_u32(value)?
            }
            None => {
                ENTITIES
                    .iter()
                    .find(|(known, _)| known.eq_ignore_ascii_case(name))?
                    .1
            }
        };
        Some((c.to_string(), Vec::new(), end + 1))
    })
}

/// A character of base64 in its standard spelling.
const fn base64_byte(byte: u8) -> Option<u8> {
    match byte {
        b'-' => Some(b'+'),
        b'_' => Some(b'/'),
        b'+' | b'/' => Some(byte),
        byte if byte.is_ascii_alphanumeric() => Some(byte),
        _ => None,
    }
}

/// Decodes a run of base64 into a buffer that is used again.
fn decode_base64(run: &[Unit], standard: &mut Vec<u8>, decoded: &mut Vec<u8>) {
    standard.clear();
    decoded.clear();
    standard.extend(run.iter().filter_map(|unit| base64_byte(unit.byte)));
    // one character alone holds no byte
    let whole = standard.len() - usize::from(standard.len() % 4 == 1);
    let encoded = standard.get(..whole).unwrap_or_default();
    if LENIENT.decode_vec(encoded, decoded).is_err() {
        decoded.clear();
    }
}

/// The decoded bytes of a run, each with the characters that it came from.
fn base64_units(run: &[Unit], decoded: &[u8]) -> Vec<Unit> {
    let unit = |(number, byte): (usize, &u8)| {
        // three bytes come from four characters
        let group = number / 3 * 4;
        let first = run.get(group)?;
        let last = run.get(group + 3).or(run.last())?;
        Some(Unit {
            byte: *byte,
            start: first.start,
            end: last.end,
        })
    };
    decoded.iter().enumerate().filter_map(unit).collect()
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    use super::*;

    const SECRET: &str = "a+b%c&d=e ~Q-9f3kXw";

    /// How a server may write a text.
    #[derive(Debug, Clone, Copy)]
    enum Encoding {
        PercentUpper,
        PercentLower,
        PercentAll,
        Form,
        Json,
        JsonAscii,
        Html,
        HtmlDecimal,
        HtmlHex,
        Base64,
        Base64Url,
        BasicAuth,
        LineBreak,
        ZeroWidth,
    }

    const ENCODINGS: [Encoding; 14] = [
        Encoding::PercentUpper,
        Encoding::PercentLower,
        Encoding::PercentAll,
        Encoding::Form,
        Encoding::Json,
        Encoding::JsonAscii,
        Encoding::Html,
        Encoding::HtmlDecimal,
        Encoding::HtmlHex,
        Encoding::Base64,
        Encoding::Base64Url,
        Encoding::BasicAuth,
        Encoding::LineBreak,
        Encoding::ZeroWidth,
    ];

    fn percent_encoded(text: &str, keeps: impl Fn(u8) -> bool) -> String {
        let encode = |byte: u8| {
            if keeps(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        };
        text.bytes().map(encode).collect()
    }

    fn html(text: &str, escape: impl Fn(char) -> Option<String>) -> String {
        text.chars()
            .map(|c| escape(c).unwrap_or_else(|| c.to_string()))
            .collect()
    }

    /// A text cut in two in its middle.
    fn cut(text: &str, with: &str) -> String {
        let mut middle = text.len() / 2;
        while !text.is_char_boundary(middle) {
            middle += 1;
        }
        let (before, after) = text.split_at(middle);
        format!("{before}{with}{after}")
    }

    fn encoded(text: &str, encoding: Encoding) -> String {
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        match encoding {
            Encoding::PercentUpper => percent_encoded(text, unreserved),
            Encoding::PercentLower => percent_encoded(text, |byte| byte.is_ascii_alphanumeric())
                .replace("%2B", "%2b")
                .replace("%7E", "%7e"),
            Encoding::PercentAll => percent_encoded(text, |_| false),
            Encoding::Form => url::form_urlencoded::byte_serialize(text.as_bytes()).collect(),
            Encoding::Json => serde_json::to_string(text).unwrap(),
            Encoding::JsonAscii => {
                let escape = |unit: u16| format!("\\u{unit:04x}");
                text.encode_utf16().map(escape).collect()
            }
            Encoding::Html => html(text, |c| match c {
                '&' => Some("&amp;".into()),
                '"' => Some("&quot;".into()),
                '<' => Some("&lt;".into()),
                _ => None,
            }),
            Encoding::HtmlDecimal => html(text, |c| Some(format!("&#{};", u32::from(c)))),
            Encoding::HtmlHex => html(text, |c| Some(format!("&#x{:X};", u32::from(c)))),
            Encoding::Base64 => BASE64_STANDARD.encode(text),
            Encoding::Base64Url => BASE64_URL_SAFE_NO_PAD.encode(text),
            Encoding::BasicAuth => BASE64_STANDARD.encode(format!("client-id:{text}")),
            Encoding::LineBreak => cut(text, "\r\n "),
            Encoding::ZeroWidth => cut(text, "\u{200b}"),
        }
    }

    fn removed(text: &str, secret: &str) -> String {
        let mut text = text.to_owned();
        KnownSecrets::new([secret]).remove_from(&mut text);
        text
    }

    #[test]
    fn a_secret_is_found_in_every_spelling_and_in_two_of_them() {
        for secret in [SECRET, "s3cr\"et/ü&<x> y", "abc8Q~0123456789aBcDeF.-_~"] {
            for outer in ENCODINGS {
                let once = encoded(secret, outer);
                assert_eq!(
                    removed(&format!("got: {once} end"), secret)
                        .matches(REDACTED)
                        .count(),
                    1,
                    "{once}"
                );
                for inner in ENCODINGS {
                    let twice = encoded(&encoded(secret, inner), outer);
                    let text = format!("<p>got: {twice}</p>");
                    assert!(
                        KnownSecrets::new([secret]).are_in(&text),
                        "{inner:?} in {outer:?}: {text}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_stands_around_a_secret_stays() {
        let text = "AADSTS7000215: s3cr+t~abc is wrong for app 'x'; s3cr%2Bt%7Eabc too.";
        assert_eq!(
            removed(text, "s3cr+t~abc"),
            "AADSTS7000215: [redacted] is wrong for app 'x'; [redacted] too."
        );
        let innocent = "The client secret of northwind-booking is 40 % too long &amp; \\u00fcber.";
        assert_eq!(removed(innocent, "demo-secret-of-northwind"), innocent);
    }

    #[test]
    fn a_copy_that_is_cut_off_is_gone_too() {
        for (text, secret) in [
            ("it was s3cr, s3cr+to", "s3cr+token"),
            ("it was s3cr, s3cr%2Bto%", "s3cr+to~ken"),
            ("it was s3cr, s3crto\\u00", "s3crto\u{e4}ken"),
        ] {
            assert_eq!(removed(text, secret), "it was s3cr, [redacted]", "{text}");
        }
    }

    #[test]
    fn a_part_of_a_generated_secret_is_gone_too() {
        let text = "begins with abc8Q~0123 and goes on";
        let shown = removed(text, "abc8Q~0123456789aBcDeF.-_~XYZ");
        assert!(!shown.contains("abc8Q~01"), "{shown}");
    }

    #[test]
    fn a_short_secret_tears_no_words() {
        assert_eq!(removed("the cat sat", "cat"), "the cat sat");
    }

    fn any_encoding() -> impl Strategy<Value = Encoding> {
        proptest::sample::select(ENCODINGS.to_vec())
    }

    proptest! {
        #[test]
        fn no_stack_of_encodings_hides_a_secret(
            secret in "[!-~äöü€]{1,2}[A-Za-z0-9~._%&+=/\"\\\\ ü-]{8,40}[!-~]",
            stack in proptest::collection::vec(any_encoding(), 0..4),
            before in "[a-z :]{0,12}", after in "[a-z .]{0,12}",
        ) {
            let written = stack.iter().fold(secret.clone(), |text, encoding| encoded(&text, *encoding));
            let text = format!("{before}|{written}|{after}");
            let shown = removed(&text, &secret);
            prop_assert!(shown.contains(REDACTED), "{stack:?}: {text}");
            prop_assert!(!KnownSecrets::new([secret.as_str()]).are_in(&shown), "{stack:?}: {shown}");
        }

        #[test]
        fn any_text_is_searched_without_panic(
            text in any::<String>(), secret in any::<String>(),
        ) {
            let mut shown = text;
            KnownSecrets::new([secret.as_str()]).remove_from(&mut shown);
        }
    }
}
