//! The state behind the board: how a result changes a row, and how a loss of the network changes all
//! rows. No tasks and no channels; the hub owns those.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};

use super::{
    connectivity::{NetworkEvidence, Tally},
    leases::PeerResult,
    tenant_state::{TenantState, change, is_of, point},
    worker::FinishedCheck,
};
use crate::{
    alert::{Alert, Holds, Kind, Urgency},
    board::{Activity, Board, EVENTS, Event, HISTORY, Past},
    health::{self, Withheld},
    tenant::{Mode, Tenant, TenantName},
    text,
    verdict::{Report, Status},
};

/// Checks in a row without an answer before this machine can count as offline.
const LOSSES: usize = 2;

/// Returns a report on a tenant without any check.
pub(super) type Blank<'a> = &'a dyn Fn(&Tenant) -> Report;

/// All tenants, with the notices and events of the board.
pub(super) struct BoardState {
    pub(super) tenants: Vec<TenantState>,
    pub(super) offline_since: Option<DateTime<Utc>>,
    /// Start of canary polling, while it lasts.
    pub(super) sparing_since: Option<DateTime<Utc>>,
    /// Number of results that were dropped because the history was too slow.
    pub(super) unkept: u64,
    /// Whether anything has changed since the last published board.
    pub(super) dirty: bool,
    events: VecDeque<Arc<Event>>,
    notices: BTreeMap<&'static str, String>,
    tally: Tally,
    answers: u64,
    /// Reports that count unless this machine turns out to be offline.
    doubted_reports: Vec<Arc<Report>>,
    /// Reports that count, for the history.
    pub(super) confirmed_reports: Vec<Arc<Report>>,
    holds: Arc<Holds>,
}

impl BoardState {
    pub(super) fn new() -> Self {
        Self {
            tenants: Vec::new(),
            offline_since: None,
            sparing_since: None,
            unkept: 0,
            dirty: true,
            events: VecDeque::new(),
            notices: BTreeMap::new(),
            tally: Tally::default(),
            answers: 0,
            doubted_reports: Vec::new(),
            confirmed_reports: Vec::new(),
            holds: Arc::default(),
        }
    }

    /// Returns a copy to publish.
    pub(super) fn board(&mut self) -> Board {
        self.dirty = false;
        Board {
            rows: self
                .tenants
                .iter()
                .map(|state| Arc::clone(&state.row))
                .collect(),
            events: self.events.clone(),
            offline_since: self.offline_since,
            sparing_since: self.sparing_since,
            unkept: self.unkept,
            notices: self.notices.values().cloned().collect(),
            holds: Arc::clone(&self.holds),
        }
    }

    /// Replaces the snoozes and acknowledgements, and adds an event for each new one.
    pub(super) fn hold(&mut self, holds: &Holds, now: DateTime<FixedOffset>) {
        if *self.holds == *holds {
            return;
        }
        let before = std::mem::replace(&mut self.holds, Arc::new(holds.clone()));
        self.dirty = true;
        for (tenant, snooze) in &holds.snoozes {
            if before.snoozes.get(tenant) != Some(snooze) {
                let until = snooze.until.with_timezone(&now.timezone());
                let by = snooze.by.as_ref().map(|by| format!(" by {by}"));
                let text = format!(
                    "alerts held until {}{}: {}",
                    until.format("%-d %b %H:%M"),
                    by.unwrap_or_default(),
                    snooze.reason
                );
                self.event(now.to_utc(), Some(tenant.clone()), Status::Ok, &text);
            }
        }
        for (tenant, ack) in &holds.acks {
            if before.acks.get(tenant) != Some(ack) {
                let text = format!("acknowledged by {}", ack.by);
                self.event(now.to_utc(), Some(tenant.clone()), Status::Ok, &text);
            }
        }
    }

    /// Fills rows without a history from the kept one.
    pub(super) fn recall(&mut self, pasts: Vec<Past>) {
        let mut pasts: BTreeMap<TenantName, Past> = pasts
            .into_iter()
            .map(|past| (past.tenant.clone(), past))
            .collect();
        for state in &mut self.tenants {
            let Some(past) = pasts.remove(&state.row.tenant.name) else {
                continue;
            };
            if state.row.history.is_empty() {
                let row = state.row_mut();
                row.history = past.points;
                row.streak = past.streak;
                row.day.recall(past.day);
                self.dirty = true;
            }
        }
    }

    pub(super) fn activity(&mut self, place: usize, activity: Activity) {
        if let Some(state) = self.tenants.get_mut(place) {
            state.row_mut().activity = activity;
            self.dirty = true;
        }
    }

