//! Numbers by which systems and libraries name a fault below HTTP, as data, and where such a number
//! counts: a bare `12002` may be anything, `WinError 10061` or `curl: (7)` may not.

use super::{Force, Found, is_deeper};
use crate::{
    diagnosis::freetext::{input::between, view::View},
    observation::{
        Distrust::{Expired, NotYetValid, Other, Revoked, UnknownIssuer, WrongHost},
        FaultKind::{
            self, Closed, Dns, Handshake, ProxyRefused, Refused, Reset, Timeout, Unreachable,
            Untrusted,
        },
        Waiting::{Connect, Unknown},
    },
};

/// At most so many numbers of a text are looked at closely.
const NUMBERS: usize = 2000;

/// What may stand between the name of a system and its number.
const FILLERS: &[char] = &[
    ',', ' ', ':', '=', '(', '[', '#', '"', '\'', '<', '\\', '-', '>',
];

/// A set of numbers, and the words of which one stands before them.
struct Family {
    words: &'static [&'static str],
    /// Whether its numbers have a minus.
    negative: bool,
    faults: &'static [(u32, FaultKind)],
}

const FAMILIES: &[Family] = &[
    Family {
        words: &[
            "winerror",
            "errno",
            "error",
            "code",
            "wsa",
            "errorcode",
            "socketexception",
            "nativeerrorcode",
            "status",
            "fehler",
            "fehlercode",
            "winhttp",
            "winhttpexception",
            "win32exception",
            "wininet",
            "erreur",
        ],
        negative: false,
        faults: WINDOWS,
    },
    Family {
        words: &[
            "curl",
            "curl error",
            "curl errno",
            "curl_errno",
            "curl error code",
            "curle",
            "curl error no",
            "curl returned",
            "curl returned error",
            "curl exit code",
            "libcurl error",
        ],
        negative: false,
        faults: CURL,
    },
    Family {
        words: &[
            "nsurlerrordomain error",
            "nsurlerrordomain code",
            "nsurlerrordomain",
            "code",
            "error",
            "kcfstreamerrorcodekey",
            "kcfstreamerrordomainssl",
            "errorcode",
            "osstatus",
            "cfnetwork",
        ],
        negative: true,
        faults: APPLE,
    },
];

/// Winsock, and `WinHTTP` with `WinINet`.
#[rustfmt::skip]
const WINDOWS: &[(u32, FaultKind)] = &[
    (10013, Unreachable), (10049, Unreachable), (10050, Unreachable), (10051, Unreachable),
    (10052, Reset), (10053, Reset), (10054, Reset), (10060, Timeout(Connect)), (10061, Refused),
    (10064, Unreachable), (10065, Unreachable),
    (11001, Dns), (11002, Dns), (11003, Dns), (11004, Dns),
    (12002, Timeout(Unknown)), (12007, Dns), (12029, Refused), (12030, Closed), (12031, Reset),
    (12037, Untrusted(Expired)), (12038, Untrusted(WrongHost)), (12044, Handshake),
    (12045, Untrusted(UnknownIssuer)), (12057, Untrusted(Revoked)), (12152, Closed),
    (12157, Handshake), (12163, Unreachable), (12169, Untrusted(Other)), (12170, Untrusted(Revoked)),
    (12175, Untrusted(Other)),
];

/// The exit codes of curl and the results of libcurl.
#[rustfmt::skip]
const CURL: &[(u32, FaultKind)] = &[
    (5, Dns), (6, Dns), (7, Refused), (18, Closed), (28, Timeout(Unknown)), (35, Handshake),
    (51, Untrusted(WrongHost)), (52, Closed), (53, Handshake), (54, Handshake), (55, Reset),
    (56, Reset), (58, Handshake), (59, Handshake), (60, Untrusted(UnknownIssuer)),
    (64, Handshake), (66, Handshake), (77, Untrusted(UnknownIssuer)), (80, Handshake),
    (82, Untrusted(Revoked)), (83, Untrusted(UnknownIssuer)), (90, Untrusted(Other)),
    (91, Untrusted(Revoked)), (92, Closed), (97, ProxyRefused),
];

