//! One form of a text, with what is known of each place in it: who speaks there, and how deep.

use std::collections::HashSet;

use super::{input::between, speakers};
use crate::observation::Stage;

/// One form of a text.
#[derive(Debug)]
pub(super) struct View<'t> {
    /// The text.
    pub(super) text: &'t str,
    /// The same in lower case: every byte at the same place.
    pub(super) lower: String,
    /// From where on which depth holds, in order.
    depths: Vec<(usize, u8)>,
    /// Where Python says that what stands above was the inner error, in order.
    outer_follows: Vec<usize>,
    /// Where the text names a service, in order.
    speakers: Vec<(usize, Stage)>,
    /// Whether anything says that this is about Microsoft's services.
    pub(super) microsoft: bool,
    /// Whether the text is about a service of Microsoft that is no part of this.
    pub(super) elsewhere: bool,
    /// Whether the text is about another identity provider, and not about Microsoft's.
    pub(super) foreign: bool,
}

/// What leads to an inner error.
const INWARD: &[&str] = &[
    "caused by",
    "--->",
    "---&gt;",
    "inner exception:",
    "innerexception:",
    "original exception:",
    "original error",
    "nested exception is",
    "inner error",
    "innererror",
    "root cause",
    "client threw",
    "reraised from",
    "[cause]:",
    "underlying error",
];

/// What ends an inner error.
const OUTWARD: &[&str] = &["end of inner exception"];

/// Python prints the inner error first, and one of these behind it.
const CAME_BEFORE: &[&str] = &[
    "during handling of the above exception",
    "the above exception was the direct cause",
];

impl<'t> View<'t> {
    /// Reads who speaks where, and how deep.
    pub(super) fn new(text: &'t str) -> Self {
        let lower = lowered(text);
        let foreign = speakers::is_foreign(&lower);
        let microsoft = !foreign && speakers::is_microsoft(&lower);
        Self {
            text,
            depths: depths(&lower),
            outer_follows: places(&lower, CAME_BEFORE),
            speakers: speakers::places(&lower, microsoft),
            microsoft,
            elsewhere: speakers::is_elsewhere(&lower),
            foreign,
            lower,
        }
    }

    /// How many errors enclose this place.
    pub(super) fn depth_at(&self, at: usize) -> u8 {
        let here = self.depths.partition_point(|(from, _)| *from <= at);
        let last = here.checked_sub(1).and_then(|last| self.depths.get(last));
        let above = self.outer_follows.partition_point(|outer| *outer <= at);
        let outer = u8::try_from(self.outer_follows.len() - above).unwrap_or(u8::MAX);
        last.map_or(0, |(_, depth)| *depth).saturating_add(outer)
    }

    /// Which stage the nearest name of a service before this place belongs to, else behind it.
    pub(super) fn stage_at(&self, at: usize) -> Option<Stage> {
        let here = self.speakers.partition_point(|(speaker, _)| *speaker <= at);
        let before = here.checked_sub(1).and_then(|last| self.speakers.get(last));
        before
            .or_else(|| self.speakers.get(here))
            .map(|(_, stage)| *stage)
    }

    /// Whether the text names this service anywhere.
    pub(super) fn speaks(&self, stage: Stage) -> bool {
        self.speakers.iter().any(|(_, speaker)| *speaker == stage)
    }

    /// Whether no letter, digit or underscore touches this range.
    pub(super) fn stands_alone(&self, from: usize, to: usize) -> bool {
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let before = self
            .lower
            .get(..from)
            .and_then(|text| text.chars().next_back());
        let behind = self.lower.get(to..).and_then(|text| text.chars().next());
        !before.is_some_and(word) && !behind.is_some_and(word)
    }

    /// The line of this place, up to it.
    pub(super) fn line_before(&self, at: usize) -> &str {
        let from = at.saturating_sub(200);
        let before = between(self.text, from, at);
        before.rsplit('\n').next().unwrap_or_default()
    }

