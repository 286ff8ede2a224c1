//! When many checks are throttled or find a service unavailable at once, polling everybody makes it
//! worse: then only a few canaries are polled until it is over. Pure: the hub tells what ended how.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use crate::verdict::cause::Cause;

/// One part in so many of all tenants must be affected.
const PART: usize = 5;

/// Fewer than this are no storm, however small the fleet.
const LEAST: usize = 3;

/// How many are still polled.
const CANARIES: usize = 3;

/// Nobody is left out for longer, whatever the canaries meet: then everybody is tried again, and if
/// the storm is still there it begins anew, with other canaries if need be.
pub(super) const LONGEST: Duration = Duration::from_mins(30);

/// A tenant as the hub knows it.
pub(super) type Id = u64;

/// What is wrong with a service, and which one it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Strain {
    pub(super) cause: Cause,
    pub(super) host: String,
}

impl Strain {
    /// Reads it off the cause of a verdict, if that is a throttled or unavailable service.
    pub(super) fn of(cause: Option<Cause>, host: impl FnOnce() -> String) -> Option<Self> {
        let cause = cause?;
        let strained = matches!(
            cause,
            Cause::TokenThrottled
                | Cause::EntraUnavailable
                | Cause::EwsThrottled
                | Cause::EwsUnavailable
                | Cause::GraphThrottled
                | Cause::GraphUnavailable
        );
        strained.then(|| Self {
            cause,
            host: host(),
        })
    }
}

/// What becomes of the polling.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Nothing changes.
    Same,
    /// From now on only these are polled.
    Begins(BTreeSet<Id>),
    /// Everybody is polled again.
    Ends,
}

/// Who met a strained service at the last check, and who is polled meanwhile.
#[derive(Debug, Default)]
pub(super) struct Storm {
    strained: BTreeMap<Id, Strain>,
    /// The canaries, and whether each still meets the strain; empty while everybody is polled.
    canaries: BTreeMap<Id, bool>,
}

impl Storm {
    /// Takes in the end of a check of one of `live` tenants.
    pub(super) fn note(&mut self, id: Id, strain: Option<Strain>, live: usize) -> Turn {
        if let Some(still) = self.canaries.get_mut(&id) {
            *still = strain.is_some();
            return self.end_if_over();
        }
        match strain {
            Some(strain) => drop(self.strained.insert(id, strain)),
            None => drop(self.strained.remove(&id)),
        }
        let storm = self.strained.len() >= LEAST
            && self.strained.len().saturating_mul(PART) >= live
            && live > CANARIES;
        if !self.canaries.is_empty() || !storm {
            return Turn::Same;
        }
        self.canaries = self.choose().into_iter().map(|id| (id, true)).collect();
        Turn::Begins(self.canaries.keys().copied().collect())
    }

    /// Forgets those who are not watched any more.
    pub(super) fn keep(&mut self, watched: impl Fn(Id) -> bool) -> Turn {
        self.strained.retain(|id, _| watched(*id));
        let before = self.canaries.len();
        self.canaries.retain(|id, _| watched(*id));
        if before > 0 {
            self.end_if_over()
        } else {
            Turn::Same
        }
    }

    /// Ends it, over or not.
    pub(super) fn end(&mut self) {
        *self = Self::default();
    }

    /// Ends it when most canaries get through: one may be throttled for a reason of its own.
    fn end_if_over(&mut self) -> Turn {
        let still = self.canaries.values().filter(|still| **still).count();
        if still.saturating_mul(2) >= self.canaries.len().max(1) {
            return Turn::Same;
        }
        self.end();
        Turn::Ends
    }

    /// Picks one of each kind of strain, then more of the first kinds.
    fn choose(&self) -> Vec<Id> {
        let mut kinds: BTreeMap<&Strain, Vec<Id>> = BTreeMap::new();
        for (id, strain) in &self.strained {
            kinds.entry(strain).or_default().push(*id);
        }
        let rounds = 0..CANARIES;
        let picks = rounds.flat_map(|round| {
            let nth = move |ids: &Vec<Id>| ids.get(round).copied();
            kinds.values().filter_map(nth)
        });
        picks.take(CANARIES).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strain(cause: Cause) -> Option<Strain> {
        Strain::of(Some(cause), || "login.example".into())
    }

    #[test]
    fn a_fifth_that_is_throttled_or_unavailable_is_a_storm() {
        for (fleet, strained, begins) in [
            (100, 19, false),
            (100, 20, true),
            (10, 2, false),
            (10, 3, true),
            (4, 3, true),
            // with nobody left out nothing is won
            (3, 3, false),
        ] {
            let mut storm = Storm::default();
            let turns: Vec<Turn> = (0..strained)
                .map(|id| storm.note(id, strain(Cause::TokenThrottled), fleet))
                .collect();
            let last = turns.last().unwrap();
            assert_eq!(
                matches!(last, Turn::Begins(_)),
                begins,
                "{strained} of {fleet}"
            );
        }
        assert_eq!(strain(Cause::SecretExpired), None);
        assert_eq!(strain(Cause::MailboxUnavailable), None);
    }

    #[test]
    fn the_canaries_stand_for_every_kind_of_strain_and_end_it_when_most_get_through() {
        let mut storm = Storm::default();
        for id in 0..3 {
            assert_eq!(storm.note(id, strain(Cause::EwsThrottled), 20), Turn::Same);
        }
        let begins = storm.note(3, strain(Cause::EntraUnavailable), 20);
        assert_eq!(begins, Turn::Begins([0, 1, 3].into()));
        // a check that was under way
        assert_eq!(storm.note(9, strain(Cause::EwsThrottled), 20), Turn::Same);
        assert_eq!(storm.note(0, None, 20), Turn::Same);
        assert_eq!(storm.note(0, strain(Cause::EwsThrottled), 20), Turn::Same);
        assert_eq!(storm.note(3, None, 20), Turn::Same);
        // one mailbox may be throttled for good
        assert_eq!(storm.note(0, None, 20), Turn::Ends);
        // what was before the end says nothing about now
        assert_eq!(storm.note(4, strain(Cause::EwsThrottled), 20), Turn::Same);
    }

    #[test]
    fn canaries_that_are_no_longer_watched_hold_nobody_back() {
        let mut storm = Storm::default();
        for id in 0..4 {
            storm.note(id, strain(Cause::TokenThrottled), 20);
        }
        assert_eq!(storm.keep(|id| id > 0), Turn::Same);
        assert_eq!(storm.keep(|id| id > 5), Turn::Ends);
        assert_eq!(storm.keep(|_| true), Turn::Same);
    }
}
