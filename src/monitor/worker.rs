//! The worker of one tenant: waits for its turn, checks, tells the hub, and works out when next.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use chrono::TimeDelta;
use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use super::{
    Engine,
    connectivity::{self, Contacts},
    gate::Permit,
    probe::{self, Checked, Probe},
    terms::Terms,
    turns::Found,
};
use crate::{
    board::Activity,
    health,
    observation::Observation,
    schedule::{Outlook, Rhythm},
    tenant::{Mode, Tenant},
    verdict::Report,
};

/// How often the secret source of a failing tenant is looked at.
const SOURCE_LOOK: Duration = Duration::from_secs(5);

/// A turn is kept for so long beyond the next poll, so that nobody takes it from a busy process.
const SLACK: Duration = Duration::from_secs(30);

/// Whose turn it is is not asked more often.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// What a worker tells the hub.
#[derive(Debug)]
pub(super) struct Note {
    /// Which worker; a tenant that was reloaded has a new one.
    pub(super) worker: u64,
    pub(super) news: News,
}

#[derive(Debug)]
pub(super) enum News {
    /// It does something else now.
    Activity(Activity),
    /// A check has ended.
    Done(Box<Done>),
}

#[derive(Debug)]
pub(super) struct Done {
    pub(super) report: Report,
    pub(super) observation: Option<Arc<Observation>>,
    pub(super) contacts: Contacts,
    /// How long until the next poll.
    pub(super) delay: Duration,
}

pub(super) struct Worker<P> {
    pub(super) id: u64,
    pub(super) tenant: Arc<Tenant>,
    pub(super) engine: Arc<Engine<P>>,
    /// By what everybody works at the moment.
    pub(super) terms: watch::Receiver<Arc<Terms>>,
    /// Bounded; when it is full, workers wait, and polls come later.
    pub(super) notes: mpsc::Sender<Note>,
    /// When to check out of turn; only the latest order counts.
    pub(super) orders: watch::Receiver<Option<Order>>,
    /// Who alone is polled, while services are throttled or unavailable.
    pub(super) canaries: watch::Receiver<Canaries>,
    pub(super) stop: CancellationToken,
}

/// Whom to leave out, while not everybody is polled.
pub(super) type Canaries = Option<Arc<BTreeSet<u64>>>;

/// An order to check.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order {
    /// Not earlier than this.
    pub(super) at: Instant,
    /// Also where it is another process's turn, and where only canaries are polled.
    pub(super) forced: bool,
}

/// What a worker remembers between checks.
struct Memory {
    due: Instant,
    /// Nothing is sent before this, since the service asked for it.
    not_before: Instant,
    rhythm: Rhythm,
    /// What the secret source looked like before the last check.
    mark: Option<u64>,
    failing: bool,
    /// Whether the next check is ordered whatever else holds.
    forced: bool,
}

impl<P: Probe> Worker<P> {
    /// Runs until stopped; a check that is under way then is dropped.
    pub(super) async fn run(mut self, first: Duration) {
        let stop = self.stop.clone();
        let start = Instant::now();
        let mut memory = Memory {
            due: start + first,
            not_before: start,
            rhythm: Rhythm::new(self.tenant.pace.interval),
            mark: None,
            failing: false,
            forced: false,
        };
        stop.run_until_cancelled(async {
            loop {
                self.wait(&mut memory).await;
                if !self.poll(&mut memory).await {
                    break;
                }
            }
        })
        .await;
    }

    /// Returns when the next check is due, by the schedule, by an order, or by a new secret.
    async fn wait(&mut self, memory: &mut Memory) {
        loop {
            let look = memory.failing && memory.mark.is_some();
            let rests = !memory.forced && self.rests();
            tokio::select! {
                () = tokio::time::sleep_until(memory.due), if !rests => return,
                changed = self.orders.changed() => {
                    if changed.is_err() {
                        return std::future::pending().await; // the hub is gone: wait to be stopped
                    }
                    if let Some(order) = *self.orders.borrow_and_update() {
                        memory.due = memory.due.min(order.at).max(memory.not_before);
                        memory.forced |= order.forced;
                    }
                    self.look(memory).await;
                }
                changed = self.canaries.changed() => if changed.is_err() {
                    return std::future::pending().await;
                },
                () = tokio::time::sleep(SOURCE_LOOK), if look => self.look(memory).await,
            }
        }
    }

    /// Whether others are polled instead for now.
    fn rests(&self) -> bool {
        let canaries = self.canaries.borrow();
        canaries.as_ref().is_some_and(|it| !it.contains(&self.id))
    }

