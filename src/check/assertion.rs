//! Client assertions: short-lived signed statements that we hold the key of a certificate.
//!
//! The shape follows Microsoft's page on certificate credentials: PS256 names the certificate by its
//! SHA-256 thumbprint, RS256 by SHA-1, and the two are never mixed. Each is made for one request.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, Header};
use secrecy::SecretString;
use serde::Serialize;
use url::Url;
use uuid::Uuid;

use crate::{secret::ClientCertificate, tenant::AssertionAlgorithm};

/// What the form field `client_assertion_type` says.
pub(super) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How long an assertion is good for; Microsoft advises 5 to 10 minutes.
const LIFETIME: TimeDelta = TimeDelta::minutes(10);

#[derive(Serialize)]
struct Statement<'a> {
    aud: &'a str,
    iss: &'a str,
    sub: &'a str,
    jti: String,
    nbf: i64,
    iat: i64,
    exp: i64,
}

/// Signs an assertion that is good from `now` on, for the application at that token address.
pub(super) fn sign(
    certificate: &ClientCertificate,
    algorithm: AssertionAlgorithm,
    (client_id, audience): (&str, &Url),
    now: DateTime<Utc>,
) -> Result<SecretString, jsonwebtoken::errors::Error> {
    let begins = now.timestamp();
    let statement = Statement {
        aud: audience.as_str(),
        iss: client_id,
        sub: client_id,
        jti: Uuid::new_v4().to_string(),
        nbf: begins,
        iat: begins,
        exp: begins + LIFETIME.num_seconds(),
    };
    let header = header(certificate, algorithm);
    jsonwebtoken::encode(&header, &statement, &certificate.key).map(SecretString::from)
}

fn header(certificate: &ClientCertificate, algorithm: AssertionAlgorithm) -> Header {
    let facts = &certificate.facts;
    match algorithm {
        AssertionAlgorithm::Ps256 => {
            let mut header = Header::new(Algorithm::PS256);
            header.x5t_s256 = Some(URL_SAFE_NO_PAD.encode(&facts.sha256));
            header
        }
        AssertionAlgorithm::Rs256 => {
            let mut header = Header::new(Algorithm::RS256);
            header.x5t = Some(URL_SAFE_NO_PAD.encode(&facts.sha1));
            header
        }
    }
}
