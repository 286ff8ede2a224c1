//! Certificates with their private keys, from files: checked against each other before anything is
//! signed with them.
//!
//! What a file holds is read anew at every check, so that a renewed certificate counts at once.
//! Whether the validity has run out is a fact for the diagnosis, not an error: only the login
//! service decides what it still takes.

mod error;
mod key;
mod pair;
mod pem;
#[cfg(feature = "pfx")]
mod pfx;
#[cfg(test)]
mod tests;

use std::path::Path;

use tokio::{
    task::spawn_blocking,
    time::{Instant, timeout_at},
};

use self::pair::{Material, leaf};
pub use self::{error::CertificateError, pair::ClientCertificate};
use super::{SecretError, Secrets, file};
use crate::{
    observation::CertificateFacts,
    tenant::{CertificateFiles, CertificateSource},
};

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