    /// Sets, changes or clears the notice of one part of credwatch.
    pub(super) fn notice(&mut self, about: &'static str, text: Option<String>, now: DateTime<Utc>) {
        let changed = self.notices.get(about) != text.as_ref();
        match text {
            Some(text) if changed => {
                self.event(now, None, Status::Warning, &text);
                self.notices.insert(about, text);
            }
            Some(_) => {}
            None => drop(self.notices.remove(about)),
        }
        self.dirty |= changed;
    }

    /// Records the end of a check.
    pub(super) fn finish(
        &mut self,
        place: usize,
        finished: FinishedCheck,
        now: DateTime<Utc>,
        blank: Blank<'_>,
    ) {
        let FinishedCheck {
            report,
            observation,
            contacts,
            delay,
        } = finished;
        let heard = self.tally.take(contacts);
        let was_offline = self.offline_since.is_some();
        if heard == NetworkEvidence::Answer {
            self.answers += 1;
            self.go_online(now);
        }
        let (offline, answers) = (self.offline_since.is_some(), self.answers);
        let Some(state) = self.tenants.get_mut(place) else {
            return;
        };
        self.dirty = true;
        let row = state.row_mut();
        row.activity = Activity::Waiting;
        row.next_at = Some(later(now, delay));
        if offline && heard == NetworkEvidence::Loss {
            return;
        }
        if heard == NetworkEvidence::Loss {
            state.remember(answers);
        }
        let row = state.row_mut();
        row.observation = observation;
        row.elsewhere = false;
        self.apply(place, report, delay, now);
        self.settle(place, heard, now, blank);
        if was_offline && !offline {
            self.age(now);
        }
    }

    /// Decides which verdicts count after a check with this evidence about the network.
    fn settle(
        &mut self,
        place: usize,
        heard: NetworkEvidence,
        now: DateTime<Utc>,
        blank: Blank<'_>,
    ) {
        let verdict = self
            .tenants
            .get(place)
            .and_then(|state| state.verdict.clone());
        match heard {
            NetworkEvidence::Answer => {
                self.confirmed_reports.append(&mut self.doubted_reports);
                self.confirmed_reports.extend(verdict);
            }
            // without a request there is no evidence about the network
            NetworkEvidence::Nothing if self.offline_since.is_some() => {}
            NetworkEvidence::Nothing => self.confirmed_reports.extend(verdict),
            NetworkEvidence::Loss => {
                self.doubted_reports.extend(verdict);
                self.lost(now, blank);
            }
        }
    }

    /// Shows the result of another process unless a newer one is shown; returns whether it is shown.
    pub(super) fn peer_result(
        &mut self,
        place: usize,
        result: PeerResult,
        now: DateTime<Utc>,
    ) -> bool {
        let PeerResult {
            report, next_at, ..
        } = result;
        let Some(state) = self.tenants.get_mut(place) else {
            return false;
        };
        let known = state.verdict.as_ref().map(|verdict| verdict.checked_at);
        if self.offline_since.is_some() || known.is_some_and(|known| known >= report.checked_at) {
            return false;
        }
        let row = state.row_mut();
        (row.elsewhere, row.observation, row.next_at) = (true, None, Some(next_at));
        self.dirty = true;
        let delay = (next_at - report.checked_at).to_std().unwrap_or_default();
        self.apply(place, report, delay, now);
        true
    }

    /// Shows that the worker of a tenant has failed and when its successor checks again.
    pub(super) fn worker_failed(
        &mut self,
        place: usize,
        report: Report,
        now: DateTime<Utc>,
        delay: Duration,
    ) {
        if let Some(state) = self.tenants.get_mut(place) {
            let row = state.row_mut();
            (row.activity, row.observation) = (Activity::Waiting, None);
            row.next_at = Some(later(now, delay));
        }
        self.apply(place, report, delay, now);
    }

    /// Marks all tenants but those at these places as paused, and returns the names of the others.
    pub(super) fn pause_all_but(&mut self, canaries: &[usize], now: DateTime<Utc>) -> Vec<String> {
        self.sparing_since = Some(now);
        self.dirty = true;
        let mut names = Vec::new();
        for (place, state) in self.tenants.iter_mut().enumerate() {
            if canaries.contains(&place) {
                names.push(state.row.tenant.name.to_string());
            } else if state.row.tenant.mode == Mode::Live {
                state.row_mut().next_at = None;
            }
        }
        names
    }

    /// Decides after a check without an answer whether this machine is offline. Until enough such checks
    /// have ended, no result counts; if it is offline, those results never count.
    fn lost(&mut self, now: DateTime<Utc>, blank: Blank<'_>) {
        let enough = LOSSES.min(self.live());
        if self.tally.losses() < enough {
            return;
        }
        let mut doubted_reports = std::mem::take(&mut self.doubted_reports);
        if self.tally.is_offline(enough) {
            self.go_offline(now, blank);
        } else {
            self.confirmed_reports.append(&mut doubted_reports);
        }
    }

