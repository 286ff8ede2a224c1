//! `PagerDuty`'s Events API, version 2: what fails triggers an incident, its recovery resolves it.

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use url::Url;

use super::{post::Post, webhook};
use crate::alert::{Alert, Urgency};

/// Where events go, unless the config names another place.
pub(super) const ENQUEUE: &str = "https://events.pagerduty.com/v2/enqueue";

/// A key of an incident is no longer, in characters.
const DEDUP: usize = 255;

/// Writes the request. All messages of one thread carry one key: they are one incident.
pub(super) fn post(url: Url, routing_key: &SecretString, alert: &Alert) -> Post {
    let severity = match alert.urgency {
        Urgency::Critical => "critical",
        Urgency::Normal => "warning",
        Urgency::Low => "info",
    };
    let action = if alert.kind.is_end() {
        "resolve"
    } else {
        "trigger"
    };
    let thread: String = format!("credwatch:{}", alert.thread)
        .chars()
        .take(DEDUP)
        .collect();
    let event = json!({
        "routing_key": routing_key.expose_secret(),
        "event_action": action,
        "dedup_key": thread,
        "client": "credwatch",
        "payload": {
            "summary": alert.summary,
            "source": alert.tenant.as_ref().map_or("credwatch", |tenant| tenant.as_str()),
            "severity": severity,
            "timestamp": alert.at,
            "class": alert.cause.map_or(alert.kind.word(), |cause| cause.id()),
            "custom_details": webhook::document(alert),
        },
    });
    Post::json(url, &event).hiding(routing_key)
}
