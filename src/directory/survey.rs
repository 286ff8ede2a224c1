//! Goes through all directories of all readers: several at once, each whole or not at all.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use chrono::TimeDelta;
use futures_util::{StreamExt as _, stream};
use tokio::time::{interval, timeout};

use super::{
    Directory,
    cache::{ListingKey, is_strange},
    listing::{DirectoryLister, PAGE_LIMIT, silent},
    reader,
    walk::Refused,
};
use crate::{
    check::Checker,
    inventory::{Inventory, Listing, Reader, Surveyed},
};

/// So many directories are read at once; each asks for one token.
const AT_ONCE: usize = 8;

/// No directory is read for longer.
const LIMIT: Duration = Duration::from_mins(10);

/// How often progress is reported.
const TELL_EVERY: Duration = Duration::from_millis(200);

/// The progress of a survey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// How many directories are done.
    pub done: usize,
    /// How many there are.
    pub total: usize,
    /// How many objects were read.
    pub seen: usize,
}

impl Directory {
    /// Lists every app of every directory of a reader, where what is known is not fresh any more.
    ///
    /// When dropped, what was read whole until then has been kept.
    pub async fn survey(
        &self,
        checker: &Checker,
        reader: &Reader,
        mut tell: impl FnMut(Progress),
    ) -> Vec<Surveyed> {
        let seen = AtomicUsize::new(0);
        let total = reader.tenant_ids.len();
        let mut running = stream::iter(&reader.tenant_ids)
            .map(|tenant_id| self.surveyed(checker, reader, tenant_id, &seen))
            .buffered(AT_ONCE);
        let mut found = Vec::with_capacity(total);
        let mut tick = interval(TELL_EVERY);
        loop {
            tokio::select! {
                next = running.next() => match next {
                    Some(one) => found.push(one),
                    None => return found,
                },
                _ = tick.tick() => {}
            }
            tell(Progress {
                done: found.len(),
                total,
                seen: seen.load(Ordering::Relaxed),
            });
        }
    }

    /// Returns what is known of one directory, after asking it if that is due.
    async fn surveyed(
        &self,
        checker: &Checker,
        reader: &Reader,
        tenant_id: &str,
        seen: &AtomicUsize,
    ) -> Surveyed {
        let key = ListingKey::of(reader, tenant_id);
        let mut listing: Listing = self.cache.load(&key).await.unwrap_or_default();
        if self.refresh || listing.is_due(self.clock.now()) {
            match self.list(checker, reader, tenant_id, seen).await {
                Ok(inventory) => listing.take(inventory),
                Err(refused) => {
                    let wait = TimeDelta::from_std(refused.retry_after).unwrap_or(TimeDelta::MAX);
                    listing.refuse(refused.reason, wait, self.clock.now());
                }
            }
            self.cache.save(&key, &listing, self.clock.now()).await;
        }
        Surveyed {
            tenant_id: tenant_id.to_owned(),
            listing,
        }
    }

    async fn list(
        &self,
        checker: &Checker,
        reader: &Reader,
        tenant_id: &str,
        seen: &AtomicUsize,
    ) -> Result<Inventory, Refused> {
        let sign_in = reader.in_directory(tenant_id);
        if is_strange(&sign_in.endpoints) {
            let why = "the login service is on this machine and Graph is not: no token goes there";
            return Err(Refused::because(why.to_owned()));
        }
        let deadline = self.clock.instant() + LIMIT;
        let session = reader::credential(checker, &sign_in).await?;
        let access = checker.graph_access(&sign_in, &session, deadline);
        let graph = timeout(PAGE_LIMIT, access).await;
        let graph = graph
            .map_err(|_elapsed| silent())?
            .map_err(|exchange| Refused::token(exchange.as_deref()))?;
        let lister = DirectoryLister {
            graph: &graph,
            endpoints: &sign_in.endpoints,
            wanted: &reader.wanted,
            deadline,
            seen,
            clock: self.clock,
        };
        lister.inventory().await
    }
}