    /// Replaces the verdict of a tenant.
    fn apply(&mut self, place: usize, report: Report, delay: Duration, now: DateTime<Utc>) {
        let offline = self.offline_since.is_some();
        let Some(state) = self.tenants.get_mut(place) else {
            return;
        };
        let change = change(state.verdict.as_deref(), &report);
        let last = state.row.streak.zip(state.verdict.as_deref());
        let streak = match state.remembered(&report) {
            Some(streak) => streak,
            None => health::streak(last, &report),
        };
        let status = report.status;
        let row = Arc::make_mut(&mut state.row);
        row.streak = Some(streak);
        // the history may hold a result of another process already
        if row.history.back().is_none_or(|last| !is_of(last, &report)) {
            let point = point(&report);
            row.day.note(&point);
            row.history.push_back(point);
        }
        let surplus = row.history.len().saturating_sub(HISTORY);
        row.history.drain(..surplus);
        row.stale_at = Some(health::stale_at(report.checked_at, row.tenant.pace, delay));
        state.stale = false;
        let name = report.name.clone();
        state.verdict = Some(Arc::new(report));
        state.show(offline);
        if let Some(text) = change {
            self.event(now, Some(name), status, &text);
        }
    }

    /// Withholds every verdict, and drops the results since the last answer.
    fn go_offline(&mut self, since: DateTime<Utc>, blank: Blank<'_>) {
        if self.offline_since.is_some() {
            return;
        }
        self.offline_since = Some(since);
        let answers = self.answers;
        for state in &mut self.tenants {
            if let Some(before) = state.before.take_if(|before| before.answers == answers) {
                state.restore(before);
            }
            state.show(true);
            if state.verdict.is_none() {
                let report = blank(&state.row.tenant);
                let report = health::withhold(&report, &Withheld::Offline);
                state.row_mut().report = Some(Arc::new(report));
            }
        }
        let text = "this machine is offline: no address answers; all verdicts are held";
        self.event(since, None, Status::Unknown, text);
    }

    /// Shows the withheld verdicts again.
    fn go_online(&mut self, now: DateTime<Utc>) {
        if self.offline_since.take().is_none() {
            return;
        }
        for state in &mut self.tenants {
            state.show(false);
        }
        self.event(now, None, Status::Ok, "this machine is online again");
    }

    /// Withholds verdicts that are too old.
    pub(super) fn age(&mut self, now: DateTime<Utc>) {
        if self.offline_since.is_some() {
            return;
        }
        let mut aged = Vec::new();
        for state in &mut self.tenants {
            let due = state.row.stale_at.is_some_and(|at| at <= now);
            if due && !state.stale && state.verdict.is_some() {
                state.stale = true;
                state.show(false);
                aged.push(state.row.tenant.name.clone());
            }
        }
        self.dirty |= !aged.is_empty();
        for name in aged {
            let text = "the last result is too old to count";
            self.event(now, Some(name), Status::Unknown, text);
        }
    }

    /// Lists alerts among the events, except those that the results have listed already.
    pub(super) fn alerted(&mut self, alerts: &[Alert]) {
        for alert in alerts {
            match alert.kind {
                Kind::Failing
                | Kind::CauseChanged
                | Kind::Recovered
                | Kind::Offline
                | Kind::Online
                | Kind::Test => {}
                Kind::Expiry
                | Kind::Flapping
                | Kind::Blind
                | Kind::Sighted
                | Kind::Unreadable
                | Kind::Readable
                | Kind::Retirement => {
                    let status = match (alert.kind.is_end(), alert.urgency) {
                        (true, _) | (_, Urgency::Low) => Status::Ok,
                        (_, Urgency::Normal) => Status::Warning,
                        (_, Urgency::Critical) => Status::Critical,
                    };
                    self.event(alert.at, alert.tenant.clone(), status, alert.news());
                }
            }
        }
    }

    pub(super) fn event(
        &mut self,
        at: DateTime<Utc>,
        tenant: Option<TenantName>,
        status: Status,
        text: &str,
    ) {
        if self.events.len() >= EVENTS {
            self.events.pop_front();
        }
        let text = text::line(text);
        self.events.push_back(Arc::new(Event {
            at,
            tenant,
            status,
            text,
        }));
        self.dirty = true;
    }

    /// Returns the number of tenants in [`Mode::Live`].
    pub(super) fn live(&self) -> usize {
        let live = |state: &&TenantState| state.row.tenant.mode == Mode::Live;
        self.tenants.iter().filter(live).count()
    }
}

fn later(now: DateTime<Utc>, delay: Duration) -> DateTime<Utc> {
    let delay = TimeDelta::from_std(delay).unwrap_or(TimeDelta::MAX);
    now.checked_add_signed(delay)
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}
