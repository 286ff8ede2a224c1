//! Listeners for one integration alone, whose connections break before a request can be read.
//!
//! Below HTTP nothing names the integration, so its address must. A fault listener serves the whole
//! cloud: while its fault is not due, it works as the shared one.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::crypto::UntrustedServers;
use super::faults::{Fault, FaultTarget, WireFault};
use super::fleet::Integration;
use super::state::CloudState;

/// No name server is ever asked for this one: its first label is longer than the 63 bytes that DNS
/// allows, which every resolver sees by itself.
const NO_NAME: &str =
    "a-name-that-no-resolver-can-ask-for-as-its-first-label-is-too-long-for-dns.invalid";

/// The answer of a web server to a client that speaks plain HTTP on its TLS port.
const PLAIN_TEXT: &[u8] = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\
    Content-Length: 53\r\nConnection: close\r\n\r\n\
    <html><body>This is the plain HTTP port</body></html>";

/// A fatal alert: no version or cipher in common (RFC 8446, `handshake_failure`).
const NOTHING_IN_COMMON: &[u8] = &[21, 3, 3, 0, 2, 2, 40];

/// A client's first message fits in this.
const HELLO_LIMIT: usize = 16 * 1024;

/// The address of one service for one integration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FaultAddress {
    /// The integration.
    pub(crate) index: usize,
    /// The service.
    pub(crate) target: FaultTarget,
    /// The beginning of the address: scheme, host and port.
    pub(crate) base: String,
}

impl FaultAddress {
    /// Returns an address whose host name does not resolve.
    pub(crate) fn unresolvable(index: usize, target: FaultTarget) -> Self {
        Self {
            index,
            target,
            base: format!("{}://{NO_NAME}", scheme(target)),
        }
    }

    /// Returns the address of a listener.
    pub(crate) fn of(listener: SocketAddr, index: usize, target: FaultTarget) -> Self {
        let ip = match listener.ip() {
            ip if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
            ip => ip,
        };
        let address = SocketAddr::new(ip, listener.port());
        Self {
            index,
            target,
            base: format!("{}://{address}", scheme(target)),
        }
    }
}

/// Returns the scheme of the address of a service.
pub(crate) fn scheme(target: FaultTarget) -> &'static str {
    match target {
        FaultTarget::Entra | FaultTarget::Ews | FaultTarget::Graph => "https",
        FaultTarget::Imap => "imaps",
        FaultTarget::Pop => "pops",
        FaultTarget::Smtp => "smtp",
    }
}

/// The services for which an integration needs addresses of its own, each with the first fault of
/// its script that needs one.
pub(crate) fn needed(one: &Integration) -> Vec<Fault> {
    let mut needed: Vec<Fault> = Vec::new();
    for fault in one.script.0.iter().filter_map(|step| step.fault) {
        let is_known = needed.iter().any(|known| known.target() == fault.target());
        if fault.needs_own_address() && !is_known {
            needed.push(fault);
        }
    }
    needed
}

/// A listener for one integration, with the certificates that no client should trust.
#[derive(Clone)]
pub(crate) struct FaultListener {
    pub(crate) address: FaultAddress,
    pub(crate) untrusted: Arc<UntrustedServers>,
}

impl FaultListener {
    /// Commits the fault that is due now. Returns the server that continues the connection, or
    /// `None` if the connection ends here.
    pub(crate) async fn open(
        &self,
        state: &CloudState,
        socket: &mut TcpStream,
        usual: &TlsAcceptor,
    ) -> Option<TlsAcceptor> {
        let FaultAddress { index, target, .. } = self.address;
        match state.fault(index, target) {
            Some(Fault::Wire(_, WireFault::PlainText)) => answer(socket, PLAIN_TEXT).await,
            Some(Fault::Wire(_, WireFault::BrokenHandshake)) => {
                answer(socket, NOTHING_IN_COMMON).await
            }
            Some(Fault::Wire(_, fault)) => {
                let untrusted = self.untrusted.for_fault(fault);
                Some(untrusted.unwrap_or(usual).clone())
            }
            _ => Some(usual.clone()),
        }
    }
}

/// Reads the first message of the client and answers with these bytes instead of a handshake.
async fn answer(socket: &mut TcpStream, bytes: &[u8]) -> Option<TlsAcceptor> {
    let mut read = vec![0; HELLO_LIMIT];
    let _some = socket.read(&mut read).await.ok()?;
    socket.write_all(bytes).await.ok()?;
    socket.shutdown().await.ok()?;
    // A socket that is dropped with unread bytes sends a reset, which discards the answer.
    while socket.read(&mut read).await.ok()? > 0 {}
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unresolvable_name_is_too_long_for_dns() {
        let (label, domain) = NO_NAME.split_once('.').unwrap();
        assert!(label.len() > 63);
        // reserved for names that never exist (RFC 2606)
        assert_eq!(domain, "invalid");
    }

    #[test]
    fn the_plain_text_has_its_declared_length() {
        let (_, body) = std::str::from_utf8(PLAIN_TEXT)
            .unwrap()
            .split_once("\r\n\r\n")
            .unwrap();
        assert_eq!(body.len(), 53);
    }
}
