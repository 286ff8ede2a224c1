//! The latest report of every tenant with a short history: what every screen reads.
//!
//! A board is a snapshot. The monitor publishes a new one after each change; readers hold the old
//! one as long as they like and may skip any.

use std::{collections::VecDeque, sync::Arc};

use chrono::{DateTime, Utc};

use crate::{
    alert::Holds,
    observation::Observation,
    tenant::{Tenant, TenantName},
    verdict::{Live, Report, Status, cause::Cause},
};

/// How many results a row remembers.
pub const HISTORY: usize = 48;

/// How many events the board remembers.
pub const EVENTS: usize = 500;

/// The state of everything that is watched.
#[derive(Debug, Clone, Default)]
pub struct Board {
    /// One row a tenant, in the order of the config.
    pub rows: Vec<Arc<Row>>,
    /// What changed, newest last.
    pub events: VecDeque<Arc<Event>>,
    /// Since when no address at all answers, if so: this machine is offline, and no tenant is judged.
    pub offline_since: Option<DateTime<Utc>>,
    /// Since when only a few canaries are polled, if so: services are throttled or unavailable.
    pub sparing_since: Option<DateTime<Utc>>,
    /// How many results were dropped because the history did not take them in time.
    pub unkept: u64,
    /// What credwatch itself cannot do (no session bus, log not writable), for a visible notice.
    pub notices: Vec<String>,
    /// Snoozes and acknowledgements. They hold alerts back and change nothing about what is shown.
    pub holds: Arc<Holds>,
}

/// What the history knows of one tenant from before this process began.
#[derive(Debug, Clone, PartialEq)]
pub struct Past {
    /// The tenant.
    pub tenant: TenantName,
    /// Its latest results, oldest first.
    pub points: VecDeque<Point>,
    /// How the checks of the last day ended.
    pub day: Day,
    /// Since when it has been as it was last.
    pub streak: Option<Streak>,
}

/// One tenant on the board.
#[derive(Debug, Clone)]
pub struct Row {
    /// What is watched.
    pub tenant: Arc<Tenant>,
    /// What is being done about it now.
    pub activity: Activity,
    /// The latest verdict; `None` before the first check has ended.
    pub report: Option<Arc<Report>>,
    /// What that verdict was judged from; `None` for `mode = "dates"`.
    pub observation: Option<Arc<Observation>>,
    /// Recent results, oldest first, at most [`HISTORY`].
    pub history: VecDeque<Point>,
    /// How the checks of the last day ended.
    pub day: Day,
    /// Since when the tenant has had its present cause (or none), and over how many checks.
    pub streak: Option<Streak>,
    /// Whether another process, which holds the poll lease, found that.
    pub elsewhere: bool,
    /// When the next poll is due.
    pub next_at: Option<DateTime<Utc>>,
    /// From when on the latest result is too old to count, so that `live` is unknown.
    pub stale_at: Option<DateTime<Utc>>,
}

impl Row {
    /// Returns the row of a tenant of which nothing is known yet.
    pub fn new(tenant: Arc<Tenant>) -> Self {
        Self {
            tenant,
            activity: Activity::Waiting,
            report: None,
            observation: None,
            history: VecDeque::new(),
            day: Day::default(),
            streak: None,
            elsewhere: false,
            next_at: None,
            stale_at: None,
        }
    }
}

/// What is being done about a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activity {
    /// It waits for its next poll.
    Waiting,
    /// A check is under way.
    Checking,
    /// A check failed in a way that may pass; it is about to be repeated.
    Confirming,
}

/// One past result.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// When the check began.
    pub at: DateTime<Utc>,
    /// Its status.
    pub status: Status,
    /// Whether it worked; `None` where only dates were judged.
    pub live: Option<Live>,
    /// Its cause, if it failed.
    pub cause: Option<Cause>,
    /// How long it took, in milliseconds.
    pub ms: f64,
}

/// How the checks of the last day ended, by the hour.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Day(VecDeque<Hour>);

