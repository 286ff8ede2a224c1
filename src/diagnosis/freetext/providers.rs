//! Who speaks in a text: Microsoft's services, other services of theirs, other vendors.

use super::phrases::{Phrase, PhraseHit};
use crate::{
    diagnosis::tables::providers::{Edges, Provider, ProviderMark},
    observation::Stage,
};

/// The name of a protocol, key or good is exchanged too: the word alone says nothing without one of
/// these.
const MAIL: &[&str] = &[
    "mail",
    "calendar",
    "kalender",
    "postfach",
    "autodiscover",
    "owa",
    "smtp",
];

/// What says that a text is about Microsoft's identity platform or mail, whatever other provider is named.
const OWN: &[&str] = &[
    "aadsts",
    "login.microsoftonline",
    "login.windows.net",
    "exchange.asmx",
    "outlook.office",
];

/// The providers of one text.
#[derive(Debug, Default)]
pub(super) struct Providers {
    /// Where a service is named that answers at a stage, in order.
    places: Vec<(usize, Stage)>,
    /// Whether anything says that this is about Microsoft's services.
    pub(super) microsoft: bool,
    /// Whether the text is about a service of Microsoft's that is no part of this.
    pub(super) elsewhere: bool,
    /// Whether the text is about another provider, and not about Microsoft's.
    pub(super) foreign: bool,
}

impl Providers {
    /// Reads who is named in a text (in lower case), by the hits of the phrase matcher.
    pub(super) fn new(lower: &str, hits: &[PhraseHit]) -> Self {
        let named: Vec<(usize, &ProviderMark)> = hits
            .iter()
            .filter_map(|hit| match hit.phrase {
                Phrase::Provider(mark) if stands(mark, lower, hit) => Some((hit.at, mark)),
                _ => None,
            })
            .collect();
        let has = |provider| named.iter().any(|(_, mark)| mark.provider == provider);
        let own = || OWN.iter().any(|mark| lower.contains(mark));
        let foreign = has(Provider::Foreign) && !own();
        let exchange_of_mail =
            || begins(lower, "exchange") && MAIL.iter().any(|m| lower.contains(m));
        let ews = || named.iter().any(|(_, mark)| mark.mark == "ews");
        let microsoft = !foreign && (has(Provider::Microsoft) || ews() || exchange_of_mail());
        let counts = |mark: &ProviderMark| !mark.shared || microsoft;
        let placed = named.iter().filter(|(_, mark)| counts(mark));
        Self {
            places: placed
                .filter_map(|(at, mark)| Some((*at, mark.provider.stage()?)))
                .collect(),
            microsoft,
            elsewhere: has(Provider::OtherMicrosoft),
            foreign,
        }
    }

    /// Returns the stage of the nearest service that is named before this place, else behind it.
    pub(super) fn stage_at(&self, at: usize) -> Option<Stage> {
        let here = self.places.partition_point(|(place, _)| *place <= at);
        let before = here.checked_sub(1).and_then(|last| self.places.get(last));
        before
            .or_else(|| self.places.get(here))
            .map(|(_, stage)| *stage)
    }

    /// Returns whether the text names the service of this stage anywhere.
    pub(super) fn speaks(&self, stage: Stage) -> bool {
        self.places.iter().any(|(_, speaker)| *speaker == stage)
    }
}

/// Whether the mark ends where its edges must.
fn stands(mark: &ProviderMark, lower: &str, hit: &PhraseHit) -> bool {
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let before = lower
        .get(..hit.at)
        .and_then(|text| text.chars().next_back());
    let behind = lower.get(hit.end..).and_then(|text| text.chars().next());
    match mark.edges {
        Edges::Any => true,
        Edges::Begin => !before.is_some_and(|c| c.is_ascii_alphabetic()),
        Edges::Word => !letter(before) && !letter(behind) && before != Some('@'),
    }
}

/// Whether a word of a text (in lower case) begins with these letters.
fn begins(lower: &str, letters: &str) -> bool {
    let before = |(at, _)| lower.get(..at).and_then(|text| text.chars().next_back());
    let mut hits = lower.match_indices(letters).map(before);
    hits.any(|before| !before.is_some_and(|c: char| c.is_ascii_alphabetic()))
}

#[cfg(test)]
mod tests {
    use super::super::normalised_text::NormalisedText;

    fn is_microsoft(text: &str) -> bool {
        NormalisedText::new(text).providers.microsoft
    }

    #[test]
    fn words_that_only_contain_a_name_say_nothing() {
        for text in [
            "central login",
            "the universal broker",
            "key exchange failed",
            "exchange rate",
            "reviews ",
            "no exchange 'orders'",
        ] {
            assert!(!is_microsoft(text), "{text}");
        }
        for text in [
            "aadsts50076",
            "com.microsoft.aad.msal4j",
            "entra id",
            "exchange mailbox",
            "ews request",
        ] {
            assert!(is_microsoft(text), "{text}");
        }
    }

    #[test]
    fn a_shared_name_counts_in_texts_about_microsoft() {
        let places = |text: &str| NormalisedText::new(text).providers.places.len();
        assert_eq!(places("https://idp.example/oauth2/token"), 0);
        assert_eq!(places("https://microsoft.x/oauth2/token"), 1);
    }

    #[test]
    fn another_provider_is_known_by_a_whole_word() {
        let foreign = |text: &str| NormalisedText::new(text).providers.foreign;
        assert!(foreign("https://oauth2.googleapis.com/token invalid_grant"));
        assert!(foreign("imap.gmail.com"));
        assert!(!foreign("googleapis AADSTS50076"));
        for text in [
            "IncomingMail",
            "inbox.company",
            "sendingmail",
            "ops@gmail.com",
            "oktagon",
        ] {
            assert!(!foreign(text), "{text}");
        }
    }
}
