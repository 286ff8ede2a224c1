//! What proves a client without a secret: certificates and federated credentials registered on
//! applications, and the assertions that are checked against them, signatures and all.

use std::sync::OnceLock;

use aws_lc_rs::{
    digest,
    signature::{
        KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaKeyPair,
        RsaPublicKeyComponents,
    },
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use chrono::{DateTime, Datelike as _, NaiveDate, NaiveTime, Utc};
use rcgen::{CertificateParams, DnType, KeyPair, PKCS_RSA_SHA256, RsaKeySize, date_time_ymd};
use serde_json::{Value, json};

use super::SimulatorError;
use super::entra::{ASSERTION_INVALID, ASSERTION_OUTSIDE_TIME, CERTIFICATE_UNKNOWN, Refusal};
use super::scenario::{Integration, guid};
use super::world::World;

/// Whom the tokens of other providers must be for.
const EXCHANGE_AUDIENCE: &str = "api://AzureADTokenExchange";

/// How long a token of the pretended provider is good for.
const FEDERATED_SECONDS: i64 = 24 * 3600;

/// A certificate registered on an application, with the key that only the client should have.
#[derive(Clone)]
pub struct Certificate {
    /// The key's id on the registration.
    pub key_id: String,
    /// The certificate, as PEM.
    pub pem: String,
    /// Its private key, as PEM.
    pub key_pem: String,
    /// From when it is good.
    pub starts_at: DateTime<Utc>,
    /// Until when it is good.
    pub ends_at: DateTime<Utc>,
    sha1: String,
    sha256: String,
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

impl Certificate {
    /// Makes a certificate of that name, good between the beginnings of two days.
    ///
    /// All share one key, which takes long to make: what tells them apart is their thumbprint.
    pub fn make(name: &str, from: NaiveDate, until: NaiveDate) -> Result<Self, SimulatorError> {
        let key = KeyPair::from_pem(key_pem()?)?;
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.not_before = date_time_ymd(from.year(), month(from), day(from));
        params.not_after = date_time_ymd(until.year(), month(until), day(until));
        let certificate = params.self_signed(&key)?;
        let pair = RsaKeyPair::from_pkcs8(&key.serialize_der())
            .map_err(|_rejected| SimulatorError::SigningKey)?;
        let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
        let thumbprint = |algorithm| {
            URL_SAFE_NO_PAD.encode(digest::digest(algorithm, certificate.der()).as_ref())
        };
        Ok(Self {
            key_id: guid(&format!("certificate {name}")),
            pem: certificate.pem(),
            key_pem: key.serialize_pem(),
            starts_at: from.and_time(NaiveTime::MIN).and_utc(),
            ends_at: until.and_time(NaiveTime::MIN).and_utc(),
            sha1: thumbprint(&digest::SHA1_FOR_LEGACY_USE_ONLY),
            sha256: thumbprint(&digest::SHA256),
            modulus: public.n,
            exponent: public.e,
        })
    }

    /// Returns the SHA-1 thumbprint as Graph's JSON has it: base64 of its bytes.
    pub(super) fn thumbprint(&self) -> String {
        let bytes = URL_SAFE_NO_PAD.decode(&self.sha1).unwrap_or_default();
        STANDARD.encode(bytes)
    }

    /// Returns whether this certificate's key made a signature.
    fn signed(&self, algorithm: &str, message: &str, signature: &[u8]) -> bool {
        let public = RsaPublicKeyComponents {
            n: &self.modulus,
            e: &self.exponent,
        };
        let scheme = match algorithm {
            "PS256" => &RSA_PSS_2048_8192_SHA256,
            _ => &RSA_PKCS1_2048_8192_SHA256,
        };
        public.verify(scheme, message.as_bytes(), signature).is_ok()
    }
}

/// Everything but the key: a failing test prints fleets.
impl std::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Certificate")
            .field("key_id", &self.key_id)
            .field("ends_at", &self.ends_at)
            .finish_non_exhaustive()
    }
}

fn key_pem() -> Result<&'static str, SimulatorError> {
    static KEY: OnceLock<String> = OnceLock::new();
    if let Some(key) = KEY.get() {
        return Ok(key);
    }
    let made = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)?;
    Ok(KEY.get_or_init(|| made.serialize_pem()))
}

/// A month as the certificate library counts it; one that does not fit cannot be.
fn month(date: NaiveDate) -> u8 {
    u8::try_from(date.month()).unwrap_or(1)
}

fn day(date: NaiveDate) -> u8 {
    u8::try_from(date.day()).unwrap_or(1)
}

/// A federated credential: whose tokens of another provider are taken as proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Federation {
    /// The provider.
    pub issuer: String,
    /// The workload there.
    pub subject: String,
    /// Whom the provider's token must be for.
    pub audience: String,
}

impl Federation {
    /// Returns the federated credential of a workload at a pretended provider.
    pub fn of(subject: &str) -> Self {
        Self {
            issuer: "https://token.issuer.example".to_owned(),
            subject: subject.to_owned(),
            audience: EXCHANGE_AUDIENCE.to_owned(),
        }
    }
}

