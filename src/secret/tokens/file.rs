//! The files of kept sign-ins: readable by their owner alone, replaced whole.

use std::{
    borrow::Cow,
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Kept, Key, Refusal, TokenStoreError};

/// A larger file is none of ours.
const LIMIT: u64 = 256 * 1024;

/// The version of the format.
const VERSION: u32 = 1;

/// What stands in a file.
#[derive(Serialize, Deserialize)]
struct Record<'a> {
    version: u32,
    #[serde(borrow)]
    login: Cow<'a, str>,
    #[serde(borrow)]
    tenant_id: Cow<'a, str>,
    #[serde(borrow)]
    client_id: Cow<'a, str>,
    #[serde(borrow)]
    mailbox: Cow<'a, str>,
    #[serde(borrow)]
    refresh_token: Cow<'a, str>,
    obtained_at: DateTime<Utc>,
    rotated_at: DateTime<Utc>,
    rotates: bool,
    account: Option<String>,
    scopes: Vec<String>,
    start: Option<String>,
    refused: Option<RefusalRecord>,
}

#[derive(Serialize, Deserialize)]
struct RefusalRecord {
    cause: String,
    code: Option<String>,
    at: DateTime<Utc>,
}

/// Returns what a file is to hold.
pub(super) fn contents(key: &Key, kept: &Kept) -> Zeroizing<Vec<u8>> {
    let record = Record {
        version: VERSION,
        login: key.login.as_str().into(),
        tenant_id: key.tenant_id.as_str().into(),
        client_id: key.client_id.as_str().into(),
        mailbox: key.mailbox.as_str().into(),
        refresh_token: kept.token.expose_secret().into(),
        obtained_at: kept.obtained_at,
        rotated_at: kept.rotated_at,
        rotates: kept.rotates,
        account: kept.account.clone(),
        scopes: kept.scopes.clone(),
        start: kept.start.clone(),
        refused: kept.refused.as_ref().map(|refusal| RefusalRecord {
            cause: refusal.cause.clone(),
            code: refusal.code.clone(),
            at: refusal.at,
        }),
    };
    // room for all of it, so that growing leaves no copy of the token behind
    let mut out = Zeroizing::new(Vec::with_capacity(
        kept.token.expose_secret().len() * 2 + 8192,
    ));
    // strings, numbers and times always become JSON
    serde_json::to_writer(&mut *out, &record).ok();
    out
}

/// Reads a file; `None` where there is none.
pub(super) fn read(path: &Path, key: &Key) -> Result<Option<Kept>, TokenStoreError> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(16 * 1024));
    let opened = File::open(path).and_then(|file| file.take(LIMIT + 1).read_to_end(&mut bytes));
    match opened {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => {
            return Err(TokenStoreError::File {
                doing: "read",
                path: path.to_owned(),
                source,
            });
        }
    }
    parse(&bytes, key)
        .map(Some)
        .map_err(|why| TokenStoreError::Damaged {
            path: path.to_owned(),
            why,
        })
}

fn parse(bytes: &[u8], key: &Key) -> Result<Kept, &'static str> {
    if bytes.len() as u64 > LIMIT {
        return Err("it is too large");
    }
    // the parser's own words may repeat what stands there
    let record: Record<'_> =
        serde_json::from_slice(bytes).map_err(|_secret| "it is not as it was written")?;
    if record.version != VERSION {
        return Err("it was written by another version of credwatch");
    }
    let found = Key {
        login: record.login.into_owned(),
        tenant_id: record.tenant_id.into_owned(),
        client_id: record.client_id.into_owned(),
        mailbox: record.mailbox.into_owned(),
    };
    if found != *key {
        return Err("it belongs to another tenant");
    }
    if record.refresh_token.is_empty() {
        return Err("it holds no token");
    }
    Ok(Kept {
        token: SecretString::from(&*record.refresh_token),
        obtained_at: record.obtained_at,
        rotated_at: record.rotated_at,
        rotates: record.rotates,
        account: record.account,
        scopes: record.scopes,
        start: record.start,
        refused: record.refused.map(|refusal| Refusal {
            cause: refusal.cause,
            code: refusal.code,
            at: refusal.at,
        }),
    })
}

/// Replaces a file whole: written beside it, synced, renamed, and the folder synced.
///
/// Only whoever holds the lock comes here, so one name beside it is enough; what a crash left there
/// is written over.
pub(super) fn replace(path: &Path, contents: &[u8]) -> io::Result<()> {
    let beside = beside(path);
    let written = create_private(&beside).and_then(|mut file| {
        file.write_all(contents)?;
        file.sync_all()
    });
    if let Err(error) = written.and_then(|()| fs::rename(&beside, path)) {
        fs::remove_file(&beside).ok();
        return Err(error);
    }
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// Removes a file, and what a crash left beside it; returns whether there was either.
pub(super) fn remove(path: &Path) -> io::Result<bool> {
    let beside = beside(path);
    let mut found = false;
    for file in [beside.as_path(), path] {
        match fs::symlink_metadata(file) {
            // whatever a folder is doing there, it holds no token of ours
            Ok(there) if there.is_dir() => {}
            Ok(_) => {
                fs::remove_file(file)?;
                found = true;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// Where a file is written before it takes its place.
fn beside(path: &Path) -> PathBuf {
    path.with_added_extension("new")
}

/// Opens a file for its owner alone, making it where it is missing.
pub(super) fn open_private(path: &Path) -> io::Result<File> {
    private(OpenOptions::new().write(true).create(true).truncate(false)).open(path)
}

fn create_private(path: &Path) -> io::Result<File> {
    // made anew, so that the mode is ours and no link is followed
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    private(OpenOptions::new().write(true).create_new(true)).open(path)
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}
