//! Faults below HTTP, as every runtime and system words them.

mod hosts;
mod numbers;
mod phrases;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use super::{Sink, index::Index, input::between, view::View};
use crate::{diagnosis::evidence::Fact, observation::FaultKind};

/// How much a phrase says: a preamble such as "unable to connect" gives way to what stands inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Force {
    Preamble,
    Shared,
    Plain,
}

/// Force, fault, and the phrase in lower case.
type Phrase = (Force, FaultKind, &'static str);

/// A preamble counts in a text that is about a connection: sessions and people time out too.
const NETWORK: &[&str] = &[
    "connect",
    "socket",
    "http",
    "request",
    "tcp",
    "ssl",
    "tls",
    "server",
    "proxy",
    "verbindung",
    "connexion",
    "conexi",
    "接続",
    "servidor",
    "сервер",
    "serwer",
    "서버",
    "服务器",
    "サーバー",
];

/// Words of TLS that other protocols have too count in a text that has one of these: a scheme or a
/// version can be unsupported anywhere.
const TLS: &[&str] = &["ssl", "tls", "handshake", "alert", "cipher", "certificate"];

/// What says that a TLS handshake ended well: then what led to it is no fault.
const SHAKEN: &[&str] = &[
    "ssl connection using",
    "certificate verify ok",
    "verify return code: 0",
    "handshake complete",
];

static TABLE: LazyLock<Vec<Phrase>> = LazyLock::new(|| phrases::all().collect());

static INDEX: LazyLock<Index> = LazyLock::new(|| Index::new(phrases::all().map(|(.., text)| text)));

/// Finds the fault that lies innermost.
pub(super) fn find(view: &View<'_>, sink: &mut Sink) {
    let found = [
        innermost(view),
        hosts::innermost(view),
        numbers::innermost(view),
    ];
    let deepest = found.into_iter().flatten().reduce(|best, other| {
        if is_deeper(&other, Some(&best)) {
            other
        } else {
            best
        }
    });
    if let Some(fault) = deepest {
        sink.add(Fact::Fault(fault.kind), None, fault.depth);
    }
}

/// A fault that a text names.
#[derive(Debug)]
struct Found {
    force: Force,
    depth: u8,
    at: usize,
    len: usize,
    kind: FaultKind,
}

/// Whether a fault lies deeper than the deepest one so far; of equals the later and longer one does.
fn is_deeper(found: &Found, best: Option<&Found>) -> bool {
    let order = |found: &Found| (found.force, found.depth, found.at, found.len);
    best.is_none_or(|best| order(found) >= order(best))
}

fn innermost(view: &View<'_>) -> Option<Found> {
    let has = |words: &[&str]| words.iter().any(|word| view.lower.contains(word));
    let network = view.microsoft || has(NETWORK);
    let (tls, shaken) = (has(TLS), has(SHAKEN));
    let mut best: Option<Found> = None;
    for (at, row) in INDEX.hits(&view.lower) {
        let Some((force, kind, phrase)) = TABLE.get(row) else {
            continue;
        };
        let related = match force {
            Force::Preamble => network && !(shaken && *kind == FaultKind::Handshake),
            Force::Shared => tls,
            Force::Plain => true,
        };
        let end = at + phrase.len();
        if !related || !is_whole(view, at, end) || is_setting(view, phrase, end) {
            continue;
        }
        let found = Found {
            force: *force,
            depth: view.depth_at(at),
            at,
            len: phrase.len(),
            kind: *kind,
        };
        if is_deeper(&found, best.as_ref()) {
            best = Some(found);
        }
    }
    best
}

/// Whether a word is the name of a setting there, with its value behind it: `connectTimeout: 5000`.
fn is_setting(view: &View<'_>, word: &str, end: usize) -> bool {
    let behind = between(&view.lower, end, end + 24).trim_start_matches(['"', '\'', ' ']);
    let value = behind.strip_prefix([':', '=']).unwrap_or_default();
    let value = value.trim_start_matches(['"', '\'', ' ']);
    let set = value.starts_with(|c: char| c.is_ascii_digit())
        || ["null", "none", "nil"]
            .iter()
            .any(|none| value.starts_with(none));
    set && word.ends_with("timeout") && !word.contains(' ')
}

/// Whether a phrase begins and ends at words, so that `EconnrefusedHandler` is none.
fn is_whole(view: &View<'_>, from: usize, to: usize) -> bool {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let phrase = view.lower.get(from..to).unwrap_or_default();
    let before = view
        .lower
        .get(..from)
        .and_then(|text| text.chars().next_back());
    let behind = view.lower.get(to..).and_then(|text| text.chars().next());
    let starts_word = phrase.starts_with(|c: char| c.is_ascii_alphanumeric());
    let ends_word = phrase.ends_with(|c: char| c.is_ascii_alphanumeric());
    !(starts_word && edge(before) || ends_word && edge(behind))
}
