//! Structured answers: SOAP by local names, Graph errors, heads of HTTP, pages.

use super::{
    collector::{Collector, Position},
    input::between,
    key_values,
    normalised_text::NormalisedText,
    quoting,
};
use crate::{
    diagnosis::{evidence::Fact, headers, tables::graph},
    observation::{FaultKind, Stage},
};

/// At most so many elements of one name are read.
const ELEMENTS: usize = 100;

/// The longest element text that is read.
const ELEMENT: usize = 2048;

/// Reads SOAP faults and response messages, whole or cut.
pub(super) fn soap(form: &NormalisedText<'_>, collector: &mut Collector) {
    for (at, code) in elements(form, "responsecode") {
        match code {
            "NoError" => collector.add(Fact::Success, Some(Stage::Ews), form.position(at)),
            _ if quoting::is_code_name(code) => collector.add(
                Fact::EwsCode(code.to_owned()),
                Some(Stage::Ews),
                inner(form, at),
            ),
            _ => {}
        }
    }
    for (at, code) in elements(form, "faultcode") {
        let name = code.rsplit(':').next().unwrap_or_default();
        if quoting::is_code_name(name) {
            collector.add(
                Fact::EwsCode(name.to_owned()),
                Some(Stage::Ews),
                inner(form, at),
            );
        }
    }
    for name in ["messagetext", "faultstring", "message"] {
        for (at, text) in elements(form, name) {
            collector.add(
                Fact::Message(text.to_owned()),
                Some(Stage::Ews),
                inner(form, at),
            );
        }
    }
    for (at, _) in form.lower.match_indices("backoffmilliseconds").take(4) {
        let behind = form.rest_of_line(at, 80);
        let digits = behind
            .split(|c: char| !c.is_ascii_digit())
            .find(|part| !part.is_empty());
        if let Some(pause) = digits.and_then(|digits| digits.parse::<u64>().ok()) {
            collector.add(
                Fact::RetryAfter(pause.div_ceil(1000)),
                Some(Stage::Ews),
                inner(form, at),
            );
        }
    }
}

/// A structured answer says more than the words around it.
fn inner(form: &NormalisedText<'_>, at: usize) -> Position {
    form.position(at).inside()
}

/// The texts of the elements with this local name, in any namespace; the end tag may be missing.
fn elements<'v>(form: &'v NormalisedText<'_>, name: &str) -> Vec<(usize, &'v str)> {
    let hits = form.lower.match_indices(name).map(|(at, _)| at);
    let opened = hits.filter(|at| opens_tag(form.lower.get(..*at).unwrap_or_default()));
    let read = |at: usize| {
        let rest = between(form.text, at + name.len(), at + name.len() + ELEMENT);
        let (attributes, text) = rest.split_once('>')?;
        let whole = attributes.is_empty() || attributes.starts_with(char::is_whitespace);
        let text = text.split('<').next().unwrap_or_default().trim();
        (whole && !text.is_empty()).then_some((at, text))
    };
    opened.filter_map(read).take(ELEMENTS).collect()
}

/// Whether a text ends in `<` or `<prefix:`.
fn opens_tag(before: &str) -> bool {
    let unprefixed = before.strip_suffix(':').map_or(before, |prefixed| {
        prefixed.trim_end_matches(|c: char| c.is_ascii_alphanumeric())
    });
    unprefixed.ends_with('<')
}

/// Reads the code that PowerShell's cmdlets for Graph put into the id of their error.
pub(super) fn graph_cmdlets(form: &NormalisedText<'_>, collector: &mut Collector) {
    for value in key_values::values(form, "fullyqualifiederrorid") {
        let behind = form.rest_of_line(value.at, 200);
        let code = value.text.trim();
        let named = code.len() > 4 && code.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if named && graph::code(code).is_some() && behind.contains("Microsoft.Graph") {
            let fact = Fact::GraphCode(code.to_owned());
            collector.add(fact, Some(Stage::Graph), inner(form, value.at));
        }
    }
}

