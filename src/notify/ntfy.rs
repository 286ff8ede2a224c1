//! ntfy, at ntfy.sh or on a server of one's own. The address ends in the topic.

use secrecy::SecretString;
use serde_json::json;
use url::Url;

use super::{NotifyError, post::Post};
use crate::alert::{Alert, Urgency};

/// Writes the request: JSON goes to the root of the server, which keeps any text out of headers.
pub(super) fn post(
    mut url: Url,
    token: Option<&SecretString>,
    alert: &Alert,
) -> Result<Post, NotifyError> {
    let path = url.path().trim_end_matches('/').to_owned();
    let Some((root, topic)) = path.rsplit_once('/').filter(|(_, topic)| !topic.is_empty()) else {
        return Err(NotifyError::Address(
            "it must end in a topic, like https://ntfy.sh/my-topic",
        ));
    };
    url.set_path(&format!("{root}/"));
    let (priority, tag) = match (alert.kind.is_end(), alert.urgency) {
        (true, _) => (2, "white_check_mark"),
        (false, Urgency::Critical) => (5, "rotating_light"),
        (false, Urgency::Normal) => (4, "warning"),
        (false, Urgency::Low) => (3, "information_source"),
    };
    let message = json!({
        "topic": topic,
        "title": alert.summary,
        "message": alert.body,
        "priority": priority,
        "tags": [tag],
    });
    let post = Post::json(url, &message);
    Ok(match token {
        Some(token) => post.bearer(token),
        None => post,
    })
}