    /// Makes the next check due at once where the secret source has changed.
    async fn look(&self, memory: &mut Memory) {
        if memory.mark.is_some() && self.engine.probe.source_mark(&self.tenant).await != memory.mark
        {
            memory.due = Instant::now().max(memory.not_before);
            memory.forced = true;
        }
    }

    /// Checks once; `false` when nobody listens any more.
    async fn poll(&mut self, memory: &mut Memory) -> bool {
        if !self.has_turn(memory).await {
            return !self.notes.is_closed();
        }
        // what holds at its start holds for a whole check
        let terms = Arc::clone(&self.terms.borrow());
        let permit = self.enter(&terms).await;
        if !self.tell(News::Activity(Activity::Checking)).await {
            return false;
        }
        memory.mark = self.engine.probe.source_mark(&self.tenant).await;
        let checked = self.check(permit, &terms).await;
        // an order given while the check ran is fulfilled by it
        self.orders.mark_unchanged();
        let done = self.conclude(memory, checked);
        self.share(&done).await;
        self.tell(News::Done(Box::new(done))).await
    }

    /// Returns whether it is this process's turn to check; if not, looks again when that may be.
    async fn has_turn(&self, memory: &mut Memory) -> bool {
        let forced = std::mem::take(&mut memory.forced);
        let Some(turns) = self.engine.turns.as_ref().filter(|_| !forced) else {
            return true;
        };
        let confirm = self.terms.borrow().confirm;
        let hold = self.tenant.pace.timeout * 2 + confirm + SLACK;
        let Some(until) = turns.take(&self.tenant, hold).await else {
            return true;
        };
        let wait = until - self.engine.outside.now().to_utc();
        let wait = wait.to_std().unwrap_or_default().max(LOOK_AGAIN);
        memory.due = Instant::now() + wait;
        false
    }

    /// Hands what was found to other processes. Where nobody answered, that may be this machine's
    /// fault: another one may have better luck.
    async fn share(&self, done: &Done) {
        let Some(turns) = &self.engine.turns else {
            return;
        };
        if connectivity::is_loss(&done.contacts) {
            return turns.give_up(&self.tenant).await;
        }
        let delay = TimeDelta::from_std(done.delay).unwrap_or(TimeDelta::MAX);
        let now = self.engine.outside.now().to_utc();
        let found = Found {
            tenant: &self.tenant,
            report: &done.report,
            next_at: now.checked_add_signed(delay).unwrap_or(now),
        };
        let hold = done.delay.saturating_add(self.tenant.pace.timeout + SLACK);
        turns.pass_on(found, hold).await;
    }

    async fn enter(&self, terms: &Terms) -> Option<Permit> {
        match self.tenant.mode {
            Mode::Dates => None,
            Mode::Live => Some(terms.gate.enter(probe::login_host(&self.tenant)).await),
        }
    }

    async fn check(&self, permit: Option<Permit>, terms: &Terms) -> Checked {
        let engine = &self.engine;
        let confirming = || {
            // when the hub is that busy, a screen can do without this
            let news = News::Activity(Activity::Confirming);
            let _full = self.notes.try_send(Note {
                worker: self.id,
                news,
            });
        };
        probe::check(
            &*engine.probe,
            &self.tenant,
            (permit, &terms.gate, terms.confirm),
            || engine.outside.now().to_utc(),
            confirming,
        )
        .await
    }

    fn conclude(&self, memory: &mut Memory, checked: Checked) -> Done {
        let Checked { report, finding } = checked;
        let judgement = finding.as_ref().map(|found| &found.judgement);
        let outlook = judgement.map_or(Outlook::Steady, Outlook::of);
        let asked = judgement.and_then(|judgement| judgement.retry_after);
        let delay = memory
            .rhythm
            .next(outlook, asked, self.engine.outside.chance());
        let now = Instant::now();
        memory.due = now + delay;
        memory.not_before = now + asked.unwrap_or_default().min(delay);
        memory.failing = health::cause(&report).is_some();
        Done {
            contacts: finding
                .as_ref()
                .map(|found| connectivity::note(&found.observation))
                .unwrap_or_default(),
            observation: finding.map(|found| found.observation),
            report,
            delay,
        }
    }

    async fn tell(&self, news: News) -> bool {
        let note = Note {
            worker: self.id,
            news,
        };
        self.notes.send(note).await.is_ok()
    }
}
