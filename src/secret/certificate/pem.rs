//! PEM: certificate and key in one file or two, the key plain or encrypted as PKCS#8 does it.

use std::path::Path;

use x509_parser::pem::Pem;
use zeroize::Zeroizing;

use super::{
    error::{CertificateError, shown, unreadable},
    key::RsaKey,
    pair::{Certificates, ClientCertificate, Material, matched},
};

/// Returns the key with its certificate.
pub(super) fn pair(
    material: &Material,
    certificate: &Path,
    key: &Path,
) -> Result<ClientCertificate, CertificateError> {
    let certificates = certificates(&material.certificate, certificate)?;
    let secret = private_key(material, key)?;
    let certificates = Certificates {
        ders: &certificates,
        path: certificate,
    };
    matched(secret, certificates, key)
}

/// Returns the certificates of a file, each as DER. A file without armour is one of them.
pub(super) fn certificates(bytes: &[u8], path: &Path) -> Result<Vec<Vec<u8>>, CertificateError> {
    if !bytes.is_ascii() {
        return Ok(vec![bytes.to_vec()]);
    }
    let mut found = Vec::new();
    for block in Pem::iter_from_buffer(bytes) {
        let block = block.map_err(|_broken| unreadable(path))?;
        let contents = Zeroizing::new(block.contents);
        if matches!(
            block.label.as_str(),
            "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE"
        ) {
            found.push(contents.to_vec());
        }
    }
    Ok(found)
}

/// Returns the first private key of the file that is to hold it.
fn private_key(material: &Material, path: &Path) -> Result<RsaKey, CertificateError> {
    let bytes = material.key.as_ref().unwrap_or(&material.certificate);
    if contains(bytes, b"Proc-Type: 4,ENCRYPTED") {
        return Err(CertificateError::OldEncryption(shown(path)));
    }
    for block in Pem::iter_from_buffer(bytes) {
        let Ok(block) = block else {
            return Err(CertificateError::BadKey(shown(path)));
        };
        let contents = Zeroizing::new(block.contents);
        let password = material.password.as_ref();
        return match block.label.as_str() {
            "RSA PRIVATE KEY" => RsaKey::from_pkcs1(&contents, path),
            "PRIVATE KEY" => RsaKey::from_pkcs8(&contents, path),
            "ENCRYPTED PRIVATE KEY" => RsaKey::from_encrypted(&contents, password, path),
            label if label.ends_with("PRIVATE KEY") => Err(CertificateError::NotRsa(shown(path))),
            _ => continue,
        };
    }
    Err(CertificateError::NoKey(shown(path)))
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
