//! What credwatch remembers between runs, in one `SQLite` file: results, credentials seen, what
//! directories said, alerts with who was told of them, snoozes.
//!
//! A [`Store`] is the file; a [`History`] is a thread that alone holds one and takes jobs through a
//! bounded queue, so that nobody waits for a disk. Several processes may use one file at once. No
//! secret and no token is ever in it, and a file that a newer credwatch wrote is left alone.
//!
//! Judges nothing and sends nothing: rules come from `alert`, delivery is `notify`'s.

mod ledger;
mod outbox;
mod readings;
mod results;
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
    store::{HistoryError, Store},
    turns::{Latest, Lease, Wish},
};

/// The name of the file in the state directory.
pub const FILE: &str = "history.db";

/// As many jobs wait; while it is full, whoever has one more waits too.
const JOBS: usize = 256;

type Job = Box<dyn FnOnce(&mut Store) + Send>;

/// A store with a thread of its own. Clones share it; it ends with the last of them.
#[derive(Clone)]
pub struct History {
    jobs: mpsc::Sender<Job>,
}

impl History {
    /// Opens a file, making it where it is missing.
    pub fn open(path: &Path) -> Result<Self, HistoryError> {
        Self::start(Store::open(path)?)
    }

    /// Starts with an empty memory that ends with the process: for where no file can be had.
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

    /// Has something done with the store and returns what came of it.
    pub async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store) -> Result<T, HistoryError> + Send + 'static,
    ) -> Result<T, HistoryError> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |store| {
            // whoever asked may have gone away
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
