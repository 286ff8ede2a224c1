//! Codes that stand anywhere in a text: sign-in error numbers, OAuth words, EWS names.

use super::{Sink, pairs, view::View};
use crate::{
    diagnosis::{
        codes::{fact, lookup},
        entra,
        evidence::Fact,
        ews, graph,
    },
    observation::Stage,
};

/// How much text behind a code is read as its message.
const MESSAGE: usize = 400;

/// No name of a code is longer.
const NAME: usize = 100;

/// At most so many codes of one kind are read.
const CODES: usize = 200;

/// A text of more words is no mere list of codes.
const LISTED: usize = 4;

/// Reads a text that is nothing but codes, which somebody took out of what was said around them.
pub(super) fn alone(text: &str, sink: &mut Sink) {
    let words: Vec<&str> = super::input::between(text, 0, LISTED * NAME)
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | ';'))
        .map(|word| word.trim_matches(['"', '\'', '\\', '`']))
        .filter(|word| !word.is_empty())
        .take(LISTED + 1)
        .collect();
    let own = |fact: &Fact| match fact {
        Fact::Aadsts(_) | Fact::Diagnostics { .. } => true,
        Fact::OAuthError(id) => !ANYBODYS.contains(&id.as_str()),
        _ => false,
    };
    let read = |word: &&str| lookup(word).and(fact(word)).filter(own);
    let facts: Option<Vec<Fact>> = words.iter().map(read).collect();
    let few = words.len() <= LISTED && text.len() <= LISTED * NAME;
    for fact in facts.filter(|_| few).into_iter().flatten() {
        sink.add(fact, None, 0);
    }
}

/// OAuth errors that read like those of any other protocol.
const ANYBODYS: &[&str] = &["access_denied", "server_error", "temporarily_unavailable"];

/// Finds sign-in error numbers.
pub(super) fn sign_in_numbers(view: &View<'_>, sink: &mut Sink) {
    for (at, mark) in view.lower.match_indices("aadsts").take(CODES) {
        let behind = at + mark.len();
        let Some((number, end)) = number_at(view, behind) else {
            continue;
        };
        sink.add(Fact::Aadsts(number), Some(Stage::Token), view.depth_at(at));
        let message = message_behind(view, end);
        if !message.is_empty() {
            sink.add(
                Fact::Message(message.to_owned()),
                Some(Stage::Token),
                view.depth_at(at),
            );
        }
    }
    for key in ["error_codes", "errorcodes"] {
        for value in pairs::values(view, key) {
            let numbers = value.text.split(|c: char| !c.is_ascii_digit());
            for number in numbers.filter_map(|digits| digits.parse().ok()).take(8) {
                sink.add(
                    Fact::Aadsts(number),
                    Some(Stage::Token),
                    view.depth_at(value.at),
                );
            }
        }
    }
    numbers_by_their_key(view, sink);
}

