//! Whom to trust: the machine's roots and those of a `ca_file`, as settings for TLS.

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
    sync::Arc,
};

use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject as _},
};
use rustls_platform_verifier::Verifier;

use super::{fault, peer, timeline};
use crate::observation::{Fault, Trust};

/// A bundle of all public roots has some 250 KiB; a file larger than this is none.
const CA_FILE_LIMIT: u64 = 4 * 1024 * 1024;

/// Why there is nobody to trust.
#[derive(Debug, thiserror::Error)]
enum TrustError {
    #[error("ca_file '{path}' cannot be read: {source}")]
    Read { path: String, source: io::Error },
    #[error("ca_file '{path}' is larger than 4 MiB; name a PEM file with the needed roots only")]
    TooLarge { path: String },
    #[error("ca_file '{path}' is not a PEM file of certificates")]
    Pem { path: String },
    #[error("no usable trust roots: {0}")]
    Roots(rustls::Error),
    #[error("TLS cannot be set up: {0}")]
    Tls(rustls::Error),
}

/// Returns TLS settings that trust the machine's roots and those of `ca_file`.
pub(super) fn tls(ca_file: Option<&Path>) -> Result<ClientConfig, Fault> {
    build(ca_file).map_err(|e| fault::no_client(&e))
}

fn build(ca_file: Option<&Path>) -> Result<ClientConfig, TrustError> {
    let extra = ca_file.map_or(Ok(Vec::new()), read_roots)?;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let private = ca_file.and_then(|_| privately(&extra, &provider));
    let verifier =
        Verifier::new_with_extra_roots(extra, provider.clone()).map_err(TrustError::Roots)?;
    let mut tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TrustError::Tls)?
        .dangerous() // in name only: the verifier below is the platform's, and hears every question
        .with_custom_certificate_verifier(Arc::new(TimedVerifier {
            all: verifier,
            private,
        }))
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(tls)
}

/// A verifier that trusts these roots alone; `None` where none of them is usable.
fn privately(
    roots: &[CertificateDer<'static>],
    provider: &Arc<CryptoProvider>,
) -> Option<Arc<WebPkiServerVerifier>> {
    let mut store = RootCertStore::empty();
    let (_usable, _not) = store.add_parsable_certificates(roots.iter().cloned());
    WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider))
        .build()
        .ok()
}

/// Reads the certificates of a PEM file; there must be one at least.
fn read_roots(path: &Path) -> Result<Vec<CertificateDer<'static>>, TrustError> {
    let shown = || path.display().to_string();
    let mut pem = Vec::new();
    File::open(path)
        .and_then(|file| file.take(CA_FILE_LIMIT + 1).read_to_end(&mut pem))
        .map_err(|source| TrustError::Read {
            path: shown(),
            source,
        })?;
    if pem.len() as u64 > CA_FILE_LIMIT {
        return Err(TrustError::TooLarge { path: shown() });
    }
    match CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>() {
        Ok(roots) if !roots.is_empty() => Ok(roots),
        Ok(_) | Err(_) => Err(TrustError::Pem { path: shown() }),
    }
}

/// The platform's verifier, noting when a handshake begins and, where somebody looks, who answered.
///
/// rustls asks for the signature schemes when it writes its `ClientHello`; that moment is what
/// tells the time of the TCP connection (or of the tunnel) from that of the handshake.
#[derive(Debug)]
struct TimedVerifier {
    /// Trusts the machine's roots and those of `ca_file`.
    all: Verifier,
    /// Trusts those of `ca_file` alone, if there is one: tells whose root it was.
    private: Option<Arc<WebPkiServerVerifier>>,
}

impl ServerCertVerifier for TimedVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let ask = |verifier: &dyn ServerCertVerifier| {
            verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        };
        let verdict = ask(&self.all);
        timeline::see(|connection| {
            let privately = || self.private.as_ref().is_some_and(|own| ask(&**own).is_ok());
            let trust = match &verdict {
                Err(_) => Trust::Nobody,
                Ok(_) if privately() => Trust::CaFile,
                Ok(_) => Trust::Machine,
            };
            connection.peer = peer::read(end_entity, trust);
        });
        verdict
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.all.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.all.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        timeline::hello_sent();
        self.all.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::FaultKind;

    #[test]
    fn a_ca_file_without_certificates_is_a_verdict_with_its_name_and_no_crash() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        std::fs::write(path("empty.pem"), "").unwrap();
        std::fs::write(path("words.pem"), "not a certificate").unwrap();
        std::fs::write(
            path("broken.pem"),
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        )
        .unwrap();
        for (name, words) in [
            ("missing.pem", "cannot be read"),
            ("empty.pem", "not a PEM file"),
            ("words.pem", "not a PEM file"),
            ("broken.pem", "no usable trust roots"),
        ] {
            let fault = tls(Some(&path(name))).unwrap_err();
            assert_eq!(fault.kind, FaultKind::NoClient, "{name}");
            assert!(fault.detail.contains(words), "{name}: {}", fault.detail);
        }
    }
}
