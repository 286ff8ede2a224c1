//! Keeps readings between runs, in the history.
//!
//! Nothing depends on it. What is missing or damaged counts as not there (said in the log), and where
//! nothing can be kept the directory is asked by every process.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::sync::OnceCell;

use crate::{
    history::{FILE, History, HistoryError},
    inventory::{Listing, Reader, Wanted},
    registration::Reading,
    tenant::{Credential, DirectoryUse, Endpoints, Tenant, is_loopback},
};

/// The shape of what is kept; another one is not read.
const VERSION: u32 = 1;

/// How many readings are fetched one by one; for more, all are fetched at once.
const ONE_BY_ONE: usize = 16;

/// A kind of value that can be kept, and its key.
pub(super) trait CacheEntry: Serialize + DeserializeOwned + Send + 'static {
    /// The key of a value.
    type Key: Serialize;
    /// The word for what it is.
    const KIND: &'static str;
}

impl CacheEntry for Reading {
    type Key = RegistrationKey;
    const KIND: &'static str = "registration";
}

impl CacheEntry for Listing {
    type Key = ListingKey;
    const KIND: &'static str = "inventory";
}

/// The key of a reading: an app in a directory.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub(super) struct RegistrationKey {
    login: String,
    graph: String,
    tenant_id: String,
    home_tenant_id: Option<String>,
    client_id: String,
    mailbox: Option<String>,
}

impl RegistrationKey {
    /// Returns what is to be read for a tenant; `None` where nothing is.
    pub(super) fn of(tenant: &Tenant) -> Option<Self> {
        let endpoints = &tenant.endpoints;
        let home_tenant_id = match &tenant.directory {
            DirectoryUse::Off => return None,
            DirectoryUse::Own { .. } if !asks_itself(tenant) => return None,
            DirectoryUse::Own { home_tenant_id } | DirectoryUse::Reader { home_tenant_id } => {
                home_tenant_id
            }
        };
        Some(Self {
            login: endpoints.login.to_string(),
            graph: endpoints.graph.to_string(),
            tenant_id: tenant.app.tenant_id.clone(),
            home_tenant_id: home_tenant_id.clone(),
            client_id: tenant.app.client_id.clone(),
            mailbox: tenant.target.mailbox.clone(),
        })
    }
}

/// The key of a listing: a directory and the filter of apps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct ListingKey {
    login: String,
    graph: String,
    tenant_id: String,
    client_id: String,
    wanted: Wanted,
}

impl ListingKey {
    pub(super) fn of(reader: &Reader, tenant_id: &str) -> Self {
        let endpoints = &reader.sign_in.endpoints;
        Self {
            login: endpoints.login.to_string(),
            graph: endpoints.graph.to_string(),
            tenant_id: tenant_id.to_owned(),
            client_id: reader.sign_in.app.client_id.clone(),
            wanted: reader.wanted.clone(),
        }
    }
}

/// Whether an app can ask about itself.
pub(super) fn asks_itself(tenant: &Tenant) -> bool {
    let own = matches!(tenant.directory, DirectoryUse::Own { .. });
    own && tenant.credential != Credential::None && !is_strange(&tenant.endpoints)
}

/// A token of a login service on this machine means nothing to a Graph elsewhere, and is not sent
/// there.
pub(super) fn is_strange(endpoints: &Endpoints) -> bool {
    is_loopback(&endpoints.login) && !is_loopback(&endpoints.graph)
}

/// One entry.
#[derive(Debug, Serialize, Deserialize)]
struct Stored<T> {
    version: u32,
    value: T,
}

/// The place where readings are kept.
#[derive(Debug)]
pub(super) struct Cache {
    state: Option<PathBuf>,
    file: OnceCell<Option<History>>,
    /// How many registrations were fetched one by one.
    fetched: AtomicUsize,
    /// All registrations as they were kept when many were wanted: one look instead of thousands.
    all: OnceCell<Mutex<HashMap<String, String>>>,
    /// Whether it was said that nothing can be kept: once is enough.
    told: AtomicBool,
}

impl Cache {
    pub(super) fn new(state: Option<&Path>) -> Self {
        Self {
            state: state.map(Path::to_owned),
            file: OnceCell::new(),
            fetched: AtomicUsize::new(0),
            all: OnceCell::new(),
            told: AtomicBool::new(false),
        }
    }

    /// Returns what is kept about an app of which this process knows nothing yet.
    ///
    /// A few are fetched one by one; a fleet at once, so that a thousand tenants are one look.
    pub(super) async fn first(&self, key: &RegistrationKey) -> Option<Reading> {
        if self.fetched.fetch_add(1, Ordering::Relaxed) < ONE_BY_ONE {
            return self.load(key).await;
        }
        let all = self.all.get_or_init(|| self.everything()).await;
        let text = {
            let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
            all.remove(&name(key)?)
        };
        understood(&text?)
    }

    async fn everything(&self) -> Mutex<HashMap<String, String>> {
        let Some(file) = self.file().await else {
            return Mutex::default();
        };
        let all = file.ask(|store| store.readings(Reading::KIND)).await;
        let all = all.inspect_err(|error| self.tell("read", error));
        Mutex::new(all.unwrap_or_default().into_iter().collect())
    }

