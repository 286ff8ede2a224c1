//! Keeps readings between runs: one small file for each app and mailbox in the state directory.
//!
//! Nothing depends on it. What is missing, damaged or too large counts as not there (said in the log),
//! and where nothing can be kept the directory is asked by every process.

use std::{
    fs::{self, OpenOptions},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::{
    registration::Reading,
    state,
    tenant::{Credential, DirectoryUse, Tenant},
};

/// The folder within the state directory.
const FOLDER: &str = "directory";

/// The shape of the files; another one is not read.
const VERSION: u32 = 1;

/// A larger file is not one of ours.
const LARGEST: u64 = 1024 * 1024;

/// What a reading is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Key {
    login: String,
    graph: String,
    tenant_id: String,
    home_tenant_id: Option<String>,
    client_id: String,
    mailbox: Option<String>,
}

impl Key {
    /// Returns what is to be read for a tenant; `None` where nothing is.
    ///
    /// A token of a login service on this machine means nothing to a Graph elsewhere, and is not sent
    /// there.
    pub(super) fn of(tenant: &Tenant) -> Option<Self> {
        let DirectoryUse::Own { home_tenant_id } = &tenant.directory else {
            return None;
        };
        let endpoints = &tenant.endpoints;
        let strange = is_loopback(&endpoints.login) && !is_loopback(&endpoints.graph);
        if strange || tenant.credential == Credential::None {
            return None;
        }
        Some(Self {
            login: endpoints.login.to_string(),
            graph: endpoints.graph.to_string(),
            tenant_id: tenant.app.tenant_id.clone(),
            home_tenant_id: home_tenant_id.clone(),
            client_id: tenant.app.client_id.clone(),
            mailbox: tenant.target.mailbox.clone(),
        })
    }

    /// A name that follows from the key; the key itself stands in the file (FNV-1a, 64 bit).
    fn file_name(&self) -> String {
        let parts = [
            self.login.as_str(),
            &self.graph,
            &self.tenant_id,
            self.home_tenant_id.as_deref().unwrap_or_default(),
            &self.client_id,
            self.mailbox.as_deref().unwrap_or_default(),
        ];
        let bytes = parts.iter().flat_map(|part| part.bytes().chain([0]));
        let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        format!("{hash:016x}.json")
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// One file.
#[derive(Debug, Serialize, Deserialize)]
struct Stored {
    version: u32,
    key: Key,
    reading: Reading,
}

/// Where readings are kept.
#[derive(Debug)]
pub(super) struct Cache {
    folder: Option<PathBuf>,
    /// Whether it was said that nothing can be kept: once is enough.
    told: AtomicBool,
}

impl Cache {
    pub(super) fn new(state: Option<&Path>) -> Self {
        Self {
            folder: state.map(|state| state.join(FOLDER)),
            told: AtomicBool::new(false),
        }
    }

    /// Returns what is kept about that, if it is there and whole.
    pub(super) async fn load(&self, key: &Key) -> Option<Reading> {
        let path = self.folder.as_ref()?.join(key.file_name());
        let read = tokio::task::spawn_blocking(move || (read(&path), path));
        let (found, path) = read.await.ok()?;
        let stored = found
            .inspect_err(|error| {
                tracing::warn!("'{}' is not used: {error}", path.display());
            })
            .ok()??;
        (stored.key == *key).then_some(stored.reading)
    }

    /// Keeps a reading, if there is a place for it.
    pub(super) async fn save(&self, key: &Key, reading: &Reading) {
        let Some(folder) = self.folder.clone() else {
            return;
        };
        let name = key.file_name();
        let stored = Stored {
            version: VERSION,
            key: key.clone(),
            reading: reading.clone(),
        };
        let written = tokio::task::spawn_blocking(move || write(&folder, &name, &stored)).await;
        if let Ok(Err(error)) = written
            && !self.told.swap(true, Ordering::Relaxed)
        {
            tracing::warn!("what the directory said cannot be kept: {error}");
        }
    }
}

fn read(path: &Path) -> io::Result<Option<Stored>> {
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut text = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut text)?;
    if text.len() as u64 > LARGEST {
        return Err(io::Error::other("it is too large"));
    }
    let stored: Stored = serde_json::from_slice(&text)?;
    if stored.version != VERSION {
        return Err(io::Error::other("it is of another version"));
    }
    Ok(Some(stored))
}

/// Written beside and renamed, for readers in other processes. Not synced: a file that a power cut
/// damages is read anew.
fn write(folder: &Path, name: &str, stored: &Stored) -> io::Result<()> {
    state::create_private(folder)?;
    let beside = folder.join(format!(".{name}.{}", uuid::Uuid::new_v4()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let text = serde_json::to_vec(stored)?;
    let written = options
        .open(&beside)
        .and_then(|mut file| file.write_all(&text))
        .and_then(|()| fs::rename(&beside, folder.join(name)));
    if written.is_err() {
        fs::remove_file(&beside).ok();
    }
    written
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::registration::Registration;

    fn key(client_id: &str) -> Key {
        Key {
            login: "https://login.example".into(),
            graph: "https://graph.example".into(),
            tenant_id: "contoso.example".into(),
            home_tenant_id: None,
            client_id: client_id.into(),
            mailbox: None,
        }
    }

    fn reading() -> Reading {
        let mut reading = Reading::default();
        reading.take(Registration {
            read_at: DateTime::UNIX_EPOCH,
            read_with: Some("abc".into()),
            credentials: Vec::new(),
            setup: crate::registration::Setup::default(),
            gap: None,
        });
        reading
    }

    #[tokio::test]
    async fn what_is_kept_comes_back_for_that_app_alone_and_only_to_its_owner() {
        let home = tempfile::tempdir().unwrap();
        let cache = Cache::new(Some(home.path()));
        cache.save(&key("a"), &reading()).await;
        assert_eq!(cache.load(&key("a")).await, Some(reading()));
        assert_eq!(cache.load(&key("b")).await, None);
        let kept: Vec<_> = fs::read_dir(home.path().join(FOLDER)).unwrap().collect();
        assert_eq!(kept.len(), 1, "nothing stays beside it");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = kept[0].as_ref().unwrap().metadata().unwrap().permissions();
            assert_eq!(mode.mode() & 0o777, 0o600);
        }
    }

    #[tokio::test]
    async fn what_is_damaged_foreign_or_too_large_counts_as_not_there() {
        let home = tempfile::tempdir().unwrap();
        let cache = Cache::new(Some(home.path()));
        cache.save(&key("a"), &reading()).await;
        let path = home.path().join(FOLDER).join(key("a").file_name());
        let whole = fs::read_to_string(&path).unwrap();
        let torn = whole.get(..whole.len() / 2).unwrap().to_owned();
        let newer = whole.replace("\"version\":1", "\"version\":2");
        let other = whole.replace("\"client_id\":\"a\"", "\"client_id\":\"b\"");
        let large = format!("{whole}{}", " ".repeat(1024 * 1024));
        for bad in [torn, newer, other, large, String::new()] {
            fs::write(&path, &bad).unwrap();
            assert_eq!(cache.load(&key("a")).await, None, "{bad:.60}");
        }
    }

    #[tokio::test]
    async fn without_a_place_nothing_is_kept_and_nothing_breaks() {
        let home = tempfile::tempdir().unwrap();
        let occupied = home.path().join("file");
        fs::write(&occupied, "").unwrap();
        for cache in [Cache::new(None), Cache::new(Some(&occupied))] {
            cache.save(&key("a"), &reading()).await;
            assert_eq!(cache.load(&key("a")).await, None);
        }
    }
}
