//! Faults that are worded around the name of a host: `Host mail.example.com not found`.

use super::deepest::{self, FaultFound};
use crate::{
    diagnosis::{
        freetext::{input::between, normalised_text::NormalisedText},
        tables::faults::Force,
    },
    observation::FaultKind::{self, Dns},
};

/// At most so many places of one wording are looked at.
const PLACES: usize = 50;

/// No name of a host is longer, with the quotes around it.
const HOST: usize = 260;

/// What stands before the name, and what behind it, in lower case.
const WORDINGS: &[(FaultKind, &str, &str)] = &[
    (Dns, "host ", " not found"),
    (Dns, "host ", " is unknown"),
    (Dns, "host ", " could not be"),
    (Dns, "host ", " cannot be resolved"),
    (Dns, "resolve ", " failed"),
    (Dns, "resolving ", " failed"),
];

/// Finds the innermost fault that is worded around a host.
pub(super) fn innermost(form: &NormalisedText<'_>) -> Option<FaultFound> {
    deepest::of(WORDINGS.iter().flat_map(|(kind, before, behind)| {
        let told = form.lower.match_indices(before).filter(move |(at, _)| {
            let rest = between(&form.lower, at + before.len(), at + before.len() + HOST);
            let host = rest.split(' ').next().unwrap_or_default();
            let said = rest.get(host.len()..).unwrap_or_default();
            begins_a_word(form, *at) && names_host(host) && said.starts_with(behind)
        });
        told.take(PLACES).map(|(at, _)| FaultFound {
            force: Force::Plain,
            depth: form.depth_at(at),
            at,
            len: before.len(),
            kind: *kind,
        })
    }))
}

fn begins_a_word(form: &NormalisedText<'_>, at: usize) -> bool {
    let before = form
        .lower
        .get(..at)
        .and_then(|text| text.chars().next_back());
    !before.is_some_and(char::is_alphanumeric)
}

/// Endings of files that programs resolve too, and of no host.
const FILES: &[&str] = &[
    "json", "ts", "js", "tsx", "jsx", "xml", "toml", "yaml", "yml", "dll", "jar",
];

/// Whether a word can be the name of a host: a dot inside, nothing that no name has, and an end that is
/// neither a number nor that of a file.
fn names_host(word: &str) -> bool {
    let bare = word.trim_matches(['"', '\'', '`', ':']);
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':');
    let dotted = bare.trim_matches('.').rsplit_once('.');
    let ends =
        dotted.is_some_and(|(_, end)| end.contains(char::is_alphabetic) && !FILES.contains(&end));
    ends && bare.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_name_of_a_host_stands_in_the_gap() {
        let told = |text: &str| innermost(&NormalisedText::new(text)).is_some();
        assert!(told("Host mail.example.com not found"));
        assert!(told("resolving 'login.example.com' failed"));
        assert!(!told("Host key not found"));
        assert!(!told("resolving package.json failed"));
        assert!(!told("ghost a.b not found"));
        assert!(!told("host 1.5 not found"));
        let log = "host web01 is up\n".repeat(PLACES + 1);
        assert!(told(&format!("{log}Host mail.example.com not found")));
        assert!(!told("host a.b was found, c not found"));
    }
}
