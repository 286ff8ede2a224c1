//! Codes that stand anywhere in a text: sign-in error numbers, OAuth words, names of EWS and Graph.

mod limits;
mod names;

use super::{
    collector::{Collector, Position},
    context, key_values,
    normalised_text::NormalisedText,
};
use crate::{
    diagnosis::{
        codes::{fact, lookup},
        evidence::Fact,
        tables::{aadsts, exchange, graph, oauth},
    },
    observation::Stage,
};
use limits::{CODES, MESSAGE, NAME};
use names::is_source_line;
pub(super) use names::{exchange_exceptions, exchange_names};

/// A text of more words is no mere list of codes.
const LISTED: usize = 4;

/// Reads a text that holds nothing but codes.
pub(super) fn alone(text: &str, collector: &mut Collector) {
    let words: Vec<&str> = super::input::between(text, 0, LISTED * NAME)
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | ';'))
        .map(|word| word.trim_matches(['"', '\'', '\\', '`']))
        .filter(|word| !word.is_empty())
        .take(LISTED + 1)
        .collect();
    let own = |fact: &Fact| match fact {
        Fact::Aadsts(_) | Fact::Diagnostics { .. } => true,
        Fact::OAuthError(id) => !SHARED_WORDS.contains(&id.as_str()),
        _ => false,
    };
    let read = |word: &&str| lookup(word).and(fact(word)).filter(own);
    let facts: Option<Vec<Fact>> = words.iter().map(read).collect();
    let few = words.len() <= LISTED && text.len() <= LISTED * NAME;
    for fact in facts.filter(|_| few).into_iter().flatten() {
        collector.add(fact, None, Position::default());
    }
}

/// OAuth errors that read like those of any other protocol.
const SHARED_WORDS: &[&str] = &["access_denied", "server_error", "temporarily_unavailable"];

/// Finds sign-in error numbers.
pub(super) fn sign_in_numbers(form: &NormalisedText<'_>, collector: &mut Collector) {
    if collector.reference {
        return;
    }
    for at in marks(&form.lower).take(CODES) {
        let behind = at + MARK.len();
        let Some((number, end)) = number_at(form, behind) else {
            continue;
        };
        if context::is_hypothetical(form, at) || context::is_quoted_mail(form, at) {
            continue;
        }
        let fact = Fact::Aadsts(number);
        let message = message_behind(form, end);
        collector.add_said(fact, Some(Stage::Token), form.position(at), message);
    }
    for key in ["error_codes", "errorcodes"] {
        for value in key_values::values(form, key) {
            let numbers = value.text.split(|c: char| !c.is_ascii_digit());
            for number in numbers.filter_map(|digits| digits.parse().ok()).take(8) {
                collector.add(
                    Fact::Aadsts(number),
                    Some(Stage::Token),
                    form.position(value.at),
                );
            }
        }
    }
    numbers_by_their_key(form, collector);
    numbers_of_log(form, collector);
}

/// What stands before every number.
const MARK: &str = "aadsts";

/// Returns where the mark of a number stands, also as a reader of pictures may see it (`AAD5TS`).
fn marks(lower: &str) -> impl Iterator<Item = usize> {
    let seen = |c: u8| match c {
        b'4' => b'a',
        b'5' => b's',
        b'0' | b'o' => b'd',
        b'7' => b't',
        c => c,
    };
    let windows = lower.as_bytes().array_windows::<6>().enumerate();
    windows
        .filter(move |(_, letters)| {
            letters.starts_with(b"a") && letters.map(seen).as_slice() == MARK.as_bytes()
        })
        .map(|(at, _)| at)
}

/// The number at this place; a digit of the next line means that a console broke it, and that only
/// the joined text tells the whole number.
fn number_at(form: &NormalisedText<'_>, at: usize) -> Option<(u32, usize)> {
    let rest = super::input::between(form.text, at, at + NAME);
    let skipped = rest.trim_start_matches([' ', '-', '_', ':', '#', '*']);
    let gap = rest.len() - skipped.len();
    let digits = skipped.len()
        - skipped
            .trim_start_matches(|c: char| c.is_ascii_digit())
            .len();
    let behind = skipped.get(digits..).unwrap_or_default();
    if gap > 2 || goes_on_below(behind) {
        return None;
    }
    if let Some((number, length)) = misread(skipped, digits) {
        return Some((number, at + gap + length));
    }
    let number = skipped.get(..digits)?.parse().ok()?;
    (digits > 3).then_some((number, at + gap + digits))
}

/// The known number that a reader of pictures saw with letters in it: `70OO222`, `5O126`, `5007b`.
fn misread(text: &str, digits: usize) -> Option<(u32, usize)> {
    let run = text.split(|c: char| !c.is_ascii_alphanumeric()).next()?;
    if run.len() == digits || !(4..=8).contains(&run.len()) || digits < 1 {
        return None;
    }
    let seen = |c: char| match c {
        'O' | 'o' | 'Q' | 'D' => '0',
        'l' | 'I' | 'i' => '1',
        'Z' | 'z' => '2',
        'S' | 's' => '5',
        'b' => '6',
        'B' => '8',
        c => c,
    };
    let number = run.chars().map(seen).collect::<String>().parse().ok()?;
    aadsts::code(number).map(|_| (number, run.len()))
}

