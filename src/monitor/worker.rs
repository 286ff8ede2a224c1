//! The worker of one tenant: waits until a check is due, checks, sends the result to the hub, and works
//! out when the next check is due.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use chrono::TimeDelta;
use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use super::{
    connectivity::{self, Contacts},
    engine::Engine,
    leases::OwnResult,
    limiter::Permit,
    probe::{self, CheckLimits, CompletedCheck, Probe},
    worker_settings::WorkerSettings,
};
use crate::{
    board::Activity,
    health,
    observation::Observation,
    schedule::{Outlook, Rhythm},
    tenant::{Mode, Tenant},
    verdict::Report,
};

/// Interval at which the secret source of a failing tenant is compared.
const SOURCE_INTERVAL: Duration = Duration::from_secs(5);

/// A lease lasts this much longer than the next poll, so that no process takes it from a busy one.
const LEASE_MARGIN: Duration = Duration::from_secs(30);

/// Minimum delay between two lease checks.
const LEASE_CHECK_DELAY: Duration = Duration::from_secs(1);

/// A message of a worker to the hub.
#[derive(Debug)]
pub(super) struct WorkerMessage {
    /// The worker's id. A tenant whose settings were reloaded has a new worker.
    pub(super) worker: u64,
    pub(super) event: WorkerEvent,
}

#[derive(Debug)]
pub(super) enum WorkerEvent {
    /// The worker's activity has changed.
    Activity(Activity),
    /// A check has ended.
    Finished(Box<FinishedCheck>),
}

#[derive(Debug)]
pub(super) struct FinishedCheck {
    pub(super) report: Report,
    pub(super) observation: Option<Arc<Observation>>,
    pub(super) contacts: Contacts,
    /// Time until the next poll.
    pub(super) delay: Duration,
}

pub(super) struct Worker<P> {
    pub(super) id: u64,
    pub(super) tenant: Arc<Tenant>,
    pub(super) engine: Arc<Engine<P>>,
    /// The settings in use; a reload sends new ones.
    pub(super) settings: watch::Receiver<Arc<WorkerSettings>>,
    /// Bounded. While it is full, workers wait, so polls come later and no result is lost.
    pub(super) messages: mpsc::Sender<WorkerMessage>,
    /// Orders for a check out of schedule. Only the latest counts, so the channel cannot fill up.
    pub(super) orders: watch::Receiver<Option<CheckOrder>>,
    /// The workers that poll during canary polling.
    pub(super) canaries: watch::Receiver<Canaries>,
    pub(super) stop: CancellationToken,
}

/// The ids of the workers that poll during canary polling; `None` while all workers poll.
pub(super) type Canaries = Option<Arc<BTreeSet<u64>>>;

/// An order for a check.
#[derive(Debug, Clone, Copy)]
pub(super) struct CheckOrder {
    /// Earliest time of the check.
    pub(super) at: Instant,
    /// Also where another process holds the lease, and during canary polling.
    pub(super) forced: bool,
}

/// The state of a worker between checks.
struct Timetable {
    due: Instant,
    /// No request is sent earlier: the service asked for this pause.
    not_before: Instant,
    rhythm: Rhythm,
    /// The mark of the secret source before the last check.
    source_mark: Option<u64>,
    failing: bool,
    /// Whether the next check ignores leases and canary polling.
    forced: bool,
}

impl<P: Probe> Worker<P> {
    /// Runs until stopped. A check that is under way then is dropped.
    pub(super) async fn run(mut self, first: Duration) {
        let stop = self.stop.clone();
        let start = Instant::now();
        let mut timetable = Timetable {
            due: start + first,
            not_before: start,
            rhythm: Rhythm::new(self.tenant.pace.interval),
            source_mark: None,
            failing: false,
            forced: false,
        };
        stop.run_until_cancelled(async {
            loop {
                self.wait_until_due(&mut timetable).await;
                if !self.poll(&mut timetable).await {
                    break;
                }
            }
        })
        .await;
    }

    /// Returns when the next check is due: by the schedule, by an order, or by a changed secret.
    async fn wait_until_due(&mut self, timetable: &mut Timetable) {
        loop {
            let compare = timetable.failing && timetable.source_mark.is_some();
            let paused = !timetable.forced && self.is_paused();
            tokio::select! {
                () = tokio::time::sleep_until(timetable.due), if !paused => return,
                changed = self.orders.changed() => {
                    if changed.is_err() {
                        return std::future::pending().await; // the hub has ended: wait to be stopped
                    }
                    if let Some(order) = *self.orders.borrow_and_update() {
                        timetable.due = timetable.due.min(order.at).max(timetable.not_before);
                        timetable.forced |= order.forced;
                    }
                    self.compare_source(timetable).await;
                }
                changed = self.canaries.changed() => if changed.is_err() {
                    return std::future::pending().await;
                },
                () = tokio::time::sleep(SOURCE_INTERVAL), if compare => {
                    self.compare_source(timetable).await;
                }
            }
        }
    }

