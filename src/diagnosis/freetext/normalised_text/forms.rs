//! The same text in the forms it may have had before a log, a form or a console got hold of it.
//!
//! Each form is an additional form: evidence found in any of them counts, so that undoing too much
//! costs nothing that the text as it stands would have told.

use std::borrow::Cow;

/// Escapes inside escapes are undone at most so often.
const ROUNDS: usize = 4;

/// Returns the text as it stands (without terminal colours) and its unescaped and joined forms, as
/// far as they differ.
pub(in crate::diagnosis::freetext) fn of(text: &str) -> Vec<String> {
    let plain = without_colours(text).into_owned();
    let mut views = Vec::with_capacity(4);
    let bare = unescaped(&plain);
    let whole = unescaped(&joined(&plain));
    let bare_whole = joined(&bare);
    let full_lines = unescaped(&joined_at_width(&plain));
    // without a space until it is unescaped: it was encoded as a whole, and says nothing as it stands
    let encoded = !plain.contains(' ') && bare.contains(' ');
    let forms = [plain, bare, whole, bare_whole, full_lines];
    let readable = forms.into_iter().skip(usize::from(encoded));
    for form in readable.map(plainly_set) {
        if !views.contains(&form) {
            views.push(form);
        }
    }
    views
}

/// Sets a text as a typewriter would: systems and word processors differ in quotes and spaces only.
fn plainly_set(text: String) -> String {
    let plain = |c| match c {
        '\u{2018}' | '\u{2019}' => '\'',
        '\u{201c}' | '\u{201d}' => '"',
        '\u{a0}' | '\u{202f}' => ' ',
        c => c,
    };
    if text.chars().all(|c| plain(c) == c) {
        return text;
    }
    text.chars().map(plain).collect()
}

/// Drops the escape sequences of terminals.
fn without_colours(text: &str) -> Cow<'_, str> {
    if !text.contains('\u{1b}') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\u{1b}' {
            out.push(c);
        } else if chars.next_if_eq(&'[').is_some() {
            let parameter = |c: &char| matches!(c, '0'..='9' | ';' | ':' | '?');
            while chars.next_if(parameter).is_some() {}
            chars.next();
        }
    }
    Cow::Owned(out)
}

/// Undoes backslash escapes, entities, URL encoding and doubled quotes until nothing changes.
pub(in crate::diagnosis::freetext) fn unescaped(text: &str) -> String {
    let mut now = text.to_owned();
    for _ in 0..ROUNDS {
        let before = now.len();
        if now.contains('\\') {
            now = without_backslashes(&now);
        }
        if now.contains('&') {
            now = without_entities(&now);
        }
        if looks_url_encoded(&now) {
            now = without_percents(&now);
        }
        // CSV doubles its quotes; an empty text must survive
        if now.contains("\"\"") && now.matches("\"\"").count() > 3 {
            now = now.replace("\"\"", "\"");
        }
        if now.len() == before {
            break;
        }
    }
    now
}

fn without_backslashes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let mut chars = after.chars();
        let escape = chars.next();
        rest = chars.as_str();
        match escape {
            Some('n') => out.push('\n'),
            Some('t') => out.push(' '),
            Some('u') => rest = code_point(rest, 4, &mut out),
            Some('x') => rest = bytes(rest, &mut out),
            Some('r') | None => {}
            // a path (`C:\Windows`) loses its backslash, which hides nothing
            Some(c) => out.push(c),
        }
    }
    out.push_str(rest);
    out
}

/// Reads so many hexadecimal digits as a character; returns what follows.
fn code_point<'t>(rest: &'t str, digits: usize, out: &mut String) -> &'t str {
    let number = rest
        .get(..digits)
        .and_then(|hex| u32::from_str_radix(hex, 16).ok());
    match number {
        Some(number) => {
            out.push(char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER));
            rest.get(digits..).unwrap_or_default()
        }
        None => rest,
    }
}

/// Reads `e3\x83\xaa`, the bytes that Python shows one by one, as UTF-8 or else one by one.
fn bytes<'t>(rest: &'t str, out: &mut String) -> &'t str {
    let mut run = Vec::new();
    let mut behind = rest;
    while let Some((byte, next)) = byte(behind) {
        run.push(byte);
        behind = next;
        match next.strip_prefix("\\x").filter(|_| run.len() < 4) {
            Some(more) if byte >= 0x80 && std::str::from_utf8(&run).is_err() => behind = more,
            _ => break,
        }
    }
    match std::str::from_utf8(&run) {
        Ok(text) => out.push_str(text),
        Err(_) => out.extend(run.iter().map(|byte| char::from(*byte))),
    }
    behind
}

fn byte(text: &str) -> Option<(u8, &str)> {
    let byte = u8::from_str_radix(text.get(..2)?, 16).ok()?;
    Some((byte, text.get(2..)?))
}

