//! Lines about tenants whose alerts are snoozed or acknowledged.

use chrono::{DateTime, Utc};

use crate::{
    alert::{Ack, Holds, Snooze},
    clock::Clock,
    tenant::TenantName,
    text,
};

/// Returns a line for the snooze of a tenant and one for its acknowledgement, as far as they exist.
pub(super) fn hold_lines(tenant: &TenantName, holds: &Holds, clock: Clock) -> Vec<String> {
    let snooze = holds.snoozes.get(tenant);
    let ack = holds.acks.get(tenant);
    [
        snooze.map(|snooze| snooze_line(tenant, snooze, clock)),
        ack.map(|ack| ack_line(tenant, ack, clock)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Returns until when the alerts of a tenant are held, by whom, and why.
pub(super) fn snooze_line(tenant: &TenantName, snooze: &Snooze, clock: Clock) -> String {
    let by = snooze
        .by
        .as_ref()
        .map(|by| format!(" by {}", text::line(by)));
    format!(
        "{}: alerts held until {}{}: {}",
        text::line(tenant.as_str()),
        local_minute(snooze.until, clock),
        by.unwrap_or_default(),
        text::line(&snooze.reason)
    )
}

/// Returns who acknowledged the failure of a tenant, and when.
pub(super) fn ack_line(tenant: &TenantName, ack: &Ack, clock: Clock) -> String {
    format!(
        "{}: acknowledged by {} since {}",
        text::line(tenant.as_str()),
        text::line(&ack.by),
        local_minute(ack.at, clock)
    )
}

fn local_minute(at: DateTime<Utc>, clock: Clock) -> String {
    let at = at.with_timezone(&clock.local_offset());
    at.format("%-d %B %Y %H:%M %:z").to_string()
}
