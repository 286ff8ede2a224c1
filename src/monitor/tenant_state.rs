//! The state of one tenant behind its row of the board, and the changes that a new report makes.

use std::sync::Arc;

use crate::{
    board::{Activity, Point, Row, Streak},
    health::{self, Withheld},
    tenant::Tenant,
    verdict::{Expiry, Live, Report},
};

/// One tenant.
pub(super) struct TenantState {
    pub(super) row: Arc<Row>,
    /// The last verdict that counts; the row shows it or a withheld copy.
    pub(super) verdict: Option<Arc<Report>>,
    pub(super) stale: bool,
    pub(super) before: Option<StateBeforeLoss>,
}

/// The state of a tenant before its checks got no answer.
pub(super) struct StateBeforeLoss {
    /// Number of answers by then; once there are more, this state is obsolete.
    pub(super) answers: u64,
    row: Arc<Row>,
    verdict: Option<Arc<Report>>,
}

impl TenantState {
    pub(super) fn new(tenant: Arc<Tenant>) -> Self {
        Self {
            row: Arc::new(Row::new(tenant)),
            verdict: None,
            stale: false,
            before: None,
        }
    }

    /// Keeps the history of a tenant whose config has changed. The verdict stays only if the new config
    /// checks and judges the same.
    pub(super) fn reconfigured(mut self, tenant: Arc<Tenant>) -> Self {
        let same = is_judged_alike(&self.row.tenant, &tenant);
        let row = self.row_mut();
        row.tenant = tenant;
        row.activity = Activity::Waiting;
        if !same {
            (row.report, row.observation, row.stale_at) = (None, None, None);
            (row.elsewhere, row.next_at) = (false, None);
            (self.verdict, self.before, self.stale) = (None, None, false);
        }
        self
    }

    pub(super) fn row_mut(&mut self) -> &mut Row {
        Arc::make_mut(&mut self.row)
    }

    /// Continues the streak from before this process started, if the first report has the same cause.
    pub(super) fn remembered(&self, report: &Report) -> Option<Streak> {
        let last = self.row.history.back()?;
        let same = self.verdict.is_none() && last.cause == health::cause(report);
        let streak = self.row.streak.filter(|_| same)?;
        Some(Streak {
            checks: streak.checks + u32::from(!is_of(last, report)),
            ..streak
        })
    }

    /// Restores the state before the answers stopped, except for the present activity.
    pub(super) fn restore(&mut self, before: StateBeforeLoss) {
        let Row {
            activity, next_at, ..
        } = *self.row;
        self.row = before.row;
        self.verdict = before.verdict;
        let row = self.row_mut();
        (row.activity, row.next_at) = (activity, next_at);
    }

    /// Shows the verdict, withheld while it does not count.
    pub(super) fn show(&mut self, offline: bool) {
        let stale = self.stale;
        let reason = match (offline, stale) {
            (true, _) => Some(Withheld::Offline),
            (false, true) => Some(Withheld::Stale),
            (false, false) => None,
        };
        let shown = match (&self.verdict, reason) {
            (Some(verdict), Some(reason)) => Some(Arc::new(health::withhold(verdict, &reason))),
            (verdict, _) => verdict.clone(),
        };
        self.row_mut().report = shown;
    }

    /// Remembers the present state, once per answer.
    pub(super) fn remember(&mut self, answers: u64) {
        if self
            .before
            .as_ref()
            .is_some_and(|before| before.answers == answers)
        {
            return;
        }
        self.before = Some(StateBeforeLoss {
            answers,
            row: Arc::clone(&self.row),
            verdict: self.verdict.clone(),
        });
    }
}

/// Whether two configs of a tenant differ only in tags, support texts and pace.
fn is_judged_alike(old: &Tenant, new: &Tenant) -> bool {
    let compared = Tenant {
        pace: new.pace,
        tags: new.tags.clone(),
        support: new.support.clone(),
        ..old.clone()
    };
    compared == *new
}

/// Describes the change that a report brings; `None` without a change, and for a first good report.
pub(super) fn change(last: Option<&Report>, report: &Report) -> Option<String> {
    let live = |report: &Report| match (health::cause(report), report.live) {
        (Some(cause), _) => cause.to_string(),
        (None, None) => "dates only".to_owned(),
        (None, Some(Live::Ok | Live::Failing | Live::Unknown)) => "works".to_owned(),
    };
    let Some(last) = last else {
        // an end date is an alert of its own
        let found = report.diagnosis.as_ref();
        return found.map(|found| format!("{}: {}", found.cause, found.title));
    };
    if !health::same(last, report) {
        return Some(format!("{} → {}", live(last), live(report)));
    }
    (last.expiry != report.expiry).then(|| expiry(report))
}

fn expiry(report: &Report) -> String {
    match report.expiry {
        Some(Expiry::Ok) => "its credential does not end soon".into(),
        Some(Expiry::Warning) => "its credential ends soon".into(),
        Some(Expiry::Critical) => "its credential is about to end".into(),
        Some(Expiry::Expired) => "its credential has ended".into(),
        Some(Expiry::Never) => "its credential has no end".into(),
        Some(Expiry::Unknown) | None => "the end date of its credential is unknown".into(),
    }
}

/// Whether a kept result is that of this report. Results of other processes have whole seconds, and no
/// tenant is checked twice in one second.
pub(super) fn is_of(point: &Point, report: &Report) -> bool {
    point.at.timestamp() == report.checked_at.timestamp()
}

pub(super) fn point(report: &Report) -> Point {
    Point {
        at: report.checked_at,
        status: report.status,
        live: report.live,
        cause: health::cause(report),
        ms: report.ms.unwrap_or_default(),
    }
}
