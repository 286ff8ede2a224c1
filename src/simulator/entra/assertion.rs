//! Assertions, by which an application proves itself without a secret: signed with the key of a
//! registered certificate, or by another provider that the application trusts.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::aadsts;
use super::refusal::Refusal;
use crate::simulator::backend::Backend;
use crate::simulator::crypto::Certificate;
use crate::simulator::fleet::Integration;

/// The lifetime of a token of the simulated provider.
const FEDERATED_SECONDS: i64 = 24 * 3600;

/// Returns the token that the simulated provider gives to the workload now; `None` if the integration
/// has no federated credential.
pub(crate) fn federated_token(backend: &Backend, one: &Integration) -> Option<String> {
    let federation = one.presented_federation()?;
    let now = backend.state.now().timestamp();
    backend.tokens.signer.sign(&json!({
        "iss": federation.issuer,
        "sub": federation.subject,
        "aud": federation.audience,
        "iat": now,
        "nbf": now,
        "exp": now + FEDERATED_SECONDS,
        "jti": uuid::Uuid::new_v4().to_string(),
    }))
}

/// Decodes a part of an assertion. Some libraries leave the padding on, which Entra accepts.
fn decode(part: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok()
}

/// An assertion that is not verified yet.
struct Assertion<'a> {
    token: &'a str,
    message: &'a str,
    signature: Vec<u8>,
    header: Value,
    claims: Value,
}

impl<'a> Assertion<'a> {
    fn read(token: &'a str) -> Option<Self> {
        let (message, signature) = token.rsplit_once('.')?;
        let (header, claims) = message.split_once('.')?;
        let json = |part: &str| {
            let bytes = decode(part)?;
            serde_json::from_slice::<Value>(&bytes)
                .ok()
                .filter(Value::is_object)
        };
        Some(Self {
            token,
            message,
            signature: decode(signature)?,
            header: json(header)?,
            claims: json(claims)?,
        })
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.header.get(name)?.as_str()
    }

    /// Returns a thumbprint of the header in base64url without padding: libraries differ in alphabet
    /// and padding, and Entra accepts all.
    fn thumbprint(&self, name: &str) -> Option<String> {
        let sent = self.header(name)?.trim_end_matches('=');
        Some(sent.replace('+', "-").replace('/', "_"))
    }

    fn claim(&self, name: &str) -> &str {
        self.claims.get(name).and_then(Value::as_str).unwrap_or("")
    }

    /// Returns a time in whole seconds; Microsoft's library for Python sends fractions.
    fn time(&self, name: &str) -> Option<i64> {
        let Value::Number(seconds) = self.claims.get(name)? else {
            return None;
        };
        seconds.to_string().split('.').next()?.parse().ok()
    }

    /// Whether it is valid now; Entra allows five minutes either way.
    fn is_timely(&self, now: i64) -> bool {
        const SLACK: i64 = 300;
        let begun = self.time("nbf").is_none_or(|at| at <= now + SLACK);
        begun && self.time("exp").is_some_and(|at| now < at + SLACK)
    }
}

/// Checks an assertion of the application.
pub(crate) fn check(
    backend: &Backend,
    tenant: &str,
    app: &Integration,
    token: &str,
) -> Result<(), Refusal> {
    let Some(assertion) = Assertion::read(token) else {
        return Err(Refusal::from(&aadsts::ASSERTION_INVALID));
    };
    // An assertion of the app names the app as issuer; a token of another provider, its address.
    if assertion.claim("iss").starts_with("https://") {
        return check_federated(backend, app, &assertion);
    }
    let certificate = registered(app, &assertion)?;
    let signature = &assertion.signature;
    let algorithm = assertion.header("alg").unwrap_or_default();
    if !certificate.signed(algorithm, assertion.message, signature) {
        return Err(Refusal::from(&aadsts::ASSERTION_UNSIGNED));
    }
    check_claims(backend, tenant, app, &assertion)?;
    let now = backend.state.now();
    if now < certificate.starts_at || certificate.ends_at <= now {
        return Err(Refusal::from(&aadsts::CERTIFICATE_ENDED));
    }
    Ok(())
}

/// Returns the registered certificate that the header names, by the thumbprint that goes with its
/// algorithm and no other.
fn registered<'a>(
    app: &'a Integration,
    assertion: &Assertion<'_>,
) -> Result<&'a Certificate, Refusal> {
    let (sha1, sha256) = (
        assertion.thumbprint("x5t"),
        assertion.thumbprint("x5t#S256"),
    );
    let mut known = app.certificates.iter();
    let found = match (assertion.header("alg"), sha1, sha256) {
        (Some("PS256"), None, Some(named)) => known.find(|known| known.sha256 == named),
        (Some("RS256"), Some(named), None) => known.find(|known| known.sha1 == named),
        _ => return Err(Refusal::from(&aadsts::ASSERTION_INVALID)),
    };
    found.ok_or_else(|| Refusal::from(&aadsts::CERTIFICATE_UNKNOWN))
}

/// Checks issuer, audience and time.
fn check_claims(
    backend: &Backend,
    tenant: &str,
    app: &Integration,
    assertion: &Assertion<'_>,
) -> Result<(), Refusal> {
    let is_app = |claim| assertion.claim(claim).eq_ignore_ascii_case(&app.client_id);
    if !is_app("iss") || !is_app("sub") {
        return Err(Refusal::from(&aadsts::ASSERTION_OF_ANOTHER));
    }
    // Entra takes the address of the token endpoint or its own issuer, but no list of both.
    let due =
        ["oauth2/v2.0/token", "v2.0"].map(|path| format!("{}/{tenant}/{path}", backend.state.base));
    let audience = assertion.claim("aud");
    if due.iter().all(|due| due != audience) || assertion.claim("jti").is_empty() {
        return Err(Refusal::from(&aadsts::ASSERTION_INVALID));
    }
    if !assertion.is_timely(backend.state.now().timestamp()) {
        return Err(Refusal::from(&aadsts::ASSERTION_OUTSIDE_TIME));
    }
    Ok(())
}

fn check_federated(
    backend: &Backend,
    app: &Integration,
    assertion: &Assertion<'_>,
) -> Result<(), Refusal> {
    let Some(federation) = &app.federation else {
        let issuer = assertion.claim("iss");
        return Err(Refusal::of(&aadsts::FEDERATED_ISSUER, issuer));
    };
    for (claim, due, refusal) in [
        ("iss", &federation.issuer, &aadsts::FEDERATED_ISSUER),
        ("sub", &federation.subject, &aadsts::FEDERATED_SUBJECT),
        ("aud", &federation.audience, &aadsts::FEDERATED_AUDIENCE),
    ] {
        if assertion.claim(claim) != due {
            return Err(Refusal::of(refusal, assertion.claim(claim)));
        }
    }
    if backend.tokens.signer.payload(assertion.token).is_none() {
        return Err(Refusal::from(&aadsts::ASSERTION_INVALID));
    }
    if !assertion.is_timely(backend.state.now().timestamp()) {
        return Err(Refusal::from(&aadsts::ASSERTION_OUTSIDE_TIME));
    }
    Ok(())
}
