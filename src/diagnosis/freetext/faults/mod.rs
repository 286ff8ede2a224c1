//! Faults below HTTP, as every runtime and system words them.

mod phrases;

use phrases::PHRASES;

use super::{Sink, view::View};
use crate::{diagnosis::evidence::Fact, observation::FaultKind};

/// How much a phrase says: a preamble such as "unable to connect" gives way to what stands inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Force {
    Preamble,
    Plain,
}

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
];

/// A phrase is looked for so often.
const HITS: usize = 40;

/// Finds the fault that lies innermost.
pub(super) fn find(view: &View<'_>, sink: &mut Sink) {
    if let Some(fault) = innermost(view) {
        sink.add(Fact::Fault(fault.kind), None, fault.depth);
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    force: Force,
    depth: u8,
    at: usize,
    len: usize,
    row: usize,
}

struct Fault {
    kind: FaultKind,
    depth: u8,
}

fn innermost(view: &View<'_>) -> Option<Fault> {
    let network = view.microsoft || NETWORK.iter().any(|word| view.lower.contains(word));
    let mut best: Option<Found> = None;
    for (row, (force, _, phrase)) in PHRASES.iter().enumerate() {
        for (at, _) in view.lower.match_indices(phrase).take(HITS) {
            if !is_whole(view, at, at + phrase.len()) || (*force == Force::Preamble && !network) {
                continue;
            }
            let found = Found {
                force: *force,
                depth: view.depth_at(at),
                at,
                len: phrase.len(),
                row,
            };
            if best.as_ref().is_none_or(|best| found > *best) {
                best = Some(found);
            }
        }
    }
    let best = best?;
    let (_, kind, _) = PHRASES.get(best.row)?;
    Some(Fault {
        kind: *kind,
        depth: best.depth,
    })
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
