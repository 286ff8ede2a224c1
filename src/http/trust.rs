//! Trust roots: those of the machine and of a `ca_file`, as settings for TLS.

use std::{
    path::Path,
    sync::{Arc, OnceLock},
};

use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject as _},
};
use rustls_platform_verifier::Verifier;
use tokio::time::Instant;

use super::{fault, peer, timeline};
use crate::{
    files::{self, FileError},
    observation::{Fault, Trust},
};

/// A bundle of all public roots has some 250 KiB; a file larger than this is none.
const CA_FILE_LIMIT: u64 = 4 * 1024 * 1024;

/// Why there are no usable trust roots.
#[derive(Debug, thiserror::Error)]
enum TrustError {
    #[error("ca_file '{path}' {source}")]
    Read { path: String, source: FileError },
    #[error("ca_file '{path}' is larger than 4 MiB; name a PEM file with the needed roots only")]
    TooLarge { path: String },
    #[error("ca_file '{path}' is not a PEM file of certificates")]
    Pem { path: String },
    #[error("no usable trust roots: {0}")]
    Roots(rustls::Error),
    #[error("TLS cannot be set up: {0}")]
    Tls(rustls::Error),
}

/// The contents of a `ca_file`.
pub(super) struct OwnRoots<'a> {
    pub(super) path: &'a Path,
    pub(super) pem: &'a [u8],
}

/// Reads a `ca_file`. Nothing is locked meanwhile: a mount that does not answer holds up the tenants of
/// that file, and no other.
pub(super) async fn read(path: &Path, deadline: Instant) -> Result<Vec<u8>, Fault> {
    let read = files::read(path.to_owned(), CA_FILE_LIMIT, deadline).await;
    read.map(|mut pem| std::mem::take(&mut *pem))
        .map_err(|error| {
            let path = path.display().to_string();
            fault::no_client(&match error {
                FileError::TooLarge(_) => TrustError::TooLarge { path },
                source => TrustError::Read { path, source },
            })
        })
}

/// Returns TLS settings that trust the machine's roots and those of a `ca_file`.
pub(super) fn tls(own: Option<OwnRoots<'_>>) -> Result<ClientConfig, Fault> {
    build(own).map_err(|e| fault::no_client(&e))
}

fn build(own: Option<OwnRoots<'_>>) -> Result<ClientConfig, TrustError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = match own {
        Some(own) => TimedVerifier::with_own(privately(roots(&own)?, &provider)?, &provider),
        None => TimedVerifier::new(&provider).map_err(TrustError::Roots)?,
    };
    let mut tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TrustError::Tls)?
        .dangerous() // in name only: the verifier below asks WebPKI's and the platform's
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(tls)
}

/// Returns a verifier that trusts these roots alone.
fn privately(
    roots: Vec<CertificateDer<'static>>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, TrustError> {
    let mut store = RootCertStore::empty();
    for root in roots {
        store.add(root).map_err(TrustError::Roots)?;
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider))
        .build()
        .map_err(|error| TrustError::Roots(rustls::Error::General(error.to_string())))
}