/// Returns the token that the pretended provider gives that workload now; `None` where the
/// integration has no federated credential.
pub(super) fn federated_token(world: &World, one: &Integration) -> Option<String> {
    let federation = one.presented_federation()?;
    let now = world.now().timestamp();
    world.signer.sign(&json!({
        "iss": federation.issuer,
        "sub": federation.subject,
        "aud": federation.audience,
        "iat": now,
        "nbf": now,
        "exp": now + FEDERATED_SECONDS,
        "jti": uuid::Uuid::new_v4().to_string(),
    }))
}

/// Decodes a part of an assertion. Some libraries leave the padding on, which Entra does not mind.
fn decode(part: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok()
}

/// An assertion, taken apart and not yet believed.
struct Assertion<'a> {
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
            message,
            signature: decode(signature)?,
            header: json(header)?,
            claims: json(claims)?,
        })
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.header.get(name)?.as_str()
    }

    /// Returns a thumbprint of the header in the one alphabet of base64 that certificates are kept in:
    /// libraries differ in it, and in the padding, and Entra minds neither.
    fn thumbprint(&self, name: &str) -> Option<String> {
        let sent = self.header(name)?.trim_end_matches('=');
        Some(sent.replace('+', "-").replace('/', "_"))
    }

    fn claim(&self, name: &str) -> &str {
        self.claims.get(name).and_then(Value::as_str).unwrap_or("")
    }

    /// Returns a time in whole seconds; Microsoft's library for Python tells fractions too.
    fn time(&self, name: &str) -> Option<i64> {
        let Value::Number(seconds) = self.claims.get(name)? else {
            return None;
        };
        seconds.to_string().split('.').next()?.parse().ok()
    }

    /// Whether it is good now; like Entra, five minutes are forgiven either way.
    fn is_timely(&self, now: i64) -> bool {
        const SLACK: i64 = 300;
        let begun = self.time("nbf").is_none_or(|at| at <= now + SLACK);
        begun && self.time("exp").is_some_and(|at| now < at + SLACK)
    }
}

/// Judges an assertion as proof that the client is that application.
pub(super) fn check(
    world: &World,
    tenant: &str,
    app: &Integration,
    token: &str,
) -> Result<(), Refusal> {
    let Some(assertion) = Assertion::read(token) else {
        return Err(ASSERTION_INVALID);
    };
    // what the app signs itself names the app; another provider's token names the workload there
    if assertion.claim("iss").starts_with("https://") {
        return check_federated(world, app, (&assertion, token));
    }
    let certificate = registered(app, &assertion)?;
    let signature = &assertion.signature;
    let algorithm = assertion.header("alg").unwrap_or_default();
    if !certificate.signed(algorithm, assertion.message, signature) {
        return Err(Refusal::assertion_unsigned());
    }
    check_statement(world, tenant, app, &assertion)?;
    let now = world.now();
    if now < certificate.starts_at || certificate.ends_at <= now {
        return Err(Refusal::certificate_ended());
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
        _ => return Err(ASSERTION_INVALID),
    };
    found.ok_or(CERTIFICATE_UNKNOWN)
}

/// Whom it is by, whom for, and when.
fn check_statement(
    world: &World,
    tenant: &str,
    app: &Integration,
    assertion: &Assertion<'_>,
) -> Result<(), Refusal> {
    let is_app = |claim| assertion.claim(claim).eq_ignore_ascii_case(&app.client_id);
    if !is_app("iss") || !is_app("sub") {
        return Err(Refusal::assertion_of_another());
    }
    // Entra takes the address of the token endpoint and the issuer, but only one of them.
    let due = ["oauth2/v2.0/token", "v2.0"].map(|path| format!("{}/{tenant}/{path}", world.base));
    let audience = assertion.claim("aud");
    if due.iter().all(|due| due != audience) || assertion.claim("jti").is_empty() {
        return Err(ASSERTION_INVALID);
    }
    if !assertion.is_timely(world.now().timestamp()) {
        return Err(ASSERTION_OUTSIDE_TIME);
    }
    Ok(())
}

fn check_federated(
    world: &World,
    app: &Integration,
    (assertion, token): (&Assertion<'_>, &str),
) -> Result<(), Refusal> {
    let Some(federation) = &app.federation else {
        return Err(Refusal::no_federation("issuer", assertion.claim("iss")));
    };
    for (claim, due, what) in [
        ("iss", &federation.issuer, "issuer"),
        ("sub", &federation.subject, "subject"),
        ("aud", &federation.audience, "audience"),
    ] {
        if assertion.claim(claim) != due {
            return Err(Refusal::no_federation(what, assertion.claim(claim)));
        }
    }
    if !world.signer.signed(token) {
        return Err(ASSERTION_INVALID);
    }
    if !assertion.is_timely(world.now().timestamp()) {
        return Err(ASSERTION_OUTSIDE_TIME);
    }
    Ok(())
}