/// The number at this place; a digit of the next line means that a console broke it, and that only
/// the joined text tells the whole number.
fn number_at(view: &View<'_>, at: usize) -> Option<(u32, usize)> {
    let rest = super::input::between(view.text, at, at + NAME);
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
    let number = skipped.get(..digits)?.parse().ok()?;
    (digits > 3).then_some((number, at + gap + digits))
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
fn message_behind<'v>(view: &'v View<'_>, at: usize) -> &'v str {
    let text = super::input::between(view.text, at, at + MESSAGE);
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
    "status code",
];

fn numbers_by_their_key(view: &View<'_>, sink: &mut Sink) {
    if !view.microsoft {
        return;
    }
    for key in NUMBER_KEYS {
        for value in pairs::values(view, key) {
            let digits: String = value
                .text
                .chars()
                .take_while(char::is_ascii_digit)
                .collect();
            let known = digits
                .parse()
                .ok()
                .filter(|number| entra::code(*number).is_some());
            if let Some(number) = known.filter(|_| digits.len() > 4) {
                // sockets have numbers of five digits too
                if !(10_000..12_000).contains(&number) {
                    sink.add(
                        Fact::Aadsts(number),
                        Some(Stage::Token),
                        view.depth_at(value.at),
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

/// Finds OAuth errors and suberrors.
pub(super) fn oauth_words(view: &View<'_>, sink: &mut Sink) {
    if view.foreign {
        return;
    }
    for word in entra::OAUTH_ERRORS.iter().map(|word| word.id) {
        if !view.microsoft && !OWN_WORDS.contains(&word) {
            continue;
        }
        let mut hits = view.lower.match_indices(word).take(CODES);
        let stated = hits.find(|(at, _)| is_stated(view, *at, at + word.len()));
        if let Some((at, _)) = stated {
            sink.add(
                Fact::OAuthError(word.to_owned()),
                Some(Stage::Token),
                view.depth_at(at),
            );
        }
    }
    for key in ["suberror", "sub_error"] {
        for value in pairs::values(view, key) {
            sink.add(
                Fact::Suberror(value.text.to_owned()),
                Some(Stage::Token),
                view.depth_at(value.at),
            );
        }
    }
    for value in pairs::values(view, "error_description") {
        if view.microsoft && value.text.len() > 8 {
            sink.add(
                Fact::Message(value.text.to_owned()),
                Some(Stage::Token),
                view.depth_at(value.at),
            );
        }
    }
}

/// Whether a word stands there as a value, and not in an address or in a sentence.
fn is_stated(view: &View<'_>, from: usize, to: usize) -> bool {
    let before = view.lower.get(..from).unwrap_or_default();
    let behind = view.lower.get(to..).unwrap_or_default();
    // where a service refuses a token, the same words say what is wrong with the token
    let key = before.trim_end_matches(['"', '\\']);
    let in_challenge = key.ends_with("bearer error=") || key.ends_with("category=");
    let bare = before.trim_end_matches([' ', '\t']);
    let opened =
        bare.is_empty() || bare.ends_with(['"', '\'', '(', '=', ':', '[', '>', '\n', '`', ',']);
    let closed = behind
        .trim_start_matches([')', ']', ' '])
        .starts_with([':', '-', '|']);
    view.stands_alone(from, to)
        && !before.ends_with(['/', '-', '#', '.'])
        && !in_challenge
        && (opened || closed)
}

/// Finds names of EWS response codes.
pub(super) fn exchange_names(view: &View<'_>, sink: &mut Sink) {
    for (at, mark) in view.text.match_indices("Error").take(CODES * 4) {
        let rest = super::input::between(view.text, at, at + NAME);
        let len = rest.len()
            - rest
                .trim_start_matches(|c: char| c.is_ascii_alphabetic())
                .len();
        let name = rest.get(..len).unwrap_or_default();
        let known = len > mark.len() + 3 && view.stands_alone(at, at + len);
        if !known || is_source_line(view.line_before(at)) || is_listed(view, at, at + len) {
            continue;
        }
        let Some(code) = ews::response_code(name).filter(|code| code.name == name) else {
            continue;
        };
        let fact = Fact::EwsCode(code.name.to_owned());
        sink.add(fact, Some(Stage::Ews), view.depth_at(at));
        let message = view
            .rest_of_line(at + len, MESSAGE)
            .trim_matches([':', ' ', '-', ')', '(']);
        if message.len() > 12 {
            sink.add(
                Fact::Message(message.to_owned()),
                Some(Stage::Ews),
                view.depth_at(at),
            );
        }
    }
}

/// Finds exceptions inside Exchange that are named like its response codes.
///
/// `Microsoft.Exchange.…NoFreeBusyAccessException` is what `ErrorNoFreeBusyAccess` reports.
pub(super) fn exchange_exceptions(view: &View<'_>, sink: &mut Sink) {
    for (end, _) in view.text.match_indices("Exception").take(CODES) {
        let before = super::input::between(view.text, end.saturating_sub(160), end);
        let path = before
            .rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '.')
            .next()
            .unwrap_or_default();
        let Some((space, name)) = path.rsplit_once('.') else {
            continue;
        };
        let name = format!("Error{name}");
        let code = ews::response_code(&name).filter(|code| code.name == name);
        if let Some(code) = code.filter(|_| space.starts_with("Microsoft.Exchange")) {
            let fact = Fact::EwsCode(code.name.to_owned());
            sink.add(fact, Some(Stage::Ews), view.depth_at(end));
        }
    }
}

/// Finds codes of Graph that nobody else would write, outside an error object too.
pub(super) fn graph_names(view: &View<'_>, sink: &mut Sink) {
    named_in_brackets(view, sink);
    let long = |id: &&str| id.contains('_') || id.len() > 16;
    // the names of Exchange are found as such
    let own = |id: &&str| long(id) && !SHARED.contains(id) && !id.starts_with("Error");
    for id in graph::CODES.iter().map(|code| code.id).filter(own) {
        let hits = view.text.match_indices(id).take(CODES);
        let stated = hits.map(|(at, _)| at).find(|at| {
            view.stands_alone(*at, at + id.len()) && !is_source_line(view.line_before(*at))
        });
        if let Some(at) = stated {
            let depth = view.depth_at(at);
            sink.add(Fact::GraphCode(id.to_owned()), Some(Stage::Graph), depth);
            let behind = super::input::between(view.text, at + id.len(), at + id.len() + MESSAGE);
            sink.add(Fact::Message(behind.to_owned()), Some(Stage::Graph), depth);
        }
    }
}

/// Finds the codes that Graph's cmdlets write before their message: `[ResourceNotFound] : …`.
fn named_in_brackets(view: &View<'_>, sink: &mut Sink) {
    if !view.speaks(Stage::Graph) {
        return;
    }
    for (at, _) in view.text.match_indices("] :").take(CODES) {
        let before = super::input::between(view.text, at.saturating_sub(NAME), at);
        let name = before.rsplit('[').next().unwrap_or_default();
        if let Some(code) = graph::code(name).filter(|code| code.id == name) {
            let depth = view.depth_at(at);
            let fact = Fact::GraphCode(code.id.to_owned());
            sink.add(fact, Some(Stage::Graph), depth);
            let behind = view.rest_of_line(at + 3, MESSAGE).to_owned();
            sink.add(Fact::Message(behind), Some(Stage::Graph), depth);
        }
    }
}

/// Long codes of Graph that others use too.
const SHARED: &[&str] = &[
    "AuthenticationError",
    "InternalServerError",
    "ServiceUnavailable",
];

/// Whether a name stands in a list of such names, as an import has it: then none of them happened.
fn is_listed(view: &View<'_>, from: usize, to: usize) -> bool {
    let before = view.text.get(..from).unwrap_or_default();
    let behind = view.text.get(to..).unwrap_or_default();
    let named_before = before.strip_suffix(", ").is_some_and(|before| {
        let word = before.trim_end_matches(|c: char| c.is_ascii_alphanumeric());
        before
            .get(word.len()..)
            .unwrap_or_default()
            .contains("Error")
    });
    named_before || behind.starts_with(", Error")
}

/// Tracebacks show lines of source, which name errors that did not happen.
fn is_source_line(line: &str) -> bool {
    let mut words = line
        .split([' ', '(', '\t'])
        .rev()
        .filter(|word| !word.is_empty());
    // what stands before the module of the name, and before the names that are listed with it
    let keyword = words.find(|word| !word.ends_with([',', '.']));
    [
        "except",
        "import",
        "catch",
        "case",
        "isinstance",
        "instanceof",
        "//",
        "#",
    ]
    .iter()
    .any(|word| keyword.is_some_and(|keyword| keyword.ends_with(word)))
}

#[cfg(test)]
mod tests;
