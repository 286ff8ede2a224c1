//! One message for many: what hits a large part of the fleet at once is one event.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset};

use super::{Alert, Kind, Urgency, machine, words::counted};
use crate::diagnosis::cause::Cause;

/// Fewer than this are told one by one, however small the fleet.
const LEAST: usize = 5;

/// As many names stand in a message.
const NAMES: usize = 8;

/// Puts what many tenants have in common into one message: at least five, and at least a third of
/// the fleet, that fail for one cause, or that work again. The rest stays as it is.
pub fn gather(alerts: Vec<Alert>, fleet: usize, now: DateTime<FixedOffset>) -> Vec<Alert> {
    let mut groups: BTreeMap<Option<Cause>, Vec<Alert>> = BTreeMap::new();
    let mut told = Vec::new();
    for alert in alerts {
        match (alert.kind, alert.cause) {
            (Kind::Failing | Kind::CauseChanged, Some(cause)) => {
                groups.entry(Some(cause)).or_default().push(alert);
            }
            (Kind::Recovered, _) => groups.entry(None).or_default().push(alert),
            _ => told.push(alert),
        }
    }
    for (cause, members) in groups {
        if members.len() >= LEAST && members.len().saturating_mul(3) >= fleet {
            told.push(together(cause, &members, now));
        } else {
            told.extend(members);
        }
    }
    told
}

/// The message that stands for all of them. Its key names its first member's occasion, which no
/// other group can hold.
fn together(cause: Option<Cause>, members: &[Alert], now: DateTime<FixedOffset>) -> Alert {
    let names: Vec<&str> = members
        .iter()
        .filter_map(|alert| alert.tenant.as_ref().map(crate::tenant::TenantName::as_str))
        .collect();
    let more = names.len().saturating_sub(NAMES);
    let mut body = names
        .iter()
        .take(NAMES)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    if more > 0 {
        body = format!("{body} and {more} more");
    }
    let urgency = members.iter().map(|alert| alert.urgency).max();
    let first = members.first().map_or("", |alert| alert.key.as_str());
    let (kind, summary) = match cause {
        Some(cause) => (
            Kind::Failing,
            format!(
                "✖ {} fail for one reason: {cause}",
                counted(members.len(), "tenant")
            ),
        ),
        None => (
            Kind::Recovered,
            format!("● {} work again", counted(members.len(), "tenant")),
        ),
    };
    let mut tags: Vec<String> = members
        .iter()
        .flat_map(|alert| alert.tags.clone())
        .collect();
    tags.sort();
    tags.dedup();
    let alert = Alert {
        thread: "fleet".into(),
        tags,
        cause,
        ..machine(kind, now, format!("many:{first}"))
    };
    alert.say(urgency.unwrap_or(Urgency::Normal), &summary, &body)
}