/// `NSURLErrorDomain` and Secure Transport; all of them negative.
#[rustfmt::skip]
const APPLE: &[(u32, FaultKind)] = &[
    (1001, Timeout(Unknown)), (1003, Dns), (1004, Refused), (1005, Closed), (1006, Dns),
    (1009, Unreachable), (1200, Handshake), (1201, Untrusted(Expired)),
    (1202, Untrusted(UnknownIssuer)), (1203, Untrusted(UnknownIssuer)),
    (1204, Untrusted(NotYetValid)), (1205, Handshake), (1206, Handshake),
    (9802, Handshake), (9805, Closed), (9806, Closed), (9807, Untrusted(UnknownIssuer)),
    (9808, Untrusted(Other)), (9812, Untrusted(UnknownIssuer)), (9813, Untrusted(UnknownIssuer)),
    (9814, Untrusted(Expired)), (9815, Untrusted(NotYetValid)), (9824, Handshake),
    (9836, Handshake), (9843, Untrusted(WrongHost)),
];

/// Finds the innermost fault that is named by a number.
pub(super) fn innermost(view: &View<'_>) -> Option<Found> {
    let mut best: Option<Found> = None;
    let bytes = view.lower.as_bytes();
    let starts = bytes.iter().enumerate().filter(|(at, byte)| {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        byte.is_ascii_digit() && !before.is_some_and(|c| c.is_ascii_alphanumeric() || *c == b'.')
    });
    let named = starts.filter_map(|(at, _)| Some((at, named_at(view, at)?)));
    for (at, (kind, len)) in named.take(NUMBERS) {
        let found = Found {
            force: Force::Plain,
            depth: view.depth_at(at),
            at,
            len,
            kind,
        };
        if is_deeper(&found, best.as_ref()) {
            best = Some(found);
        }
    }
    best
}

fn named_at(view: &View<'_>, at: usize) -> Option<(FaultKind, usize)> {
    let rest = between(&view.lower, at, at + 6);
    let len = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let number: u32 = rest.get(..len)?.parse().ok()?;
    if !view.stands_alone(at, at + len) {
        return None;
    }
    let before = between(&view.lower, at.saturating_sub(48), at);
    let negative = before.ends_with('-');
    let word = before.trim_end_matches(FILLERS);
    let gap = before.len() - word.len();
    let fault = |family: &Family| {
        let named = gap > 0 && gap < 5 && family.words.iter().any(|mark| ends_in(word, mark));
        let row = family.faults.iter().find(|(known, _)| *known == number);
        row.filter(|_| named && family.negative == negative)
    };
    FAMILIES
        .iter()
        .find_map(fault)
        .map(|(_, kind)| (*kind, len))
}

/// Whether a text ends in these words.
fn ends_in(text: &str, words: &str) -> bool {
    text.strip_suffix(words)
        .is_some_and(|before| !before.ends_with(|c: char| c.is_ascii_alphabetic()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> Option<FaultKind> {
        innermost(&View::new(text)).map(|found| found.kind)
    }

    #[test]
    fn a_number_counts_behind_the_name_of_its_system_only() {
        for (text, expected) in [
            ("[WinError 10061] x", Refused),
            ("SocketException (11001): x", Dns),
            ("WinHttp error: 12175", Untrusted(Other)),
            ("curl: (7) x", Refused),
            ("cURL error 28: x", Timeout(Unknown)),
            ("Error Domain=NSURLErrorDomain Code=-1003", Dns),
            ("errno=10054", Reset),
        ] {
            assert_eq!(kind(text), Some(expected), "{text}");
        }
        for text in [
            "12002 tests passed",
            "code 7",
            "exit code 28",
            "error -7",
            "line 10061",
            "error 1003",
        ] {
            assert_eq!(kind(text), None, "{text}");
        }
    }
}
