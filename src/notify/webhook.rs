//! A web address of one's own: one versioned JSON text, signed.

use std::fmt::Write as _;

use aws_lc_rs::hmac;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use url::Url;

use super::post::Post;
use crate::alert::Alert;

/// The version of the JSON text. Fields are added, never renamed.
const SCHEMA: u32 = 1;

/// The text about an alert, as webhooks and commands get it.
pub(super) fn document(alert: &Alert) -> Value {
    json!({
        "schema": SCHEMA,
        "key": alert.key,
        "thread": alert.thread,
        "kind": alert.kind.word(),
        "urgency": alert.urgency.word(),
        "tenant": alert.tenant,
        "tags": alert.tags,
        "cause": alert.cause,
        "at": alert.at,
        "summary": alert.summary,
        "body": alert.body,
    })
}

/// Writes the request. A receiver that has seen its `Idempotency-Key` drops it; with a secret, the
/// `X-Credwatch-Signature` is `sha256=` and the hexadecimal HMAC of the body.
pub(super) fn post(url: Url, secret: Option<&SecretString>, alert: &Alert) -> Post {
    let post = Post::json(url, &document(alert)).header("idempotency-key", ascii(&alert.key));
    let Some(secret) = secret else {
        return post;
    };
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
    let tag = hmac::sign(&key, &post.body);
    let mut signature = String::from("sha256=");
    for byte in tag.as_ref() {
        // writing to a String cannot fail
        write!(signature, "{byte:02x}").ok();
    }
    post.header("x-credwatch-signature", signature)
        .hiding(secret)
}

/// Returns a key that can stand in a header.
fn ascii(key: &str) -> String {
    if key.bytes().all(|b| b.is_ascii_graphic()) {
        return key.to_owned();
    }
    url::form_urlencoded::byte_serialize(key.as_bytes()).collect()
}
