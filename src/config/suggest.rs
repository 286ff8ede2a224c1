//! Suggestions for a word that is not known: the nearest known one.

use super::problem::{Fault, quoted};

/// Returns the known word that a typed one probably stands for.
///
/// Case, and `-` for `_`, make no difference.
pub(super) fn nearest<'w>(typed: &str, words: &[&'w str]) -> Option<&'w str> {
    // a longer text is a value in the wrong place, perhaps a secret: it resembles no word by meaning
    if typed.len() > 40 {
        return None;
    }
    let typed = typed.to_lowercase().replace('-', "_");
    let part = |word: &str| {
        word.len() > 3 && typed.len() > 3 && {
            typed.contains(word) || word.contains(typed.as_str())
        }
    };
    words
        .iter()
        .map(|word| (strsim::levenshtein(&typed, &word.replace('-', "_")), *word))
        .min()
        .filter(|(distance, word)| *distance <= word.len().max(typed.len()) / 3)
        .map(|(_, word)| word)
        .or_else(|| words.iter().copied().find(|word| part(word)))
}

/// Returns the fault of a word that must be one of a list.
pub(super) fn not_one_of(typed: &str, words: &[&str]) -> Fault {
    let list: Vec<_> = words.iter().map(|word| format!("'{word}'")).collect();
    let what = match list.as_slice() {
        [only] => format!("{} must be {only}", quoted(typed)),
        _ => format!("{} is none of {}", quoted(typed), list.join(", ")),
    };
    match nearest(typed, words) {
        Some(near) => Fault::new(what).hint(format!("did you mean '{near}'?")),
        None => Fault::new(what).hint("`credwatch config example` shows where each one belongs"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_a_strange_word_is_not() {
        let words = ["interval", "client_id", "secret", "secret_expires", "warn"];
        for (typed, meant) in [
            ("intervall", Some("interval")),
            ("client-id", Some("client_id")),
            ("clientId", Some("client_id")),
            ("client_secret", Some("secret")),
            ("Warn", Some("warn")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed, &words), meant, "{typed}");
        }
    }
}
