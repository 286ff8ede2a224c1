//! The private certificate authority of the cloud, and its server certificates.

use std::net::IpAddr;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

use crate::simulator::error::SimulatorError;
use crate::simulator::faults::WireFault;

/// The server of the cloud, and the authority that clients must trust.
pub(crate) struct ServerIdentity {
    pub(crate) server: Arc<ServerConfig>,
    pub(crate) ca_pem: String,
    authority: CertificateAuthority,
}

struct CertificateAuthority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
}

/// Servers that no client should trust, each for another reason.
pub(crate) struct UntrustedServers {
    self_signed: TlsAcceptor,
    ended: TlsAcceptor,
    other_host: TlsAcceptor,
}

/// Makes a new authority and a certificate for this machine's own names and `extra`.
pub(crate) fn make_identity(extra: Option<IpAddr>) -> Result<ServerIdentity, SimulatorError> {
    let ca_key = KeyPair::generate()?;
    let ca_params = authority();
    let ca = ca_params.self_signed(&ca_key)?;
    let issuer = Issuer::new(ca_params, ca_key);

    let authority = CertificateAuthority {
        issuer,
        certificate: ca.der().clone(),
    };
    Ok(ServerIdentity {
        server: authority.serve(&server(extra)?)?,
        ca_pem: ca.pem(),
        authority,
    })
}

impl ServerIdentity {
    /// Makes the certificates that should not be trusted.
    pub(crate) fn untrusted(&self) -> Result<UntrustedServers, SimulatorError> {
        let mut ended = server(None)?;
        ended.not_after = date_time_ymd(2021, 1, 1);
        let mut other = server(None)?;
        other.subject_alt_names = vec![SanType::DnsName("mail.elsewhere.example".try_into()?)];
        let key = KeyPair::generate()?;
        let alone = server(None)?.self_signed(&key)?;
        Ok(UntrustedServers {
            self_signed: TlsAcceptor::from(serving(vec![alone.der().clone()], &key)?),
            ended: TlsAcceptor::from(self.authority.serve(&ended)?),
            other_host: TlsAcceptor::from(self.authority.serve(&other)?),
        })
    }
}

impl UntrustedServers {
    /// Returns the server that commits the fault; `None` for a fault that is not about trust.
    pub(crate) fn for_fault(&self, fault: WireFault) -> Option<&TlsAcceptor> {
        match fault {
            WireFault::SelfSigned => Some(&self.self_signed),
            WireFault::CertificateEnded => Some(&self.ended),
            WireFault::OtherHost => Some(&self.other_host),
            _ => None,
        }
    }
}

impl CertificateAuthority {
    /// Returns a server with a certificate of this authority.
    fn serve(&self, params: &CertificateParams) -> Result<Arc<ServerConfig>, SimulatorError> {
        let key = KeyPair::generate()?;
        let certificate = params.clone().signed_by(&key, &self.issuer)?;
        serving(
            vec![certificate.der().clone(), self.certificate.clone()],
            &key,
        )
    }
}

fn serving(
    chain: Vec<CertificateDer<'static>>,
    key: &KeyPair,
) -> Result<Arc<ServerConfig>, SimulatorError> {
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// The dates are wide and fixed: tests move the clock of the cloud, but TLS libraries use the clock of
/// the machine.
fn dated(mut params: CertificateParams, name: &str) -> CertificateParams {
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2049, 12, 31);
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

fn authority() -> CertificateParams {
    let mut params = dated(CertificateParams::default(), "Simulated Cloud Root");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn server(extra: Option<IpAddr>) -> Result<CertificateParams, SimulatorError> {
    let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let mut params = dated(CertificateParams::new(names)?, "localhost");
    params
        .subject_alt_names
        .extend(extra.map(SanType::IpAddress));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}
