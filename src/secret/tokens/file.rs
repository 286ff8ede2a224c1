//! The files of kept sign-ins: their format, and how each is read, replaced and removed.

use std::{
    borrow::Cow,
    io,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::files::{self, Accepts, FileError};

use super::{
    error::TokenStoreError,
    kept::{Kept, Key, Refusal},
};

/// A larger file is not one of ours.
const LIMIT: u64 = 256 * 1024;

/// The version of the format.
const VERSION: u32 = 1;

/// The contents of a file.
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

/// Returns the contents of a file.
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
    // capacity for all of it: growing would leave copies of the token in memory
    let mut out = Zeroizing::new(Vec::with_capacity(
        kept.token.expose_secret().len() * 2 + 8192,
    ));
    // strings, numbers and times always become JSON
    serde_json::to_writer(&mut *out, &record).ok();
    out
}

/// Reads a file; `None` where there is none. A file system without an answer holds up the thread.
pub(super) fn read(path: &Path, key: &Key) -> Result<Option<Kept>, TokenStoreError> {
    let mut bytes = Zeroizing::default();
    match files::read_into(path, Accepts::Regular, LIMIT, &mut bytes) {
        Ok(()) => {}
        Err(error) if error.is_missing() => return Ok(None),
        Err(FileError::TooLarge(_)) => {
            return Err(TokenStoreError::Damaged {
                path: path.to_owned(),
                why: "it is too large",
            });
        }
        Err(error) => {
            return Err(TokenStoreError::File {
                doing: "read",
                path: path.to_owned(),
                source: error.into(),
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

/// Replaces a file whole, and removes what a crash left beside it.
///
/// Only the holder of the lock comes here, so no other process is writing such a file.
pub(super) fn replace(path: &Path, contents: &[u8]) -> io::Result<()> {
    files::write_private(path, contents)?;
    files::remove_leftovers(path)?;
    files::remove(&beside_before(path)).map(drop)
}

/// Removes a file, and what a crash left beside it; returns whether there was either.
pub(super) fn remove(path: &Path) -> io::Result<bool> {
    let left = files::remove(&beside_before(path))?;
    Ok(files::remove(path)? || left)
}

/// The name beside a file under which earlier versions wrote it.
fn beside_before(path: &Path) -> PathBuf {
    path.with_added_extension("new")
}