    /// Whether only other workers poll for now.
    fn is_paused(&self) -> bool {
        let canaries = self.canaries.borrow();
        canaries.as_ref().is_some_and(|ids| !ids.contains(&self.id))
    }

    /// Makes the next check due at once if the secret source has changed.
    async fn compare_source(&self, timetable: &mut Timetable) {
        let before = timetable.source_mark;
        if before.is_some() && self.engine.probe.source_mark(&self.tenant).await != before {
            timetable.due = Instant::now().max(timetable.not_before);
            timetable.forced = true;
        }
    }

    /// Checks once; returns `false` when the hub has ended.
    async fn poll(&mut self, timetable: &mut Timetable) -> bool {
        if !self.acquire_lease(timetable).await {
            return !self.messages.is_closed();
        }
        // the settings at its start hold for a whole check
        let settings = Arc::clone(&self.settings.borrow());
        let permit = self.acquire_permit(&settings).await;
        if !self.send(WorkerEvent::Activity(Activity::Checking)).await {
            return false;
        }
        timetable.source_mark = self.engine.probe.source_mark(&self.tenant).await;
        let completed = self.check(permit, &settings).await;
        // the check fulfils an order that was given while it ran
        self.orders.mark_unchanged();
        let finished = self.finish(timetable, completed);
        self.publish(&finished).await;
        self.send(WorkerEvent::Finished(Box::new(finished))).await
    }

    /// Returns whether this process polls; if not, the next attempt is due when the other lease ends.
    async fn acquire_lease(&self, timetable: &mut Timetable) -> bool {
        let forced = std::mem::take(&mut timetable.forced);
        let Some(leases) = self.engine.leases.as_ref().filter(|_| !forced) else {
            return true;
        };
        let confirm = self.settings.borrow().confirm;
        let hold = self.tenant.pace.timeout * 2 + confirm + LEASE_MARGIN;
        let Some(until) = leases.acquire(&self.tenant, hold).await else {
            return true;
        };
        let wait = until - self.engine.environment.now().to_utc();
        let wait = wait.to_std().unwrap_or_default().max(LEASE_CHECK_DELAY);
        timetable.due = Instant::now() + wait;
        false
    }

    /// Publishes a result for other processes. A check without any answer releases the lease instead:
    /// the fault may be this machine's, and another process may get through.
    async fn publish(&self, finished: &FinishedCheck) {
        let Some(leases) = &self.engine.leases else {
            return;
        };
        if connectivity::is_loss(&finished.contacts) {
            return leases.release(&self.tenant).await;
        }
        let delay = TimeDelta::from_std(finished.delay).unwrap_or(TimeDelta::MAX);
        let now = self.engine.environment.now().to_utc();
        let result = OwnResult {
            tenant: &self.tenant,
            report: &finished.report,
            next_at: now.checked_add_signed(delay).unwrap_or(now),
        };
        let hold = finished
            .delay
            .saturating_add(self.tenant.pace.timeout + LEASE_MARGIN);
        leases.publish(result, hold).await;
    }

    async fn acquire_permit(&self, settings: &WorkerSettings) -> Option<Permit> {
        match self.tenant.mode {
            Mode::Dates => None,
            Mode::Live => {
                let host = probe::login_host(&self.tenant);
                Some(settings.limiter.acquire(host).await)
            }
        }
    }

    async fn check(&self, permit: Option<Permit>, settings: &WorkerSettings) -> CompletedCheck {
        let engine = &self.engine;
        let on_confirming = || {
            // dropped when the hub is busy: the screen can do without this activity
            let event = WorkerEvent::Activity(Activity::Confirming);
            let _full = self.messages.try_send(WorkerMessage {
                worker: self.id,
                event,
            });
        };
        let limits = CheckLimits {
            permit,
            limiter: &settings.limiter,
            confirm: settings.confirm,
        };
        let now = || engine.environment.now().to_utc();
        probe::check(&*engine.probe, &self.tenant, limits, now, on_confirming).await
    }

    fn finish(&self, timetable: &mut Timetable, completed: CompletedCheck) -> FinishedCheck {
        let CompletedCheck { report, outcome } = completed;
        let judgement = outcome.as_ref().map(|outcome| &outcome.judgement);
        let outlook = judgement.map_or(Outlook::Steady, Outlook::of);
        let asked = judgement.and_then(|judgement| judgement.retry_after);
        let delay = timetable
            .rhythm
            .next(outlook, asked, self.engine.environment.chance());
        let now = Instant::now();
        timetable.due = now + delay;
        timetable.not_before = now + asked.unwrap_or_default().min(delay);
        timetable.failing = health::cause(&report).is_some();
        FinishedCheck {
            contacts: outcome
                .as_ref()
                .map(|outcome| connectivity::note(&outcome.observation))
                .unwrap_or_default(),
            observation: outcome.map(|outcome| outcome.observation),
            report,
            delay,
        }
    }

    async fn send(&self, event: WorkerEvent) -> bool {
        let message = WorkerMessage {
            worker: self.id,
            event,
        };
        self.messages.send(message).await.is_ok()
    }
}
