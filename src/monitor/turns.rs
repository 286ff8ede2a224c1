//! Who polls a tenant where several processes watch it: one of them has the turn, the others show
//! what it finds. Where nobody keeps turns, each polls for itself.

use std::{
    fmt,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    time::Duration,
};

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;

use crate::{tenant::Tenant, verdict::Report};

/// Keeps the turns.
pub trait Turns: fmt::Debug + Send + Sync {
    /// Asks for the turn of a tenant, for at most so long; returns until when somebody else has it.
    /// Whoever cannot find out polls.
    fn take(&self, tenant: &Tenant, hold: Duration) -> BoxFuture<'_, Option<DateTime<Utc>>>;

    /// Hands a result to the others, and keeps the turn until the next poll has ended.
    fn pass_on<'a>(&'a self, found: Found<'a>, hold: Duration) -> BoxFuture<'a, ()>;

    /// Gives the turn of a tenant away: this process found out nothing that would help others.
    fn give_up(&self, tenant: &Tenant) -> BoxFuture<'_, ()>;

    /// Gives every turn away.
    fn leave(&self) -> BoxFuture<'_, ()>;
}

/// What a process found by its own check.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// Whom it checked.
    pub tenant: &'a Tenant,
    /// What it found.
    pub report: &'a Report,
    /// When it checks again.
    pub next_at: DateTime<Utc>,
}

/// What another process found.
#[derive(Debug, Clone)]
pub struct Elsewhere {
    /// The [`mark`] of the tenant that it checked.
    pub mark: i64,
    /// What it found.
    pub report: Report,
    /// When it checks again.
    pub next_at: DateTime<Utc>,
}

/// Returns what tells a tenant's settings from any others: results are shared only where two processes
/// would do exactly the same. Programs of different make may disagree; then each polls for itself.
pub fn mark(tenant: &Tenant) -> i64 {
    let mut hasher = DefaultHasher::new();
    // whatever is added to a tenant is in here too; sources of secrets are, secrets are not
    format!("{tenant:?}").hash(&mut hasher);
    hasher.finish().cast_signed()
}