/// Reads the error object of Microsoft Graph and of its clients.
pub(super) fn graph_errors(form: &NormalisedText<'_>, collector: &mut Collector) {
    if form.is_foreign() || (form.providers.elsewhere && !form.speaks(Stage::Graph)) {
        return;
    }
    let keys = ["code", "err_code", "error_code", "errorcode"];
    for value in keys.iter().flat_map(|key| key_values::values(form, key)) {
        let word = value.text.split_whitespace().next().unwrap_or_default();
        let camel = word.starts_with(|c: char| c.is_ascii_uppercase());
        let shaped = word
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
        let named = camel || graph::code(word).is_some();
        if !(named && shaped && (5..100).contains(&word.len())) {
            continue;
        }
        let before = form.lower.get(..value.at).unwrap_or_default();
        let near = between(before, before.len().saturating_sub(24), before.len());
        let in_error =
            near.contains("error") || near.contains("exception") || near.contains("status");
        let behind = between(&form.lower, value.at, value.at + 120);
        let explained = behind.contains("message") && !form.speaks(Stage::Ews);
        let known = explained || form.speaks(Stage::Graph) || form.lower.contains("innererror");
        let of_table = quoting::is_code_name(word) || graph::code(word).is_some();
        if (in_error || known) && of_table && word != "UnknownError" {
            collector.add(
                Fact::GraphCode(word.to_owned()),
                Some(Stage::Graph),
                inner(form, value.at),
            );
            for message in key_values::values(form, "message").into_iter().take(4) {
                let text = message.text.to_owned();
                collector.add(
                    Fact::Message(text),
                    Some(Stage::Graph),
                    inner(form, message.at),
                );
            }
        }
    }
}

/// Reads the headers that tell why Exchange refused.
pub(super) fn headers(form: &NormalisedText<'_>, collector: &mut Collector) {
    for (at, mark) in form.lower.match_indices("x-ms-diagnostics").take(8) {
        refusal(form, at + mark.len(), collector);
    }
    for mark in [";reason=", "; reason="] {
        for (at, _) in form.lower.match_indices(mark).take(8) {
            refusal(form, at.saturating_sub(8), collector);
        }
    }
    for (at, mark) in form.lower.match_indices("x-ews-policy-reason").take(8) {
        let value = form.rest_of_line(at + mark.len(), 300);
        let value = value.trim_matches([':', ' ', '\'', '"', '\\', '=', ',']);
        if value.len() > 8 {
            collector.add(
                Fact::PolicyReason(value.to_owned()),
                Some(Stage::Ews),
                inner(form, at),
            );
        }
    }
    for reason in ["ews is disabled for this user", "ews is blocked by policy"] {
        if let Some(at) = form.lower.find(reason) {
            let value = form.rest_of_line(at, 80).to_owned();
            collector.add(Fact::PolicyReason(value), Some(Stage::Ews), inner(form, at));
        }
    }
    challenge(form, collector);
    if let Some(value) = key_values::value(form, "retry-after")
        && let Ok(seconds) = value.text.trim().parse()
    {
        let stage = form.stage_at(value.at);
        collector.add(Fact::RetryAfter(seconds), stage, inner(form, value.at));
    }
}

/// The ids of Exchange; other services have the header too, with ids of their own.
const EXCHANGE_IDS: std::ops::Range<u32> = 2_000_000..2_001_000;

/// `2000003;reason="…";error_category="…"`, with or without its semicolons.
fn refusal(form: &NormalisedText<'_>, at: usize, collector: &mut Collector) {
    let words = form.rest_of_line(at, 400);
    let words = words.trim_start_matches(|c: char| !c.is_ascii_digit());
    let digits: String = words.chars().take_while(char::is_ascii_digit).collect();
    if let Some(id) = digits.parse().ok().filter(|id| EXCHANGE_IDS.contains(id)) {
        let words = words.get(7..).unwrap_or_default().trim_start_matches(';');
        let fact = Fact::Diagnostics {
            id,
            words: words.to_owned(),
        };
        collector.add(fact, Some(Stage::Ews), inner(form, at));
    }
}

/// The app ids by which a challenge names who asks for the token.
const RESOURCES: &[(&str, Stage)] = &[
    ("00000002-0000-0ff1-ce00-000000000000", Stage::Ews),
    ("app_asserted_user_v1", Stage::Ews),
    ("00000003-0000-0000-c000-000000000000", Stage::Graph),
];

