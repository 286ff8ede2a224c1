//! Whether checks really complete: the answer of `/healthz`, and the condition for the watchdog.

use std::{
    fmt,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    time::Duration,
};

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use crate::board::Board;

/// Time that a check may take beyond its deadline: waiting for a permit, and repeating a failure.
const ALLOWANCE: Duration = Duration::from_secs(30);

/// Whether checks complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// There is nothing to check: an empty part of the tenants.
    Idle,
    /// No check has ended yet, and none needs to have.
    Starting,
    /// Checks complete.
    Working,
    /// No check has completed for longer than the longest interval and deadline.
    Stuck,
    /// The monitor has ended, by a fault of credwatch or at the end of the service.
    Ended,
}

/// Whether checks complete, with the figures behind the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Condition {
    /// The verdict.
    pub life: Life,
    /// Time since a check has completed.
    pub quiet: Duration,
    /// Longest time that may pass.
    pub limit: Duration,
}

impl Condition {
    /// Whether checks really complete.
    pub fn is_healthy(self) -> bool {
        matches!(self.life, Life::Idle | Life::Working)
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (quiet, limit) = (self.quiet.as_secs(), self.limit.as_secs());
        match self.life {
            Life::Idle => f.write_str("ok: there is nothing to check"),
            Life::Starting => write!(f, "no check has completed yet, {quiet} s after the start"),
            Life::Working => write!(f, "ok: a check completed {quiet} s ago"),
            Life::Ended => f.write_str("the monitor has ended: nothing is checked any more"),
            Life::Stuck => write!(
                f,
                "no check has completed for {quiet} s; one is due at least every {limit} s"
            ),
        }
    }
}

/// Observes that checks complete, by monotonic time: a clock that is set changes nothing.
#[derive(Debug)]
pub(super) struct Liveness {
    beat: Instant,
    beaten: bool,
    /// The mark of the board at the last beat.
    mark: u64,
    limit: Duration,
}

impl Liveness {
    pub(super) fn new(at: Instant) -> Self {
        Self {
            beat: at,
            beaten: false,
            mark: 0,
            limit: Duration::ZERO,
        }
    }

    /// Looks at the present board. Every completed check sets the time of the next one, so a changed
    /// set of due times is a completed check, or a reloaded config, which proves as much.
    pub(super) fn look(&mut self, board: &Board, now: DateTime<Utc>, at: Instant) -> Condition {
        let (mark, limit) = (mark(board), limit(board, now));
        if !self.beaten {
            self.limit = limit;
        }
        if let Some(mark) = mark.filter(|mark| *mark != self.mark) {
            *self = Self {
                beat: at,
                beaten: true,
                mark,
                limit,
            };
        }
        let quiet = at.saturating_duration_since(self.beat);
        let life = match (board.rows.is_empty(), quiet > self.limit, self.beaten) {
            (true, _, _) => Life::Idle,
            (false, true, _) => Life::Stuck,
            (false, false, false) => Life::Starting,
            (false, false, true) => Life::Working,
        };
        Condition {
            life,
            quiet,
            limit: self.limit,
        }
    }
}

/// Returns a number that changes when a check completes; `None` before the first.
fn mark(board: &Board) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    let mut any = false;
    for next_at in board.rows.iter().filter_map(|row| row.next_at) {
        next_at.hash(&mut hasher);
        any = true;
    }
    any.then(|| hasher.finish())
}

/// Returns the longest time until a check completes: the next due time decides, but at least the longest
/// interval, since due times are by the wall clock, which may be set.
fn limit(board: &Board, now: DateTime<Utc>) -> Duration {
    let due = |next_at: DateTime<Utc>| (next_at - now).to_std().unwrap_or_default();
    let next = board.rows.iter().filter_map(|row| row.next_at).map(due);
    let paces = || board.rows.iter().map(|row| row.tenant.pace);
    let interval = paces().map(|pace| pace.interval).max();
    let takes = paces().map(|pace| pace.timeout).max();
    next.min().max(interval).unwrap_or_default() + takes.unwrap_or_default() + ALLOWANCE
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{board::Row, monitor::testing::tenant};

    const INTERVAL: Duration = Duration::from_mins(15);

    fn wall(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_219_200 + seconds, 0).unwrap()
    }

    /// A board of one tenant whose next check is due then.
    fn due(next_at: Option<i64>) -> Board {
        let mut tenant = tenant("contoso");
        Arc::make_mut(&mut tenant).pace.interval = INTERVAL;
        let row = Row {
            next_at: next_at.map(wall),
            ..Row::new(tenant)
        };
        Board {
            rows: vec![Arc::new(row)],
            ..Board::default()
        }
    }

    #[test]
    fn health_is_checks_that_complete() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut liveness = Liveness::new(start);
        let mut life = |next_at, seconds: u32| {
            let seen = liveness.look(&due(next_at), wall(seconds.into()), at(seconds.into()));
            seen.life
        };
        assert_eq!(life(None, 1), Life::Starting);
        assert_eq!(life(None, 3000), Life::Stuck);
        assert_eq!(life(Some(3900), 3001), Life::Working);
        assert_eq!(life(Some(3900), 3900), Life::Working);
        assert_eq!(life(Some(3900), 4100), Life::Stuck);
        assert_eq!(life(Some(5000), 4101), Life::Working);
    }

    #[test]
    fn nothing_to_check_is_no_trouble() {
        let now = Instant::now();
        let seen = Liveness::new(now).look(&Board::default(), wall(0), now + 100 * INTERVAL);
        assert_eq!(seen.life, Life::Idle);
        assert!(seen.is_healthy());
    }

    #[test]
    fn a_clock_that_is_set_neither_stops_the_heart_nor_keeps_it_beating() {
        for jump in [-7200, 7200, 10_000_000] {
            let start = Instant::now();
            let mut liveness = Liveness::new(start);
            let board = due(Some(900));
            assert_eq!(liveness.look(&board, wall(0), start).life, Life::Working);
            let later = start + INTERVAL;
            let seen = liveness.look(&board, wall(900 + jump), later);
            assert_eq!(seen.life, Life::Working, "{jump}");
            let seen = liveness.look(&board, wall(2000 + jump), later + INTERVAL);
            assert_eq!(seen.life, Life::Stuck, "{jump}");
            assert!(seen.quiet >= INTERVAL);
        }
    }
}
