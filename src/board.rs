//! The latest report of every tenant with a short history: what every screen reads.
//!
//! A board is a snapshot. The monitor publishes a new one after each change; readers hold the old
//! one as long as they like and may skip any.

use std::{collections::VecDeque, sync::Arc};

use chrono::{DateTime, Utc};

use crate::{
    alert::Holds,
    diagnosis::cause::Cause,
    observation::Observation,
    report::{Report, Status},
    tenant::{Tenant, TenantName},
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
    /// How many results were dropped since nobody kept them in time.
    pub unkept: u64,
    /// What credwatch itself cannot do (no session bus, log not writable), for a visible notice.
    pub notices: Vec<String>,
    /// Whose alerts are held, and who is at what. That changes nothing about what is shown of them.
    pub holds: Arc<Holds>,
}

/// What is remembered of one tenant from before this process began.
#[derive(Debug, Clone, PartialEq)]
pub struct Past {
    /// Whose past it is.
    pub tenant: TenantName,
    /// Its latest results, oldest first.
    pub points: VecDeque<Point>,
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
    /// Since when the tenant has had its present cause (or none), and over how many checks.
    pub streak: Option<Streak>,
    /// Whether another process found that, whose turn it is to check.
    pub elsewhere: bool,
    /// When the next poll is due.
    pub next_at: Option<DateTime<Utc>>,
    /// From when on the latest result is too old to count, so that `live` is unknown.
    pub stale_at: Option<DateTime<Utc>>,
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
    /// Its cause, if it failed.
    pub cause: Option<Cause>,
    /// How long it took, in milliseconds.
    pub ms: f64,
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
    /// Whom it is about; `None` for credwatch itself.
    pub tenant: Option<TenantName>,
    /// How grave it is.
    pub status: Status,
    /// What happened, safe to show.
    pub text: String,
}
