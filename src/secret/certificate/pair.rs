//! Matches private keys with certificates, and reads what a certificate says.

use std::path::Path;

use aws_lc_rs::digest;
use chrono::{DateTime, Utc};
use jsonwebtoken::EncodingKey;
use secrecy::SecretString;
use x509_parser::{
    certificate::X509Certificate, prelude::FromDer as _, public_key::PublicKey, time::ASN1Time,
};
use zeroize::Zeroizing;

use super::{
    error::{CertificateError, shown, unreadable},
    key::RsaKey,
};
use crate::{observation::CertificateFacts, text};

/// A certificate with the private key that belongs to it. Only `check` signs with it.
#[derive(Debug, Clone)]
pub struct ClientCertificate {
    /// Signs; wiped when dropped.
    pub key: EncodingKey,
    /// What the certificate says.
    pub facts: CertificateFacts,
}

/// The bytes of the files, and what opens them.
pub(super) struct Material {
    pub(super) certificate: Zeroizing<Vec<u8>>,
    /// `None` where the same file holds both.
    pub(super) key: Option<Zeroizing<Vec<u8>>>,
    pub(super) password: Option<SecretString>,
}

/// The certificates of one file, each as DER.
#[derive(Clone, Copy)]
pub(super) struct Certificates<'a> {
    pub(super) ders: &'a [Vec<u8>],
    pub(super) path: &'a Path,
}

/// Returns the key with the one of these certificates that belongs to it.
pub(super) fn matched(
    key: RsaKey,
    certificates: Certificates<'_>,
    key_path: &Path,
) -> Result<ClientCertificate, CertificateError> {
    let Certificates { ders, path } = certificates;
    let mut other = None;
    for der in ders {
        let certificate = parsed(der, path)?;
        let Ok(PublicKey::RSA(public)) = certificate.public_key().parsed() else {
            other.get_or_insert(CertificateError::NotRsa(shown(path)));
            continue;
        };
        if public.modulus == key.modulus() {
            key.check_size(key_path)?;
            return Ok(ClientCertificate {
                facts: facts(der, path)?,
                key: key.into_signing(),
            });
        }
    }
    Err(match (ders, other) {
        ([], _) => CertificateError::NoCertificate(shown(path)),
        ([_], Some(not_rsa)) => not_rsa,
        _ => CertificateError::Mismatch {
            certificate: shown(path),
            key: shown(key_path),
        },
    })
}

/// Reads what the certificate of an app says, where those of its issuers may stand beside it.
pub(super) fn leaf(
    certificates: &[Vec<u8>],
    path: &Path,
) -> Result<CertificateFacts, CertificateError> {
    let mut read = Vec::with_capacity(certificates.len());
    for der in certificates {
        read.push((parsed(der, path)?, facts(der, path)?));
    }
    let issued_another = |one: &X509Certificate<'_>| {
        let theirs = |other: &X509Certificate<'_>| {
            other.issuer() == one.subject() && other.subject() != one.subject()
        };
        read.iter().any(|(other, _)| theirs(other))
    };
    // an app's own, self-signed, may call itself an authority as well
    let last = |(one, facts): &&(X509Certificate<'_>, CertificateFacts)| {
        (issued_another(one), one.is_ca(), facts.not_after)
    };
    let leaf = read.iter().min_by_key(last).map(|(_, facts)| facts.clone());
    leaf.ok_or_else(|| CertificateError::NoCertificate(shown(path)))
}

/// Reads what a certificate says.
fn facts(der: &[u8], path: &Path) -> Result<CertificateFacts, CertificateError> {
    let certificate = parsed(der, path)?;
    let subject = certificate.subject();
    let common_name = subject
        .iter_common_name()
        .find_map(|name| name.as_str().ok());
    let validity = certificate.validity();
    let time = |time: ASN1Time| moment(time).ok_or_else(|| unreadable(path));
    let hash = |algorithm| digest::digest(algorithm, der).as_ref().to_vec();
    Ok(CertificateFacts {
        subject: text::line(&common_name.map_or_else(|| subject.to_string(), str::to_owned)),
        not_before: time(validity.not_before)?,
        not_after: time(validity.not_after)?,
        sha1: hash(&digest::SHA1_FOR_LEGACY_USE_ONLY),
        sha256: hash(&digest::SHA256),
    })
}

fn moment(time: ASN1Time) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(time.timestamp(), 0)
}

fn parsed<'d>(der: &'d [u8], path: &Path) -> Result<X509Certificate<'d>, CertificateError> {
    match X509Certificate::from_der(der) {
        Ok((_, certificate)) => Ok(certificate),
        // the parser's own words only help the author of an encoder
        Err(_) => Err(unreadable(path)),
    }
}
