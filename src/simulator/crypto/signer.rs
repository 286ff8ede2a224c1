//! The key that signs tokens: access tokens, ID tokens and those of the other provider.

use std::sync::{Arc, OnceLock};

use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents,
};
use aws_lc_rs::{digest, rand::SystemRandom};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rcgen::{CertificateParams, PKCS_RSA_SHA256, RsaKeySize};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

use crate::simulator::error::SimulatorError;

/// The key that signs tokens, and its public half.
pub(crate) struct Signer {
    pair: RsaKeyPair,
    header: String,
    key_id: String,
    certificate: String,
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

impl Signer {
    /// Returns the key of this process. One serves every cloud: an RSA key takes long to make, and
    /// tests start many clouds.
    pub(crate) fn shared() -> Result<Arc<Self>, SimulatorError> {
        static SHARED: OnceLock<Arc<Signer>> = OnceLock::new();
        if let Some(signer) = SHARED.get() {
            return Ok(Arc::clone(signer));
        }
        let made = Arc::new(Self::make()?);
        Ok(Arc::clone(SHARED.get_or_init(|| made)))
    }

    fn make() -> Result<Self, SimulatorError> {
        let key = rcgen::KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)?;
        let mut params = CertificateParams::default();
        params.distinguished_name.push(
            rcgen::DnType::CommonName,
            "accounts.accesscontrol.windows.net",
        );
        let certificate = params.self_signed(&key)?;
        let pair = RsaKeyPair::from_pkcs8(&key.serialize_der())
            .map_err(|_rejected| SimulatorError::SigningKey)?;
        let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
        // Entra names a key by the SHA-1 thumbprint of its certificate (`x5t`), and so do clients.
        let thumbprint = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, certificate.der());
        let key_id = URL_SAFE_NO_PAD.encode(thumbprint.as_ref());
        let header = json!({"typ": "JWT", "alg": "RS256", "x5t": key_id, "kid": key_id});
        Ok(Self {
            header: URL_SAFE_NO_PAD.encode(header.to_string()),
            certificate: STANDARD.encode(certificate.der()),
            modulus: public.n,
            exponent: public.e,
            key_id,
            pair,
        })
    }

    /// Returns a signed token, `None` where signing fails.
    pub(crate) fn sign(&self, claims: &impl Serialize) -> Option<String> {
        let payload = URL_SAFE_NO_PAD.encode(serde_json::to_vec(claims).ok()?);
        let message = format!("{}.{payload}", self.header);
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                message.as_bytes(),
                &mut signature,
            )
            .ok()?;
        Some(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// Reads a token that this key signed; `None` for any other.
    pub(crate) fn verify<T: DeserializeOwned>(&self, token: &str) -> Option<T> {
        serde_json::from_slice(&self.payload(token)?).ok()
    }

    /// Returns the payload of a token that this key signed.
    pub(crate) fn payload(&self, token: &str) -> Option<Vec<u8>> {
        let (message, signature) = token.rsplit_once('.')?;
        let (header, payload) = message.split_once('.')?;
        if header != self.header {
            return None;
        }
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        RsaPublicKeyComponents {
            n: &self.modulus,
            e: &self.exponent,
        }
        .verify(&RSA_PKCS1_2048_8192_SHA256, message.as_bytes(), &signature)
        .ok()?;
        URL_SAFE_NO_PAD.decode(payload).ok()
    }

    /// Returns the published keys (JWKS); `issuer` may hold `{tenantid}`.
    pub(crate) fn key_set(&self, issuer: &str) -> serde_json::Value {
        json!({"keys": [{
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.key_id,
            "x5t": self.key_id,
            "n": URL_SAFE_NO_PAD.encode(&self.modulus),
            "e": URL_SAFE_NO_PAD.encode(&self.exponent),
            "x5c": [self.certificate],
            "cloud_instance_name": "microsoftonline.com",
            "issuer": issuer,
        }]})
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer")
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

/// Reads the claims of a token without verifying it.
pub(crate) fn unverified_claims(token: &str) -> Option<serde_json::Value> {
    let payload = token.split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}
