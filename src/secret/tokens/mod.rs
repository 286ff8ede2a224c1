//! The kept sign-ins of tenants that act for a person: one refresh token a file, in the state
//! directory.
//!
//! A file is replaced whole and only ever by whoever holds its lock, so that two processes never use
//! one token at once and a crash leaves the old token or the new one, never half of one. (Entra lets
//! the old one live when it hands out a new one.) Nothing of a token is ever printed: what people see
//! is [`Kept`] without it.

mod file;
#[cfg(test)]
mod tests;

use std::{
    fmt::Write as _,
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use tokio::{
    task::spawn_blocking,
    time::{Instant, sleep, timeout},
};

use crate::{
    files,
    state::{self, StateError},
    tenant::Tenant,
    text,
};

/// How often a lock that somebody else holds is tried again.
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// How long the file system may take to give a kept sign-in.
const PATIENCE: Duration = Duration::from_secs(10);

/// A kept sign-in.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The refresh token.
    pub token: SecretString,
    /// When somebody signed in, or the start value was taken.
    pub obtained_at: DateTime<Utc>,
    /// When the token was last replaced by a new one.
    pub rotated_at: DateTime<Utc>,
    /// Whether its last use brought a new one.
    pub rotates: bool,
    /// Who signed in, as far as the tokens told.
    pub account: Option<String>,
    /// What was granted.
    pub scopes: Vec<String>,
    /// The digest of the configured start value that was seen last.
    pub start: Option<String>,
    /// That and why the token was refused for good.
    pub refused: Option<Refusal>,
}

/// Why a token is not sent again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The id of the cause.
    pub cause: String,
    /// The code that the login service gave.
    pub code: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

/// A kept sign-in cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum TokenStoreError {
    /// There is no place for state.
    #[error("{0}")]
    NoPlace(#[from] StateError),
    /// The file system refuses.
    #[error("the kept sign-in '{}' cannot be {doing}: {source}", shown(.path))]
    File {
        /// What was tried: "read", "written" …
        doing: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file is not one of ours, or damaged.
    #[error(
        "the kept sign-in '{}' is damaged ({why}) and was left as it is; sign in again with \
         `credwatch login`, which replaces it", shown(.path)
    )]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it; never its content.
        why: &'static str,
    },
    /// Somebody else uses it all the time.
    #[error(
        "the kept sign-in is in use by another credwatch process, which did not let go of it in time"
    )]
    Busy,
}

fn shown(path: &Path) -> String {
    text::line(&path.to_string_lossy())
}

/// Whose sign-in it is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    login: String,
    tenant_id: String,
    client_id: String,
    mailbox: String,
}

impl Key {
    fn of(tenant: &Tenant) -> Self {
        let mailbox = tenant.target.mailbox.as_deref().unwrap_or_default();
        Self {
            login: tenant.endpoints.login.authority().to_ascii_lowercase(),
            tenant_id: tenant.app.tenant_id.to_ascii_lowercase(),
            client_id: tenant.app.client_id.to_ascii_lowercase(),
            mailbox: mailbox.to_lowercase(),
        }
    }

    /// A file name that people recognise and that no two keys share.
    fn file_name(&self) -> String {
        let parts = [&self.login, &self.tenant_id, &self.client_id, &self.mailbox];
        let joined = parts.map(String::as_str).join("\n");
        let digest: String = hex(&joined).chars().take(32).collect();
        let plain = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
        let client: String = self.client_id.chars().filter(plain).take(64).collect();
        format!("{client}.{digest}")
    }
}

/// Returns what tells one token from another without holding it. Refresh tokens are long and random,
/// so nobody guesses one from this.
pub fn digest(token: &SecretString) -> String {
    hex(token.expose_secret())
}

fn hex(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().fold(String::new(), |mut out, byte| {
        // writing to a String cannot fail
        let _ok = write!(out, "{byte:02x}");
        out
    })
}

/// Where sign-ins are kept.
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

    /// Returns what is kept, without waiting for whoever uses it: a file is always whole.
    pub fn peek(&self, tenant: &Tenant) -> Result<Option<Kept>, TokenStoreError> {
        let key = Key::of(tenant);
        file::read(&self.path(&key)?.with_added_extension("json"), &key)
    }

    /// Waits until nobody else uses the sign-in, and keeps others from it until dropped.
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

/// One kept sign-in, held against everybody else. The lock goes with it, also when a process dies.
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
        // syncing takes as long as the disk does, and goes on where nobody waits for it any more: until
        // then nobody else may write
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
