//! What the dashboard asks of the rest of the program. `app` carries the commands out.

use chrono::TimeDelta;

use crate::tenant::TenantName;

/// A command of the operator to the monitor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OperatorCommand {
    /// Check this tenant now.
    Check(TenantName),
    /// Check every tenant now.
    CheckAll,
    /// Read the config again.
    Reload,
    /// Diagnose this tenant step by step, on connections of its own.
    Diagnose(TenantName),
    /// Snooze the alerts of this tenant; `None` ends the snooze.
    Snooze(TenantName, Option<SnoozeRequest>),
    /// Record who has acknowledged the trouble of this tenant; `None` takes it back.
    Acknowledge(TenantName, Option<String>),
}

/// How long alerts are snoozed, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnoozeRequest {
    /// For how long from now on.
    pub length: TimeDelta,
    /// Why, in the operator's words.
    pub reason: String,
}
