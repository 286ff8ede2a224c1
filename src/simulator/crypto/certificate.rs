//! Certificates registered on applications, with the keys that only the clients should have.

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

use crate::simulator::error::SimulatorError;
use crate::simulator::ids::guid;

/// A certificate registered on an application, with the key that only the client should have.
#[derive(Clone)]
pub struct Certificate {
    /// The key's id on the registration.
    pub key_id: String,
    /// The certificate, as PEM.
    pub pem: String,
    /// Its private key, as PEM.
    pub key_pem: String,
    /// The begin of its validity.
    pub starts_at: DateTime<Utc>,
    /// The end of its validity.
    pub ends_at: DateTime<Utc>,
    /// The thumbprints, base64url without padding.
    pub(crate) sha1: String,
    pub(crate) sha256: String,
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

impl Certificate {
    /// Makes a certificate of that name, valid from the begin of one day to the begin of another.
    ///
    /// All share one key, because a key takes long to make. Their thumbprints differ.
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
    pub(crate) fn thumbprint(&self) -> String {
        let bytes = URL_SAFE_NO_PAD.decode(&self.sha1).unwrap_or_default();
        STANDARD.encode(bytes)
    }

    /// Returns whether the key of this certificate made the signature.
    pub(crate) fn signed(&self, algorithm: &str, message: &str, signature: &[u8]) -> bool {
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

/// Hides the key: a failing test prints fleets.
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

/// A month as the certificate library counts it.
fn month(date: NaiveDate) -> u8 {
    u8::try_from(date.month()).unwrap_or(1)
}

fn day(date: NaiveDate) -> u8 {
    u8::try_from(date.day()).unwrap_or(1)
}
