//! The board as a report and as metrics, with the state of the process.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};
use tokio::sync::watch;

use super::{
    Reload,
    liveness::{Condition, Life, Liveness},
    process::Process,
};
use crate::{
    assessment,
    board::{Board, Row},
    clock::Clock,
    health::{self, Withheld},
    report::{json, prometheus},
    tenant::{Mode, TenantName},
    verdict::{Fleet, Live, Report},
};

/// Renders a running monitor.
#[derive(Debug)]
pub struct Snapshot {
    board: watch::Receiver<Arc<Board>>,
    reload: watch::Receiver<Reload>,
    trouble: watch::Receiver<Option<String>>,
    clock: Clock,
    started_at: DateTime<Utc>,
    memory: Mutex<Memory>,
}

/// State that the board does not hold.
#[derive(Debug)]
struct Memory {
    liveness: Liveness,
    /// Start of the last check that succeeded.
    successes: HashMap<TenantName, DateTime<Utc>>,
}

impl Snapshot {
    /// Takes the board, what becomes of the config, and why messages do not get through.
    pub fn new(
        board: watch::Receiver<Arc<Board>>,
        reload: watch::Receiver<Reload>,
        trouble: watch::Receiver<Option<String>>,
        clock: Clock,
    ) -> Self {
        Self {
            board,
            reload,
            trouble,
            clock,
            started_at: clock.now(),
            memory: Mutex::new(Memory {
                liveness: Liveness::new(clock.instant()),
                successes: HashMap::new(),
            }),
        }
    }

    /// Looks at the board and returns whether checks complete.
    ///
    /// To be called more often than a row's history is long, so that no success is missed.
    pub fn look(&self) -> Condition {
        let board = self.board();
        let mut memory = self.memory();
        memory.note_successes(&board);
        let condition = memory
            .liveness
            .look(&board, self.clock.now(), self.clock.instant());
        Condition {
            life: if self.has_ended() {
                Life::Ended
            } else {
                condition.life
            },
            ..condition
        }
    }

    /// Whether the monitor has ended: then its last board says nothing about the present.
    fn has_ended(&self) -> bool {
        self.board.has_changed().is_err()
    }

    /// Returns the verdict of a row, withheld when the monitor has ended.
    fn verdict<'r>(&self, report: &'r Report) -> Cow<'r, Report> {
        if self.has_ended() {
            Cow::Owned(health::withhold(report, &Withheld::MonitorEnded))
        } else {
            Cow::Borrowed(report)
        }
    }

    /// Returns the latest verdicts as `check --format json` writes them. A tenant that was not
    /// checked yet is unknown.
    pub fn report(&self) -> String {
        let now = self.clock.now();
        let shown = |row: &Arc<Row>| match &row.report {
            Some(report) => self.verdict(report).into_owned(),
            None => pending(row, now),
        };
        let reports = self.board().rows.iter().map(shown).collect();
        json::render(&Fleet::new(reports, now)).to_string()
    }

    /// Returns the latest verdicts, and the process itself, as metrics. A tenant that was not checked
    /// yet has no samples.
    pub fn metrics(&self) -> String {
        let condition = self.look();
        let board = self.board();
        let checked = board.rows.iter().filter_map(|row| row.report.as_deref());
        let checked = checked.map(|report| self.verdict(report).into_owned());
        let fleet = Fleet::new(checked.collect(), self.clock.now());
        let successes = |name: &TenantName| self.memory().successes.get(name).copied();
        let verdicts = prometheus::with_successes(&fleet, successes);
        let process = Process {
            board: &board,
            pending: board.rows.len() - fleet.tenants.len(),
            healthy: condition.is_healthy(),
            mute: self.trouble.borrow().is_some(),
            reload: *self.reload.borrow(),
            started_at: self.started_at,
        };
        format!("{verdicts}{process}")
    }

    /// Returns one line on the state of everything, for `systemctl status`.
    pub fn status(&self) -> String {
        let board = self.board();
        let reports = board.rows.iter().filter_map(|row| row.report.as_deref());
        let sum = Fleet::new(reports.cloned().collect(), self.clock.now()).summary;
        format!(
            "{} checked: {} ok, {} warning, {} critical, {} unknown; {}",
            sum.total,
            sum.ok,
            sum.warning,
            sum.critical,
            sum.unknown,
            self.look()
        )
    }

    fn board(&self) -> Arc<Board> {
        Arc::clone(&self.board.borrow())
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        // every change to it is whole by itself
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    fn note_successes(&mut self, board: &Board) {
        for row in board
            .rows
            .iter()
            .filter(|row| row.tenant.mode == Mode::Live)
        {
            let worked = row.history.iter().rev().find(|point| point.cause.is_none());
            let Some(worked) = worked else { continue };
            match self.successes.get_mut(&row.tenant.name) {
                Some(at) => *at = worked.at,
                None => drop(self.successes.insert(row.tenant.name.clone(), worked.at)),
            }
        }
        if self.successes.len() > board.rows.len() {
            let names: HashSet<_> = board.rows.iter().map(|row| &row.tenant.name).collect();
            self.successes.retain(|name, _| names.contains(name));
        }
    }
}

/// Returns the report on a tenant without any check.
fn pending(row: &Row, now: DateTime<Utc>) -> Report {
    let mut report = assessment::assemble(&row.tenant, None, assessment::Known::default(), now);
    report.live = (row.tenant.mode == Mode::Live).then_some(Live::Unknown);
    health::withhold(&report, &Withheld::Pending)
}
