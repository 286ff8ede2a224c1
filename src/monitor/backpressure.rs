//! Back-pressure: when many checks are throttled or find a service unavailable, polling every tenant
//! makes it worse. Then only a few canaries are polled until most of them succeed.
//!
//! [`BackPressure`] is the pure rule; [`CanaryPolling`] holds the rule's state for the hub and tells the
//! workers which of them poll.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use tokio::{sync::watch, time::Instant};

use super::worker::Canaries;
use crate::verdict::cause::Cause;

/// Canary polling starts when one in this many tenants is affected.
const AFFECTED_PART: usize = 5;

/// Fewer affected tenants never start it, however small the fleet.
const MIN_AFFECTED: usize = 3;

/// Number of tenants that are still polled.
const CANARIES: usize = 3;

/// Longest time without polling a tenant. Then every tenant is tried again; if the services are still
/// strained, canary polling starts anew, possibly with other canaries.
const LONGEST: Duration = Duration::from_mins(30);

/// The id of a worker.
pub(super) type Id = u64;

/// A strained service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Strain {
    pub(super) cause: Cause,
    pub(super) host: String,
}

impl Strain {
    /// Returns the strain that a cause stands for, if it is a throttled or unavailable service.
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

/// The effect of a result on polling.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Transition {
    /// No change.
    Same,
    /// From now on only these workers poll.
    Begins(BTreeSet<Id>),
    /// All workers poll again.
    Ends,
}

/// The tenants that met a strained service at their last check, and the canaries.
#[derive(Debug, Default)]
pub(super) struct BackPressure {
    strained: BTreeMap<Id, Strain>,
    /// The canaries, and whether each is still strained; empty while all workers poll.
    canaries: BTreeMap<Id, bool>,
}

impl BackPressure {
    /// Records the end of a check; `live` is the number of tenants that are really checked.
    pub(super) fn record(&mut self, id: Id, strain: Option<Strain>, live: usize) -> Transition {
        if let Some(still) = self.canaries.get_mut(&id) {
            *still = strain.is_some();
            return self.end_if_over();
        }
        match strain {
            Some(strain) => drop(self.strained.insert(id, strain)),
            None => drop(self.strained.remove(&id)),
        }
        let mass_failure = self.strained.len() >= MIN_AFFECTED
            && self.strained.len().saturating_mul(AFFECTED_PART) >= live
            && live > CANARIES;
        if !self.canaries.is_empty() || !mass_failure {
            return Transition::Same;
        }
        self.canaries = self.choose().into_iter().map(|id| (id, true)).collect();
        Transition::Begins(self.canaries.keys().copied().collect())
    }

    /// Forgets the workers that were removed.
    pub(super) fn retain(&mut self, exists: impl Fn(Id) -> bool) -> Transition {
        self.strained.retain(|id, _| exists(*id));
        let before = self.canaries.len();
        self.canaries.retain(|id, _| exists(*id));
        if before > 0 {
            self.end_if_over()
        } else {
            Transition::Same
        }
    }

    /// Ends it when most canaries succeed: one may be throttled for a reason of its own.
    fn end_if_over(&mut self) -> Transition {
        let still = self.canaries.values().filter(|still| **still).count();
        if still.saturating_mul(2) >= self.canaries.len().max(1) {
            return Transition::Same;
        }
        *self = Self::default();
        Transition::Ends
    }

    /// Picks one tenant per strain, then more of the first strains.
    fn choose(&self) -> Vec<Id> {
        let mut by_strain: BTreeMap<&Strain, Vec<Id>> = BTreeMap::new();
        for (id, strain) in &self.strained {
            by_strain.entry(strain).or_default().push(*id);
        }
        let rounds = 0..CANARIES;
        let picks = rounds.flat_map(|round| {
            let nth = move |ids: &Vec<Id>| ids.get(round).copied();
            by_strain.values().filter_map(nth)
        });
        picks.take(CANARIES).collect()
    }
}

/// Canary polling as the hub controls it.
#[derive(Debug)]
pub(super) struct CanaryPolling {
    pressure: BackPressure,
    /// Only the latest value counts, so the channel cannot fill up.
    canaries: watch::Sender<Canaries>,
    /// Latest end of the present canary polling.
    until: Option<Instant>,
}

