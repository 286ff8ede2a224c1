//! The board as it is being kept: what each result makes of a row, and what the machine's being
//! offline makes of all. No tasks and no channels here; the hub has those.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};

use super::{
    connectivity::{Heard, Tally},
    slot::{Slot, change, is_of, point},
    worker::Done,
};
use crate::{
    alert::{Alert, Holds, Kind, Urgency},
    board::{Activity, Board, EVENTS, Event, HISTORY, Past},
    health::{self, Withheld},
    tenant::{Mode, Tenant, TenantName},
    text,
    verdict::{Report, Status},
};

/// Without an answer for so many checks in a row, a machine may be offline.
const LOSSES: usize = 2;

/// Makes a report on a tenant of which nothing is known yet.
pub(super) type Blank<'a> = &'a dyn Fn(&Tenant) -> Report;

/// All tenants, and what is known beside them.
pub(super) struct Rows {
    pub(super) slots: Vec<Slot>,
    pub(super) offline_since: Option<DateTime<Utc>>,
    /// Since when only canaries are polled.
    pub(super) sparing_since: Option<DateTime<Utc>>,
    /// How many results were dropped because nobody took them in time.
    pub(super) unkept: u64,
    /// Whether anything has changed since the last picture was taken.
    pub(super) dirty: bool,
    events: VecDeque<Arc<Event>>,
    notices: BTreeMap<&'static str, String>,
    tally: Tally,
    answers: u64,
    /// Reports that would count if it were not for the chance that this machine is offline.
    doubted: Vec<Arc<Report>>,
    /// Reports that count, for whoever keeps them.
    pub(super) settled: Vec<Arc<Report>>,
    holds: Arc<Holds>,
}

impl Rows {
    pub(super) fn new() -> Self {
        Self {
            slots: Vec::new(),
            offline_since: None,
            sparing_since: None,
            unkept: 0,
            dirty: true,
            events: VecDeque::new(),
            notices: BTreeMap::new(),
            tally: Tally::default(),
            answers: 0,
            doubted: Vec::new(),
            settled: Vec::new(),
            holds: Arc::default(),
        }
    }

    /// Takes a picture for everybody.
    pub(super) fn board(&mut self) -> Board {
        self.dirty = false;
        Board {
            rows: self
                .slots
                .iter()
                .map(|slot| Arc::clone(&slot.row))
                .collect(),
            events: self.events.clone(),
            offline_since: self.offline_since,
            sparing_since: self.sparing_since,
            unkept: self.unkept,
            notices: self.notices.values().cloned().collect(),
            holds: Arc::clone(&self.holds),
        }
    }