    /// Returns what is kept under a key, if it is there and whole.
    pub(super) async fn load<T: CacheEntry>(&self, key: &T::Key) -> Option<T> {
        let (file, name) = (self.file().await?, name(key)?);
        let found = file.ask(move |store| store.reading(T::KIND, &name)).await;
        let found = found.inspect_err(|error| self.tell("read", error));
        understood(&found.ok()??)
    }

    /// Keeps something, if there is a place for it.
    pub(super) async fn save<T: CacheEntry>(&self, key: &T::Key, value: &T, now: DateTime<Utc>) {
        let (Some(file), Some(name)) = (self.file().await, name(key)) else {
            return;
        };
        let stored = Stored {
            version: VERSION,
            value,
        };
        let Ok(text) = serde_json::to_string(&stored) else {
            return;
        };
        let kept = file.ask(move |store| store.keep_reading((T::KIND, &name), &text, now));
        if let Err(error) = kept.await {
            self.tell("kept", &error);
        }
    }

    /// Returns the file, opened when it is first wanted.
    async fn file(&self) -> Option<&History> {
        let state = self.state.as_ref()?;
        let opened = self.file.get_or_init(|| async {
            let path = state.join(FILE);
            let opened = tokio::task::spawn_blocking(move || History::open(&path)).await;
            let opened = opened.ok()?;
            opened.inspect_err(|error| self.tell("kept", error)).ok()
        });
        opened.await.as_ref()
    }

    fn tell(&self, what: &str, error: &HistoryError) {
        if !self.told.swap(true, Ordering::Relaxed) {
            tracing::warn!("what directories said cannot be {what}: {error}");
        }
    }
}

/// Under which name something is kept.
fn name(key: &impl Serialize) -> Option<String> {
    serde_json::to_string(key).ok()
}

fn understood<T: CacheEntry>(text: &str) -> Option<T> {
    let stored: Result<Stored<T>, _> = serde_json::from_str(text);
    stored
        .inspect_err(|error| tracing::warn!("what a directory said is not used: {error}"))
        .ok()
        .filter(|stored| stored.version == VERSION)
        .map(|stored| stored.value)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::{history::Store, registration::Registration};

    fn key(client_id: &str) -> RegistrationKey {
        RegistrationKey {
            login: "https://login.example".into(),
            graph: "https://graph.example".into(),
            tenant_id: "contoso.example".into(),
            home_tenant_id: None,
            client_id: client_id.into(),
            mailbox: None,
        }
    }

    fn reading(day: i64) -> Reading {
        let mut reading = Reading::default();
        reading.take(Registration {
            read_at: DateTime::UNIX_EPOCH + TimeDelta::days(day),
            read_with: Some("abc".into()),
            credentials: Vec::new(),
            setup: crate::registration::Setup::default(),
            gap: None,
        });
        reading
    }

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    #[tokio::test]
    async fn what_is_kept_comes_back_for_that_app_alone_also_to_another_process() {
        let home = tempfile::tempdir().unwrap();
        let cache = Cache::new(Some(home.path()));
        cache.save(&key("a"), &reading(1), NOW).await;
        cache.save(&key("a"), &reading(2), NOW).await;
        let other = Cache::new(Some(home.path()));
        for cache in [cache, other] {
            assert_eq!(cache.load(&key("a")).await, Some(reading(2)));
            assert_eq!(cache.first(&key("a")).await, Some(reading(2)));
            assert_eq!(cache.load::<Reading>(&key("b")).await, None);
        }
    }

    #[tokio::test]
    async fn a_fleet_is_fetched_at_once_and_each_gets_its_own() {
        let home = tempfile::tempdir().unwrap();
        let cache = Cache::new(Some(home.path()));
        for number in 0..100 {
            let key = key(&number.to_string());
            cache.save(&key, &reading(number), NOW).await;
        }
        for number in 0..100 {
            let found = cache.first(&key(&number.to_string())).await;
            assert_eq!(found, Some(reading(number)), "{number}");
        }
        assert_eq!(cache.first(&key("new")).await, None);
        assert!(cache.all.initialized());
    }

    #[tokio::test]
    async fn what_is_damaged_or_of_another_version_counts_as_not_there() {
        let home = tempfile::tempdir().unwrap();
        let cache = Cache::new(Some(home.path()));
        cache.save(&key("a"), &reading(1), NOW).await;
        let mut store = Store::open(&home.path().join(FILE)).unwrap();
        let name = name(&key("a")).unwrap();
        let whole = store.reading(Reading::KIND, &name).unwrap().unwrap();
        let torn = whole.get(..whole.len() / 2).unwrap().to_owned();
        let newer = whole.replace("\"version\":1", "\"version\":2");
        for bad in [torn, newer, String::new()] {
            store
                .keep_reading((Reading::KIND, &name), &bad, NOW)
                .unwrap();
            assert_eq!(cache.load::<Reading>(&key("a")).await, None, "{bad:.60}");
        }
    }

    #[tokio::test]
    async fn without_a_place_nothing_is_kept_and_nothing_breaks() {
        let home = tempfile::tempdir().unwrap();
        let occupied = home.path().join("file");
        std::fs::write(&occupied, "").unwrap();
        for cache in [Cache::new(None), Cache::new(Some(&occupied))] {
            cache.save(&key("a"), &reading(1), NOW).await;
            assert_eq!(cache.load::<Reading>(&key("a")).await, None);
        }
    }
}