impl CanaryPolling {
    pub(super) fn new() -> Self {
        Self {
            pressure: BackPressure::default(),
            canaries: watch::Sender::new(None),
            until: None,
        }
    }

    /// Returns the workers' view of the canaries.
    pub(super) fn subscribe(&self) -> watch::Receiver<Canaries> {
        self.canaries.subscribe()
    }

    pub(super) fn is_active(&self) -> bool {
        self.canaries.borrow().is_some()
    }

    /// Records the end of a check.
    pub(super) fn record(&mut self, id: Id, strain: Option<Strain>, live: usize) -> Transition {
        let transition = self.pressure.record(id, strain, live);
        self.follow(transition)
    }

    /// Forgets the workers that were removed.
    pub(super) fn retain(&mut self, exists: impl Fn(Id) -> bool) -> Transition {
        let transition = self.pressure.retain(exists);
        self.follow(transition)
    }

    /// Ends canary polling that has lasted for [`LONGEST`], and returns whether it did.
    pub(super) fn end_overdue(&mut self, now: Instant) -> bool {
        let overdue = self.until.is_some_and(|until| until <= now);
        if overdue {
            self.pressure = BackPressure::default();
            self.follow(Transition::Ends);
        }
        overdue
    }

    /// Lets the workers know who polls.
    fn follow(&mut self, transition: Transition) -> Transition {
        match &transition {
            Transition::Same => {}
            Transition::Begins(ids) => {
                self.canaries.send_replace(Some(Arc::new(ids.clone())));
                self.until = Some(Instant::now() + LONGEST);
            }
            Transition::Ends => {
                self.canaries.send_replace(None);
                self.until = None;
            }
        }
        transition
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strain(cause: Cause) -> Option<Strain> {
        Strain::of(Some(cause), || "login.example".into())
    }

    #[test]
    fn a_fifth_throttled_or_unavailable_starts_canary_polling() {
        for (fleet, strained, begins) in [
            (100, 19, false),
            (100, 20, true),
            (10, 2, false),
            (10, 3, true),
            (4, 3, true),
            // pausing no tenant would gain nothing
            (3, 3, false),
        ] {
            let mut pressure = BackPressure::default();
            let transitions: Vec<Transition> = (0..strained)
                .map(|id| pressure.record(id, strain(Cause::TokenThrottled), fleet))
                .collect();
            let last = transitions.last().unwrap();
            assert_eq!(
                matches!(last, Transition::Begins(_)),
                begins,
                "{strained} of {fleet}"
            );
        }
        assert_eq!(strain(Cause::SecretExpired), None);
        assert_eq!(strain(Cause::MailboxUnavailable), None);
    }

    #[test]
    fn canaries_cover_every_strain_and_end_it_when_most_succeed() {
        let mut pressure = BackPressure::default();
        for id in 0..3 {
            assert_eq!(
                pressure.record(id, strain(Cause::EwsThrottled), 20),
                Transition::Same
            );
        }
        let begins = pressure.record(3, strain(Cause::EntraUnavailable), 20);
        assert_eq!(begins, Transition::Begins([0, 1, 3].into()));
        // a check that was under way
        assert_eq!(
            pressure.record(9, strain(Cause::EwsThrottled), 20),
            Transition::Same
        );
        assert_eq!(pressure.record(0, None, 20), Transition::Same);
        assert_eq!(
            pressure.record(0, strain(Cause::EwsThrottled), 20),
            Transition::Same
        );
        assert_eq!(pressure.record(3, None, 20), Transition::Same);
        // one mailbox may be throttled for good
        assert_eq!(pressure.record(0, None, 20), Transition::Ends);
        // what was before the end says nothing about now
        assert_eq!(
            pressure.record(4, strain(Cause::EwsThrottled), 20),
            Transition::Same
        );
    }

    #[test]
    fn removed_canaries_do_not_prolong_canary_polling() {
        let mut pressure = BackPressure::default();
        for id in 0..4 {
            pressure.record(id, strain(Cause::TokenThrottled), 20);
        }
        assert_eq!(pressure.retain(|id| id > 0), Transition::Same);
        assert_eq!(pressure.retain(|id| id > 5), Transition::Ends);
        assert_eq!(pressure.retain(|_| true), Transition::Same);
    }
}
