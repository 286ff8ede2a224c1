//! Addresses of their own, for integrations whose connections break before a request can be read.
//!
//! Below HTTP nothing says whose connection it is, so it must show by the address. Behind a door is
//! the whole cloud: while the integration is treated well, its door serves as any other.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::behaviour::{Behaviour, Surface, WireFault};
use super::scenario::Integration;
use super::server::Serving;
use super::tls::Strangers;

/// No name server is ever asked for this one: its first label is longer than the 63 bytes that DNS
/// allows, which every resolver sees by itself.
const NO_NAME: &str =
    "a-name-that-no-resolver-can-ask-for-as-its-first-label-is-too-long-for-dns.invalid";

/// What a web server says on its TLS port to who speaks no TLS; here it says so to everybody.
const PLAIN_TEXT: &[u8] = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\
    Content-Length: 53\r\nConnection: close\r\n\r\n\
    <html><body>This is the plain HTTP port</body></html>";

/// A fatal alert: no version or cipher in common (RFC 8446, `handshake_failure`).
const NOTHING_IN_COMMON: &[u8] = &[21, 3, 3, 0, 2, 2, 40];

/// A client's first message fits in this.
const HELLO_LIMIT: usize = 16 * 1024;

/// A door, and who may stand behind it.
pub(super) type Behind = (Door, Arc<Strangers>);

/// The address of one service for one integration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Door {
    /// Whose it is.
    pub(super) index: usize,
    /// Of which service.
    pub(super) surface: Surface,
    /// How the address begins: scheme, host and port.
    pub(super) base: String,
}

impl Door {
    /// Returns a door whose name does not resolve.
    pub(super) fn nameless(index: usize, surface: Surface) -> Self {
        let base = format!("https://{NO_NAME}");
        Self {
            index,
            surface,
            base,
        }
    }

    /// Returns a door at that address.
    pub(super) fn at(address: SocketAddr, (index, surface): (usize, Surface)) -> Self {
        let ip = match address.ip() {
            ip if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
            ip => ip,
        };
        let base = format!("https://{}", SocketAddr::new(ip, address.port()));
        Self {
            index,
            surface,
            base,
        }
    }
}

/// Returns the services for which an integration needs doors, each with the first fault that it needs
/// one for.
pub(super) fn needed(one: &Integration) -> Vec<(Surface, WireFault)> {
    let mut needed: Vec<(Surface, WireFault)> = Vec::new();
    for step in &one.script.0 {
        if let Behaviour::Wire(surface, fault) = step.behaviour
            && fault.is_before_http()
            && !needed.iter().any(|(known, _)| *known == surface)
        {
            needed.push((surface, fault));
        }
    }
    needed
}

/// Commits the fault that is due at a door, and returns how the connection may go on; `None` where it
/// may not.
pub(super) async fn open(serving: &Serving, socket: &mut TcpStream) -> Option<TlsAcceptor> {
    let usual = || Some(serving.acceptor.clone());
    let Some((door, strangers)) = &serving.door else {
        return usual();
    };
    match serving.world.behaviour(door.index) {
        Behaviour::Wire(surface, fault) if surface == door.surface => match fault {
            WireFault::PlainText => answer(socket, PLAIN_TEXT).await,
            WireFault::BrokenHandshake => answer(socket, NOTHING_IN_COMMON).await,
            fault => strangers.of(fault).or_else(usual),
        },
        _ => usual(),
    }
}

/// Hears the client out, and says these bytes instead of shaking hands.
async fn answer(socket: &mut TcpStream, bytes: &[u8]) -> Option<TlsAcceptor> {
    let mut heard = vec![0; HELLO_LIMIT];
    let _some = socket.read(&mut heard).await.ok()?;
    socket.write_all(bytes).await.ok()?;
    socket.shutdown().await.ok()?;
    // a socket dropped with unread bytes in it would take back what was said
    while socket.read(&mut heard).await.ok()? > 0 {}
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_without_an_address_is_one_that_dns_cannot_carry() {
        let (label, domain) = NO_NAME.split_once('.').unwrap();
        assert!(label.len() > 63);
        // reserved for names that never exist (RFC 2606)
        assert_eq!(domain, "invalid");
    }

    #[test]
    fn the_plain_text_is_as_long_as_it_says() {
        let (_, body) = std::str::from_utf8(PLAIN_TEXT)
            .unwrap()
            .split_once("\r\n\r\n")
            .unwrap();
        assert_eq!(body.len(), 53);
    }
}
