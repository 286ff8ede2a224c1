//! The store of results and alerts: the history file, and a copy of its ledger in memory while the file
//! cannot be written.
//!
//! During such an outage the copy takes over, so that alerts still go out and messages which the file
//! lists as sent are not sent again. When the file can be written again, the changes of the outage are
//! merged into it: a recovery during the outage ends the failure that was noted before it, and a
//! failure noted during the outage gets its recovery afterwards. What cannot be promised: a process
//! that ends during the outage takes its copy with it.
//!
//! A file that is only locked is no outage. Another process uses it, so the work is left to a later
//! call instead of being done twice.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use chrono::{DateTime, FixedOffset};
use tokio::sync::Mutex;

use super::leases::LeaseClient;
use crate::{
    alert::{Ack, Holds, Snooze},
    board::Past,
    clock::Clock,
    history::{self, History, HistoryError, Store},
    tenant::TenantName,
    verdict::Report,
};

/// The store of this process. Clones share it.
#[derive(Clone)]
pub(in crate::app) struct AlertStore {
    file: Option<HistoryFile>,
    /// Used where there is no file, and during an outage of the file.
    copy: History,
}

/// The history file and its state.
#[derive(Clone)]
struct HistoryFile {
    history: History,
    path: PathBuf,
    /// Whether the copy has taken over. Held over a whole call, so that no call sees a half-merged
    /// ledger; the calls go through one thread anyway.
    outage: Arc<Mutex<bool>>,
}

impl AlertStore {
    /// Opens the history in a directory. If that fails, returns the reason and a store in memory that
    /// starts from what the file lists, as far as it can be read.
    pub(in crate::app) fn open(directory: &Path) -> anyhow::Result<(Self, Option<HistoryError>)> {
        let path = directory.join(history::FILE);
        match History::open(&path) {
            Ok(history) => {
                let file = HistoryFile {
                    history,
                    path,
                    outage: Arc::default(),
                };
                let mut store = Self::in_memory()?;
                store.file = Some(file);
                Ok((store, None))
            }
            Err(problem) => {
                let copy = History::copy_of(&path).context("the history has no memory")?;
                Ok((Self { file: None, copy }, Some(problem)))
            }
        }
    }

    /// Returns an empty store that ends with this process.
    pub(in crate::app) fn in_memory() -> anyhow::Result<Self> {
        let copy = History::in_memory().context("the history has no memory")?;
        Ok(Self { file: None, copy })
    }

