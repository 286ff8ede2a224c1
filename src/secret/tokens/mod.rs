//! The kept sign-ins of tenants that act for a person: one refresh token a file, in the state
//! directory.
//!
//! A file is replaced whole, and only by the holder of its lock: two processes never use one token at the
//! same time, and a crash leaves the old token or the new one, never half of one. (Entra lets the old one
//! live when it issues a new one.) No part of a token is ever printed: people see [`Kept`] without it.

mod error;
mod file;
mod kept;
#[cfg(test)]
mod tests;

use std::{
    fs::{File, TryLockError},
    io,
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use tokio::{
    task::spawn_blocking,
    time::{Instant, sleep, timeout},
};

use self::kept::Key;
pub use self::{
    error::TokenStoreError,
    kept::{Kept, Refusal, digest},
};
use crate::{files, state, tenant::Tenant};

/// How often a lock that another process holds is tried again.
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// How long the file system may take to give a kept sign-in.
const PATIENCE: Duration = Duration::from_secs(10);

/// The folder of kept sign-ins.
#[derive(Debug, Clone, Default)]
pub struct TokenStore {
    state: Option<PathBuf>,
}

impl TokenStore {
    /// Returns the store below a state directory, `None` for the usual one. Touches nothing yet.
    pub fn new(state: Option<PathBuf>) -> Self {
        Self { state }
    }

    fn path(&self, key: &Key) -> Result<PathBuf, TokenStoreError> {
        let directory = state::directory(self.state.as_deref())?.join("tokens");
        Ok(state::directory(Some(&directory))?.join(key.file_name()))
    }

    /// Returns what is kept, without waiting for the lock: a file is always whole.
    pub fn peek(&self, tenant: &Tenant) -> Result<Option<Kept>, TokenStoreError> {
        let key = Key::of(tenant);
        file::read(&self.path(&key)?.with_added_extension("json"), &key)
    }

    /// Waits for the lock of the sign-in, and holds it until dropped.
    pub async fn open(&self, tenant: &Tenant, deadline: Instant) -> Result<Slot, TokenStoreError> {
        let key = Key::of(tenant);
        let path = self.path(&key)?;
        let lock = path.with_added_extension("lock");
        let failed = |doing, source| TokenStoreError::File {
            doing,
            path: lock.clone(),
            source,
        };
        let file = files::lock_file(&lock).map_err(|source| failed("written", source))?;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if Instant::now() >= deadline => {
                    return Err(TokenStoreError::Busy);
                }
                Err(TryLockError::WouldBlock) => sleep(LOCK_PAUSE).await,
                Err(TryLockError::Error(source)) => return Err(failed("locked", source)),
            }
        }
        Ok(Slot {
            lock: Arc::new(file),
            path: path.with_added_extension("json"),
            key,
        })
    }
}

/// One kept sign-in with its lock. The system releases the lock when the process dies.
#[derive(Debug)]
pub struct Slot {
    lock: Arc<File>,
    path: PathBuf,
    key: Key,
}

impl Slot {
    /// Returns what is kept.
    pub async fn read(&self) -> Result<Option<Kept>, TokenStoreError> {
        let failed = |source| TokenStoreError::File {
            doing: "read",
            path: self.path.clone(),
            source,
        };
        let (path, key) = (self.path.clone(), self.key.clone());
        // the lock stays until the read has ended, however long its caller waits
        let lock = Arc::clone(&self.lock);
        let read = spawn_blocking(move || {
            let read = file::read(&path, &key);
            drop(lock);
            read
        });
        match timeout(PATIENCE, read).await {
            Ok(Ok(read)) => read,
            Ok(Err(ended)) => Err(failed(io::Error::other(ended))),
            Err(_elapsed) => Err(failed(io::ErrorKind::TimedOut.into())),
        }
    }

    /// Replaces what is kept, and returns when it is safe on the disk.
    pub async fn write(&self, kept: &Kept) -> Result<(), TokenStoreError> {
        let contents = file::contents(&self.key, kept);
        let path = self.path.clone();
        let failed = |source| TokenStoreError::File {
            doing: "written",
            path: self.path.clone(),
            source,
        };
        // syncing takes as long as the disk does, and goes on after the caller has given up: the lock
        // stays until then, so that no other process writes
        let lock = Arc::clone(&self.lock);
        let replaced = spawn_blocking(move || {
            let replaced = file::replace(&path, &contents);
            drop(lock);
            replaced
        });
        replaced
            .await
            .map_err(|ended| failed(io::Error::other(ended)))?
            .map_err(failed)
    }

    /// Removes what is kept, also what a crash left beside it; returns whether there was anything.
    pub fn remove(&self) -> Result<bool, TokenStoreError> {
        file::remove(&self.path).map_err(|source| TokenStoreError::File {
            doing: "removed",
            path: self.path.clone(),
            source,
        })
    }
}
