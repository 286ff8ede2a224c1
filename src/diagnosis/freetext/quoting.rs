//! What of a pasted text may be shown: an allow-list of words.
//!
//! A paste may hold any secret in any shape, so nothing of it is shown but the words of the services'
//! own sentences, codes, ids, dates, and addresses of Microsoft's. Anything else becomes an ellipsis.
//! Redaction of what looks like a secret is the second line, for a password that is such a word.

use std::{collections::HashSet, sync::LazyLock};

use crate::{
    diagnosis::tables::{aadsts, exchange, graph},
    text,
};

const VOCABULARY: &str = include_str!("../data/vocabulary.txt");

/// Every word of the services' sentences, and names of their protocols, in lower case.
static WORDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| VOCABULARY.lines().collect());

/// Ends of the names of hosts whose addresses may be shown.
const HOSTS: &[&str] = &[
    "microsoftonline.com",
    "microsoftonline.us",
    "office365.com",
    "office365.us",
    "office.com",
    "outlook.com",
    "microsoft.com",
    "microsoft.us",
    "windows.net",
    "chinacloudapi.cn",
    "partner.outlook.cn",
    "aka.ms",
];

/// Stands for what is not shown.
const HIDDEN: char = '…';

/// Returns a text with all but its known words hidden.
pub(super) fn known_words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let len = rest.find(|c| !is_token(c)).unwrap_or(rest.len());
        let (token, behind) = rest.split_at_checked(len).unwrap_or((rest, ""));
        if token.is_empty() {
            out.push(c);
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
        } else {
            push_token(&mut out, token);
            rest = behind;
        }
    }
    out
}

/// Whether a character is part of a token that is shown or hidden as a whole.
fn is_token(c: char) -> bool {
    c.is_alphanumeric()
        || matches!(
            c,
            '_' | '-'
                | '.'
                | '@'
                | ':'
                | '/'
                | '%'
                | '+'
                | '='
                | '~'
                | '$'
                | '!'
                | '#'
                | '*'
                | '&'
                | '\\'
                | '^'
                | '?'
                | '\''
        )
}

fn push_token(out: &mut String, token: &str) {
    let edges: &[char] = &['.', ':', '!', '?', '-', '/', '\'', '=', '#', '*'];
    let bare = token.trim_matches(edges);
    let start = token.find(bare).unwrap_or_default();
    let (before, behind) = (
        token.get(..start).unwrap_or_default(),
        token.get(start + bare.len()..).unwrap_or_default(),
    );
    out.push_str(before);
    if bare.is_empty() || is_shown(bare) {
        out.push_str(bare);
    } else if let Some(address) = address(bare) {
        out.push_str(&address);
    } else if !out.ends_with(HIDDEN) {
        out.push(HIDDEN);
    }
    out.push_str(behind);
}

/// Whether a token is a known word, a code, an id or a date.
fn is_shown(token: &str) -> bool {
    let lower = token.to_lowercase();
    WORDS.contains(lower.as_str())
        || is_short_number(token)
        || is_date(token)
        || is_guid(token)
        || is_code(token)
        || joined(&lower)
}

/// Whether known words are joined by a hyphen or a slash: `app-only`, `user/tenant`.
fn joined(lower: &str) -> bool {
    let parts: Vec<&str> = lower.split(['-', '/']).collect();
    (2..4).contains(&parts.len())
        && parts
            .iter()
            .all(|part| part.len() > 1 && WORDS.contains(part))
}

/// A status, a reply code, a version: no secret has so few digits.
fn is_short_number(token: &str) -> bool {
    let parts: Vec<&str> = token.split('.').collect();
    let digits =
        |part: &&str| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    parts.len() < 4 && parts.iter().all(digits)
}

/// `2026-11-20`, with or without a time behind it.
fn is_date(token: &str) -> bool {
    let digits = |part: &str, n: usize| part.len() == n && part.bytes().all(|b| b.is_ascii_digit());
    let day = token.split('T').next().unwrap_or_default();
    let parts: Vec<&str> = day.split('-').collect();
    let is_day =
        matches!(parts.as_slice(), [y, m, d] if digits(y, 4) && digits(m, 2) && digits(d, 2));
    let time = token.get(day.len()..).unwrap_or_default();
    let of_time = |c: char| c.is_ascii_digit() || matches!(c, 'T' | 'Z' | ':' | '.');
    is_day && time.len() < 20 && time.chars().all(of_time)
}

