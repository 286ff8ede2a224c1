//! The memory of credwatch between runs, in one `SQLite` file: results, credentials, answers of
//! directories, alerts with their deliveries, snoozes, poll leases.
//!
//! A [`Store`] is the file. A [`History`] is a thread that owns a store and takes jobs through a bounded
//! queue, so that no task blocks on the disk. Several processes may use one file at once. It never
//! holds a secret or a token, and a file that a newer credwatch wrote is left alone.
//!
//! The module judges nothing and sends nothing: rules come from `alert`, delivery from `notify`. Called
//! by `app` and `directory`.

mod ledger;
mod outage;
mod outbox;
mod pauses;
mod readings;
mod results;
mod retention;
mod schema;
mod snoozes;
mod store;
#[cfg(test)]
mod tests;
mod turns;

use std::{fmt, path::Path, thread};

use tokio::sync::{mpsc, oneshot};

pub use self::{
    ledger::ChannelLedger,
    outage::LedgerChanges,
    store::{HistoryError, Store},
    turns::{Lease, LeaseRequest, SharedResult},
};

/// The name of the file in the state directory.
pub const FILE: &str = "history.db";

/// Jobs that wait for the thread; while it is full, the caller waits.
const JOBS: usize = 256;

type Job = Box<dyn FnOnce(&mut Store) + Send>;

/// A store with a thread of its own. Clones share it; the thread ends with the last of them.
#[derive(Clone)]
pub struct History {
    jobs: mpsc::Sender<Job>,
}

impl History {
    /// Opens a file, making it where it is missing.
    pub fn open(path: &Path) -> Result<Self, HistoryError> {
        Self::start(Store::open(path)?)
    }

    /// Opens a store in memory with a copy of the ledger in a file that cannot be written, as far as the
    /// file can be read.
    pub fn copy_of(path: &Path) -> Result<Self, HistoryError> {
        let mut store = Store::in_memory()?;
        if let Err(error) = store.copy_ledger(path) {
            tracing::debug!("the ledger cannot be copied: {error}");
        }
        Self::start(store)
    }

    /// Opens an empty store that ends with the process, where there can be no file.
    pub fn in_memory() -> Result<Self, HistoryError> {
        Self::start(Store::in_memory()?)
    }

    fn start(mut store: Store) -> Result<Self, HistoryError> {
        let (jobs, mut queue) = mpsc::channel::<Job>(JOBS);
        thread::Builder::new()
            .name("history".into())
            .spawn(move || {
                while let Some(job) = queue.blocking_recv() {
                    job(&mut store);
                }
            })
            .map_err(HistoryError::Thread)?;
        Ok(Self { jobs })
    }

    /// Does a job on the store and returns its result.
    pub async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store) -> Result<T, HistoryError> + Send + 'static,
    ) -> Result<T, HistoryError> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |store| {
            // the caller may have given up
            answer.send(work(store)).ok();
        });
        self.jobs
            .send(job)
            .await
            .map_err(|_closed| HistoryError::Ended)?;
        answered.await.map_err(|_dropped| HistoryError::Ended)?
    }
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("History").finish_non_exhaustive()
    }
}
