//! Poll leases in the history: where the dashboard and a service watch the same tenant, one polls it
//! and the other shows its result. `check` ignores leases and always checks.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};

use super::batch::BatchReceiver;
use crate::{
    clock::Clock,
    history::{History, HistoryError, Lease, LeaseRequest},
    monitor::{Command, OwnResult, PeerResult, PollLeases, settings_fingerprint},
    tenant::Tenant,
};

/// Interval at which results of other processes are read.
const LOOK_INTERVAL: Duration = Duration::from_secs(2);

/// Requests that wait for the history; while it is full, the worker waits.
const REQUESTS: usize = 1024;

/// The leases of this process.
#[derive(Debug, Clone)]
pub(in crate::app) struct LeaseClient {
    history: History,
    requests: mpsc::Sender<Asked>,
    holder: String,
    clock: Clock,
}

impl LeaseClient {
    /// Starts the task that serves requests. Must be called inside a tokio runtime.
    pub(in crate::app) fn new(history: History, clock: Clock) -> Self {
        let holder = format!("{}-{:016x}", std::process::id(), fastrand::u64(..));
        let (requests, queue) = mpsc::channel(REQUESTS);
        tokio::spawn(serve_requests(
            history.clone(),
            BatchReceiver::new(queue),
            clock,
        ));
        Self {
            history,
            requests,
            holder,
            clock,
        }
    }

    /// Queues a request.
    async fn tell(
        &self,
        request: LeaseRequest,
        answer: Option<oneshot::Sender<Option<DateTime<Utc>>>>,
    ) {
        // the queue ends with the runtime
        self.requests.send((request, answer)).await.ok();
    }

    /// Serves a request and returns the answer; `None` if the history could not be used.
    async fn ask(&self, request: LeaseRequest) -> Option<Option<DateTime<Utc>>> {
        let (answer, answered) = oneshot::channel();
        self.tell(request, Some(answer)).await;
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

    /// Shows the results of other processes until the monitor ends.
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
                () = tokio::time::sleep(LOOK_INTERVAL) => {}
                () = commands.closed() => return,
            }
        }
    }
}

impl PollLeases for LeaseClient {
    fn acquire(&self, tenant: &Tenant, hold: Duration) -> BoxFuture<'_, Option<DateTime<Utc>>> {
        let request = LeaseRequest::Take(self.lease(tenant, hold));
        // without an answer this process checks
        Box::pin(async move { self.ask(request).await.flatten() })
    }

    fn publish<'a>(&'a self, found: OwnResult<'a>, hold: Duration) -> BoxFuture<'a, ()> {
        let request = LeaseRequest::PassOn {
            lease: self.lease(found.tenant, hold),
            report: Box::new(found.report.clone()),
            next_at: found.next_at,
        };
        Box::pin(self.tell(request, None))
    }

    fn release(&self, tenant: &Tenant) -> BoxFuture<'_, ()> {
        let request = LeaseRequest::GiveUp {
            holder: self.holder.clone(),
            tenant: Some(tenant.name.clone()),
        };
        Box::pin(self.tell(request, None))
    }

    fn release_all(&self) -> BoxFuture<'_, ()> {
        let request = LeaseRequest::GiveUp {
            holder: self.holder.clone(),
            tenant: None,
        };
        Box::pin(async move {
            self.ask(request).await;
        })
    }
}

/// A request and the place for its answer.
type Asked = (LeaseRequest, Option<oneshot::Sender<Option<DateTime<Utc>>>>);

/// Serves requests, all that have queued up in one transaction. A request that fails gets no answer.
async fn serve_requests(history: History, mut requests: BatchReceiver<Asked>, clock: Clock) {
    while let Some(asked) = requests.next().await {
        let (requests, waiting): (Vec<_>, Vec<_>) = asked.into_iter().unzip();
        let done = history
            .ask(move |store| store.serve_leases(&requests, clock.now()))
            .await;
        let done = done.inspect_err(unusable).unwrap_or_default();
        for (answer, until) in waiting.into_iter().zip(done) {
            if let Some(answer) = answer {
                // the worker may have been stopped
                answer.send(until).ok();
            }
        }
    }
}

fn unusable(error: &HistoryError) {
    tracing::debug!("poll leases cannot be kept: {error}");
}
