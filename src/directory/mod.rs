//! Reads what a directory tells of an app's own registration: its secrets and certificates with their
//! ends, and how it is set up; and all apps of a directory, for a reader that may see them.
//!
//! An app may look at itself with no permission granted, so this costs a tenant nothing but a Graph
//! token. Where that fails, and for an app that never signs in by itself, a reader of its directory is
//! asked, if there is one. A directory is asked at most every six hours, once sooner for a secret that it
//! has not listed before, and its answers outlive the process. Nothing is judged or written here, and a
//! part is never shown as the whole. A failed reading is data (a
//! [`Refusal`](crate::registration::Refusal) with its reason); the last good one stays.

mod asker;
mod cache;
mod listing;
mod page;
mod reader;
mod setup;
mod survey;
mod walk;

pub use self::survey::Progress;

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::OptionFuture;
use tokio::time::Instant;

use self::{
    asker::Asker,
    cache::{Cache, RegistrationKey, is_strange},
    reader::FoundBy,
    walk::Refused,
};
use crate::{
    check::{Checker, Session},
    clock::Clock,
    inventory::Reader,
    observation::{Exchange, Outcome},
    registration::{Reading, Registration, Twin},
    stage::{Surface, SurfaceSet},
    tenant::Tenant,
};

/// A reading takes no longer, whatever is left of a check's deadline.
const LIMIT: Duration = Duration::from_secs(5);

/// With less time than this left, it is not worth asking, and no answer would say nothing.
const LEAST: Duration = Duration::from_millis(250);

/// The registrations that are known from directories, and the means to read more.
#[derive(Debug)]
pub struct Directory {
    cache: Cache,
    known: Mutex<HashMap<RegistrationKey, Reading>>,
    /// A reload replaces them all.
    readers: RwLock<Vec<Arc<Reader>>>,
    refresh: bool,
    clock: Clock,
}

impl Directory {
    /// Returns a reader that keeps what it reads in that state directory, if there is one. With
    /// `refresh`, what was read before does not keep it from asking.
    pub fn new(state: Option<&Path>, refresh: bool, clock: Clock) -> Self {
        Self {
            cache: Cache::new(state),
            known: Mutex::default(),
            readers: RwLock::default(),
            refresh,
            clock,
        }
    }

    /// Returns it with apps that may look at whole directories.
    #[must_use]
    pub fn with_readers(self, readers: Vec<Arc<Reader>>) -> Self {
        self.look_through(readers);
        self
    }

    /// Asks these apps from now on, where one may look at whole directories.
    pub fn look_through(&self, readers: Vec<Arc<Reader>>) {
        let mut held = self.readers.write().unwrap_or_else(PoisonError::into_inner);
        *held = readers;
    }

