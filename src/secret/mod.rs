//! Reads secrets from where they are kept: environment, file, command, systemd credential, keyring;
//! certificates with their keys from PEM and PKCS#12 files; and keeps the sign-ins of people
//! ([`tokens`]), the one thing that is written here.
//!
//! A secret is a [`SecretString`] from the first byte, is read anew whenever it is used (only the
//! answer of a command may be kept for a while), and never stands in an error. What a secret looks like
//! is judged by [`notes()`]; sending it is not this room's business.

mod certificate;
mod command;
mod error;
mod file;
mod hint;
#[cfg_attr(not(feature = "keyring"), path = "no_keyring.rs")]
mod keyring;
mod notes;
#[cfg(test)]
mod tests;
pub mod tokens;

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
pub use self::keyring::KeyringError;
pub use self::{
    certificate::{CertificateError, ClientCertificate},
    error::SecretError,
    hint::hint,
    notes::notes,
};

/// No secret is larger; more is a wrong file or a runaway program.
const MAX_BYTES: usize = 64 * 1024;

/// How long a file system may take to tell the metadata of a secret's file.
const LOOK: Duration = Duration::from_secs(5);

/// Looks up an environment variable.
type Lookup = fn(&str) -> Option<OsString>;

/// Reads secrets, and keeps answers of commands as long as it may.
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

/// Tells two secrets apart without holding them. Only comparable with others of the same
/// [`Secrets`]: the salt is its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(u64);

/// What can be seen of a source without reading it. Another mark: the source has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mark {
    modified: Option<SystemTime>,
    length: u64,
}

impl Mark {
    /// Returns when the source says that it was last changed.
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

    /// Returns what tells a secret from another one.
    pub fn fingerprint(&self, secret: &SecretString) -> Fingerprint {
        Fingerprint(self.salt.hash_one(secret.expose_secret()))
    }

    /// Returns what can be seen of a source without reading it; `None` where only reading tells, and
    /// where there is nothing.
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

/// Returns whether a text can be the id of a systemd credential: a plain file name.
pub fn is_credential_id(id: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '@' | ':');
    !id.is_empty() && id.len() <= 255 && !id.starts_with('.') && id.chars().all(plain)
}

/// Returns what a file or program gave, without the one line end that those put at the end.
fn unterminated(bytes: &[u8], place: impl Fn() -> String) -> Result<SecretString, SecretError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let bytes = match bytes.strip_suffix(b"\n") {
        Some(line) => line.strip_suffix(b"\r").unwrap_or(line),
        None => bytes,
    };
    whole(bytes, place)
}

/// Returns bytes as a secret, if they can be one.
fn whole(bytes: &[u8], place: impl Fn() -> String) -> Result<SecretString, SecretError> {
    // the error of `from_utf8` would hold the bytes' position only, but nobody needs even that
    let Ok(text) = str::from_utf8(bytes) else {
        return Err(SecretError::NotText { place: place() });
    };
    if text.trim().is_empty() {
        return Err(SecretError::Empty { place: place() });
    }
    if text.trim().contains(['\n', '\r']) {
        return Err(SecretError::ManyLines { place: place() });
    }
    Ok(SecretString::from(text))
}
