//! What a code means, whichever service says it: the lookup behind `explain CODE`.

use super::{
    evidence::Fact,
    tables::{aadsts, exchange, graph, oauth},
};
use crate::verdict::{CodeMeaning, cause::Cause};

/// Returns what a code means, in any spelling: `AADSTS7000222`, `7000222`, Microsoft's name of that
/// number, `ErrorAccessDenied`, an `x-ms-diagnostics` id, a Graph code, an OAuth error or suberror, or
/// an id of a cause. `None` where nothing like it is known.
pub fn lookup(text: &str) -> Option<CodeMeaning> {
    let text = bare(text);
    if let Some(cause) = cause(text) {
        return Some(meaning(cause.id(), cause, cause.meaning()));
    }
    match fact(text)? {
        Fact::Aadsts(number) => {
            let cause = aadsts::code(number)
                .or_else(|| aadsts::family(number))?
                .cause;
            Some(meaning(&format!("AADSTS{number}"), cause, &sign_in(number)))
        }
        Fact::Diagnostics { id, .. } => {
            let row = exchange::refusal(id)?;
            Some(meaning(
                &format!("x-ms-diagnostics {id}"),
                row.cause,
                row.summary,
            ))
        }
        Fact::EwsCode(name) => {
            let code = exchange::response_code(&name)?;
            Some(meaning(code.name, code.cause, &code.words()))
        }
        Fact::GraphCode(id) => {
            let code = graph::code(&id)?;
            Some(meaning(code.id, code.cause, code.summary))
        }
        Fact::OAuthError(id) => {
            let word = oauth::error(&id)?;
            Some(meaning(word.id, word.cause, word.summary))
        }
        Fact::Suberror(id) => {
            let word = oauth::suberror(&id)?;
            Some(meaning(word.id, word.cause, word.summary))
        }
        _ => None,
    }
}

/// Returns what typed codes state: one, or several with commas between them. Nothing where
/// one of them is no code.
pub(super) fn stated(text: &str) -> Option<Vec<Fact>> {
    let one = |text: &str| {
        let text = bare(text);
        let named = cause(text).map(Fact::Named);
        named.or_else(|| fact(text))
    };
    let several = || text.split([',', ';']).map(one).collect();
    one(text).map(|fact| vec![fact]).or_else(several)
}

/// Returns whether a code (as shown) only wraps another one.
pub(super) fn is_wrapper(code: &str) -> bool {
    let number = code
        .strip_prefix("AADSTS")
        .and_then(|digits| digits.parse().ok());
    number.is_some_and(aadsts::is_general) || exchange::is_general(code)
}

/// A code without the quotes and stops of the sentence that it was copied from.
fn bare(text: &str) -> &str {
    text.trim()
        .trim_matches(['"', '\'', '`', ',', ';', ':', '.', '(', ')', '[', ']'])
        .trim()
}

fn cause(text: &str) -> Option<Cause> {
    text.to_ascii_lowercase().parse().ok()
}

/// Returns the fact that a code states, in any spelling; `None` where it is no code.
pub(crate) fn fact(text: &str) -> Option<Fact> {
    if let Some(number) = number(text) {
        return Some(by_number(number));
    }
    if let Some(code) = exchange::response_code(text).filter(|_| text.starts_with(['E', 'e'])) {
        return Some(Fact::EwsCode(code.name.to_owned()));
    }
    if let Some(code) = graph::code(text) {
        return Some(Fact::GraphCode(code.id.to_owned()));
    }
    if let Some(word) = oauth::error(text) {
        return Some(Fact::OAuthError(word.id.to_owned()));
    }
    if let Some(word) = oauth::suberror(text) {
        return Some(Fact::Suberror(word.id.to_owned()));
    }
    if let Some(code) = aadsts::code_by_name(text) {
        return Some(Fact::Aadsts(code.number));
    }
    if let Some(code) = exchange::response_code(text) {
        return Some(Fact::EwsCode(code.name.to_owned()));
    }
    // not one of ours, yet of the family: it is shown as it is
    let is_name = text.len() < 80 && text.chars().all(|c| c.is_ascii_alphanumeric());
    let tail = text.strip_prefix("Error").filter(|_| is_name)?;
    tail.starts_with(|c: char| c.is_ascii_uppercase())
        .then(|| Fact::EwsCode(text.to_owned()))
}

fn by_number(number: u32) -> Fact {
    if exchange::refusal(number).is_some() {
        return Fact::Diagnostics {
            id: number,
            words: String::new(),
        };
    }
    match u16::try_from(number) {
        Ok(status @ 100..=599) => Fact::Status(status),
        _ => Fact::Aadsts(number),
    }
}

