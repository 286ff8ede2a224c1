//! Storms, in which only canaries are polled, and what other processes found.

use std::{collections::HashMap, sync::Arc};

use tokio::time::Instant;

use super::Hub;
use crate::{
    monitor::{
        probe::{self, Probe},
        storm::{LONGEST, Strain, Turn},
        turns::{Elsewhere, mark},
    },
    verdict::{Status, cause::Cause},
};

/// What the notice about a storm is filed under.
const STORM: &str = "storm";

impl<P: Probe> Hub<P> {
    /// Takes in how the check of a tenant ended: whether that is a storm, or the end of one.
    pub(super) fn weather(&mut self, place: usize, cause: Option<Cause>) {
        if self.rows.offline_since.is_some() {
            return;
        }
        let (Some(slot), Some(hand)) = (self.rows.slots.get(place), self.hands.get(place)) else {
            return;
        };
        let host = || {
            probe::login_host(&slot.row.tenant)
                .unwrap_or_default()
                .to_owned()
        };
        let strain = Strain::of(cause, host);
        let turn = self.storm.note(hand.worker, strain, self.rows.live());
        self.turn(turn);
    }

    /// Forgets who is not watched any more.
    pub(super) fn forget_strangers(&mut self) {
        let turn = self.storm.keep(|id| self.places.contains_key(&id));
        self.turn(turn);
    }

    fn turn(&mut self, turn: Turn) {
        let now = self.engine.outside.now().to_utc();
        match turn {
            Turn::Same => {}
            Turn::Begins(canaries) => {
                let places: Vec<usize> = canaries
                    .iter()
                    .filter_map(|id| self.places.get(id).copied())
                    .collect();
                let names = self.rows.spare(&places, now);
                let text = format!(
                    "a fifth of all checks end throttled or unavailable: until that is over only {} \
                     of {} tenants are polled ({})",
                    names.len(),
                    self.rows.slots.len(),
                    names.join(", ")
                );
                self.rows.notice(STORM, Some(text), now);
                self.canaries.send_replace(Some(Arc::new(canaries)));
                self.canaries_until = Some(Instant::now() + LONGEST);
            }
            Turn::Ends => {
                let text = "checks get through again: every tenant is polled";
                self.spare_nobody(Status::Ok, text);
            }
        }
    }

    /// Polls everybody again though most canaries do not get through: nobody is left out for good.
    pub(super) fn try_everybody(&mut self) {
        self.storm.end();
        let text = "few checks get through for half an hour now: every tenant is tried again";
        self.spare_nobody(Status::Warning, text);
    }

    fn spare_nobody(&mut self, status: Status, text: &str) {
        let now = self.engine.outside.now().to_utc();
        self.rows.sparing_since = None;
        self.rows.notice(STORM, None, now);
        self.rows.event(now, None, status, text);
        self.canaries_until = None;
        self.canaries.send_replace(None);
        self.check_everybody();
    }

    /// Shows what other processes found of tenants that have the same settings here.
    pub(super) fn elsewhere(&mut self, found: Vec<Elsewhere>) {
        let slots = self.rows.slots.iter().enumerate();
        let places: HashMap<String, usize> = slots
            .map(|(place, slot)| (slot.row.tenant.name.to_string(), place))
            .collect();
        for one in found {
            let Some(&place) = places.get(one.report.name.as_str()) else {
                continue;
            };
            let slot = self.rows.slots.get(place);
            if slot.is_none_or(|slot| mark(&slot.row.tenant) != one.mark) {
                continue;
            }
            let now = self.engine.outside.now().to_utc();
            let cause = crate::health::cause(&one.report);
            if self.rows.elsewhere(place, one.report, one.next_at, now) {
                self.weather(place, cause);
            }
        }
    }
}