/// Whether a token is a GUID.
pub(super) fn is_guid(token: &str) -> bool {
    token.len() == 36
        && token.char_indices().all(|(at, c)| match at {
            8 | 13 | 18 | 23 => c == '-',
            _ => c.is_ascii_hexdigit(),
        })
}

/// Whether a token is a code of one of the tables, or has the form of a sign-in error number.
fn is_code(token: &str) -> bool {
    let digits = token.strip_prefix("AADSTS").unwrap_or(token);
    let number = digits.parse().ok().filter(|_| digits.len() < 9);
    let known = number.is_some_and(|number| aadsts::code(number).is_some());
    let prefixed = number.is_some() && digits.len() < token.len();
    known || prefixed || is_code_name(token)
}

/// Whether a word is the name of a code of Exchange or Graph.
pub(super) fn is_code_name(word: &str) -> bool {
    graph::code(word).is_some_and(|code| code.id == word)
        || exchange::response_code(word).is_some_and(|code| code.name == word)
}

/// An address as far as it may be shown: the host of Microsoft's, and the known words of its path.
fn address(token: &str) -> Option<String> {
    let (scheme, rest) = token.split_once("://")?;
    let bare = rest.split(['?', '#']).next().unwrap_or_default();
    let mut parts = bare.split('/');
    let host = parts.next()?.to_ascii_lowercase();
    let own = |end: &&str| {
        host == **end
            || host
                .strip_suffix(*end)
                .is_some_and(|sub| sub.ends_with('.'))
    };
    let known = ["http", "https"].contains(&scheme) && HOSTS.iter().any(own);
    // no name of theirs is longer; a secret may stand in a sub-domain of nothing else
    let plain = host.len() < 60
        && host
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'));
    if !known || !plain {
        return None;
    }
    let path = parts.map(|part| {
        if part.is_empty() || is_shown(part) {
            part
        } else {
            "…"
        }
    });
    Some(
        std::iter::once(format!("{scheme}://{host}"))
            .chain(path.map(str::to_owned))
            .collect::<Vec<_>>()
            .join("/"),
    )
}

/// Returns the values of a text that look like secrets by their key or shape.
///
/// The second line: what a text gives to a password, token or the like is not shown, known word or not.
pub(super) fn secrets(text: &str) -> Vec<&str> {
    let redacted = text::redact(text);
    let mut values = Vec::new();
    let (mut at, mut pieces) = (0, redacted.split(text::REDACTED));
    at += pieces.next().map_or(0, str::len);
    for piece in pieces {
        let Some(rest) = text.get(at..) else { break };
        let length = if piece.is_empty() {
            rest.len()
        } else {
            rest.find(piece).unwrap_or(rest.len())
        };
        values.extend(rest.get(..length).filter(|value| value.len() >= SECRET));
        at += length + piece.len();
    }
    values
}

/// A shorter value cannot be told from an ordinary word.
const SECRET: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_words_codes_ids_and_addresses_are_shown() {
        for (text, shown) in [
            (
                "The provided client secret keys for app '00000000-0000-0000-0000-000000000000' are expired.",
                "The provided client secret keys for app '00000000-0000-0000-0000-000000000000' are expired.",
            ),
            (
                "Invalid client secret hunter2hunter2 provided",
                "Invalid client secret … provided",
            ),
            ("client_secret=abc8Q~x AADSTS7000215", "… AADSTS7000215"),
            ("MySecretPassword SuperSecret!", "… …!"),
            (
                "GET https://graph.microsoft.com/v1.0/users/bob@x.example?sig=abc",
                "GET https://graph.microsoft.com/…/users/…",
            ),
            ("https://user:Tr0ub4dor@proxy.example:8080", "…"),
            (
                "535 5.7.139 on 2026-11-20T08:00:00Z, 12345678",
                "535 5.7.139 on 2026-11-20T08:00:00Z, …",
            ),
        ] {
            assert_eq!(known_words(text), shown, "{text}");
        }
    }

    #[test]
    fn values_behind_keys_of_secrets_are_found() {
        let text = "a\npassword = welcome\n{\"client_secret\":\"x8Q~abcdef\"}";
        assert_eq!(secrets(text), ["welcome", "x8Q~abcdef"]);
        assert!(secrets("The password is expired").is_empty());
    }
}
