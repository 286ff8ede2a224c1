//! The command palette: actions and tenants that fit a few typed letters.

use super::{
    keymap::{BINDINGS, Binding},
    message::Action,
    model::{Mode, Model},
};
use crate::{tenant::TenantName, text};

/// Lines of the palette.
const SHOWN: usize = 10;

/// Something that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PaletteEntry {
    /// The key that does the same, or the word `tenant`.
    pub(crate) label: String,
    pub(crate) words: String,
    pub(crate) choice: PaletteChoice,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PaletteChoice {
    Act(Action),
    Open(TenantName),
}

/// An action or a tenant that may fit.
enum Candidate<'a> {
    Action(&'static Binding),
    Tenant(&'a TenantName),
}

impl Candidate<'_> {
    fn entry(&self) -> PaletteEntry {
        match self {
            Self::Action(binding) => PaletteEntry {
                label: binding.label.to_owned(),
                words: binding.help.to_owned(),
                choice: PaletteChoice::Act(binding.action),
            },
            Self::Tenant(name) => PaletteEntry {
                label: "tenant".to_owned(),
                words: text::line(name.as_str()),
                choice: PaletteChoice::Open((*name).clone()),
            },
        }
    }
}

/// Returns what fits the typed letters, best first: actions of the screen below, then tenants.
pub(crate) fn entries(model: &Model) -> Vec<PaletteEntry> {
    let query = model.input.value();
    let actions = BINDINGS
        .iter()
        .filter(|binding| binding.works(model.screen(), Mode::Browse) && binding.is_named())
        .map(|binding| (binding.help, Candidate::Action(binding)));
    let rows = model.board.iter().flat_map(|board| &board.rows);
    let tenants = rows.map(|row| {
        (
            row.tenant.name.as_str(),
            Candidate::Tenant(&row.tenant.name),
        )
    });
    // only the few entries that are shown are made: a board may hold 10,000 tenants
    let mut found: Vec<(usize, Candidate<'_>)> = actions
        .chain(tenants)
        .filter_map(|(words, candidate)| Some((distance(words, query)?, candidate)))
        .collect();
    found.sort_by_key(|(distance, _)| *distance);
    let best = found.into_iter().take(SHOWN);
    best.map(|(_, candidate)| candidate.entry()).collect()
}

/// Returns how far apart the letters of a query stand in a text, if they stand in it in that order;
/// letters at the start of a word count as near.
fn distance(text: &str, query: &str) -> Option<usize> {
    let mut sum = 0;
    let mut letters = text.char_indices().peekable();
    let mut before = ' ';
    for wanted in query.chars().filter(|c| !c.is_whitespace()) {
        let mut skipped = 0;
        loop {
            let (_, letter) = letters.next()?;
            let starts_word = !before.is_alphanumeric();
            before = letter;
            if letter.eq_ignore_ascii_case(&wanted) {
                sum += if starts_word { 0 } else { skipped };
                break;
            }
            skipped += 1;
        }
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::{super::fixture, *};

    fn first(query: &str) -> String {
        let mut model = fixture::model(80, 24);
        model.input = query.into();
        let found = entries(&model);
        found
            .first()
            .map_or_else(String::new, |it| it.words.clone())
    }

    #[test]
    fn letters_find_tenants_and_actions() {
        assert_eq!(first("litw"), "litware-mail");
        assert_eq!(first("check every"), "check every tenant now");
        assert_eq!(first("zzzz"), "");
        assert_eq!(distance("contoso-rooms", "cr"), Some(0));
        assert_eq!(distance("contoso-rooms", "rc"), None);
    }
}
