//! Certificates with their private keys, from files: checked against each other before anything is
//! signed with them.
//!
//! What a file holds is read anew at every check, so that a renewed certificate counts at once.
//! Whether the validity has run out is a fact for the diagnosis, not an error: only the login
//! service decides what it still takes.

mod error;
mod key;
mod pem;
#[cfg(feature = "pfx")]
mod pfx;
#[cfg(test)]
mod tests;

use std::path::Path;

use aws_lc_rs::digest;
use chrono::{DateTime, Utc};
use jsonwebtoken::EncodingKey;
use secrecy::SecretString;
use tokio::{
    task::spawn_blocking,
    time::{Instant, timeout_at},
};
use x509_parser::{
    certificate::X509Certificate, prelude::FromDer as _, public_key::PublicKey, time::ASN1Time,
};
use zeroize::Zeroizing;

pub use self::error::CertificateError;
use self::key::RsaKey;
use super::{SecretError, Secrets, file};
use crate::{
    observation::CertificateFacts,
    tenant::{CertificateFiles, CertificateSource},
    text,
};

/// A certificate with the private key that belongs to it. Only `check` signs with it.
#[derive(Debug, Clone)]
pub struct ClientCertificate {
    /// Signs; wiped when dropped.
    pub key: EncodingKey,
    /// What the certificate says.
    pub facts: CertificateFacts,
}

/// The bytes of the files, and what opens them.
struct Material {
    certificate: Zeroizing<Vec<u8>>,
    /// `None` where the same file holds both.
    key: Option<Zeroizing<Vec<u8>>>,
    password: Option<SecretString>,
}

impl Secrets {
    /// Reads a certificate and its key before `deadline`, and makes sure that they belong together.
    pub async fn certificate(
        &self,
        source: &CertificateSource,
        deadline: Instant,
    ) -> Result<ClientCertificate, CertificateError> {
        let material = self.material(source, deadline).await?;
        let files = source.files.clone();
        off_thread(deadline, move || match &files {
            CertificateFiles::Pem { certificate, key } => pem::pair(&material, certificate, key),
            CertificateFiles::Pfx(path) => pfx_pair(&material, path),
        })
        .await
    }

    /// Reads what a certificate says, without its key where it stands alone in a file: the public part
    /// is enough to know when it ends. Of several, it is that of the key, if no password is needed to
    /// tell, else the one that issued none of the others and ends first.
    pub async fn certificate_facts(
        &self,
        source: &CertificateSource,
        deadline: Instant,
    ) -> Result<CertificateFacts, CertificateError> {
        let CertificateFiles::Pem { certificate, .. } = &source.files else {
            return Ok(self.certificate(source, deadline).await?.facts);
        };
        let bytes = file::bytes(certificate.clone(), deadline).await?;
        let all = pem::certificates(&bytes, certificate)?;
        if all.len() > 1 {
            // a key that opens by itself tells which one is sent
            let without_password = CertificateSource {
                password: None,
                ..source.clone()
            };
            if let Ok(pair) = self.certificate(&without_password, deadline).await {
                return Ok(pair.facts);
            }
        }
        leaf(&all, certificate)
    }

    async fn material(
        &self,
        source: &CertificateSource,
        deadline: Instant,
    ) -> Result<Material, SecretError> {
        let (first, second) = match &source.files {
            CertificateFiles::Pem { certificate, key } => {
                (certificate, (key != certificate).then_some(key))
            }
            CertificateFiles::Pfx(path) => (path, None),
        };
        Ok(Material {
            certificate: file::bytes(first.clone(), deadline).await?,
            key: match second {
                Some(path) => Some(file::bytes(path.clone(), deadline).await?),
                None => None,
            },
            password: match &source.password {
                // asked anew each time: a kept answer would outlive the file that it opens
                Some(password) => Some(
                    self.read(password, std::time::Duration::ZERO, deadline)
                        .await?,
                ),
                None => None,
            },
        })
    }
}

/// Deriving a key from a password is meant to be slow, so it happens off the async threads.
async fn off_thread<T: Send + 'static>(
    deadline: Instant,
    work: impl FnOnce() -> Result<T, CertificateError> + Send + 'static,
) -> Result<T, CertificateError> {
    match timeout_at(deadline, spawn_blocking(work)).await {
        Ok(Ok(done)) => done,
        Ok(Err(_)) | Err(_) => Err(CertificateError::Slow),
    }
}

#[cfg(feature = "pfx")]
fn pfx_pair(material: &Material, path: &Path) -> Result<ClientCertificate, CertificateError> {
    pfx::pair(material, path)
}

#[cfg(not(feature = "pfx"))]
fn pfx_pair(_: &Material, _: &Path) -> Result<ClientCertificate, CertificateError> {
    Err(CertificateError::NoPfx)
}

/// Returns the key with the one of these certificates that belongs to it.
fn matched(
    key: RsaKey,
    (certificates, path): (&[Vec<u8>], &Path),
    key_path: &Path,
) -> Result<ClientCertificate, CertificateError> {
    let mut other = None;
    for der in certificates {
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
    Err(match (certificates, other) {
        ([], _) => CertificateError::NoCertificate(shown(path)),
        ([_], Some(not_rsa)) => not_rsa,
        _ => CertificateError::Mismatch {
            certificate: shown(path),
            key: shown(key_path),
        },
    })
}

/// Reads what the certificate of an app says, where those of its issuers may stand beside it.
fn leaf(certificates: &[Vec<u8>], path: &Path) -> Result<CertificateFacts, CertificateError> {
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
        // what the parser stumbled over helps nobody who did not write the file by hand
        Err(_) => Err(unreadable(path)),
    }
}

fn unreadable(path: &Path) -> CertificateError {
    CertificateError::Unreadable(shown(path))
}

fn shown(path: &Path) -> String {
    text::line(&path.to_string_lossy())
}
