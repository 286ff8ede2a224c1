//! Slack's incoming webhooks. The address is the secret.

use serde_json::json;
use url::Url;

use super::post::Post;
use crate::alert::Alert;

/// Writes the request: plain text, in which nothing is a link, a mention or markup.
pub(super) fn post(url: Url, alert: &Alert) -> Post {
    let block = |kind: &str, text: &str| json!({"type": kind, "text": {"type": "plain_text", "text": text, "emoji": false}});
    let mut blocks = vec![block("header", head(&alert.summary))];
    if !alert.body.is_empty() {
        blocks.push(block("section", &alert.body));
    }
    let text = escaped(&alert.summary);
    Post::json(url, &json!({"text": text, "blocks": blocks}))
}

/// A header takes 150 characters.
fn head(summary: &str) -> &str {
    let end = summary
        .char_indices()
        .nth(150)
        .map_or(summary.len(), |(at, _)| at);
    summary.get(..end).unwrap_or(summary)
}

/// The fallback text knows three escapes.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