/// How the checks of one hour ended, leaving unknown results out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hour {
    /// Which one: hours since 1970.
    pub number: i64,
    /// How many found that it works.
    pub worked: u32,
    /// How many found that it does not.
    pub failed: u32,
}

/// A day, in hours.
const DAY: i64 = 24;

impl Day {
    /// Takes in one result; unknown results, and those about dates alone, say nothing about uptime.
    pub fn note(&mut self, point: &Point) {
        let failed = match point.live {
            Some(Live::Ok) => 0,
            Some(Live::Failing) => 1,
            Some(Live::Unknown) | None => return,
        };
        self.add(Hour {
            number: hour(point.at),
            worked: 1 - failed,
            failed,
        });
    }

    /// Takes in what is known of an hour.
    pub fn add(&mut self, hour: Hour) {
        match self.0.iter_mut().find(|known| known.number == hour.number) {
            Some(known) => {
                known.worked = known.worked.saturating_add(hour.worked);
                known.failed = known.failed.saturating_add(hour.failed);
            }
            None => self.0.push_back(hour),
        }
        let newest = self.0.iter().map(|hour| hour.number).max().unwrap_or(0);
        self.0.retain(|hour| newest - hour.number <= DAY);
    }

    /// Takes in what is remembered from before.
    pub fn recall(&mut self, before: Self) {
        before.0.into_iter().for_each(|hour| self.add(hour));
    }

    /// Returns how many checks of the last 24 hours worked, and of how many.
    pub fn uptime(&self, now: DateTime<Utc>) -> (u32, u32) {
        let within = |it: &&Hour| (0..DAY).contains(&(hour(now) - it.number));
        let hours = self.0.iter().filter(within);
        hours.fold((0, 0), |(worked, all), hour| {
            let these = hour.worked.saturating_add(hour.failed);
            (
                worked.saturating_add(hour.worked),
                all.saturating_add(these),
            )
        })
    }

    /// Returns the last 24 hours, oldest first; `None` where there was no result.
    pub fn hours(&self, now: DateTime<Utc>) -> impl Iterator<Item = Option<Hour>> {
        let last = hour(now);
        (last - DAY + 1..=last).map(|number| self.0.iter().find(|it| it.number == number).copied())
    }
}

fn hour(at: DateTime<Utc>) -> i64 {
    at.timestamp().div_euclid(3600)
}

/// A run of equal results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Streak {
    /// When the first of them began.
    pub since: DateTime<Utc>,
    /// How many there are.
    pub checks: u32,
}

/// Something that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When it was noticed.
    pub at: DateTime<Utc>,
    /// The tenant that changed; `None` for credwatch itself.
    pub tenant: Option<TenantName>,
    /// How grave it is.
    pub status: Status,
    /// What happened, safe to show.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::fixture::at;

    #[test]
    fn a_day_has_24_hours_and_leaves_unknown_results_out() {
        let point = |hour, minute, live| Point {
            at: at(hour, minute),
            // an end date that is near says nothing about uptime either
            status: Status::Warning,
            live,
            cause: None,
            ms: 1.0,
        };
        let (up, down) = (Some(Live::Ok), Some(Live::Failing));
        let mut day = Day::default();
        day.note(&point(0, 10, down));
        day.note(&point(1, 10, up));
        day.note(&point(1, 20, Some(Live::Unknown)));
        day.note(&point(1, 25, None));
        day.note(&point(1, 30, down));
        assert_eq!(day.uptime(at(1, 59)), (1, 3));
        let hours: Vec<_> = day.hours(at(2, 0)).collect();
        assert_eq!((hours.len(), hours[23]), (24, None));
        assert_eq!(
            hours[22].map(|hour| (hour.worked, hour.failed)),
            Some((1, 1))
        );
        // an hour is either within the day or not
        assert_eq!(day.uptime(at(24, 0)), (1, 2));
        let mut before = Day::default();
        before.note(&point(20, 0, up));
        day.recall(before);
        assert_eq!(day.uptime(at(24, 0)), (2, 3));
        day.note(&point(60, 0, up));
        assert_eq!(day.uptime(at(60, 0)), (1, 1));
    }
}
