//! Holding the alerts of a tenant until a set time, and saying that somebody is at it. Neither changes
//! what is shown of the tenant.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::tenant::TenantName;

/// Why and until when the alerts of a tenant are held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snooze {
    /// From then on alerts go out again.
    pub until: DateTime<Utc>,
    /// Why.
    pub reason: String,
    /// Who says so, if that is known.
    pub by: Option<String>,
}

/// Who acknowledged a failure: no reminder is sent until the tenant recovers, but a new failure is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ack {
    /// The name.
    pub by: String,
    /// Since when.
    pub at: DateTime<Utc>,
}

/// Tenants whose alerts are snoozed or acknowledged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holds {
    /// Whose alerts are held.
    pub snoozes: BTreeMap<TenantName, Snooze>,
    /// Tenants whose failure is acknowledged.
    pub acks: BTreeMap<TenantName, Ack>,
}
