//! Finds sentences that establish a cause where no code did: the services' own messages, in the
//! languages in which they are met.
//!
//! The last resort: a sentence counts only in a text that is about Microsoft's services, or where
//! nothing else would say it.

use super::{
    collector::Collector, context, input::between, normalised_text::NormalisedText, phrases::Phrase,
};
use crate::{
    diagnosis::{
        evidence::Fact,
        tables::sentences::{Counts, Speaker},
    },
    observation::Stage,
    verdict::cause::Cause,
};

/// So much text behind the opening of a sentence is looked at.
const REACH: usize = 200;

/// At most so many openings of sentences are followed.
const HITS: usize = 500;

/// A text about a failure has one of these; an announcement or a question has none.
const FAILURES: &[&str] = &[
    "error",
    "fail",
    "exception",
    "denied",
    "invalid",
    "unauthorized",
    "forbidden",
    "refused",
    "expired",
    "not found",
    "aadsts",
    "401",
    "403",
    "fehler",
    "verweigert",
    "refus",
    "denegad",
    "拒否",
    "erreur",
    "エラー",
    "unable",
    "cannot",
    "must",
    "blocked",
    "disabled",
    "does not",
    "not available",
    "couldn't",
    "can't",
    "timeout",
    "missing",
    "unexpected",
];

/// Finds sentences that establish a cause.
pub(super) fn find(form: &NormalisedText<'_>, collector: &mut Collector) {
    if form.is_foreign() || collector.reference {
        return;
    }
    let failure = FAILURES.iter().any(|word| form.lower.contains(word));
    let related = form.is_microsoft() && failure;
    let said = form.hits.iter().filter_map(|hit| match hit.phrase {
        Phrase::Sentence(row) => {
            let counts = match row.counts {
                Counts::Alone => true,
                Counts::Related => related,
                Counts::Beside => false,
            };
            (counts && row.goes_on(between(&form.lower, hit.end, hit.end + REACH)))
                .then_some((hit.at, row))
        }
        _ => None,
    });
    let mut found: Vec<_> = said.take(HITS).collect();
    // of one place the longest opening tells most
    found.sort_by_key(|(at, _)| *at);
    for (at, row) in found {
        if context::is_hypothetical(form, at)
            || context::is_quoted_mail(form, at)
            || (row.cause == Cause::UnexpectedPage && context::is_local_file(form, at))
            || (is_switched_off(row.cause) && context::is_announced(form, at))
        {
            continue;
        }
        let words = form.rest_of_line(at, REACH).to_owned();
        // a parser that complains says no more than that a page came
        let fact = match (row.cause, row.counts) {
            (Cause::UnexpectedPage, Counts::Related) => Fact::Page(words),
            (cause, Counts::Alone) => Fact::Said(cause, words),
            (cause, _) => Fact::Words(cause, words),
        };
        collector.add(fact, Some(stage(row.speaker)), form.position(at));
    }
}

/// Whether a cause is something that Microsoft announces long before it happens.
const fn is_switched_off(cause: Cause) -> bool {
    matches!(
        cause,
        Cause::BasicAuthRetired
            | Cause::EwsDisabled
            | Cause::EwsRetired
            | Cause::MailProtocolDisabled
    )
}

/// The stage at which a speaker answers.
const fn stage(speaker: Speaker) -> Stage {
    match speaker {
        Speaker::Entra => Stage::Token,
        Speaker::Exchange => Stage::Ews,
        Speaker::Graph => Stage::Graph,
    }
}
