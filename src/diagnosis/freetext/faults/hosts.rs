//! Faults that are worded around the name of a host: `Host mail.example.com not found`.

use super::{Force, Found, is_deeper};
use crate::{
    diagnosis::freetext::{input::between, view::View},
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
pub(super) fn innermost(view: &View<'_>) -> Option<Found> {
    let mut best: Option<Found> = None;
    for (kind, before, behind) in WORDINGS {
        for (at, _) in view.lower.match_indices(before).take(PLACES) {
            let rest = between(&view.lower, at + before.len(), at + before.len() + HOST);
            let host = rest.split(' ').next().unwrap_or_default();
            let said = rest.get(host.len()..).unwrap_or_default();
            let found = Found {
                force: Force::Plain,
                depth: view.depth_at(at),
                at,
                len: before.len(),
                kind: *kind,
            };
            let told = names_host(host) && said.starts_with(behind);
            if told && is_deeper(&found, best.as_ref()) {
                best = Some(found);
            }
        }
    }
    best
}

/// Whether a word can be the name of a host: a dot inside, and nothing that no name has.
fn names_host(word: &str) -> bool {
    let bare = word.trim_matches(['"', '\'', '`', ':']);
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':');
    bare.trim_matches('.').contains('.') && bare.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_name_of_a_host_stands_in_the_gap() {
        let told = |text: &str| innermost(&View::new(text)).is_some();
        assert!(told("Host mail.example.com not found"));
        assert!(told("resolving 'login.example.com' failed"));
        assert!(!told("Host key not found"));
        assert!(!told("host a.b was found, c not found"));
    }
}
