//! PKCS#12 (`.pfx`, `.p12`): as OpenSSL 3, older OpenSSL and Windows write it.

use std::path::Path;

use p12_keystore::{Pkcs12Archive, error::Error};
use secrecy::ExposeSecret as _;

use super::{
    error::{CertificateError, shown},
    key::RsaKey,
    pair::{Certificates, ClientCertificate, Material, matched},
};

/// Returns the first key of the archive with its certificate.
pub(super) fn pair(
    material: &Material,
    path: &Path,
) -> Result<ClientCertificate, CertificateError> {
    let password = material
        .password
        .as_ref()
        .map_or("", |password| password.expose_secret());
    let archive = Pkcs12Archive::from_pkcs12(&material.certificate, password).map_err(|error| {
        match (&error, password) {
            (Error::MacError(_), "") => CertificateError::NeedsPassword(shown(path)),
            (Error::MacError(_), _) => CertificateError::WrongPassword(shown(path)),
            _ => CertificateError::Archive {
                path: shown(path),
                why: error.to_string(),
            },
        }
    })?;
    let Some(bag) = archive.keys.first() else {
        return Err(CertificateError::NoKey(shown(path)));
    };
    let key = RsaKey::from_pkcs8(bag.key.as_der(), path)?;
    let certificates: Vec<_> = archive
        .certs
        .iter()
        .map(|bag| bag.cert.as_der().to_vec())
        .collect();
    let certificates = Certificates {
        ders: &certificates,
        path,
    };
    matched(key, certificates, path)
}
