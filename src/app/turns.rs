//! The turns of the dashboard and the service, kept in the history: where both watch a tenant, one
//! polls it and the other shows what that finds. `check` knows nothing of them: it always checks.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;
use tokio::sync::mpsc;

use crate::{
    clock::Clock,
    history::{History, HistoryError, Lease},
    monitor::{Command, Elsewhere, Found, Turns, mark},
    tenant::Tenant,
};

/// How often it is looked for what other processes found.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// The turns of this process.
#[derive(Debug, Clone)]
pub(super) struct Rota {
    history: History,
    holder: String,
    clock: Clock,
}

impl Rota {
    pub(super) fn new(history: History, clock: Clock) -> Self {
        let holder = format!("{}-{:016x}", std::process::id(), fastrand::u64(..));
        Self {
            history,
            holder,
            clock,
        }
    }

    fn lease(&self, tenant: &Tenant, hold: Duration) -> Lease {
        let hold = TimeDelta::from_std(hold).unwrap_or(TimeDelta::MAX);
        let now = self.clock.now();
        Lease {
            tenant: tenant.name.clone(),
            mark: mark(tenant),
            holder: self.holder.clone(),
            until: now.checked_add_signed(hold).unwrap_or(now),
        }
    }

    /// Shows what other processes find, until nobody looks any more.
    pub(super) async fn follow(self, commands: mpsc::Sender<Command>) {
        let mut known = 0;
        loop {
            let holder = self.holder.clone();
            let found = self
                .history
                .ask(move |store| store.found_elsewhere(&holder, known))
                .await;
            let found = found.inspect_err(unusable).unwrap_or_default();
            known = found.last().map_or(known, |last| last.seq);
            let found: Vec<Elsewhere> = found
                .into_iter()
                .map(|one| Elsewhere {
                    mark: one.mark,
                    report: one.report,
                    next_at: one.next_at,
                })
                .collect();
            if !found.is_empty() && commands.send(Command::Elsewhere(found)).await.is_err() {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = commands.closed() => return,
            }
        }
    }
}

impl Turns for Rota {
    fn take(&self, tenant: &Tenant, hold: Duration) -> BoxFuture<'_, Option<DateTime<Utc>>> {
        let lease = self.lease(tenant, hold);
        let clock = self.clock;
        Box::pin(async move {
            let asked = self
                .history
                .ask(move |store| store.take_turn(&lease, clock.now()));
            // who cannot find out whose turn it is checks
            asked.await.inspect_err(unusable).unwrap_or_default()
        })
    }

    fn pass_on<'a>(&'a self, found: Found<'a>, hold: Duration) -> BoxFuture<'a, ()> {
        let lease = self.lease(found.tenant, hold);
        let (report, next_at) = (found.report.clone(), found.next_at);
        Box::pin(async move {
            let kept = self
                .history
                .ask(move |store| store.pass_on(&lease, &report, next_at));
            kept.await.unwrap_or_else(|error| unusable(&error));
        })
    }

    fn give_up(&self, tenant: &Tenant) -> BoxFuture<'_, ()> {
        let (holder, name) = (self.holder.clone(), tenant.name.clone());
        Box::pin(async move {
            let given = self
                .history
                .ask(move |store| store.give_up(&holder, Some(&name)));
            given.await.unwrap_or_else(|error| unusable(&error));
        })
    }

    fn leave(&self) -> BoxFuture<'_, ()> {
        let holder = self.holder.clone();
        Box::pin(async move {
            let left = self.history.ask(move |store| store.give_up(&holder, None));
            left.await.unwrap_or_else(|error| unusable(&error));
        })
    }
}

fn unusable(error: &HistoryError) {
    tracing::debug!("turns cannot be kept: {error}");
}
