//! Makes a text into Markdown that shows that text and does nothing else.

use std::fmt::Write as _;

use crate::text;

/// Where a text stands: within a table, a bar would end its cell.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In a cell of a table.
    Cell,
    /// Anywhere else.
    Prose,
}

/// A text that begins a block: neither a heading, nor a list, nor a rule.
pub(super) fn prose(foreign: &str) -> String {
    let text = inline(foreign);
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    match text.chars().nth(digits) {
        Some('-' | '+' | '=' | '>') if digits == 0 => format!("\\{text}"),
        Some(mark @ ('.' | ')')) if digits > 0 => text.replacen(mark, &format!("\\{mark}"), 1),
        _ => text,
    }
}

/// A text within a line. What it has between backticks stays code.
pub(super) fn inline(foreign: &str) -> String {
    let line = text::line(foreign);
    let parts: Vec<_> = line.split('`').collect();
    if parts.len().is_multiple_of(2) {
        // one backtick has no partner: they are all just characters
        return plain(&line);
    }
    let part = |(number, part): (usize, &&str)| match number % 2 {
        1 if !part.trim().is_empty() => code(part, Place::Prose),
        1 => String::new(),
        _ => plain(part),
    };
    parts.iter().enumerate().map(part).collect()
}

/// Words, each escaped or, where that does not help, as code.
fn plain(text: &str) -> String {
    let words = text.split(' ').map(|word| {
        let core = word.trim_matches(['(', ')', ',', '.', ';', ':', '\'', '"']);
        match word.split_once(core) {
            Some((before, after)) if is_live(core) => {
                format!(
                    "{}{}{}",
                    escape(before),
                    code(core, Place::Prose),
                    escape(after)
                )
            }
            // what made it live was at its edge
            _ if is_live(word) => code(word, Place::Prose),
            _ => escape(word),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Whether a page may make a link of a word, or call somebody by it, escaped or not.
fn is_live(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    word.contains(['@', '#']) || lower.contains("://") || lower.contains("www.")
}

/// A backslash before every character that means something within a line.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(
            c,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '|' | '~' | '&' | '$'
        ) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A text as code, whatever backticks are in it.
pub(super) fn code(foreign: &str, place: Place) -> String {
    let line = text::line(foreign);
    if line.is_empty() {
        return "–".to_owned();
    }
    if place == Place::Cell && line.contains('|') {
        return html_code(&line);
    }
    let fence = "`".repeat(longest_run(&line) + 1);
    let pad = if line.starts_with('`') || line.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{line}{pad}{fence}")
}

/// Renderers do not agree on how a bar within code within a table is escaped; they do on entities.
fn html_code(line: &str) -> String {
    let mut out = String::from("<code>");
    for c in line.chars() {
        if c.is_ascii_punctuation() {
            write!(out, "&#{};", u32::from(c)).ok();
        } else {
            out.push(c);
        }
    }
    out + "</code>"
}

/// The longest run of backticks in a text.
pub(super) fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn foreign_text_is_text() {
        let table = [
            ("a|b *c* _d_", r"a\|b \*c\* \_d\_"),
            ("<img src=x> &amp;", r"\<img src=x> \&amp;"),
            ("![x](y) [z](q)", r"!\[x\](y) \[z\](q)"),
            ("ask @team, or #12.", "ask `@team`, or `#12`."),
            (
                "see (https://x.example/y_z).",
                "see (`https://x.example/y_z`).",
            ),
            ("room_1@contoso.com", "`room_1@contoso.com`"),
            ("run `credwatch login x` now", "run `credwatch login x` now"),
            ("a lone ` and <b>", r"a lone \` and \<b>"),
            ("two\nlines", "two lines"),
            ("://", "`://`"),
        ];
        for (foreign, expected) in table {
            assert_eq!(inline(foreign), expected);
        }
    }

    #[test]
    fn a_text_begins_no_other_block() {
        let table = [
            ("- x", r"\- x"),
            ("1. x", r"1\. x"),
            ("12) x", r"12\) x"),
            ("+", r"\+"),
            ("> x", r"\> x"),
        ];
        for (foreign, expected) in table {
            assert_eq!(prose(foreign), expected);
        }
    }

    #[test]
    fn code_holds_backticks_and_bars() {
        assert_eq!(code("a`b", Place::Cell), "``a`b``");
        assert_eq!(code("`", Place::Prose), "`` ` ``");
        assert_eq!(code("a|b", Place::Prose), "`a|b`");
        assert_eq!(code("a|b", Place::Cell), "<code>a&#124;b</code>");
        assert_eq!(code(" \n", Place::Prose), "–");
    }

    /// A line with a blank in place of all that is escaped or code.
    fn bare(text: &str) -> String {
        let chars: Vec<char> = text.chars().collect();
        let run = |at: usize| chars[at..].iter().take_while(|c| **c == '`').count();
        let (mut out, mut at) = (String::new(), 0);
        while let Some(c) = chars.get(at) {
            let ticks = run(at);
            if *c == '\\' {
                out.push(' ');
                at += 2;
            } else if ticks > 0 {
                out.push(' ');
                at += ticks;
                // only a run of the same length closes code
                while run(at) != ticks {
                    assert!(at < chars.len(), "code that never ends: {text}");
                    at += run(at).max(1);
                }
                at += ticks;
            } else {
                out.push(*c);
                at += 1;
            }
        }
        out
    }

    proptest! {
        #[test]
        fn nothing_foreign_is_left_to_mean_something(
            foreign in "\\PC*|[`|<>*_@#!\\[\\]()\\\\\n.a/: ]{0,16}"
        ) {
            let left = bare(&inline(&foreign));
            prop_assert!(!left.contains(['<', '[', ']', '*', '_', '|', '@', '#', '&']), "{}", left);
            prop_assert!(!left.contains("://") && !left.contains("www."), "{}", left);
        }
    }
}
