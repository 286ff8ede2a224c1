//! Reads what a directory tells of an app's own registration: its secrets and certificates with their
//! ends, and how it is set up.
//!
//! An app may look at itself with no permission granted, so this costs a tenant nothing but a Graph
//! token. It is asked at most every few hours, and what it said outlives the process. What it refuses
//! to do: judge, write to a directory, retry, or show a part as the whole. A failed reading is data
//! (a [`Refusal`](crate::registration::Refusal) with its reason); the last good one stays.

mod cache;
mod page;
mod setup;
mod walk;

use std::{
    collections::HashMap,
    path::Path,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::OptionFuture;
use tokio::time::Instant;

use self::{
    cache::{Cache, Key},
    walk::Refused,
};
use crate::{
    check::{Checker, GraphAccess, Session},
    clock::Clock,
    observation::{Exchange, Outcome},
    registration::{Reading, Registration, Twin},
    tenant::{DirectoryUse, Tenant},
};

/// A reading takes no longer, whatever is left of a check's deadline.
const LIMIT: Duration = Duration::from_secs(5);

/// With less time than this left, it is not worth asking, and no answer would say nothing.
const LEAST: Duration = Duration::from_millis(250);

/// What is known from directories, and the way to know more.
#[derive(Debug)]
pub struct Directory {
    cache: Cache,
    known: Mutex<HashMap<Key, Reading>>,
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
            refresh,
            clock,
        }
    }

    /// Returns what is known of a tenant's app without asking anybody.
    pub fn known(&self, tenant: &Tenant) -> Option<Reading> {
        let key = Key::of(tenant)?;
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&key).cloned()
    }

    /// Recalls what was read before, also by other processes, and returns whether the directory
    /// should be asked again. `hint` is how the tenant's secret begins, where that is known.
    pub async fn is_due(&self, tenant: &Tenant, hint: Option<&str>) -> bool {
        let Some(key) = Key::of(tenant) else {
            return false;
        };
        let now = self.clock.now();
        let hint = hint.map(str::to_owned);
        let mut reading = self.known(tenant).unwrap_or_default();
        if hint.is_some() {
            reading.hint.clone_from(&hint);
        }
        if reading.is_due(now)
            && let Some(mut stored) = self.cache.load(&key).await
        {
            stored.hint = hint.or(stored.hint);
            reading = stored;
        }
        let due = self.refresh || reading.is_due(now);
        self.keep(key, reading);
        due
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
        let Some(key) = Key::of(tenant) else {
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
        self.ask(&asker, &mut reading).await;
        self.cache.save(&key, &reading).await;
        self.keep(key, reading);
    }

    async fn ask(&self, asker: &Asker<'_>, reading: &mut Reading) {
        let graph = match asker.graph(asker.tenant, asker.session).await {
            Ok(graph) => graph,
            Err(refused) => return self.fail(reading, refused),
        };
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
        match list {
            Ok(found) => reading.take(Registration {
                read_at: self.clock.now(),
                read_with: reading.hint.clone(),
                credentials: found.credentials,
                setup: found.setup,
                gap: found.gap,
            }),
            Err(refused) => self.fail(reading, refused),
        }
    }

    fn fail(&self, reading: &mut Reading, refused: Refused) {
        tracing::info!("the directory was not read: {}", refused.reason);
        let wait = TimeDelta::from_std(refused.retry_after).unwrap_or(TimeDelta::MAX);
        reading.refuse(refused.reason, wait, self.clock.now());
    }

    fn keep(&self, key: Key, reading: Reading) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(key, reading);
    }
}

/// Who asks, and until when.
struct Asker<'a> {
    checker: &'a Checker,
    tenant: &'a Tenant,
    session: &'a Session,
    deadline: Instant,
}

impl<'a> Asker<'a> {
    async fn graph<'t>(
        &self,
        tenant: &'t Tenant,
        session: &Session,
    ) -> Result<GraphAccess<'t>, Refused>
    where
        'a: 't,
    {
        let access = self
            .checker
            .graph_access(tenant, session, self.deadline)
            .await;
        access.map_err(|exchange| Refused::token(exchange.as_deref()))
    }

    /// Reads the registration where it is: in the tenant's directory, or in the app's home.
    async fn list(&self, graph: &GraphAccess<'_>) -> Result<walk::Found, Refused> {
        let DirectoryUse::Own {
            home_tenant_id: Some(home),
        } = &self.tenant.directory
        else {
            return walk::registration(graph, self.tenant).await;
        };
        let mut at_home = self.tenant.clone();
        at_home.app.tenant_id.clone_from(home);
        let session = self.session.elsewhere();
        let graph = self.graph(&at_home, &session).await?;
        walk::registration(&graph, &at_home).await
    }
}

/// Whether it is worth knowing, and not known, if Graph would open the mailbox that EWS opens.
fn wants_twin(tenant: &Tenant, reading: &Reading, now: DateTime<Utc>) -> bool {
    let target = &tenant.target;
    // an app that acts for people would open it for them, which its own token says nothing of
    let alone = tenant.delegation.is_none();
    alone && target.ews && !target.graph && target.mailbox.is_some() && reading.is_twin_due(now)
}

/// What the answer of the twin says: yes, no, or nothing (throttled, out of order, lost).
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
