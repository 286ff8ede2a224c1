//! RSA private keys: out of their containers, and what can be told of them without signing.

use std::path::Path;

use jsonwebtoken::EncodingKey;
use pkcs8::{EncryptedPrivateKeyInfoRef, ObjectIdentifier, PrivateKeyInfoRef};
use secrecy::{ExposeSecret as _, SecretString};
use x509_parser::der_parser::{ber::BerObjectContent, parse_der};
use zeroize::Zeroizing;

use super::error::{CertificateError, shown};

/// `rsaEncryption`.
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// Bits that Entra and the signing library both take.
const BITS: std::ops::RangeInclusive<usize> = 2048..=4096;

/// A private key as PKCS#1 writes it.
pub(super) struct RsaKey {
    der: Zeroizing<Vec<u8>>,
    modulus: Vec<u8>,
}

impl RsaKey {
    /// Takes an `RSAPrivateKey` of PKCS#1.
    pub(super) fn from_pkcs1(der: &[u8], path: &Path) -> Result<Self, CertificateError> {
        let modulus = modulus(der).ok_or_else(|| CertificateError::BadKey(shown(path)))?;
        Ok(Self {
            der: Zeroizing::new(der.to_vec()),
            modulus,
        })
    }

    /// Takes a `PrivateKeyInfo` of PKCS#8, if it holds an RSA key.
    pub(super) fn from_pkcs8(der: &[u8], path: &Path) -> Result<Self, CertificateError> {
        let Ok(info) = PrivateKeyInfoRef::try_from(der) else {
            return Err(CertificateError::BadKey(shown(path)));
        };
        if info.algorithm.oid != RSA {
            return Err(CertificateError::NotRsa(shown(path)));
        }
        Self::from_pkcs1(info.private_key.as_bytes(), path)
    }

    /// Takes an `EncryptedPrivateKeyInfo` of PKCS#8 and opens it.
    pub(super) fn from_encrypted(
        der: &[u8],
        password: Option<&SecretString>,
        path: &Path,
    ) -> Result<Self, CertificateError> {
        let password = password.ok_or_else(|| CertificateError::NeedsPassword(shown(path)))?;
        let Ok(sealed) = EncryptedPrivateKeyInfoRef::try_from(der) else {
            return Err(CertificateError::BadKey(shown(path)));
        };
        // a wrong password shows as bad padding, or as bytes that are no key
        let opened = sealed
            .decrypt(password.expose_secret())
            .map_err(|_unopened| CertificateError::WrongPassword(shown(path)))?;
        Self::from_pkcs8(opened.as_bytes(), path)
    }

    /// The modulus, by which key and certificate are matched.
    pub(super) fn modulus(&self) -> &[u8] {
        &self.modulus
    }

    /// Refuses sizes that cannot sign, or that the service does not take.
    pub(super) fn check_size(&self, path: &Path) -> Result<(), CertificateError> {
        // DER puts a zero in front of what would read as negative
        let digits: &[u8] = self.modulus.strip_prefix(&[0]).unwrap_or(&self.modulus);
        let bits = digits.len() * 8
            - digits
                .first()
                .map_or(0, |byte| byte.leading_zeros() as usize);
        if BITS.contains(&bits) {
            return Ok(());
        }
        Err(CertificateError::Size {
            path: shown(path),
            bits,
        })
    }

    /// Returns the key as the signing library takes it.
    pub(super) fn into_signing(self) -> EncodingKey {
        EncodingKey::from_rsa_der(&self.der)
    }
}

/// The second integer of an `RSAPrivateKey`.
fn modulus(der: &[u8]) -> Option<Vec<u8>> {
    let (_, key) = parse_der(der).ok()?;
    let modulus = key.as_sequence().ok()?.get(1)?;
    match &modulus.content {
        BerObjectContent::Integer(bytes) => Some(bytes.to_vec()),
        _ => None,
    }
}
