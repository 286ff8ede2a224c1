//! Values beside their keys, however the pair is written: JSON, Python, PHP, a form, a log line.

use super::normalised_text::NormalisedText;

/// A value longer than this is cut.
const VALUE_LIMIT: usize = 4096;

/// At most so many values of one key are read.
const VALUES: usize = 64;

/// What a text gives to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Value<'t> {
    /// Where the key stands.
    pub(super) at: usize,
    /// The value, without its quotes; a list or object from its bracket on.
    pub(super) text: &'t str,
    /// Whether it stood in quotes.
    pub(super) quoted: bool,
}

/// Returns every value of a key (in lower case), in order.
pub(super) fn values<'v>(form: &'v NormalisedText<'_>, key: &str) -> Vec<Value<'v>> {
    let hits = form.lower.match_indices(key);
    hits.filter_map(|(at, _)| value_at(form, at, at + key.len()))
        .take(VALUES)
        .collect()
}

/// Returns the first value of a key.
pub(super) fn value<'v>(form: &'v NormalisedText<'_>, key: &str) -> Option<Value<'v>> {
    let mut hits = form.lower.match_indices(key);
    hits.find_map(|(at, _)| value_at(form, at, at + key.len()))
}

/// Returns what stands in the cell behind a key (in lower case), where a table or a form of the portal
/// separates them by a tab, a bar, several blanks or a line break.
pub(super) fn cells<'v>(form: &'v NormalisedText<'_>, key: &str) -> Vec<Value<'v>> {
    let cell = |at: usize| {
        let end = at + key.len();
        let rest = form
            .text
            .get(end..)
            .filter(|_| form.stands_alone(at, end))?;
        let bare = rest.trim_start_matches(['\t', ' ', '|', '\r', '\n', '"', ',']);
        let gap = rest.get(..rest.len() - bare.len())?;
        let apart = gap.contains(['\t', '|', '\n', ',']) || gap.contains("  ");
        let text = up_to_end(super::input::between(bare, 0, VALUE_LIMIT));
        let text = text.split('\t').next().unwrap_or_default();
        (apart && gap.len() < 40 && !text.is_empty()).then_some(Value {
            at,
            text,
            quoted: false,
        })
    };
    let hits = form.lower.match_indices(key).map(|(at, _)| at);
    hits.filter_map(cell).take(VALUES).collect()
}

fn value_at<'v>(form: &'v NormalisedText<'_>, at: usize, end: usize) -> Option<Value<'v>> {
    if !form.stands_alone(at, end) {
        return None;
    }
    let rest = form.text.get(end..)?;
    let rest = rest.trim_start_matches(['"', '\'', '\\', '`', ']', '*']);
    let rest = rest.trim_start_matches([' ', '\t']);
    let rest = rest
        .strip_prefix("=>")
        .or_else(|| rest.strip_prefix([':', '=']))?;
    let rest = rest.trim_start_matches([' ', '\t']);
    let opened = without_prefix(rest).trim_start_matches('\\');
    let quote = opened.chars().next().filter(|c| matches!(c, '"' | '\''));
    let text = match quote {
        // CSV doubles its quotes
        Some(quote) => up_to_quote(opened.trim_start_matches(quote), quote),
        None => up_to_end(rest),
    };
    let text = super::input::between(text, 0, VALUE_LIMIT);
    (!text.is_empty()).then_some(Value {
        at,
        text,
        quoted: quote.is_some(),
    })
}

/// Python writes `u'…'` and `b'…'`.
fn without_prefix(text: &str) -> &str {
    let bare = text.strip_prefix(['u', 'b']).unwrap_or(text);
    if bare.starts_with(['"', '\'']) {
        bare
    } else {
        text
    }
}

/// Up to the quote that ends the value: one behind which the structure goes on.
fn up_to_quote(text: &str, quote: char) -> &str {
    let ends = |at: usize| {
        let behind = text
            .get(at + 1..)
            .unwrap_or_default()
            .trim_start_matches(['\\', ' ']);
        behind.is_empty()
            || behind.starts_with([',', '}', ']', ')', ':', ';', '\n', '\r', '"', '\'', '>'])
    };
    let close = text
        .match_indices(quote)
        .map(|(at, _)| at)
        .take(32)
        .find(|at| ends(*at));
    text.get(..close.unwrap_or(text.len()))
        .unwrap_or_default()
        .trim_end_matches('\\')
}

/// Up to what ends a value without quotes.
fn up_to_end(text: &str) -> &str {
    let end = if text.starts_with(['[', '(']) {
        text.find([']', ')']).map(|at| at + 1)
    } else {
        text.find(['\n', '\r', ',', ';', '&', '}', '<', '"', '|'])
    };
    text.get(..end.unwrap_or(text.len()))
        .unwrap_or_default()
        .trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_read_in_every_way_of_writing_it() {
        let cases = [
            (r#"{"error":"invalid_client"}"#, "invalid_client"),
            (
                r#"{\"error\":\"invalid_client\",\"x\":1}"#,
                "invalid_client",
            ),
            ("{u'error': u'invalid_client'}", "invalid_client"),
            ("{'error': b'invalid_client'}", "invalid_client"),
            ("[error] => invalid_client\n[x] => y", "invalid_client"),
            ("error=invalid_client&x=y", "invalid_client"),
            ("  Error : invalid_client", "invalid_client"),
            (r#"{"error":"invalid_cl"#, "invalid_cl"),
        ];
        for (text, expected) in cases {
            let form = NormalisedText::new(text);
            assert_eq!(
                value(&form, "error").map(|value| value.text),
                Some(expected),
                "{text}"
            );
        }
        for text in ["myerror: x", "error_codes: 1", "an error happened", "error"] {
            assert_eq!(value(&NormalisedText::new(text), "error"), None, "{text}");
        }
    }

    #[test]
    fn an_apostrophe_inside_a_value_does_not_end_it() {
        let form = NormalisedText::new("{'d': 'app 'a-b' is gone', 'x': 1}");
        assert_eq!(value(&form, "d").unwrap().text, "app 'a-b' is gone");
    }
}
