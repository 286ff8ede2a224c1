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

/// The value of the form field `client_assertion_type`.
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
    client_id: &str,
    audience: &Url,
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

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, path::PathBuf, time::Duration};

    use jsonwebtoken::{DecodingKey, Validation};
    use secrecy::ExposeSecret as _;
    use serde_json::Value;
    use tokio::time::Instant;

    use super::*;
    use crate::{
        secret::Secrets,
        tenant::{CertificateFiles, CertificateSource},
    };

    const CLIENT: &str = "22222222-aaaa-4222-8222-222222222222";
    const AUDIENCE: &str = "https://login.example/contoso.com/oauth2/v2.0/token";

    async fn certificate() -> ClientCertificate {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/certificates");
        let both = folder.join("both.pem");
        let source = CertificateSource {
            files: CertificateFiles::Pem {
                certificate: both.clone(),
                key: both,
            },
            password: None,
            algorithm: AssertionAlgorithm::Ps256,
        };
        let deadline = Instant::now() + Duration::from_mins(1);
        let read = Secrets::default().certificate(&source, deadline).await;
        read.unwrap()
    }

    fn now() -> DateTime<Utc> {
        "2026-11-21T10:00:00Z".parse().unwrap()
    }

    fn signed(certificate: &ClientCertificate, algorithm: AssertionAlgorithm) -> String {
        let audience: Url = AUDIENCE.parse().unwrap();
        let token = sign(certificate, algorithm, CLIENT, &audience, now()).unwrap();
        token.expose_secret().to_owned()
    }

    /// The modulus and exponent of the certificate, as its issuer would publish them.
    fn public_key() -> DecodingKey {
        let pem = include_bytes!("../../tests/certificates/both.pem");
        let block = x509_parser::pem::Pem::iter_from_buffer(pem)
            .map(Result::unwrap)
            .find(|block| block.label == "CERTIFICATE")
            .unwrap();
        let certificate = block.parse_x509().unwrap();
        DecodingKey::from_rsa_der(&certificate.public_key().subject_public_key.data)
    }

    #[tokio::test]
    async fn an_assertion_verifies_and_names_its_certificate_in_one_way_only() {
        let certificate = certificate().await;
        for (chosen, algorithm, named, other) in [
            (
                AssertionAlgorithm::Ps256,
                Algorithm::PS256,
                "x5t#S256",
                "x5t",
            ),
            (
                AssertionAlgorithm::Rs256,
                Algorithm::RS256,
                "x5t",
                "x5t#S256",
            ),
        ] {
            let token = signed(&certificate, chosen);
            let mut rules = Validation::new(algorithm);
            rules.validate_exp = false;
            rules.set_audience(&[AUDIENCE]);
            let decoded = jsonwebtoken::decode::<Value>(&token, &public_key(), &rules).unwrap();
            let claims = decoded.claims;
            assert_eq!(
                (&claims["iss"], &claims["sub"]),
                (&CLIENT.into(), &CLIENT.into())
            );
            assert_eq!(claims["nbf"], now().timestamp());
            assert_eq!(claims["exp"], now().timestamp() + 600);
            let header = token.split('.').next().unwrap();
            let header: Value =
                serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
            assert_eq!(header["typ"], "JWT");
            assert!(
                header[named].is_string() && header[other].is_null(),
                "{header}"
            );
        }
    }

    #[tokio::test]
    async fn no_two_assertions_have_the_same_id() {
        let certificate = certificate().await;
        let ids: HashSet<_> = (0..4)
            .map(|_| signed(&certificate, AssertionAlgorithm::Ps256))
            .map(|token| {
                let payload = token.split('.').nth(1).unwrap();
                let claims: Value =
                    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
                claims["jti"].as_str().unwrap().to_owned()
            })
            .collect();
        assert_eq!(ids.len(), 4);
    }
}
