//! Reads secrets from their sources: environment, file, command, systemd credential, keyring;
//! certificates with their keys from PEM and PKCS#12 files; and keeps the sign-ins of people
//! ([`tokens`]), which are the only secrets that credwatch writes.
//!
//! A secret is a [`SecretString`] from the first byte, is read anew whenever it is used (only the
//! answer of a command may be kept for a while), and never stands in an error. [`secret_notes`] says what
//! is striking about one. This module sends no secret; `check` and `login` do, and call it.

mod certificate;
mod command;
mod error;
mod file;
mod hint;
#[cfg_attr(not(feature = "keyring"), path = "no_keyring.rs")]
mod keyring;
mod shape;
#[cfg(test)]
mod tests;
pub mod tokens;
mod value;

use std::{
    collections::{HashMap, hash_map::RandomState},
    env,
    ffi::OsString,
    hash::BuildHasher as _,
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::Instant;
use zeroize::Zeroizing;

use crate::{files, tenant::SecretSource};

#[cfg(feature = "keyring")]
pub use self::error::KeyringError;
use self::value::{MAX_BYTES, whole};
pub use self::{
    certificate::{CertificateError, ClientCertificate},
    error::SecretError,
    hint::hint,
    shape::secret_notes,
    value::is_credential_id,
};

/// How long a file system may take to tell the metadata of a secret's file.
const LOOK: Duration = Duration::from_secs(5);

/// Looks up an environment variable.
type Lookup = fn(&str) -> Option<OsString>;

/// Reads secrets, and keeps answers of commands for a limited time.
#[derive(Debug)]
pub struct Secrets {
    lookup: Lookup,
    kept: Mutex<HashMap<Vec<String>, Kept>>,
    salt: RandomState,
}

/// The answer of a command.
#[derive(Debug)]
struct Kept {
    secret: SecretString,
    read_at: Instant,
}

/// Tells two secrets apart without holding them. Only comparable with others of the same [`Secrets`],
/// which has a salt of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(u64);

/// Metadata of a source. Where it differs from an earlier one, the source has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mark {
    modified: Option<SystemTime>,
    length: u64,
}

impl Mark {
    /// Returns when the source was last changed, by its own account.
    pub fn modified(self) -> Option<DateTime<Utc>> {
        self.modified.map(DateTime::from)
    }
}

impl Default for Secrets {
    fn default() -> Self {
        Self::with_environment(|name| env::var_os(name))
    }
}

impl Secrets {
    /// Reads environment variables through `lookup` instead of this process's environment.
    pub fn with_environment(lookup: Lookup) -> Self {
        Self {
            lookup,
            kept: Mutex::default(),
            salt: RandomState::new(),
        }
    }

    /// Returns the secret of a source, before `deadline`. The answer of a command may be up to `ttl`
    /// old.
    pub async fn read(
        &self,
        source: &SecretSource,
        ttl: Duration,
        deadline: Instant,
    ) -> Result<SecretString, SecretError> {
        match source {
            SecretSource::Env(name) => self.environment(name),
            SecretSource::File(path) => file::read(path.clone(), deadline).await,
            SecretSource::Credential(id) => file::read(self.credential(id)?, deadline).await,
            SecretSource::Command(line) => self.command(line, ttl, deadline).await,
            SecretSource::Keyring(name) => keyring::read(name, deadline).await,
        }
    }

    /// Forgets a kept answer, so that the next reading asks the command again: for a secret that was
    /// refused.
    pub fn forget(&self, source: &SecretSource) {
        if let SecretSource::Command(line) = source {
            self.kept().remove(line);
        }
    }

    /// Returns the fingerprint of a secret.
    pub fn fingerprint(&self, secret: &SecretString) -> Fingerprint {
        Fingerprint(self.salt.hash_one(secret.expose_secret()))
    }

    /// Returns the metadata of a source; `None` where there is no file, or a source without metadata.
    pub async fn mark(&self, source: &SecretSource) -> Option<Mark> {
        let path = match source {
            SecretSource::File(path) => path.clone(),
            SecretSource::Credential(id) => self.credential(id).ok()?,
            SecretSource::Env(_) | SecretSource::Command(_) | SecretSource::Keyring(_) => {
                return None;
            }
        };
        let metadata = files::metadata(path, Instant::now() + LOOK).await?;
        Some(Mark {
            modified: metadata.modified().ok(),
            length: metadata.len(),
        })
    }

    fn environment(&self, name: &str) -> Result<SecretString, SecretError> {
        let place = || format!("environment variable '{name}'");
        let value = (self.lookup)(name).ok_or_else(|| SecretError::NotSet {
            name: name.to_owned(),
        })?;
        let bytes = Zeroizing::new(value.into_encoded_bytes());
        if bytes.len() > MAX_BYTES {
            return Err(SecretError::TooLarge { place: place() });
        }
        // not cut: what stands in a variable stands there on purpose
        whole(&bytes, place)
    }

    fn credential(&self, id: &str) -> Result<PathBuf, SecretError> {
        if !is_credential_id(id) {
            return Err(SecretError::BadId);
        }
        match (self.lookup)("CREDENTIALS_DIRECTORY") {
            Some(folder) if !folder.is_empty() => Ok(PathBuf::from(folder).join(id)),
            _ => Err(SecretError::NoCredentials { id: id.to_owned() }),
        }
    }

    async fn command(
        &self,
        line: &[String],
        ttl: Duration,
        deadline: Instant,
    ) -> Result<SecretString, SecretError> {
        if let Some(secret) = self.still_kept(line, ttl) {
            return Ok(secret);
        }
        // two readers may run the same command at once: rare, and harmless
        let secret = command::run(line, deadline).await?;
        if !ttl.is_zero() {
            let kept = Kept {
                secret: secret.clone(),
                read_at: Instant::now(),
            };
            self.kept().insert(line.to_vec(), kept);
        }
        Ok(secret)
    }

    fn still_kept(&self, line: &[String], ttl: Duration) -> Option<SecretString> {
        let mut kept = self.kept();
        let answer = kept.get(line)?;
        if answer.read_at.elapsed() < ttl {
            return Some(answer.secret.clone());
        }
        kept.remove(line);
        None
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<Vec<String>, Kept>> {
        // each change is a single insert or remove: a panic elsewhere leaves it whole
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