/// Reads every challenge of the text as one, with who asks for the token.
fn challenge(form: &NormalisedText<'_>, collector: &mut Collector) {
    let marks = ["www-authenticate", "wwwauthenticate"];
    let hits = marks.iter().flat_map(|mark| form.lower.match_indices(mark));
    let values: Vec<(usize, &str)> = hits
        .take(8)
        .map(|(at, mark)| (at, form.rest_of_line(at + mark.len(), CHALLENGE)))
        .map(|(at, value)| {
            (
                at,
                value.trim_matches([':', ' ', '\'', '"', '\\', '[', '(']),
            )
        })
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let Some((at, _)) = values.first() else {
        return;
    };
    let plain: Vec<String> = values
        .iter()
        .map(|(_, value)| value.replace('\\', ""))
        .collect();
    let named = RESOURCES
        .iter()
        .find(|(id, _)| plain.iter().any(|value| value.contains(id)));
    let stage = named
        .map(|(_, stage)| *stage)
        .or_else(|| form.stage_at(*at));
    if let Some(summary) = headers::challenge(plain.iter().map(String::as_str)) {
        collector.add(Fact::Challenge(summary), stage, inner(form, *at));
    }
    if let Some((_, stage)) = named {
        // the status of the same answer is by the one who asks for the token
        collector.challenged_by = Some(*stage);
    }
}

/// The longest challenge that is read.
const CHALLENGE: usize = 2000;

/// Words behind which a number is an HTTP status, apart from what [`FILLERS`] has.
const BEFORE_STATUS: &[&str] = &[
    "http/1.1",
    "http/1.0",
    "http/2",
    "http/2.0",
    "http/3",
    "http",
    "status",
    "status code",
    "status code of",
    "status of",
    "statuscode",
    "status_code",
    "http_code",
    "response code",
    "error code",
    "code",
    "error",
    "fehler",
    "fehler zurückgegeben",
    "erreur",
    "エラーを返しました",
    "does not indicate success",
    "http error",
    "http status",
    "http-status",
    "http status code",
    "httpstatus",
    "httpstatuscode",
    "http code",
    "httpcode",
    "response status",
    "response status code",
    "statut",
    "code de statut",
    "código de estado",
    "estado",
    "codice di stato",
    "stato",
    "statuscode",
    "код состояния",
    "ステータス コード",
    "ステータスコード",
    "状态代码",
    "状态码",
    "狀態碼",
    "상태 코드",
    "kod stanu",
    "durum kodu",
];

/// Words behind which a number is a status where nothing but the end of the sentence follows.
const SAID_TO_BE: &[&str] = &[
    "returned",
    "returns",
    "responded with",
    "answered",
    "answered with",
    "replied",
    "got",
    "received",
    "response",
    "failed with",
    "code",
];

/// What may stand between such a word and the number.
const FILLERS: &[char] = &[
    ' ', ':', '=', '(', '[', '"', '\'', '\\', '`', '*', '-', '<', '>',
];

/// What servers say with the statuses that say no, in lower case.
const REASONS: &[(u16, &str)] = &[
    (301, "moved permanently"),
    (302, "found"),
    (302, "moved temporarily"),
    (307, "temporary redirect"),
    (400, "bad request"),
    (401, "unauthorized"),
    (401, "unauthorised"),
    (403, "forbidden"),
    (404, "not found"),
    (405, "method not allowed"),
    (407, "proxy"),
    (407, "authentication"),
    (408, "request time"),
    (413, "request entity"),
    (413, "payload"),
    (415, "unsupported media"),
    (429, "too many requests"),
    (440, "login time"),
    (456, "user blocked"),
    (500, "internal server error"),
    (501, "not implemented"),
    (502, "bad gateway"),
    (503, "service unavailable"),
    (503, "server too busy"),
    (503, "service temporarily"),
    (504, "gateway time"),
    (505, "http version"),
];

/// So much of a log is looked at behind a refusal.
const LOG: usize = 8 * 1024;

/// Words that make a status of the number before them.
const BEHIND_STATUS: &[&str] = &[
    "http",
    "status",
    "response",
    "error",
    "client error",
    "server error",
];

/// Finds HTTP statuses that say no.
pub(super) fn statuses(form: &NormalisedText<'_>, collector: &mut Collector) {
    let bytes = form.lower.as_bytes();
    let refusals = bytes
        .array_windows::<3>()
        .enumerate()
        .filter(|(_, digits)| says_no(**digits))
        .filter(|(at, _)| form.stands_alone(*at, at + 3))
        .filter_map(|(at, digits)| Some((at, std::str::from_utf8(digits).ok()?.parse().ok()?)))
        .filter(|(at, status)| {
            is_logged(form, *at).unwrap_or_else(|| is_status(form, *at, *status))
        });
    for (at, status) in refusals.take(ELEMENTS) {
        add_status(form, at, status, collector);
    }
}

