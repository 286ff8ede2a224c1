//! Microsoft Teams through a Workflows webhook ("post to a channel when a webhook request is
//! received"). The address is the secret.

use serde_json::json;
use url::Url;

use super::post::Post;
use crate::alert::{Alert, Urgency};

/// Writes the request: an adaptive card, version 1.2, in the envelope that such a flow expects.
pub(super) fn post(url: Url, alert: &Alert) -> Post {
    let colour = match (alert.kind.is_end(), alert.urgency) {
        (true, _) => "Good",
        (false, Urgency::Critical) => "Attention",
        (false, Urgency::Normal) => "Warning",
        (false, Urgency::Low) => "Default",
    };
    let line = |text: &str| json!({"type": "TextBlock", "text": plain(text), "wrap": true});
    let mut title = line(&alert.summary);
    if let Some(title) = title.as_object_mut() {
        title.extend([
            ("weight".to_owned(), json!("Bolder")),
            ("color".to_owned(), json!(colour)),
        ]);
    }
    let card = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.2",
        // what telephones show instead of the word "Card"
        "fallbackText": alert.summary,
        "body": [title, line(&alert.body)],
    });
    let envelope = json!({
        "type": "message",
        "summary": alert.summary,
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": card,
        }],
    });
    Post::json(url, &envelope)
}

/// A card reads a subset of Markdown: what would be markup is escaped.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '*' | '_' | '[' | ']' | '#' | '`') {
            plain.push('\\');
        }
        plain.push(c);
    }
    plain
}
