//! Holding the alerts of a tenant until a set time, and saying that somebody is at it. Neither changes
//! what is shown of the tenant.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::tenant::TenantName;

/// Why, and until when, nobody wants to hear of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snooze {
    /// From then on alerts go out again.
    pub until: DateTime<Utc>,
    /// Why.
    pub reason: String,
    /// Who says so, if that is known.
    pub by: Option<String>,
}

/// Who is at it: until the tenant is well again nobody is reminded, but what is new is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ack {
    /// The name.
    pub by: String,
    /// Since when.
    pub at: DateTime<Utc>,
}

/// Of whom not everything is told now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holds {
    /// Whose alerts are held.
    pub snoozes: BTreeMap<TenantName, Snooze>,
    /// Whose trouble somebody is at.
    pub acks: BTreeMap<TenantName, Ack>,
}