/// Whether the words around a number make a status of it.
fn is_status(form: &NormalisedText<'_>, at: usize, status: u16) -> bool {
    let before = between(&form.lower, at.saturating_sub(40), at);
    let word = before.trim_end_matches(FILLERS);
    let gap = before.len() - word.len();
    let announced = || BEFORE_STATUS.iter().any(|mark| ends_in(word, mark));
    let behind = between(&form.lower, at + 3, at + 40);
    let said = behind.trim_start_matches([')', ':', '-', ',', '"', '\'', ']', '(', ' ']);
    let named = |(number, reason): &(u16, &str)| *number == status && said.starts_with(reason);
    // a line of source has its number in brackets too: `Client.php(547)`
    let bracketed =
        behind.starts_with(')') && [" (", ":("].iter().any(|open| before.ends_with(open));
    let called = || {
        let word = behind.strip_prefix(' ').unwrap_or_default();
        BEHIND_STATUS.iter().any(|mark| word.starts_with(mark))
    };
    let closed =
        behind.is_empty() || behind.starts_with(['\n', '\r', '.', ',', ';', ')', '"', '\'']);
    let said_to_be = || SAID_TO_BE.iter().any(|mark| ends_in(word, mark));
    let announced = || announced() || (closed && said_to_be());
    (gap > 0 && gap < 6 && announced()) || bracketed || REASONS.iter().any(named) || called()
}

/// Whether a text ends in these words.
fn ends_in(text: &str, words: &str) -> bool {
    text.strip_suffix(words)
        .is_some_and(|before| !before.ends_with(|c: char| c.is_ascii_alphanumeric()))
}

/// Whether a number in a line of an access log is the status of the last request there: a client
/// that proves itself in steps is refused once as a matter of course. `None` where there is no such
/// line.
fn is_logged(form: &NormalisedText<'_>, at: usize) -> Option<bool> {
    let request = |text: &str| ["post /", "get /"].iter().any(|verb| text.contains(verb));
    let behind = between(&form.lower, at + 3, at + 3 + LOG);
    let counted = behind
        .strip_prefix(' ')?
        .starts_with(|c: char| c.is_ascii_digit() || c == '-');
    let logged = counted && request(&form.line_before(at).to_ascii_lowercase());
    logged.then(|| !request(behind))
}

/// Whether this is the number of a refusal, or of a redirection, which is one for a call of EWS.
fn says_no(digits: [u8; 3]) -> bool {
    matches!(
        digits,
        [b'4' | b'5', b'0'..=b'5', b'0'..=b'9'] | [b'3', b'0', b'1' | b'2' | b'7']
    )
}

fn add_status(form: &NormalisedText<'_>, at: usize, status: u16, collector: &mut Collector) {
    if status == 407 {
        collector.add(Fact::Fault(FaultKind::ProxyLogin), None, inner(form, at));
    } else {
        let stage = collector.challenged_by.filter(|_| status == 401);
        let stage = stage
            .or_else(|| form.stage_at(at))
            .filter(|_| !form.is_foreign());
        // a sign-in redirects as a matter of course, and so does autodiscover; who writes it down for
        // debugging only follows it
        let line = form.line_before(at).to_ascii_lowercase();
        let usual = ["autodiscover", "debug"]
            .iter()
            .any(|mark| line.contains(mark));
        if status < 400 && (stage != Some(Stage::Ews) || usual) {
            return;
        }
        collector.add(Fact::Status(status), stage, form.position(at));
    }
}

/// Finds a page where a protocol answer was due.
pub(super) fn page(form: &NormalisedText<'_>, collector: &mut Collector) {
    // the end alone, where the start was cut off
    let starts = ["<!doctype html", "<html", "<title>", "</html>"];
    let Some(at) = starts.iter().filter_map(|mark| form.lower.find(mark)).min() else {
        return;
    };
    let page = between(form.text, at, at + ELEMENT);
    let lower = between(&form.lower, at, at + ELEMENT);
    let title = lower
        .find("<title>")
        .and_then(|at| page.get(at + "<title>".len()..));
    let title = title
        .and_then(|title| title.split('<').next())
        .unwrap_or("an HTML page");
    collector.add(
        Fact::Page(title.trim().to_owned()),
        form.stage_at(at),
        form.position(at),
    );
}
