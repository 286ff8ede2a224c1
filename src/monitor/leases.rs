//! Poll leases: where several processes watch one tenant, the holder of its lease polls and the others
//! show the holder's result.
//!
//! This module defines the interface; `app` implements it over the history. Without leases every
//! process polls for itself.
//!
//! A lease belongs to one tenant and not to a whole state directory. One leader for all would be less
//! code, but it would break three promises of the manual: two services with different configs or shards
//! share only the tenants that both watch; a process whose network is broken releases the tenants that
//! it cannot reach and no others; and a forced check by one process does not move the polling of the
//! rest.

use std::{
    fmt,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    time::Duration,
};

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;

use crate::{tenant::Tenant, verdict::Report};

/// The poll leases of this process.
pub trait PollLeases: fmt::Debug + Send + Sync {
    /// Requests the lease of a tenant for at most `hold`. Returns the end of another process's lease if
    /// there is one; `None` means that this process polls, also where the leases cannot be read.
    fn acquire(&self, tenant: &Tenant, hold: Duration) -> BoxFuture<'_, Option<DateTime<Utc>>>;

    /// Publishes a result for the other processes, and extends the lease by `hold` so that it lasts
    /// until the next poll has ended.
    fn publish<'a>(&'a self, result: OwnResult<'a>, hold: Duration) -> BoxFuture<'a, ()>;

    /// Releases the lease of one tenant: this process has no result that would help the others.
    fn release(&self, tenant: &Tenant) -> BoxFuture<'_, ()>;

    /// Releases every lease of this process.
    fn release_all(&self) -> BoxFuture<'_, ()>;
}

/// The result of a check by this process.
#[derive(Debug, Clone, Copy)]
pub struct OwnResult<'a> {
    /// The tenant that was checked.
    pub tenant: &'a Tenant,
    /// The verdict.
    pub report: &'a Report,
    /// Time of the next poll.
    pub next_at: DateTime<Utc>,
}

/// The result of a check by another process.
#[derive(Debug, Clone)]
pub struct PeerResult {
    /// The [`settings_fingerprint`] of the tenant as that process knows it.
    pub fingerprint: i64,
    /// The verdict.
    pub report: Report,
    /// Time of that process's next poll.
    pub next_at: DateTime<Utc>,
}

/// Returns a hash of all settings of a tenant. Results are shared only between processes with equal
/// settings; two builds may compute different hashes, and then each process polls for itself.
pub fn settings_fingerprint(tenant: &Tenant) -> i64 {
    let mut hasher = DefaultHasher::new();
    // the Debug form covers fields added later too; it holds sources of secrets, never secrets
    format!("{tenant:?}").hash(&mut hasher);
    hasher.finish().cast_signed()
}
