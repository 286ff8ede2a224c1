//! Who signed in, as the client is told: the ID token, and what Microsoft's libraries name accounts by.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::super::scenario::{Integration, guid};
use super::super::world::{TOKEN_SECONDS, World};
use super::book::opaque;

/// Returns the signed ID token of a sign-in; `nonce` is what the client sent along with its start.
pub(super) fn token(world: &World, one: &Integration, nonce: Option<&str>) -> Option<String> {
    let issued_at = world.now().timestamp();
    let mut claims = json!({
        "aud": one.client_id,
        "iss": format!("{}/{}/v2.0", world.base, one.tenant_id),
        "iat": issued_at,
        "nbf": issued_at,
        "exp": issued_at + TOKEN_SECONDS,
        "name": one.account(),
        "oid": one.person_id(),
        "preferred_username": one.account(),
        "rh": format!("1.{}", opaque()),
        "sub": subject(one),
        "tid": one.tenant_id,
        "uti": opaque(),
        "ver": "2.0",
    });
    if let (Some(nonce), Some(fields)) = (nonce, claims.as_object_mut()) {
        fields.insert("nonce".to_owned(), Value::from(nonce));
    }
    world.signer.sign(&claims)
}

/// Returns what tells the person from others: unlike the object id, it differs between applications.
fn subject(one: &Integration) -> String {
    guid(&format!("pairwise {} {}", one.client_id, one.account()))
}

/// Returns what Graph says about the person to a client that knows only OpenID.
pub(in crate::simulator) fn user_info(one: &Integration) -> Value {
    json!({"sub": subject(one), "name": one.account(), "email": one.account()})
}

/// Returns the ids of the person and of their home directory, encoded.
pub(super) fn client_info(one: &Integration) -> String {
    let ids = json!({"uid": one.person_id(), "utid": one.tenant_id});
    URL_SAFE_NO_PAD.encode(ids.to_string())
}
