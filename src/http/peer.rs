//! Reads the names and the end date of a server certificate.

use chrono::DateTime;
use rustls::pki_types::CertificateDer;
use x509_parser::parse_x509_certificate;

use crate::{
    observation::{Peer, Trust},
    text,
};

/// Names of certificates are cut here; real ones have some 100 bytes.
const NAME_LIMIT: usize = 300;

/// Returns what a certificate says; `None` where it cannot be read.
pub(super) fn read(certificate: &CertificateDer<'_>, trust: Trust) -> Option<Peer> {
    let (_rest, certificate) = parse_x509_certificate(certificate).ok()?;
    let name = |name: &x509_parser::x509::X509Name<'_>| {
        text::line(text::head(&name.to_string(), NAME_LIMIT))
    };
    Some(Peer {
        subject: name(certificate.subject()),
        issuer: name(certificate.issuer()),
        not_after: DateTime::from_timestamp(certificate.validity().not_after.timestamp(), 0)?,
        trust,
    })
}

#[cfg(test)]
#[cfg(feature = "demo")] // for rcgen
mod tests {
    use super::*;

    #[test]
    fn names_and_end_are_read_and_garbage_is_not() {
        let mut params = rcgen::CertificateParams::new(["mail.contoso.com".to_owned()]).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, "mail\u{202e}.contoso.com");
        params.not_after = rcgen::date_time_ymd(2027, 3, 31);
        let key = rcgen::KeyPair::generate().unwrap();
        let signed = params.self_signed(&key).unwrap();
        let peer = read(signed.der(), Trust::Untrusted).unwrap();
        assert_eq!(peer.subject, "CN=mail.contoso.com");
        assert_eq!(peer.issuer, peer.subject);
        assert_eq!(peer.not_after.to_rfc3339(), "2027-03-31T00:00:00+00:00");
        assert_eq!(read(&CertificateDer::from(&b"x"[..]), Trust::Machine), None);
    }
}
