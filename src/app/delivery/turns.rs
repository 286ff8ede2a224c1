//! The turns of the dashboard and the service, kept in the history: where both watch a tenant, one
//! polls it and the other shows what that finds. `check` knows nothing of them: it always checks.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};

use super::gather::Gather;
use crate::{
    clock::Clock,
    history::{History, HistoryError, Lease, Wish},
    monitor::{Command, OwnResult, PeerResult, PollLeases, settings_fingerprint},
    tenant::Tenant,
};

/// How often it is looked for what other processes found.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// As many wishes wait; while it is full, whoever has one more waits too.
const WISHES: usize = 1024;

/// The turns of this process.
#[derive(Debug, Clone)]
pub(in crate::app) struct Rota {
    history: History,
    wishes: mpsc::Sender<Asked>,
    holder: String,
    clock: Clock,
}

impl Rota {
    /// Begins to keep turns; needs a tokio runtime around it.
    pub(in crate::app) fn new(history: History, clock: Clock) -> Self {
        let holder = format!("{}-{:016x}", std::process::id(), fastrand::u64(..));
        let (wishes, queue) = mpsc::channel(WISHES);
        tokio::spawn(keep_turns(history.clone(), Gather::new(queue), clock));
        Self {
            history,
            wishes,
            holder,
            clock,
        }
    }

    /// Has a wish carried out soon.
    async fn tell(&self, wish: Wish, answer: Option<oneshot::Sender<Option<DateTime<Utc>>>>) {
        // with the queue the runtime ends, and with that everything
        self.wishes.send((wish, answer)).await.ok();
    }

    /// Has a wish carried out and returns what came of it; `None` where that could not be done.
    async fn ask(&self, wish: Wish) -> Option<Option<DateTime<Utc>>> {
        let (answer, answered) = oneshot::channel();
        self.tell(wish, Some(answer)).await;
        answered.await.ok()
    }

    fn lease(&self, tenant: &Tenant, hold: Duration) -> Lease {
        let hold = TimeDelta::from_std(hold).unwrap_or(TimeDelta::MAX);
        let now = self.clock.now();
        Lease {
            tenant: tenant.name.clone(),
            mark: settings_fingerprint(tenant),
            holder: self.holder.clone(),
            until: now.checked_add_signed(hold).unwrap_or(now),
        }
    }

    /// Shows what other processes find, until nobody looks any more.
    pub(in crate::app) async fn follow(self, commands: mpsc::Sender<Command>) {
        let mut known = 0;
        loop {
            let holder = self.holder.clone();
            let found = self
                .history
                .ask(move |store| store.found_elsewhere(&holder, known))
                .await;
            let found = found.inspect_err(unusable);
            let (found, newest) = found.unwrap_or((Vec::new(), known));
            known = newest;
            let found: Vec<PeerResult> = found
                .into_iter()
                .map(|one| PeerResult {
                    fingerprint: one.mark,
                    report: one.report,
                    next_at: one.next_at,
                })
                .collect();
            if !found.is_empty() && commands.send(Command::PeerResults(found)).await.is_err() {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = commands.closed() => return,
            }
        }
    }
}

impl PollLeases for Rota {
    fn acquire(&self, tenant: &Tenant, hold: Duration) -> BoxFuture<'_, Option<DateTime<Utc>>> {
        let wish = Wish::Take(self.lease(tenant, hold));
        // who cannot find out whose turn it is checks
        Box::pin(async move { self.ask(wish).await.flatten() })
    }

    fn publish<'a>(&'a self, found: OwnResult<'a>, hold: Duration) -> BoxFuture<'a, ()> {
        let wish = Wish::PassOn {
            lease: self.lease(found.tenant, hold),
            report: Box::new(found.report.clone()),
            next_at: found.next_at,
        };
        Box::pin(self.tell(wish, None))
    }

    fn release(&self, tenant: &Tenant) -> BoxFuture<'_, ()> {
        let wish = Wish::GiveUp {
            holder: self.holder.clone(),
            tenant: Some(tenant.name.clone()),
        };
        Box::pin(self.tell(wish, None))
    }

    fn release_all(&self) -> BoxFuture<'_, ()> {
        let wish = Wish::GiveUp {
            holder: self.holder.clone(),
            tenant: None,
        };
        Box::pin(async move {
            self.ask(wish).await;
        })
    }
}

/// A wish, and where somebody waits for what comes of it.
type Asked = (Wish, Option<oneshot::Sender<Option<DateTime<Utc>>>>);

/// Carries out what is wished for, as much in one step as has queued up; who waits for what cannot
/// be done hears nothing.
async fn keep_turns(history: History, mut wishes: Gather<Asked>, clock: Clock) {
    while let Some(asked) = wishes.next().await {
        let (wishes, waiting): (Vec<_>, Vec<_>) = asked.into_iter().unzip();
        let done = history
            .ask(move |store| store.carry_out(&wishes, clock.now()))
            .await;
        let done = done.inspect_err(unusable).unwrap_or_default();
        for (answer, until) in waiting.into_iter().zip(done) {
            if let Some(answer) = answer {
                // whoever asked may have gone away
                answer.send(until).ok();
            }
        }
    }
}

fn unusable(error: &HistoryError) {
    tracing::debug!("turns cannot be kept: {error}");
}