/// Whether the next line, if only this one has ended here, begins with a digit.
fn goes_on_below(behind: &str) -> bool {
    let bare = behind.trim_start_matches(['\\', '\r']);
    let below = bare
        .strip_prefix(['\n', 'n'])
        .filter(|_| bare.starts_with('\n') || bare != behind);
    below.is_some_and(|next| next.trim_start().starts_with(|c: char| c.is_ascii_digit()))
}

/// What an answer says behind its code, up to the next code or the ids at its end.
fn message_behind<'v>(form: &'v NormalisedText<'_>, at: usize) -> &'v str {
    let text = super::input::between(form.text, at, at + MESSAGE);
    let ends = [
        "AADSTS",
        "Trace ID",
        "\"error_codes",
        "\n\n",
        "Correlation ID",
    ];
    let end = ends.iter().filter_map(|end| text.find(end)).min();
    text.get(..end.unwrap_or(text.len()))
        .unwrap_or_default()
        .trim_matches([':', ' ', '\n', '\r', '.'])
}

/// Keys that announce a number where its prefix was dropped.
const NUMBER_KEYS: &[&str] = &[
    "error?code",
    "errorcode",
    "error code",
    "errorno",
    "errormessage",
    "code",
    "error",
    "fehlercode",
    "fehlercode der anmeldung",
    "anmeldefehlercode",
    "code d'erreur de connexion",
    "código de error de inicio de sesión",
    "status code",
    "sign-in error code",
    "signinerrorcode",
    "resulttype",
    "result type",
    "code d'erreur",
    "código de error",
    "エラー コード",
];

/// What only a table of the sign-in log has.
const LOG_HEADS: &[&str] = &[
    "sign-in error code",
    "failure reason",
    "failurereason",
    "resulttype",
];

/// Reads the numbers of a table of the sign-in log, whose heads stand above them: a known number that
/// fills a cell.
fn numbers_of_log(form: &NormalisedText<'_>, collector: &mut Collector) {
    if !LOG_HEADS.iter().any(|head| form.lower.contains(head)) {
        return;
    }
    let mut at = 0;
    for cell in form.text.split(['\t', ',', ';', '|', '\n']) {
        let bare = cell.trim().trim_matches('"');
        let number = bare.parse().ok().filter(|_| bare.len() > 4);
        if let Some(number) = number.filter(|number| aadsts::code(*number).is_some()) {
            collector.add(Fact::Aadsts(number), Some(Stage::Token), form.position(at));
        }
        at += cell.len() + 1;
    }
}

fn numbers_by_their_key(form: &NormalisedText<'_>, collector: &mut Collector) {
    if !form.is_microsoft() {
        return;
    }
    for key in NUMBER_KEYS {
        let cells = key_values::cells(form, key);
        for value in key_values::values(form, key).into_iter().chain(cells) {
            let digits: String = value
                .text
                .chars()
                .take_while(char::is_ascii_digit)
                .collect();
            let known = digits
                .parse()
                .ok()
                .filter(|number| aadsts::code(*number).is_some());
            if let Some(number) = known.filter(|_| digits.len() > 4) {
                // sockets have numbers of five digits too
                if !(10_000..12_000).contains(&number) {
                    collector.add(
                        Fact::Aadsts(number),
                        Some(Stage::Token),
                        form.position(value.at),
                    );
                }
            }
        }
    }
}

/// OAuth errors that no other protocol uses.
const OWN_WORDS: &[&str] = &[
    "authorization_pending",
    "authorization_declined",
    "bad_verification_code",
    "interaction_required",
    "consent_required",
    "user_password_expired",
];

/// How RFC 6749 (sections 4.1.2.1 and 5.2) puts each of its errors: some clients show that instead of
/// the word. In lower case.
#[rustfmt::skip]
const DEFINITIONS: &[(&str, &str)] = &[
    ("invalid_request", "request is missing a required parameter, includes an"),
    ("invalid_client", "client authentication failed (e.g., unknown client"),
    ("invalid_grant", "provided authorization grant (e.g., authorization code"),
    ("unauthorized_client", "client is not authorized to request an authorization code"),
    ("unauthorized_client", "client is not authorized to use this authorization grant type"),
    ("unsupported_grant_type", "grant type is not supported by the authorization server"),
    ("invalid_scope", "requested scope is invalid, unknown, malformed"),
    ("access_denied", "resource owner or authorization server denied the request"),
    ("server_error", "authorization server encountered an unexpected condition"),
    ("temporarily_unavailable", "authorization server is currently unable to handle the request"),
];

