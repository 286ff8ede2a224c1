//! One form of a text, with what is known of each place in it: who speaks there, and how deep.

pub(super) mod forms;

use std::collections::HashSet;

use super::{
    collector::Position,
    input::between,
    nesting::Nesting,
    phrases::{self, Phrase, PhraseHit},
    providers::Providers,
};
use crate::{diagnosis::evidence::Place, observation::Stage};

/// One form of a text.
#[derive(Debug)]
pub(super) struct NormalisedText<'t> {
    /// The text.
    pub(super) text: &'t str,
    /// The same in lower case: every byte at the same place.
    pub(super) lower: String,
    /// Every phrase that stands in it, in order.
    pub(super) hits: Vec<PhraseHit>,
    /// Who is named.
    pub(super) providers: Providers,
    nesting: Nesting,
    /// Where its lines end, if they are those of the text as it came.
    line_ends: Option<Vec<usize>>,
}

impl<'t> NormalisedText<'t> {
    /// Reads who speaks where, and how deep.
    pub(super) fn new(text: &'t str) -> Self {
        let lower = lowered(text);
        let hits = phrases::find(&lower);
        let marks = hits.iter().filter_map(|hit| match hit.phrase {
            Phrase::Nesting(row) => Some((hit.at, row.direction)),
            _ => None,
        });
        Self {
            text,
            nesting: Nesting::new(marks),
            providers: Providers::new(&lower, &hits),
            hits,
            lower,
            line_ends: None,
        }
    }

    /// Reads the text as it came, whose lines can be named.
    pub(super) fn as_it_came(text: &'t str) -> Self {
        let ends = text.match_indices('\n').map(|(at, _)| at).collect();
        Self {
            line_ends: Some(ends),
            ..Self::new(text)
        }
    }

    /// Returns where a place of the text is, and how deep.
    pub(super) fn position(&self, at: usize) -> Position {
        let line = |ends: &Vec<usize>| ends.partition_point(|end| *end < at) + 1;
        Position {
            depth: self.depth_at(at),
            place: Some(Place {
                at,
                line: self.line_ends.as_ref().map(line),
            }),
        }
    }

    /// How many errors enclose this place.
    pub(super) fn depth_at(&self, at: usize) -> u8 {
        self.nesting.depth_at(at)
    }

    /// Which stage the nearest name of a service before this place belongs to, else behind it.
    pub(super) fn stage_at(&self, at: usize) -> Option<Stage> {
        self.providers.stage_at(at)
    }

    /// Whether the text names this service anywhere.
    pub(super) fn speaks(&self, stage: Stage) -> bool {
        self.providers.speaks(stage)
    }

    /// Whether anything says that this is about Microsoft's services.
    pub(super) fn is_microsoft(&self) -> bool {
        self.providers.microsoft
    }

    /// Whether the text is about another provider, and not about Microsoft's.
    pub(super) fn is_foreign(&self) -> bool {
        self.providers.foreign
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_follows_each_runtimes_way_of_nesting() {
        let java = NormalisedText::new("A: outer\nCaused by: B\nCaused by: C");
        assert_eq!(java.depth_at(0), 0);
        assert_eq!(java.depth_at(java.text.len() - 1), 2);
        let python =
            NormalisedText::new("inner\n\nDuring handling of the above exception, x\n\nouter");
        assert_eq!((python.depth_at(0), python.depth_at(60)), (1, 0));
        let net = NormalisedText::new("A ---> B --- End of inner exception stack trace --- at C");
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
        let form = NormalisedText::new(
            "POST https://login.microsoftonline.com/x then /EWS/Exchange.asmx 401",
        );
        assert_eq!(form.stage_at(30), Some(Stage::Token));
        assert_eq!(form.stage_at(64), Some(Stage::Ews));
        assert_eq!(NormalisedText::new("401").stage_at(0), None);
    }
}
