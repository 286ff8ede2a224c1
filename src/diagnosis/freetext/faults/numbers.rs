//! Numbers by which systems and libraries name a fault below HTTP, as data, and where such a number
//! counts: a bare `12002` may be anything, `WinError 10061` or `curl: (7)` may not.

use super::deepest::{self, FaultFound};
use crate::{
    diagnosis::{
        freetext::{input::between, normalised_text::NormalisedText},
        tables::faults::{self, Force},
    },
    observation::FaultKind,
};

/// At most so many numbers of a text are looked at closely.
const NUMBERS: usize = 2000;

/// What may stand between the name of a system and its number.
const FILLERS: &[char] = &[
    ',', ' ', ':', '=', '(', '[', '#', '"', '\'', '<', '\\', '-', '>',
];

/// A set of numbers, and the words of which one stands before them.
struct Family {
    /// As in the table of numbers.
    name: &'static str,
    words: &'static [&'static str],
    /// Whether its numbers have a minus.
    negative: bool,
}

const FAMILIES: &[Family] = &[
    Family {
        name: "windows",
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
    },
    Family {
        name: "curl",
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
    },
    Family {
        name: "apple",
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
    },
];

/// Finds the innermost fault that is named by a number.
pub(super) fn innermost(form: &NormalisedText<'_>) -> Option<FaultFound> {
    let bytes = form.lower.as_bytes();
    let starts = bytes.iter().enumerate().filter(|(at, byte)| {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        byte.is_ascii_digit() && !before.is_some_and(|c| c.is_ascii_alphanumeric() || *c == b'.')
    });
    let named = starts.filter_map(|(at, _)| Some((at, named_at(form, at)?)));
    deepest::of(named.take(NUMBERS).map(|(at, (kind, len))| FaultFound {
        force: Force::Plain,
        depth: form.depth_at(at),
        at,
        len,
        kind,
    }))
}

fn named_at(form: &NormalisedText<'_>, at: usize) -> Option<(FaultKind, usize)> {
    let rest = between(&form.lower, at, at + 6);
    let len = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let number: u32 = rest.get(..len)?.parse().ok()?;
    if !form.stands_alone(at, at + len) {
        return None;
    }
    let before = between(&form.lower, at.saturating_sub(48), at);
    let negative = before.ends_with('-');
    let word = before.trim_end_matches(FILLERS);
    let gap = before.len() - word.len();
    let fault = |family: &Family| {
        let named = gap > 0 && gap < 5 && family.words.iter().any(|mark| ends_in(word, mark));
        let here = named && family.negative == negative;
        faults::numbered(family.name, number).filter(|_| here)
    };
    FAMILIES.iter().find_map(fault).map(|kind| (kind, len))
}

/// Whether a text ends in these words.
fn ends_in(text: &str, words: &str) -> bool {
    text.strip_suffix(words)
        .is_some_and(|before| !before.ends_with(|c: char| c.is_ascii_alphabetic()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::{
        Distrust::Other,
        FaultKind::{Dns, Refused, Reset, Timeout, Untrusted},
        Waiting::Unknown,
    };

    fn kind(text: &str) -> Option<FaultKind> {
        innermost(&NormalisedText::new(text)).map(|found| found.kind)
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