/// Finds OAuth errors that are shown by their definition.
fn oauth_definitions(form: &NormalisedText<'_>, collector: &mut Collector) {
    for (word, definition) in DEFINITIONS {
        if let Some(at) = form.lower.find(definition).filter(|_| form.is_microsoft()) {
            let fact = Fact::OAuthError((*word).to_owned());
            collector.add(fact, Some(Stage::Token), form.position(at));
        }
    }
}

/// Finds OAuth errors and suberrors.
pub(super) fn oauth_words(form: &NormalisedText<'_>, collector: &mut Collector) {
    if form.is_foreign() {
        return;
    }
    for word in oauth::errors().iter().map(|word| word.id) {
        if !form.is_microsoft() && !OWN_WORDS.contains(&word) {
            continue;
        }
        let mut hits = form.lower.match_indices(word).take(CODES);
        let stated = hits.find(|(at, _)| is_stated(form, *at, at + word.len()));
        if let Some((at, _)) = stated {
            collector.add(
                Fact::OAuthError(word.to_owned()),
                Some(Stage::Token),
                form.position(at),
            );
        }
    }
    oauth_definitions(form, collector);
    for key in ["suberror", "sub_error"] {
        let values = key_values::values(form, key);
        for value in values
            .iter()
            .filter(|value| oauth::suberror(value.text).is_some())
        {
            collector.add(
                Fact::Suberror(value.text.to_owned()),
                Some(Stage::Token),
                form.position(value.at),
            );
        }
    }
    for value in key_values::values(form, "error_description") {
        // what a code says is read beside the code
        if form.is_microsoft() && value.text.len() > 8 && !value.text.contains("AADSTS") {
            collector.add(
                Fact::Message(value.text.to_owned()),
                Some(Stage::Token),
                form.position(value.at),
            );
        }
    }
}

/// Whether a word stands there as a value, and not in an address or in a sentence.
fn is_stated(form: &NormalisedText<'_>, from: usize, to: usize) -> bool {
    let before = form.lower.get(..from).unwrap_or_default();
    let behind = form.lower.get(to..).unwrap_or_default();
    // where a service refuses a token, the same words say what is wrong with the token
    let key = before.trim_end_matches(['"', '\\']);
    let in_challenge = key.ends_with("bearer error=") || key.ends_with("category=");
    let bare = before.trim_end_matches([' ', '\t']);
    let opened =
        bare.is_empty() || bare.ends_with(['"', '\'', '(', '=', ':', '[', '>', '\n', '`', ',']);
    let closed = behind
        .trim_start_matches([')', ']', ' '])
        .starts_with([':', '-', '|']);
    let word = form.lower.get(from..to).unwrap_or_default();
    let ends_line = behind.is_empty() || behind.starts_with(['\n', '\r']);
    let closed =
        closed || (ends_line && (word.starts_with("invalid_") || word.ends_with("_client")));
    form.stands_alone(from, to)
        && !before.ends_with(['/', '-', '#', '.'])
        && !in_challenge
        && (opened || closed)
}

/// Finds codes that only Graph has, outside an error object too.
pub(super) fn graph_names(form: &NormalisedText<'_>, collector: &mut Collector) {
    named_in_brackets(form, collector);
    let long = |id: &&str| id.contains('_') || id.len() > 16;
    // the names of Exchange are found as such
    let of_exchange = |id: &str| exchange::response_code(id).is_some();
    let own = |id: &&str| {
        if id.starts_with("Error") {
            !of_exchange(id)
        } else {
            long(id) && !SHARED.contains(id)
        }
    };
    for id in graph::codes().iter().map(|code| code.id).filter(own) {
        let hits = form.text.match_indices(id).take(CODES);
        let stated = hits.map(|(at, _)| at).find(|at| {
            form.stands_alone(*at, at + id.len()) && !is_source_line(form.line_before(*at))
        });
        if let Some(at) = stated {
            let depth = form.position(at);
            let behind = super::input::between(form.text, at + id.len(), at + id.len() + MESSAGE);
            let fact = Fact::GraphCode(id.to_owned());
            collector.add_said(fact, Some(Stage::Graph), depth, behind);
        }
    }
}

/// Finds the codes that Graph's cmdlets write before their message: `[ResourceNotFound] : …`.
fn named_in_brackets(form: &NormalisedText<'_>, collector: &mut Collector) {
    if !form.speaks(Stage::Graph) {
        return;
    }
    for (at, _) in form.text.match_indices("] :").take(CODES) {
        let before = super::input::between(form.text, at.saturating_sub(NAME), at);
        let name = before.rsplit('[').next().unwrap_or_default();
        if let Some(code) = graph::code(name).filter(|code| code.id == name) {
            let depth = form.position(at);
            let fact = Fact::GraphCode(code.id.to_owned());
            let behind = form.rest_of_line(at + 3, MESSAGE);
            collector.add_said(fact, Some(Stage::Graph), depth, behind);
        }
    }
}

/// Long codes of Graph that others use too.
const SHARED: &[&str] = &[
    "AuthenticationError",
    "InternalServerError",
    "ServiceUnavailable",
];

#[cfg(test)]
mod tests;