    /// Shows whose alerts are held and who is at what, and writes down what is new of that.
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
                let text = format!("{} is at it", ack.by);
                self.event(now.to_utc(), Some(tenant.clone()), Status::Ok, &text);
            }
        }
    }

    /// Gives rows that have no past yet the one that is remembered.
    pub(super) fn recall(&mut self, pasts: Vec<Past>) {
        let mut pasts: BTreeMap<TenantName, Past> = pasts
            .into_iter()
            .map(|past| (past.tenant.clone(), past))
            .collect();
        for slot in &mut self.slots {
            let Some(past) = pasts.remove(&slot.row.tenant.name) else {
                continue;
            };
            if slot.row.history.is_empty() {
                let row = slot.row_mut();
                row.history = past.points;
                row.streak = past.streak;
                row.day.recall(past.day);
                self.dirty = true;
            }
        }
    }

    pub(super) fn activity(&mut self, place: usize, activity: Activity) {
        if let Some(slot) = self.slots.get_mut(place) {
            slot.row_mut().activity = activity;
            self.dirty = true;
        }
    }

    /// Shows, changes or removes the notice of one part of credwatch.
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

    /// Takes in the end of a check.
    pub(super) fn done(&mut self, place: usize, done: Done, now: DateTime<Utc>, blank: Blank<'_>) {
        let Done {
            report,
            observation,
            contacts,
            delay,
        } = done;
        let heard = self.tally.take(contacts);
        let was_offline = self.offline_since.is_some();
        if heard == Heard::Answer {
            self.answers += 1;
            self.go_online(now);
        }
        let (offline, answers) = (self.offline_since.is_some(), self.answers);
        let Some(slot) = self.slots.get_mut(place) else {
            return;
        };
        self.dirty = true;
        let row = slot.row_mut();
        row.activity = Activity::Waiting;
        row.next_at = Some(later(now, delay));
        if offline && heard == Heard::Loss {
            return;
        }
        if heard == Heard::Loss {
            slot.remember(answers);
        }
        let row = slot.row_mut();
        row.observation = observation;
        row.elsewhere = false;
        self.apply(place, report, delay, now);
        self.settle(place, heard, now, blank);
        if was_offline && !offline {
            self.age(now);
        }
    }

    /// Decides which verdicts count after a check that heard this.
    fn settle(&mut self, place: usize, heard: Heard, now: DateTime<Utc>, blank: Blank<'_>) {
        let verdict = self.slots.get(place).and_then(|slot| slot.verdict.clone());
        match heard {
            Heard::Answer => {
                self.settled.append(&mut self.doubted);
                self.settled.extend(verdict);
            }
            // it says nothing about the network, so nothing about the others either
            Heard::Nothing if self.offline_since.is_some() => {}
            Heard::Nothing => self.settled.extend(verdict),
            Heard::Loss => {
                self.doubted.extend(verdict);
                self.lost(now, blank);
            }
        }
    }

    /// Shows what another process found, unless something newer is shown; returns whether it is.
    pub(super) fn elsewhere(
        &mut self,
        place: usize,
        report: Report,
        next_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> bool {
        let Some(slot) = self.slots.get_mut(place) else {
            return false;
        };
        let known = slot.verdict.as_ref().map(|verdict| verdict.checked_at);
        if self.offline_since.is_some() || known.is_some_and(|known| known >= report.checked_at) {
            return false;
        }
        let row = slot.row_mut();
        (row.elsewhere, row.observation, row.next_at) = (true, None, Some(next_at));
        self.dirty = true;
        let delay = (next_at - report.checked_at).to_std().unwrap_or_default();
        self.apply(place, report, delay, now);
        true
    }

    /// Notes that only the tenants at these places are polled, and returns their names.
    pub(super) fn spare(&mut self, canaries: &[usize], now: DateTime<Utc>) -> Vec<String> {
        self.sparing_since = Some(now);
        self.dirty = true;
        let mut names = Vec::new();
        for (place, slot) in self.slots.iter_mut().enumerate() {
            if canaries.contains(&place) {
                names.push(slot.row.tenant.name.to_string());
            } else if slot.row.tenant.mode == Mode::Live {
                slot.row_mut().next_at = None;
            }
        }
        names
    }

    /// Decides after a check without an answer whose fault that is: until enough such checks have
    /// ended, no result counts; if it is this machine's, none ever does.
    fn lost(&mut self, now: DateTime<Utc>, blank: Blank<'_>) {
        let enough = LOSSES.min(self.live());
        if self.tally.losses() < enough {
            return;
        }
        let mut doubted = std::mem::take(&mut self.doubted);
        if self.tally.is_offline(enough) {
            self.go_offline(now, blank);
        } else {
            self.settled.append(&mut doubted);
        }
    }

    /// Makes a new verdict the one that counts.
    fn apply(&mut self, place: usize, report: Report, delay: Duration, now: DateTime<Utc>) {
        let offline = self.offline_since.is_some();
        let Some(slot) = self.slots.get_mut(place) else {
            return;
        };
        let change = change(slot.verdict.as_deref(), &report);
        let last = slot.row.streak.zip(slot.verdict.as_deref());
        let streak = match slot.remembered(&report) {
            Some(streak) => streak,
            None => health::streak(last, &report),
        };
        let status = report.status;
        let row = Arc::make_mut(&mut slot.row);
        row.streak = Some(streak);
        // what another process found may be remembered already
        if row.history.back().is_none_or(|last| !is_of(last, &report)) {
            let point = point(&report);
            row.day.note(&point);
            row.history.push_back(point);
        }
        let surplus = row.history.len().saturating_sub(HISTORY);
        row.history.drain(..surplus);
        row.stale_at = Some(health::stale_at(report.checked_at, row.tenant.pace, delay));
        slot.stale = false;
        let name = report.name.clone();
        slot.verdict = Some(Arc::new(report));
        slot.show(offline);
        if let Some(text) = change {
            self.event(now, Some(name), status, &text);
        }
    }

    /// Withholds every verdict, and forgets what was found since the answers stopped.
    fn go_offline(&mut self, since: DateTime<Utc>, blank: Blank<'_>) {
        if self.offline_since.is_some() {
            return;
        }
        self.offline_since = Some(since);
        let answers = self.answers;
        for slot in &mut self.slots {
            if let Some(before) = slot.before.take_if(|before| before.answers == answers) {
                slot.restore(before);
            }
            slot.show(true);
            if slot.verdict.is_none() {
                let report = blank(&slot.row.tenant);
                let report = health::withhold(&report, &Withheld::Offline);
                slot.row_mut().report = Some(Arc::new(report));
            }
        }
        let text = "this machine is offline: no address answers; all verdicts are held";
        self.event(since, None, Status::Unknown, text);
    }

    /// Shows the held verdicts again.
    fn go_online(&mut self, now: DateTime<Utc>) {
        if self.offline_since.take().is_none() {
            return;
        }
        for slot in &mut self.slots {
            slot.show(false);
        }
        self.event(now, None, Status::Ok, "this machine is online again");
    }

    /// Withholds verdicts that have become too old.
    pub(super) fn age(&mut self, now: DateTime<Utc>) {
        if self.offline_since.is_some() {
            return;
        }
        let mut aged = Vec::new();
        for slot in &mut self.slots {
            let due = slot.row.stale_at.is_some_and(|at| at <= now);
            if due && !slot.stale && slot.verdict.is_some() {
                slot.stale = true;
                slot.show(false);
                aged.push(slot.row.tenant.name.clone());
            }
        }
        self.dirty |= !aged.is_empty();
        for name in aged {
            let text = "the last result is too old to count";
            self.event(now, Some(name), Status::Unknown, text);
        }
    }

    /// Writes down what people were told of, as far as the results did not make it an event already.
    pub(super) fn told(&mut self, alerts: &[Alert]) {
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

    /// Returns how many tenants are really checked.
    pub(super) fn live(&self) -> usize {
        let live = |slot: &&Slot| slot.row.tenant.mode == Mode::Live;
        self.slots.iter().filter(live).count()
    }
}

fn later(now: DateTime<Utc>, delay: Duration) -> DateTime<Utc> {
    let delay = TimeDelta::from_std(delay).unwrap_or(TimeDelta::MAX);
    now.checked_add_signed(delay)
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}