/// `AADSTS50126`, `aadsts 50126:`, `HTTP 503`, `x-ms-diagnostics: 2000003`, `50126`.
fn number(text: &str) -> Option<u32> {
    let digits = text.trim_start_matches(|c: char| !c.is_ascii_digit());
    let prefix = text.strip_suffix(digits)?.to_ascii_lowercase();
    let prefix = prefix.trim_end_matches([' ', ':', '-', '_', '/', '#', '=']);
    let known = [
        "",
        "aadsts",
        "http",
        "status",
        "x-ms-diagnostics",
        "error",
        "code",
    ];
    if digits.is_empty() || !known.contains(&prefix) {
        return None;
    }
    digits.parse().ok()
}

fn meaning(code: &str, cause: Cause, summary: &str) -> CodeMeaning {
    CodeMeaning {
        code: code.to_owned(),
        cause,
        summary: summary.to_owned(),
    }
}

/// What a sign-in error number says.
pub(super) fn sign_in(number: u32) -> String {
    if let Some(code) = aadsts::code(number) {
        return format!("{}; {}", code.summary, lower_first(code.remedy));
    }
    match aadsts::family(number) {
        Some(code) => format!(
            "not a known number; of the family of AADSTS{} ({})",
            code.number,
            lower_first(code.summary)
        ),
        None => "not a known number".to_owned(),
    }
}

/// What a response code of Exchange says.
pub(super) fn response(name: &str) -> String {
    let unknown = || "not a known response code of EWS".to_owned();
    exchange::response_code(name).map_or_else(unknown, exchange::ResponseCode::words)
}

/// What a code of Graph says.
pub(super) fn graph(id: &str) -> String {
    let known = graph::code(id).map(|code| code.summary.to_owned());
    let handed_on = || graph::from_exchange(id).map(|(_, words)| words);
    known
        .or_else(handed_on)
        .unwrap_or_else(|| "not a known code of Graph".to_owned())
}

/// What an id of `x-ms-diagnostics` says.
pub(super) fn refusal(id: u32, words: &str) -> String {
    match exchange::refusal(id) {
        Some(row) => row.summary.to_owned(),
        None if words.is_empty() => "Exchange refused the token".to_owned(),
        None => format!(
            "Exchange refused the token: {}",
            crate::text::fit(words, 200)
        ),
    }
}

/// Joins a sentence to another one; abbreviations and names keep their capitals.
fn lower_first(sentence: &str) -> String {
    let mut letters = sentence.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => sentence.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_code_is_known_in_every_spelling() {
        let cases = [
            ("AADSTS7000222", "AADSTS7000222", Cause::SecretExpired),
            ("7000222", "AADSTS7000222", Cause::SecretExpired),
            (" aadsts 7000222: ", "AADSTS7000222", Cause::SecretExpired),
            (
                "InvalidClientSecretExpiredKeysProvided",
                "AADSTS7000222",
                Cause::SecretExpired,
            ),
            (
                "ErrorAccessDenied",
                "ErrorAccessDenied",
                Cause::AccessDenied,
            ),
            ("errorserverbusy", "ErrorServerBusy", Cause::EwsThrottled),
            (
                "NonExistentMailbox",
                "ErrorNonExistentMailbox",
                Cause::MailboxNotFound,
            ),
            ("2000003", "x-ms-diagnostics 2000003", Cause::AudienceWrong),
            (
                "Authorization_RequestDenied",
                "Authorization_RequestDenied",
                Cause::GraphPermissionMissing,
            ),
            ("invalid_client", "invalid_client", Cause::SecretInvalid),
            ("bad_token", "bad_token", Cause::RefreshTokenInvalid),
            ("secret-expired", "secret-expired", Cause::SecretExpired),
        ];
        for (text, code, cause) in cases {
            let meaning = lookup(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(
                (meaning.code.as_str(), meaning.cause),
                (code, cause),
                "{text}"
            );
        }
        for text in ["", "AADSTS", "hello", "12", "AADSTS99999999999", "99999999"] {
            assert_eq!(lookup(text), None, "{text}");
        }
    }

    #[test]
    fn every_code_of_every_table_is_found_by_its_name() {
        for code in aadsts::codes() {
            assert_eq!(lookup(&code.number.to_string()).unwrap().cause, code.cause);
        }
        for code in exchange::response_codes() {
            assert_eq!(lookup(code.name).unwrap().code, code.name);
        }
        for code in graph::codes() {
            let found = lookup(code.id).unwrap().code;
            // Graph hands some codes of Exchange on; Exchange's own meaning is told then
            assert!(found.eq_ignore_ascii_case(code.id), "{found} {}", code.id);
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_a_lookup_panic(text in any::<String>()) {
            let _meaning = lookup(&text);
        }
    }
}
