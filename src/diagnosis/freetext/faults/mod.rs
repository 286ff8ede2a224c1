//! Faults below HTTP, as every runtime and system words them.

mod deepest;
mod hosts;
mod numbers;
#[cfg(test)]
mod tests;

use super::{
    collector::Collector, input::between, normalised_text::NormalisedText, phrases::Phrase,
};
use crate::{
    diagnosis::{
        evidence::Fact,
        tables::faults::{FaultPhrase, Force},
    },
    observation::FaultKind,
};
use deepest::FaultFound;

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

/// Finds the fault that lies innermost.
pub(super) fn find(form: &NormalisedText<'_>, collector: &mut Collector) {
    let found = [
        innermost(form),
        hosts::innermost(form),
        numbers::innermost(form),
    ];
    if let Some(fault) = deepest::of(found.into_iter().flatten()) {
        collector.add(Fact::Fault(fault.kind), None, form.position(fault.at));
    }
}

fn innermost(form: &NormalisedText<'_>) -> Option<FaultFound> {
    let has = |words: &[&str]| words.iter().any(|word| form.lower.contains(word));
    let network = form.is_microsoft() || has(NETWORK);
    let (tls, shaken) = (has(TLS), has(SHAKEN));
    let counts = |row: &FaultPhrase| match row.force {
        Force::Preamble => network && !(shaken && row.kind == FaultKind::Handshake),
        Force::Shared => tls,
        Force::Plain => true,
    };
    deepest::of(form.hits.iter().filter_map(|hit| {
        let Phrase::Fault(row) = hit.phrase else {
            return None;
        };
        let stands = counts(row)
            && is_whole(form, hit.at, hit.end)
            && !is_setting(form, row.phrase, hit.end);
        stands.then(|| FaultFound {
            force: row.force,
            depth: form.depth_at(hit.at),
            at: hit.at,
            len: row.phrase.len(),
            kind: row.kind,
        })
    }))
}

/// Whether a word is the name of a setting there, with its value behind it: `connectTimeout: 5000`.
fn is_setting(form: &NormalisedText<'_>, word: &str, end: usize) -> bool {
    let behind = between(&form.lower, end, end + 24).trim_start_matches(['"', '\'', ' ']);
    let value = behind.strip_prefix([':', '=']).unwrap_or_default();
    let value = value.trim_start_matches(['"', '\'', ' ']);
    let set = value.starts_with(|c: char| c.is_ascii_digit())
        || ["null", "none", "nil"]
            .iter()
            .any(|none| value.starts_with(none));
    // documentation sets names of settings in code
    let in_code = form
        .lower
        .get(end..)
        .is_some_and(|text| text.starts_with('`'));
    (set || in_code) && word.ends_with("timeout") && !word.contains(' ')
}

/// Whether a phrase begins and ends at words, so that `EconnrefusedHandler` is none.
fn is_whole(form: &NormalisedText<'_>, from: usize, to: usize) -> bool {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let phrase = form.lower.get(from..to).unwrap_or_default();
    let before = form
        .lower
        .get(..from)
        .and_then(|text| text.chars().next_back());
    let behind = form.lower.get(to..).and_then(|text| text.chars().next());
    let starts_word = phrase.starts_with(|c: char| c.is_ascii_alphanumeric());
    let ends_word = phrase.ends_with(|c: char| c.is_ascii_alphanumeric());
    !(starts_word && edge(before) || ends_word && edge(behind))
}
