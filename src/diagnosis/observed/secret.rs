//! Reads what was found where the secret is kept.

use chrono::{DateTime, TimeDelta, Utc};

use super::presented;
use crate::{
    diagnosis::evidence::{Evidence, Fact},
    observation::{SecretFacts, Stage},
};

/// A secret that changed within this time may not have spread yet.
const SPREADING: TimeDelta = TimeDelta::minutes(15);

/// Returns what was found where the secret is kept.
pub(in crate::diagnosis) fn read(facts: &SecretFacts, now: DateTime<Utc>) -> Vec<Evidence> {
    let fact = |fact| Evidence::new(fact, Some(Stage::Secret), 0);
    let mut evidence: Vec<_> = facts
        .notes
        .iter()
        .map(|note| fact(Fact::Secret(*note)))
        .collect();
    // a change is seen while the check runs, so a little after its start
    let is_new = |at: DateTime<Utc>| (now - at).abs() < SPREADING;
    if facts.changed_at.is_some_and(is_new) {
        evidence.push(fact(Fact::SecretIsNew));
    }
    if let Some(why) = &facts.failure {
        evidence.push(fact(Fact::NoSecret(why.clone())));
    }
    let presented = presented::sentences(facts, now);
    evidence.extend(
        presented
            .into_iter()
            .map(|what| fact(Fact::Presented(what))),
    );
    evidence
}
