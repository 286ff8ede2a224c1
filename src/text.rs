//! Makes foreign text safe: what a server or a paste says must not drive a terminal, hide itself, or
//! carry a secret into a log.
//!
//! Everything that did not originate in this program passes through here before a screen, a file, a
//! log or a notification sees it.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Stands in for a secret or token that was in a text.
pub const REDACTED: &str = "[redacted]";

/// A run of token characters this long, with the shape of a JWT or refresh token, is redacted.
const TOKEN_RUN: usize = 100;

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

/// Returns the text with everything that looks like a token or a client secret replaced.
///
/// Meant for texts whose secrets are not known: JWTs, long opaque tokens, the values of
/// `client_secret`, `password`, `*_token` and `Authorization`, and generated client secrets
/// (`xxx8Q~…`).
pub fn redact(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut kept = 0;
    for (start, end) in secret_spans(text) {
        if let (true, Some(before)) = (start >= kept, text.get(kept..start)) {
            out.push_str(before);
            out.push_str(REDACTED);
            kept = end;
        }
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(kept..).unwrap_or_default());
    Cow::Owned(out)
}

/// Byte ranges of a text that look like secrets, in order.
fn secret_spans(text: &str) -> Vec<(usize, usize)> {
    let mut spans = Vec::new();
    let mut start = None;
    let mut expected = Expected::Anything;
    for (at, c) in text.char_indices().chain([(text.len(), '\0')]) {
        if is_token_char(c) {
            start.get_or_insert(at);
            continue;
        }
        if let Some(from) = start.take() {
            let run = text.get(from..at).unwrap_or_default();
            if looks_secret(run) || (expected == Expected::Secret && !is_scheme(run)) {
                spans.push((from, at));
            }
            expected = expected.after(run);
        }
        expected = expected.past(c);
    }
    spans
}

/// What the next word of a text may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    Anything,
    /// A secret, if something comes between that joins a value to its key: "authorization code" and
    /// "password is expired" are no secrets.
    SecretOnceJoined,
    /// As before, and a quote begins one too: `password 'xyz'`, where `'password' is` does not.
    SecretOnceQuoted,
    Secret,
}

impl Expected {
    fn after(self, run: &str) -> Self {
        match self {
            // `Authorization: Bearer xyz` still names what comes two words later
            Self::Secret if is_scheme(run) => Self::Secret,
            // the end tag of an element announces nothing
            _ if run.starts_with('/') || !names_a_secret(run) => Self::Anything,
            // `--password xyz`
            _ if run.starts_with('-') => Self::Secret,
            _ => Self::SecretOnceJoined,
        }
    }

    fn past(self, c: char) -> Self {
        match (self, c) {
            (Self::SecretOnceJoined | Self::SecretOnceQuoted, ':' | '=' | '>')
            | (Self::SecretOnceQuoted, '\'' | '"') => Self::Secret,
            (Self::SecretOnceJoined, ' ') => Self::SecretOnceQuoted,
            (_, '\n' | ',' | ';' | '&' | '}') => Self::Anything,
            _ => self,
        }
    }
}

fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(c, '.' | '_' | '-' | '~' | '+' | '/' | '%' | '*' | '$' | '!')
}

fn is_scheme(run: &str) -> bool {
    ["bearer", "basic", "null", "none", "true", "false"]
        .iter()
        .any(|s| run.eq_ignore_ascii_case(s))
}

/// Names of values that are secret.
const SECRET_KEYS: &[&str] = &[
    "client_secret",
    "clientsecret",
    "client-secret",
    "password",
    "passwd",
    "pwd",
    "access_token",
    "accesstoken",
    "refresh_token",
    "refreshtoken",
    "id_token",
    "client_assertion",
    "assertion",
    "authorization",
    "secrettext",
    "device_code",
    "code_verifier",
];

/// Whether a word announces that the next one is secret.
fn names_a_secret(run: &str) -> bool {
    let key = run
        .trim_matches(['-', '.', '/', '$', '%'])
        .to_ascii_lowercase();
    SECRET_KEYS.contains(&key.as_str())
}

fn looks_secret(run: &str) -> bool {
    is_jwt(run) || is_generated_secret(run) || (run.len() >= TOKEN_RUN && is_dense(run))
}

/// Long, and neither a path nor a sentence of dots: what an opaque token looks like.
fn is_dense(run: &str) -> bool {
    let odd = run
        .chars()
        .filter(|c| matches!(c, '/' | '.' | '-' | '%'))
        .count();
    let digits = run.chars().filter(char::is_ascii_digit).count();
    odd * 8 < run.len() && digits > 3
}

fn is_jwt(run: &str) -> bool {
    run.starts_with("eyJ") && run.len() > 20
}

/// The shape of a secret made by Entra: three characters, then `7Q~` or `8Q~`, then 31 to 34 more
/// (rule SEC101/156 of Microsoft.Security.Utilities); cut-off ones count too.
fn is_generated_secret(run: &str) -> bool {
    run.len() >= 16
        && run
            .get(3..6)
            .is_some_and(|mark| mark == "7Q~" || mark == "8Q~")
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
    fn secrets_are_redacted_and_ordinary_words_are_not() {
        let secret = "abc8Q~0123456789012345678901234567890-.";
        let cases = [
            (format!("secret {secret} sent"), "secret [redacted] sent"),
            (
                "client_secret=hunter2&x=1".into(),
                "client_secret=[redacted]&x=1",
            ),
            (
                r#"{"refresh_token":"0.AXk","a":1}"#.into(),
                r#"{"refresh_token":"[redacted]","a":1}"#,
            ),
            (
                "Authorization: Bearer abc.def".into(),
                "Authorization: Bearer [redacted]",
            ),
            (
                "eyJ0eXAiOiJKV1QiLCJhbGciOiJ.eyJhdWQi.sig end".into(),
                "[redacted] end",
            ),
            (
                "the password is expired; Authorization Code is malformed".into(),
                "the password is expired; Authorization Code is malformed",
            ),
            (
                "<password>hunter2</password> --password hunter2".into(),
                "<password>[redacted]</password> --password [redacted]",
            ),
            (
                "the authorization code 'abc' and the assertion is not valid; password reset"
                    .into(),
                "the authorization code 'abc' and the assertion is not valid; password reset",
            ),
            (
                "password 'hunter2', {'client_secret': \"hunter2\"} and pwd = hunter2".into(),
                "password '[redacted]', {'client_secret': \"[redacted]\"} and pwd = [redacted]",
            ),
            (
                "WWW-Authenticate: Bearer realm=\"x\", the Bearer token is bad".into(),
                "WWW-Authenticate: Bearer realm=\"x\", the Bearer token is bad",
            ),
            (
                "AADSTS7000222: The provided client secret keys are expired.".into(),
                "AADSTS7000222: The provided client secret keys are expired.",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(redact(&text), expected);
        }
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
        fn redaction_and_cutting_never_panic(text in any::<String>(), n in 0usize..50) {
            let _cut = redact(&text);
            prop_assert!(fit(&line(&text), n).width() <= n);
            prop_assert!(head(&text, n).len() <= n);
        }
    }
}