const ENTITIES: &[(&str, char)] = &[
    ("quot;", '"'),
    ("#34;", '"'),
    ("#39;", '\''),
    ("#039;", '\''),
    ("#x27;", '\''),
    ("#x22;", '"'),
    ("apos;", '\''),
    ("lt;", '<'),
    ("gt;", '>'),
    ("amp;", '&'),
    ("nbsp;", ' '),
    ("#160;", ' '),
    ("#xA;", '\n'),
    ("#10;", '\n'),
    ("#xD;", ' '),
    ("#13;", ' '),
    ("colon;", ':'),
    ("#58;", ':'),
    ("#x3a;", ':'),
    ("#x2F;", '/'),
    ("#47;", '/'),
    ("lbrace;", '{'),
    ("#123;", '{'),
    ("rsquo;", '\''),
    ("lsquo;", '\''),
    ("rdquo;", '"'),
    ("ldquo;", '"'),
    ("lowbar;", '_'),
    ("#95;", '_'),
];

fn without_entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let entity = ENTITIES
            .iter()
            .find_map(|(name, c)| Some((after.strip_prefix(name)?, *c)));
        let (behind, c) = entity.unwrap_or((after, '&'));
        out.push(c);
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// Whether a text is a form or a part of a URL; a lone `%3A` in an address is no reason to touch it.
fn looks_url_encoded(text: &str) -> bool {
    let codes = text.as_bytes().windows(3).filter(|code| match code {
        [b'%', high, low] => high.is_ascii_hexdigit() && low.is_ascii_hexdigit(),
        _ => false,
    });
    let codes = codes.take(6).count();
    let form = ["error_description=", "error=", "AADSTS"]
        .iter()
        .any(|mark| text.contains(mark));
    let unbroken = !text.contains(char::is_whitespace);
    codes > 5 || (unbroken && codes > 1) || (form && (codes > 0 || has_plus_words(text)))
}

/// `a+b+c`: spaces of a form; outside a form this is rare.
fn has_plus_words(text: &str) -> bool {
    let words: Vec<&str> = text.split('+').take(6).collect();
    words.len() > 2
        && words
            .iter()
            .skip(1)
            .take(3)
            .all(|word| !word.is_empty() && !word.contains(char::is_whitespace))
}

fn without_percents(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let unbroken = !text.contains(char::is_whitespace);
    let plus_is_space = unbroken || (!text.contains("+ ") && has_plus_words(text));
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        let coded = match behind {
            [high, low, ..] if *first == b'%' => hex(*high).zip(hex(*low)),
            _ => None,
        };
        if let Some((high, low)) = coded {
            bytes.push(high << 4 | low);
            rest = behind.get(2..).unwrap_or_default();
        } else {
            bytes.push(if *first == b'+' && plus_is_space {
                b' '
            } else {
                *first
            });
            rest = behind;
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|bad| String::from_utf8_lossy(bad.as_bytes()).into())
}

fn hex(digit: u8) -> Option<u8> {
    let value = char::from(digit).to_digit(16)?;
    u8::try_from(value).ok()
}

/// Puts lines together that a console broke, wherever it broke them.
///
/// A break inside a word left no space; one between words kept it at the end of a line or the start
/// of the next. Deeper indentation and a leading bar are the console's own.
fn joined(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let bare = line.trim_start_matches(['\u{2502}', '|', '>']);
        let indent = bare.len() - bare.trim_start().len();
        out.push_str(if indent > 1 || bare.len() < line.len() {
            bare.trim_start()
        } else {
            bare
        });
    }
    out
}

/// Puts only those lines together with the next one that are as long as the longest: a console breaks
/// a line where its width ends, and leaves shorter ones alone.
fn joined_at_width(text: &str) -> String {
    let width = text.lines().map(|line| line.chars().count()).max();
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        out.push_str(line);
        if Some(line.chars().count()) != width {
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone_however_often_they_were_made() {
        let once = r#"{"error":"invalid_client","d":"AADSTS1: it\u0027s \"x\"\r\nend"}"#;
        let thrice = escape(&escape(once));
        assert_eq!(
            unescaped(&thrice),
            "{\"error\":\"invalid_client\",\"d\":\"AADSTS1: it's \"x\"\nend\"}"
        );
    }

    fn escape(text: &str) -> String {
        text.replace('\\', "\\\\").replace('"', "\\\"")
    }

    #[test]
    fn forms_and_entities_are_undone() {
        let cases = [
            (
                "error=x&error_description=AADSTS50011%3a+The+reply+URL",
                "AADSTS50011: The reply URL",
            ),
            (
                "&quot;error&quot;:&nbsp;&quot;x&amp;y&quot;",
                "\"error\": \"x&y\"",
            ),
            ("C++ and a+b stay", "C++ and a+b stay"),
        ];
        for (text, expected) in cases {
            assert!(unescaped(text).contains(expected), "{}", unescaped(text));
        }
    }

    #[test]
    fn typographic_quotes_and_spaces_are_plain_ones() {
        let text = "l\u{2019}h\u{f4}te\u{a0}: \\u2019";
        assert_eq!(of(text), ["l'h\u{f4}te : \\u2019", "l'h\u{f4}te : '"]);
    }

    #[test]
    fn broken_lines_are_joined_and_colours_dropped() {
        assert_eq!(
            joined("AADSTS70\n00222: the\n key"),
            "AADSTS7000222: the key"
        );
        assert_eq!(
            joined("\u{2502} AADSTS70\n\u{2502}   00222"),
            "AADSTS7000222"
        );
        assert_eq!(
            joined_at_width("AADSTS70\n00222:\nx"),
            "AADSTS7000222:\nx\n"
        );
        assert_eq!(without_colours("\u{1b}[31;1mred\u{1b}[0m"), "red");
    }
}