    /// What follows this place, up to the end of the line.
    pub(super) fn rest_of_line(&self, at: usize, limit: usize) -> &str {
        between(self.text, at, at + limit)
            .lines()
            .next()
            .unwrap_or_default()
    }
}

/// A text in lower case, with every byte at its place: a letter that would take another number of
/// bytes is kept.
fn lowered(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let small = |c: char| {
        let mut small = c.to_lowercase();
        let one = small.next().filter(|one| one.len_utf8() == c.len_utf8());
        one.filter(|_| small.next().is_none()).unwrap_or(c)
    };
    text.chars().map(small).collect()
}

/// Where any of these marks stands, in order.
fn places(lower: &str, marks: &[&str]) -> Vec<usize> {
    let hits = |mark: &&str| {
        lower
            .match_indices(*mark)
            .map(|(at, _)| at)
            .collect::<Vec<_>>()
    };
    let mut found: Vec<_> = marks.iter().flat_map(hits).collect();
    found.sort_unstable();
    found
}

/// So many sign-in errors, each on a line of its own, are a reference.
const LISTED: usize = 5;

/// Whether a text (in lower case) lists sign-in errors as a reference does: each opens its line, and
/// words follow.
pub(super) fn is_reference(lower: &str) -> bool {
    let code = |line: &str| {
        let row = line.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
        let row = row.strip_prefix("aadsts")?;
        let number: String = row.chars().take_while(char::is_ascii_digit).collect();
        let words = row.get(number.len()..)?;
        (number.len() > 4 && words.contains(char::is_alphabetic)).then_some(number)
    };
    let codes: HashSet<String> = lower.lines().filter_map(code).collect();
    codes.len() >= LISTED
}

/// From where on which depth holds.
fn depths(lower: &str) -> Vec<(usize, u8)> {
    let inward = places(lower, INWARD).into_iter().map(|at| (at, true));
    let outward = places(lower, OUTWARD).into_iter().map(|at| (at, false));
    let mut steps: Vec<_> = inward.chain(outward).collect();
    steps.sort_unstable();
    let mut depth = 0_u8;
    let step = |(at, inward)| {
        depth = if inward {
            depth.saturating_add(1)
        } else {
            depth.saturating_sub(1)
        };
        (at, depth)
    };
    steps.into_iter().map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_follows_each_runtimes_way_of_nesting() {
        let java = View::new("A: outer\nCaused by: B\nCaused by: C");
        assert_eq!(java.depth_at(0), 0);
        assert_eq!(java.depth_at(java.text.len() - 1), 2);
        let python = View::new("inner\n\nDuring handling of the above exception, x\n\nouter");
        assert_eq!((python.depth_at(0), python.depth_at(60)), (1, 0));
        let net = View::new("A ---> B --- End of inner exception stack trace --- at C");
        assert_eq!((net.depth_at(8), net.depth_at(50)), (1, 0));
    }

    #[test]
    fn letters_of_all_scripts_are_lower_and_stay_at_their_place() {
        assert_eq!(
            lowered("\u{dc}BER \u{412}\u{420} \u{130}\u{df}"),
            "\u{fc}ber \u{432}\u{440} \u{130}\u{df}"
        );
    }

    #[test]
    fn the_nearest_service_before_a_place_speaks_there() {
        let view =
            View::new("POST https://login.microsoftonline.com/x then /EWS/Exchange.asmx 401");
        assert_eq!(view.stage_at(30), Some(Stage::Token));
        assert_eq!(view.stage_at(64), Some(Stage::Ews));
        assert_eq!(View::new("401").stage_at(0), None);
    }

    #[test]
    fn another_provider_is_foreign_unless_microsofts_is_named_too() {
        assert!(View::new("https://oauth2.googleapis.com/token invalid_grant").foreign);
        assert!(!View::new("googleapis AADSTS50076").foreign);
        assert!(View::new("AADSTS50076").microsoft);
    }
}