    /// Returns the last reading of a tenant's app; sends nothing.
    pub fn known(&self, tenant: &Tenant) -> Option<Reading> {
        let key = RegistrationKey::of(tenant)?;
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&key).cloned()
    }

    /// Recalls what was read before, also by other processes, and returns whether the directory
    /// should be asked again. `hint` is how the tenant's secret begins, where that is known.
    pub async fn is_due(&self, tenant: &Tenant, hint: Option<&str>) -> bool {
        let Some(key) = RegistrationKey::of(tenant).filter(|_| self.has_way(tenant)) else {
            return false;
        };
        let now = self.clock.now();
        let hint = hint.map(str::to_owned);
        let known = self.known(tenant);
        let is_new = known.is_none();
        let mut reading = known.unwrap_or_default();
        if hint.is_some() {
            reading.hint.clone_from(&hint);
        }
        let stored = match (is_new, reading.is_due(now)) {
            (true, _) => self.cache.first(&key).await,
            (false, true) => self.cache.load(&key).await,
            (false, false) => None,
        };
        // where nothing can be kept any more, what was kept last is older than what is known
        let newer = stored.filter(|stored| stored.asked_at() >= reading.asked_at());
        if let Some(mut stored) = newer {
            stored.hint = hint.or(stored.hint);
            reading = stored;
        }
        let due = self.refresh || reading.is_due(now);
        self.keep(key, reading);
        due
    }

    /// Returns whether a reader can be asked about a tenant's app, without a token of the app.
    pub fn has_reader(&self, tenant: &Tenant) -> bool {
        self.reader_for(tenant).is_some()
    }

    /// Returns whether the app itself or a reader can be asked about the registration.
    pub fn has_way(&self, tenant: &Tenant) -> bool {
        cache::asks_itself(tenant) || self.has_reader(tenant)
    }

    /// Asks the directory, and Graph whether it would open the mailbox; keeps what comes of both.
    ///
    /// `session` holds the credential of the app; `until` is when the check must end.
    pub async fn read(
        &self,
        checker: &Checker,
        tenant: &Tenant,
        session: &Session,
        until: Option<Instant>,
    ) {
        let Some(key) = RegistrationKey::of(tenant).filter(|_| self.has_way(tenant)) else {
            return;
        };
        let now = self.clock.instant();
        let deadline = until.map_or(now + LIMIT, |until| until.min(now + LIMIT));
        if deadline < now + LEAST {
            return;
        }
        let asker = Asker {
            checker,
            tenant,
            session,
            deadline,
        };
        let mut reading = self.known(tenant).unwrap_or_default();
        // an app that got no token at the check would get none now
        let own = if !cache::asks_itself(tenant) {
            Err(Refused::because(
                "the app does not sign in by itself".to_owned(),
            ))
        } else if until.is_some() && !session.is_accepted() {
            Err(Refused::because("the app was not let in".to_owned()))
        } else {
            self.ask(&asker, &mut reading).await
        };
        let (found, read_with) = match self.reader_for(tenant) {
            Some(found_by) if own.as_ref().map_or(true, |found| found.gap.is_some()) => {
                let theirs = reader::registration(&asker, found_by).await;
                reader::better(own, theirs, reading.hint.as_deref())
            }
            _ => (own, reading.hint.clone()),
        };
        match found {
            Ok(found) => reading.take(Registration {
                read_at: self.clock.now(),
                read_with,
                credentials: found.credentials,
                setup: match tenant.directory.home_tenant_id() {
                    Some(_) => found.setup.of_home(),
                    None => found.setup,
                },
                gap: found.gap,
            }),
            Err(refused) => self.fail(&mut reading, refused),
        }
        self.cache.save(&key, &reading, self.clock.now()).await;
        self.keep(key, reading);
    }

    /// Returns the first reader that may read a tenant's app.
    ///
    /// A reader of the app's home sees its own secrets; one of the customer's directory only what
    /// stands on the enterprise app.
    fn reader_for<'a>(&self, tenant: &'a Tenant) -> Option<FoundBy<'a>> {
        let tenant_id = tenant
            .directory
            .home_tenant_id()
            .unwrap_or(&tenant.app.tenant_id);
        let held = self.readers.read().unwrap_or_else(PoisonError::into_inner);
        let mut readers = held.iter();
        let reader = readers.find(|reader| {
            let usable = !is_strange(&reader.sign_in.endpoints);
            usable && tenant.directory.is_on() && reader.reads(tenant_id)
        })?;
        let reader = Arc::clone(reader);
        Some(FoundBy { reader, tenant_id })
    }

    /// Has the app look at itself, and at its mailbox.
    async fn ask(
        &self,
        asker: &Asker<'_>,
        reading: &mut Reading,
    ) -> Result<walk::FoundRegistration, Refused> {
        let graph = asker.graph(asker.tenant, asker.session).await?;
        let now = self.clock.now();
        let wants_twin = wants_twin(asker.tenant, reading, now);
        let (twin, list) = tokio::join!(
            OptionFuture::from(wants_twin.then(|| graph.open_mailbox())),
            asker.list(&graph)
        );
        if let Some(exchange) = twin.flatten() {
            reading.twin = Some(Twin {
                tried_at: now,
                works: works(&exchange),
            });
        }
        list
    }

    fn fail(&self, reading: &mut Reading, refused: Refused) {
        tracing::info!("the directory was not read: {}", refused.reason);
        let wait = TimeDelta::from_std(refused.retry_after).unwrap_or(TimeDelta::MAX);
        reading.refuse(refused.reason, wait, self.clock.now());
    }

    fn keep(&self, key: RegistrationKey, reading: Reading) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(key, reading);
    }
}

/// Whether it is worth knowing, and not known, if Graph would open the mailbox that EWS opens.
fn wants_twin(tenant: &Tenant, reading: &Reading, now: DateTime<Utc>) -> bool {
    let target = &tenant.target;
    // an app that acts for people would open it for them, which its own token says nothing of
    let alone = tenant.delegation.is_none();
    alone
        && target.surfaces == SurfaceSet::of(Surface::Ews)
        && target.mailbox.is_some()
        && reading.is_twin_due(now)
}

/// Returns whether the answer of the twin is a yes or a no; `None` if it is neither (throttled, out of
/// order, lost).
fn works(exchange: &Exchange) -> Option<bool> {
    match &exchange.outcome {
        Outcome::Answer(answer) => match answer.status {
            200 => Some(true),
            401 | 403 | 404 => Some(false),
            _ => None,
        },
        Outcome::Fault(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        registration::Setup,
        tenant::{DirectoryUse, fixture},
    };

    fn read_at(at: DateTime<Utc>) -> Reading {
        let mut reading = Reading::default();
        reading.take(Registration {
            read_at: at,
            read_with: None,
            credentials: Vec::new(),
            setup: Setup::default(),
            gap: None,
        });
        reading
    }

    #[tokio::test]
    async fn what_is_kept_takes_the_place_of_what_is_known_only_where_it_is_newer() {
        let home = tempfile::tempdir().unwrap();
        let directory = Directory::new(Some(home.path()), false, Clock);
        let tenant = Tenant {
            directory: DirectoryUse::Own {
                home_tenant_id: None,
            },
            ..fixture::tenant("contoso")
        };
        let key = RegistrationKey::of(&tenant).unwrap();
        let now = Clock.now();
        let ago = |hours| now - TimeDelta::hours(hours);
        let asked_at = || directory.known(&tenant).and_then(|known| known.asked_at());
        // since then nothing could be kept
        directory.cache.save(&key, &read_at(ago(9)), now).await;
        directory.keep(key.clone(), read_at(ago(7)));
        assert!(directory.is_due(&tenant, None).await);
        assert_eq!(asked_at(), Some(ago(7)));
        // another process has asked since then
        directory.cache.save(&key, &read_at(ago(1)), now).await;
        assert!(!directory.is_due(&tenant, None).await);
        assert_eq!(asked_at(), Some(ago(1)));
    }
}