    /// Does some work on the store. Returns its result, if it was done, and the problem with the file.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store) -> Result<T, HistoryError> + Clone + Send + 'static,
    ) -> (Option<T>, Option<HistoryError>) {
        let Some(file) = &self.file else {
            return (self.ask_copy(work).await, None);
        };
        let mut outage = file.outage.lock().await;
        if let Err(problem) = self.end_outage(file, &mut outage).await {
            return (self.ask_copy(work).await, Some(problem));
        }
        match file.history.ask(work.clone()).await {
            Ok(done) => (Some(done), None),
            Err(problem) if problem.is_busy() => (None, Some(problem)),
            Err(problem) => {
                self.begin_outage(file, &mut outage).await;
                (self.ask_copy(work).await, Some(problem))
            }
        }
    }

    async fn ask_copy<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store) -> Result<T, HistoryError> + Send + 'static,
    ) -> Option<T> {
        let done = self.copy.ask(work).await;
        done.inspect_err(|error| tracing::error!("the store in memory failed: {error}"))
            .ok()
    }

    /// Returns the history that delivers at present.
    pub(super) async fn current(&self) -> History {
        let Some(file) = &self.file else {
            return self.copy.clone();
        };
        let mut outage = file.outage.lock().await;
        match self.end_outage(file, &mut outage).await {
            Ok(()) => file.history.clone(),
            Err(_problem) => self.copy.clone(),
        }
    }

    /// Lets the copy take over, after the file refused a write.
    pub(super) async fn use_copy(&self) -> History {
        if let Some(file) = &self.file {
            let mut outage = file.outage.lock().await;
            self.begin_outage(file, &mut outage).await;
        }
        self.copy.clone()
    }

    async fn begin_outage(&self, file: &HistoryFile, outage: &mut bool) {
        if *outage {
            return;
        }
        *outage = true;
        let path = file.path.clone();
        let copied = self.copy.ask(move |copy| copy.copy_ledger(&path)).await;
        if let Err(error) = copied {
            tracing::warn!(
                "the history cannot be read either, so messages may be repeated: {error}"
            );
        }
    }

    /// Merges the changes of an outage into the file; fails while the file cannot be written.
    async fn end_outage(&self, file: &HistoryFile, outage: &mut bool) -> Result<(), HistoryError> {
        if !*outage {
            return Ok(());
        }
        let changes = self.copy.ask(|copy| copy.ledger_changes()).await?;
        let merged = move |store: &mut Store| store.merge_ledger(&changes);
        file.history.ask(merged).await?;
        *outage = false;
        Ok(())
    }

    /// Returns the poll leases in the file, if there is one.
    pub(super) fn leases(&self, clock: Clock) -> Option<LeaseClient> {
        let file = self.file.as_ref()?;
        Some(LeaseClient::new(file.history.clone(), clock))
    }

    /// Returns the tenants whose alerts are snoozed or acknowledged.
    pub(in crate::app) async fn holds(&self, clock: Clock) -> Holds {
        let (holds, _problem) = self.ask(move |store| store.holds(clock.now())).await;
        holds.unwrap_or_default()
    }

    /// Returns the kept results of these tenants.
    pub(in crate::app) async fn pasts(&self, tenants: Vec<TenantName>, clock: Clock) -> Vec<Past> {
        let read = move |store: &mut Store| store.past(&tenants, clock.now());
        let (pasts, _problem) = self.ask(read).await;
        pasts.unwrap_or_default()
    }

    /// Snoozes a tenant, or ends its snooze.
    pub(in crate::app) async fn snooze(
        &self,
        tenant: TenantName,
        snooze: Option<Snooze>,
    ) -> Option<HistoryError> {
        let work = move |store: &mut Store| match &snooze {
            Some(snooze) => store.snooze(&tenant, snooze),
            None => store.wake(&tenant).map(drop),
        };
        self.ask(work).await.1
    }

    /// Acknowledges the failure of a tenant, or takes that back.
    pub(in crate::app) async fn acknowledge(
        &self,
        tenant: TenantName,
        ack: Option<Ack>,
    ) -> Option<HistoryError> {
        let work = move |store: &mut Store| store.acknowledge(&tenant, ack.as_ref()).map(drop);
        self.ask(work).await.1
    }

    /// Keeps results.
    pub(in crate::app) async fn record(&self, reports: Vec<Arc<Report>>) -> Option<HistoryError> {
        self.ask(move |store| store.record(&reports)).await.1
    }

    /// Deletes what is older than its retention time.
    pub(in crate::app) async fn forget(&self, clock: Clock) -> Option<HistoryError> {
        self.ask(move |store| store.forget(clock.now())).await.1
    }
}

/// Returns the time with the offset in which people here read it.
pub(super) fn local_now(clock: Clock) -> DateTime<FixedOffset> {
    clock.now().with_timezone(&clock.local_offset())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::fixture::{at, report};

    async fn pasts(store: &AlertStore) -> usize {
        let pasts = store.pasts(vec!["a".into()], Clock).await;
        pasts.first().map_or(0, |past| past.points.len())
    }

    #[tokio::test]
    async fn copy_takes_over_and_gives_back() {
        let home = tempfile::tempdir().unwrap();
        let (store, problem) = AlertStore::open(home.path()).unwrap();
        assert!(problem.is_none());
        let file = store.file.clone().unwrap();
        let refuse = |refuse| {
            let history = file.history.clone();
            async move { history.ask(move |it| it.refuse_writes(refuse)).await }
        };
        let state = |store: &mut Store| store.pause_channel("hook", at(1, 0));
        refuse(true).await.unwrap();
        let (done, problem) = store.ask(state).await;
        assert!(done.is_some() && problem.is_some());
        assert!(*file.outage.lock().await);
        refuse(false).await.unwrap();
        let found = vec![Arc::new(report("a", None, at(1, 0)))];
        assert!(store.record(found).await.is_none());
        assert!(!*file.outage.lock().await);
        let kept = file
            .history
            .ask(|store| store.channel_pause("hook", at(0, 30)))
            .await;
        assert_eq!(kept.unwrap(), Some(at(1, 0)));
        assert_eq!(pasts(&store).await, 1);
    }
}
