//! Why no certificate can be used: which file, and what to do. Never a value.

use std::path::Path;

use crate::{secret::error::SecretError, text};

/// Why a certificate and its key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file or the password cannot be read.
    #[error(transparent)]
    Source(#[from] SecretError),
    /// No certificate in the file.
    #[error(
        "'{0}' holds no certificate; name the file that begins with `-----BEGIN CERTIFICATE-----`"
    )]
    NoCertificate(String),
    /// No private key in the file.
    #[error(
        "'{0}' holds no private key; name the key's file with `key = \"…\"`, or put both into one \
         file"
    )]
    NoKey(String),
    /// Bytes that are no certificate.
    #[error(
        "the certificate in '{0}' cannot be read; is the file whole? see `openssl x509 -in FILE -text`"
    )]
    Unreadable(String),
    /// Bytes that are no private key.
    #[error(
        "the private key in '{0}' cannot be read; is the file whole? see `openssl pkey -in FILE -noout`"
    )]
    BadKey(String),
    /// An elliptic-curve key, or another kind.
    #[error(
        "the key in '{0}' is not an RSA key, and Entra takes no other kind for applications; make \
         a new certificate with an RSA key of 2048 bits or more"
    )]
    NotRsa(String),
    /// Too short, or too long.
    #[error("the RSA key in '{path}' has {bits} bits; make one of 2048 to 4096 bits")]
    Size {
        /// The file.
        path: String,
        /// How many bits it has.
        bits: usize,
    },
    /// Two that do not belong together.
    #[error(
        "the key in '{key}' does not belong to the certificate in '{certificate}'; name the pair \
         that was made together"
    )]
    Mismatch {
        /// The certificate's file.
        certificate: String,
        /// The key's file.
        key: String,
    },
    /// An encrypted key, and nothing to open it with.
    #[error(
        "the key in '{0}' is encrypted; say where its password is: `password = {{ env = \"NAME\" }}`"
    )]
    NeedsPassword(String),
    /// The password does not open it.
    #[error(
        "the password does not open '{0}'; try it with `openssl pkey` or `openssl pkcs12 -info`"
    )]
    WrongPassword(String),
    /// An encryption that only OpenSSL's own old format uses.
    #[error(
        "the key in '{0}' is encrypted in OpenSSL's old format; convert it: `openssl pkcs8 -topk8 \
         -in OLD -out NEW`"
    )]
    OldEncryption(String),
    /// An archive that cannot be read, whatever the password.
    #[error("'{path}' is not a PKCS#12 file that can be read: {why}")]
    #[cfg(feature = "pfx")]
    Archive {
        /// The file.
        path: String,
        /// What the library said.
        why: String,
    },
    /// PKCS#12 files are not supported by this build.
    #[error(
        "this build reads no PKCS#12 files: it lacks the feature `pfx`; convert it: `openssl pkcs12 \
         -in app.pfx -nodes -out app.pem`"
    )]
    #[cfg(not(feature = "pfx"))]
    NoPfx,
    /// Took longer than there was time.
    #[error("the certificate's key could not be opened in time; raise `timeout`")]
    Slow,
}

/// Returns the error of a certificate that cannot be parsed.
pub(super) fn unreadable(path: &Path) -> CertificateError {
    CertificateError::Unreadable(shown(path))
}

/// Returns a path, safe to show.
pub(super) fn shown(path: &Path) -> String {
    text::line(&path.to_string_lossy())
}
