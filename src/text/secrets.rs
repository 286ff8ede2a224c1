//! Finds what looks like a secret in a text whose secrets are not known, and takes it out.

use std::borrow::Cow;

use super::head;

/// Stands in for a secret or token that was in a text.
pub const REDACTED: &str = "[redacted]";

/// A run of token characters this long, with the shape of a JWT or refresh token, is redacted.
const TOKEN_RUN: usize = 100;

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
    let mut expected = Expected::Anything;
    let mut before = Before::default();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let run = head_while(rest, is_token_char);
        let next = rest.chars().next().unwrap_or_default();
        let begins = !run.is_empty() || !may_precede_a_value(next);
        let prefix = is_prefix(run, rest);
        let piece = if expected == Expected::Secret && begins && !prefix {
            let value = before.value(rest);
            // a scheme still names what comes after it: `Authorization: Bearer xyz`
            if !is_scheme(value) {
                spans.push((at, at + value.len()));
                expected = Expected::Anything;
            }
            value
        } else if run.is_empty() {
            expected = expected.past(next);
            head(rest, next.len_utf8())
        } else {
            if looks_secret(run) {
                spans.push((at, at + run.len()));
            }
            if !prefix {
                expected = expected.after(run, before.last);
            }
            run
        };
        before.pass(piece);
        at += piece.len();
    }
    spans
}

/// The last two characters that were passed: they tell where a value ends.
#[derive(Debug, Clone, Copy, Default)]
struct Before {
    last: Option<char>,
    last_but_one: Option<char>,
}

impl Before {
    fn pass(&mut self, piece: &str) {
        let mut backwards = piece.chars().rev();
        let last = backwards.next();
        self.last_but_one = backwards.next().or(self.last);
        self.last = last;
    }

    /// The value that a text begins with: up to the quote that ends it, or else to where values end.
    fn value(self, rest: &str) -> &str {
        match self.last.filter(|c| matches!(c, '"' | '\'')) {
            // `\"xyz\"`: what is escaped once more ends at the next backslash
            Some(quote) if self.last_but_one == Some('\\') => {
                head_while(rest, |c| !matches!(c, '\\' | '\n') && c != quote)
            }
            Some(quote) => quoted(rest, quote),
            // the content of an element
            None if self.last == Some('>') => head_while(rest, |c| !matches!(c, '<' | '\n')),
            None => head_while(rest, |c| !c.is_whitespace() && !ends_a_value(c)),
        }
    }
}

/// What stands before the next quote of this kind in its line; escaped ones are passed.
fn quoted(rest: &str, quote: char) -> &str {
    let mut escaped = false;
    head_while(rest, |c| {
        let goes_on = escaped || c != quote;
        escaped = c == '\\' && !escaped;
        goes_on && c != '\n'
    })
}

/// The longest beginning of a text whose characters all pass.
fn head_while(text: &str, mut passes: impl FnMut(char) -> bool) -> &str {
    let end = text.find(|c| !passes(c)).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

const fn ends_a_value(c: char) -> bool {
    matches!(c, '"' | '\'' | '&' | ',' | ';' | '<' | '}')
}

/// Whether a character may stand between what joins a value to its key, and the value.
fn may_precede_a_value(c: char) -> bool {
    c.is_whitespace()
        || ends_a_value(c)
        || matches!(c, ':' | '=' | '>' | '\\' | '[' | '(' | '{' | '`')
}

/// Whether a run is how a program marks the text that is quoted after it: `u'xyz'`, `b"xyz"`.
fn is_prefix(run: &str, rest: &str) -> bool {
    matches!(run, "u" | "b" | "r") && rest.get(1..).is_some_and(|s| s.starts_with(['"', '\'']))
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
    /// The content of an element, once its tag is closed: `<Password Type="…">xyz`.
    SecretOnceClosed,
    Secret,
}

impl Expected {
    fn after(self, run: &str, before: Option<char>) -> Self {
        match self {
            // neither the end tag of an element announces anything, nor an empty one
            Self::SecretOnceClosed if run.ends_with('/') => Self::Anything,
            Self::SecretOnceClosed => self,
            _ if run.starts_with('/') || !names_a_secret(run) => Self::Anything,
            _ if before == Some('<') && run.ends_with('/') => Self::Anything,
            _ if before == Some('<') => Self::SecretOnceClosed,
            // `--password xyz`
            _ if run.starts_with('-') => Self::Secret,
            _ => Self::SecretOnceJoined,
        }
    }

    fn past(self, c: char) -> Self {
        match (self, c) {
            (Self::SecretOnceClosed, '>')
            | (Self::SecretOnceJoined | Self::SecretOnceQuoted, ':' | '=' | '>')
            | (Self::SecretOnceQuoted, '\'' | '"') => Self::Secret,
            (Self::SecretOnceClosed, c) if c != '<' => self,
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
                "password=p@ss#w0rd&x=1 pwd: #x) and {\"client_secret\":\"ab#c\\\"d e\",\"a\":1}".into(),
                "password=[redacted]&x=1 pwd: [redacted] and {\"client_secret\":\"[redacted]\",\"a\":1}",
            ),
            (
                r#"{\"password\":\"a:b c\",\"a\":1} {'password': u'hunter2', b'pwd': b"x y"}"#.into(),
                r#"{\"password\":\"[redacted]\",\"a\":1} {'password': u'[redacted]', b'pwd': b"[redacted]"}"#,
            ),
            (
                "<Password Type=\"text\">hunter2</Password><pwd/>shown <wsse:Password>a b</wsse:Password>".into(),
                "<Password Type=\"text\">[redacted]</Password><pwd/>shown <wsse:Password>[redacted]</wsse:Password>",
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
    fn a_blank_of_any_kind_comes_before_a_secret() {
        for blank in [' ', '\t', '\u{a0}', '\u{85}', '\u{2003}', '\u{3000}'] {
            for key in ["password:", "Authorization: Bearer", "pwd ="] {
                let shown = redact(&format!("{key}{blank}hunter2")).into_owned();
                assert_eq!(shown, format!("{key}{blank}[redacted]"));
            }
        }
    }

    proptest! {
        #[test]
        fn redaction_never_panics_and_leaves_no_value_that_a_key_announces(
            before in any::<String>(),
            value in "[!-~&&[^\"'\\\\&,;<}\\[({:=>`]]{3,20}",
            after in any::<String>(),
        ) {
            let _all = redact(&before);
            let text = format!("{before}\n\"client_secret\":\"{value}\",{after}");
            let shown = redact(&text).contains(&format!("\"{value}\","));
            prop_assert!(is_scheme(&value) || !shown);
        }
    }
}
