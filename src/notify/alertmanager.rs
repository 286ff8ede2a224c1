//! Prometheus's Alertmanager, API version 2.

use chrono::TimeDelta;
use secrecy::SecretString;
use serde_json::{Map, Value, json};
use url::Url;

use super::{NotifyError, post::Post};
use crate::alert::{Alert, Kind, Urgency};

/// What no message ends, as that a credential ends soon, stands for this long.
const STANDS: TimeDelta = TimeDelta::hours(26);

/// What a message of its own ends stands until then: reminders may be far apart, switched off, or
/// held back while somebody is at it, and meanwhile nothing may look as if it were over.
const UNTIL_ENDED: TimeDelta = TimeDelta::days(400);

/// Writes the request. The labels say which alert it is, so nothing that changes is among them.
pub(super) fn post(
    mut url: Url,
    token: Option<&SecretString>,
    alert: &Alert,
) -> Result<Post, NotifyError> {
    url.path_segments_mut()
        .map_err(|()| NotifyError::Address("it must be the base of an Alertmanager"))?
        .pop_if_empty()
        .extend(["api", "v2", "alerts"]);
    let mut labels = Map::new();
    let mut label = |name: &str, value: &str| labels.insert(name.to_owned(), Value::from(value));
    label("alertname", "CredwatchAlert");
    label("thread", &alert.thread);
    if let Some(tenant) = &alert.tenant {
        label("tenant", tenant.as_str());
    }
    // a recovery must have the label of the failure that it ends, whatever its own urgency
    let severity = match (alert.kind, alert.urgency) {
        (Kind::Unreadable | Kind::Readable, _)
        | (Kind::Expiry | Kind::Retirement | Kind::Test, Urgency::Normal) => "warning",
        (Kind::Expiry | Kind::Retirement | Kind::Test, Urgency::Low) => "info",
        _ => "critical",
    };
    label("severity", severity);
    let ends_at = match alert.kind {
        Kind::Recovered | Kind::Online | Kind::Sighted | Kind::Readable => alert.at,
        Kind::Failing
        | Kind::CauseChanged
        | Kind::Flapping
        | Kind::Offline
        | Kind::Blind
        | Kind::Unreadable => alert.at + UNTIL_ENDED,
        Kind::Expiry | Kind::Retirement | Kind::Test => alert.at + STANDS,
    };
    let mut entry = json!({
        "labels": labels,
        "annotations": {"summary": alert.summary, "description": alert.body},
        "endsAt": ends_at,
    });
    if !alert.kind.is_end()
        && let Some(entry) = entry.as_object_mut()
    {
        entry.insert("startsAt".into(), json!(alert.at));
    }
    let post = Post::json(url, &json!([entry]));
    Ok(match token {
        Some(token) => post.bearer(token),
        None => post,
    })
}