/// Returns the certificates of a PEM file, which must be one at least.
fn roots(own: &OwnRoots<'_>) -> Result<Vec<CertificateDer<'static>>, TrustError> {
    match CertificateDer::pem_slice_iter(own.pem).collect::<Result<Vec<_>, _>>() {
        Ok(roots) if !roots.is_empty() => Ok(roots),
        Ok(_) | Err(_) => Err(TrustError::Pem {
            path: own.path.display().to_string(),
        }),
    }
}

/// Asks the roots of `ca_file` and the platform's verifier; notes when a handshake begins and which
/// certificate the server presents.
///
/// rustls asks for the signature schemes when it writes its `ClientHello`; that moment is what
/// tells the time of the TCP connection (or of the tunnel) from that of the handshake.
#[derive(Debug)]
struct TimedVerifier {
    /// Trusts the roots of `ca_file` alone, if there is one.
    own: Option<Arc<WebPkiServerVerifier>>,
    /// Trusts the machine's roots. With a `ca_file` they are read at the first server that it does not
    /// cover:
    /// reading a hundred and more of them costs as much as a whole check.
    machine: OnceLock<Result<Verifier, rustls::Error>>,
    provider: Arc<CryptoProvider>,
}

impl TimedVerifier {
    /// Trusts the machine's roots.
    fn new(provider: &Arc<CryptoProvider>) -> Result<Self, rustls::Error> {
        Ok(Self {
            own: None,
            machine: OnceLock::from(Ok(Verifier::new(Arc::clone(provider))?)),
            provider: Arc::clone(provider),
        })
    }

    /// Trusts these roots, and the machine's.
    fn with_own(own: Arc<WebPkiServerVerifier>, provider: &Arc<CryptoProvider>) -> Self {
        Self {
            own: Some(own),
            machine: OnceLock::new(),
            provider: Arc::clone(provider),
        }
    }

    fn machine(&self) -> Result<&Verifier, rustls::Error> {
        let read = || Verifier::new(Arc::clone(&self.provider));
        self.machine
            .get_or_init(read)
            .as_ref()
            .map_err(Clone::clone)
    }

    /// Returns which root a chain leads to.
    fn judge(
        &self,
        ask: impl Fn(&dyn ServerCertVerifier) -> Result<ServerCertVerified, rustls::Error>,
    ) -> (Trust, Result<ServerCertVerified, rustls::Error>) {
        let own = self.own.as_ref().map(|own| ask(&**own));
        if let Some(Ok(known)) = own {
            return (Trust::CaFile, Ok(known));
        }
        match self.machine().and_then(|machine| ask(machine)) {
            Ok(known) => (Trust::Machine, Ok(known)),
            Err(error) => {
                // the error of the own roots says more, unless they do not know the issuer
                let told = own
                    .and_then(Result::err)
                    .filter(|error| *error != UNKNOWN_ISSUER);
                (Trust::Untrusted, Err(told.unwrap_or(error)))
            }
        }
    }
}

const UNKNOWN_ISSUER: rustls::Error =
    rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);

impl ServerCertVerifier for TimedVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let (trust, verdict) = self.judge(|verifier| {
            verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        });
        timeline::see(|connection| connection.peer = peer::read(end_entity, trust));
        verdict
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        timeline::hello_sent();
        let algorithms = &self.provider.signature_verification_algorithms;
        algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::FaultKind;

    #[tokio::test]
    async fn a_ca_file_without_certificates_is_a_verdict_with_its_name() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        std::fs::write(path("empty.pem"), "").unwrap();
        std::fs::write(path("words.pem"), "not a certificate").unwrap();
        std::fs::write(
            path("broken.pem"),
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        )
        .unwrap();
        let made = std::process::Command::new("mkfifo")
            .arg(path("fifo.pem"))
            .status();
        assert!(made.unwrap().success());
        std::os::unix::fs::symlink("/dev/zero", path("zero.pem")).unwrap();
        for (name, words) in [
            ("missing.pem", "cannot be read"),
            ("fifo.pem", "is a pipe, not a regular file"),
            ("zero.pem", "is a device, not a regular file"),
            ("empty.pem", "not a PEM file"),
            ("words.pem", "not a PEM file"),
            ("broken.pem", "no usable trust roots"),
        ] {
            let path = path(name);
            let deadline = Instant::now() + std::time::Duration::from_secs(30);
            let made = match read(&path, deadline).await {
                Ok(pem) => tls(Some(OwnRoots {
                    path: &path,
                    pem: &pem,
                })),
                Err(fault) => Err(fault),
            };
            let fault = made.unwrap_err();
            assert_eq!(fault.kind, FaultKind::NoClient, "{name}");
            assert!(fault.detail.contains(words), "{name}: {}", fault.detail);
        }
    }
}
