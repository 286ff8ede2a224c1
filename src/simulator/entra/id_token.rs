//! The ID token of a sign-in, and the `client_info` by which Microsoft's libraries name accounts.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::simulator::access_token::TOKEN_SECONDS;
use crate::simulator::backend::Backend;
use crate::simulator::fleet::Integration;
use crate::simulator::ids::random;

/// Returns the signed ID token of a sign-in; `nonce` is the one of its start.
pub(crate) fn issue(backend: &Backend, one: &Integration, nonce: Option<&str>) -> Option<String> {
    let issued_at = backend.state.now().timestamp();
    let mut claims = json!({
        "aud": one.client_id,
        "iss": format!("{}/{}/v2.0", backend.state.base, one.tenant_id),
        "iat": issued_at,
        "nbf": issued_at,
        "exp": issued_at + TOKEN_SECONDS,
        "name": one.account(),
        "oid": one.person_id(),
        "preferred_username": one.account(),
        "rh": format!("1.{}", random()),
        "sub": one.pairwise_id(),
        "tid": one.tenant_id,
        "uti": random(),
        "ver": "2.0",
    });
    if let (Some(nonce), Some(fields)) = (nonce, claims.as_object_mut()) {
        fields.insert("nonce".to_owned(), Value::from(nonce));
    }
    backend.tokens.signer.sign(&claims)
}

/// Returns the ids of the person and of the home directory, encoded.
pub(crate) fn client_info(one: &Integration) -> String {
    let ids = json!({"uid": one.person_id(), "utid": one.tenant_id});
    URL_SAFE_NO_PAD.encode(ids.to_string())
}
