//! What a result changes about polling: canary polling under back-pressure, and results of other
//! processes.

use std::{collections::HashMap, sync::Arc};

use tokio::time::Instant;

use super::Hub;
use crate::{
    health,
    monitor::{
        backpressure::{Strain, Transition},
        leases::{PeerResult, settings_fingerprint},
        probe::{self, Probe},
    },
    verdict::{Status, cause::Cause},
};

/// Key of the notice about canary polling.
const CANARY_NOTICE: &str = "storm";

impl<P: Probe> Hub<P> {
    /// Records the end of a check, which may start or end canary polling.
    pub(super) fn record_pressure(&mut self, place: usize, cause: Option<Cause>) {
        // an offline machine says nothing about the services
        if self.board.offline_since.is_some() {
            return;
        }
        let (Some(state), Some(handle)) = (self.board.tenants.get(place), self.handles.get(place))
        else {
            return;
        };
        let tenant = Arc::clone(&state.row.tenant);
        let host = || probe::login_host(&tenant).unwrap_or_default().to_owned();
        let strain = Strain::of(cause, host);
        let transition = self
            .canary_polling
            .record(handle.worker, strain, self.board.live());
        self.apply(transition);
    }

    /// Forgets the pressure of tenants that were removed by a reload.
    pub(super) fn forget_removed_tenants(&mut self) {
        let places = &self.places;
        let transition = self.canary_polling.retain(|id| places.contains_key(&id));
        self.apply(transition);
    }

    fn apply(&mut self, transition: Transition) {
        match transition {
            Transition::Same => {}
            Transition::Begins(canaries) => {
                let places: Vec<usize> = canaries
                    .iter()
                    .filter_map(|id| self.places.get(id).copied())
                    .collect();
                let now = self.engine.environment.now().to_utc();
                let names = self.board.pause_all_but(&places, now);
                let text = format!(
                    "a fifth of all checks end throttled or unavailable: until that is over only {} \
                     of {} tenants are polled ({})",
                    names.len(),
                    self.board.tenants.len(),
                    names.join(", ")
                );
                self.board.notice(CANARY_NOTICE, Some(text), now);
            }
            Transition::Ends => {
                let text = "checks get through again: every tenant is polled";
                self.resume_all(Status::Ok, text);
            }
        }
    }

    /// Polls every tenant again after the time limit, though most canaries still fail.
    pub(super) fn end_overdue_canary_polling(&mut self, now: Instant) {
        if self.canary_polling.end_overdue(now) {
            let text = "few checks get through for half an hour now: every tenant is tried again";
            self.resume_all(Status::Warning, text);
        }
    }

    fn resume_all(&mut self, status: Status, text: &str) {
        let now = self.engine.environment.now().to_utc();
        self.board.sparing_since = None;
        self.board.notice(CANARY_NOTICE, None, now);
        self.board.event(now, None, status, text);
        self.check_all();
    }

    /// Shows the results of other processes, for tenants that have the same settings here.
    pub(super) fn show_peer_results(&mut self, results: Vec<PeerResult>) {
        let tenants = self.board.tenants.iter().enumerate();
        let places: HashMap<String, usize> = tenants
            .map(|(place, state)| (state.row.tenant.name.to_string(), place))
            .collect();
        for result in results {
            let Some(&place) = places.get(result.report.name.as_str()) else {
                continue;
            };
            let state = self.board.tenants.get(place);
            let same = |tenant| settings_fingerprint(tenant) == result.fingerprint;
            if !state.is_some_and(|state| same(&state.row.tenant)) {
                continue;
            }
            let now = self.engine.environment.now().to_utc();
            let cause = health::cause(&result.report);
            if self.board.peer_result(place, result, now) {
                self.record_pressure(place, cause);
            }
        }
    }
}
