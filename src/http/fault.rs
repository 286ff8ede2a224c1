//! From an error of the libraries to a [`Fault`]: what kind, and the innermost words about it.
//!
//! The libraries wrap errors deeply and say the telling part last. Two traps: what an `io::Error`
//! wraps is skipped by `source()`, and a refusal by a proxy shows in words only.

use std::{error::Error as StdError, io, iter};

use rustls::{CertificateError, pki_types::InvalidDnsNameError};

use crate::{
    observation::{Distrust, Fault, FaultKind, Waiting},
    text,
};

/// How many bytes of a library's message are kept.
const DETAIL_LIMIT: usize = 300;

/// Names what went wrong with a request; `waiting` is what it was waiting for.
pub(super) fn of_request(error: &reqwest::Error, waiting: Waiting) -> Fault {
    let links: Vec<_> = chain(error).collect();
    fault(kind(error, &links, waiting), &innermost(&links))
}

/// The limit ran out.
pub(super) fn timeout(waiting: Waiting) -> Fault {
    let missing = match waiting {
        Waiting::Connect => "no connection",
        Waiting::Handshake => "the TLS handshake did not end",
        Waiting::Answer => "no answer",
        Waiting::Body => "the answer did not end",
        Waiting::Unknown => "nothing came",
    };
    fault(
        FaultKind::Timeout(waiting),
        &format!("{missing} within the limit"),
    )
}

/// The answer is larger than it may be.
pub(super) fn too_large(limit: usize) -> Fault {
    let kib = limit / 1024;
    fault(
        FaultKind::TooLarge,
        &format!("the answer is larger than {kib} KiB"),
    )
}

/// The client could not be built.
pub(super) fn no_client(error: &(dyn StdError + 'static)) -> Fault {
    let links: Vec<_> = chain(error).collect();
    // our own errors say the whole thing first, the libraries say it last
    let words = if error.is::<reqwest::Error>() {
        innermost(&links)
    } else {
        error.to_string()
    };
    fault(FaultKind::NoClient, &words)
}

/// The request itself cannot be written.
pub(super) fn unsendable(what: &str) -> Fault {
    fault(FaultKind::Other, what)
}

fn fault(kind: FaultKind, words: &str) -> Fault {
    let line = text::line(words);
    Fault {
        kind,
        detail: text::head(&text::redact(&line), DETAIL_LIMIT).to_owned(),
    }
}

/// An error and everything inside it, also what an `io::Error` wraps.
fn chain<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    iter::successors(Some(error), |&error| {
        match error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
        {
            Some(inner) => Some(inner as &(dyn StdError + 'static)),
            None => error.source(),
        }
    })
    // a cycle is not to be expected; a bound costs nothing
    .take(32)
}

fn innermost(links: &[&(dyn StdError + 'static)]) -> String {
    links.last().map_or_else(String::new, ToString::to_string)
}

fn find<'a, E: StdError + 'static>(links: &[&'a (dyn StdError + 'static)]) -> Option<&'a E> {
    links.iter().find_map(|link| link.downcast_ref())
}

fn kind(
    error: &reqwest::Error,
    links: &[&(dyn StdError + 'static)],
    waiting: Waiting,
) -> FaultKind {
    if let Some(tls) = find::<rustls::Error>(links) {
        return of_tls(tls);
    }
    if error.is_timeout() {
        return FaultKind::Timeout(waiting);
    }
    // what is no name at all is not even looked up
    if error.is_dns() || find::<InvalidDnsNameError>(links).is_some() {
        return FaultKind::Dns;
    }
    let hyper = find::<hyper::Error>(links);
    of_proxy(links)
        .or_else(|| hyper.and_then(of_head))
        .or_else(|| undecodable(error, hyper))
        .or_else(|| {
            links
                .iter()
                .rev()
                .find_map(|link| of_io(link.downcast_ref()?))
        })
        .or_else(|| find(links).and_then(of_http2))
        .or_else(|| hyper.and_then(of_connection))
        .unwrap_or(FaultKind::Other)
}

fn of_tls(error: &rustls::Error) -> FaultKind {
    match error {
        rustls::Error::InvalidCertificate(why) => FaultKind::Untrusted(distrust(why)),
        rustls::Error::NoCertificatesPresented => FaultKind::Untrusted(Distrust::Other),
        _ => FaultKind::Handshake,
    }
}

fn distrust(why: &CertificateError) -> Distrust {
    match why {
        // an authority of a trusted name with another key is another authority: a CA made anew
        CertificateError::UnknownIssuer | CertificateError::BadSignature => Distrust::UnknownIssuer,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            Distrust::WrongHost
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Distrust::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            Distrust::NotYetValid
        }
        CertificateError::Revoked => Distrust::Revoked,
        _ => Distrust::Other,
    }
}

/// A refusal by an HTTP or SOCKS proxy, which hyper-util puts in words only.
fn of_proxy(links: &[&(dyn StdError + 'static)]) -> Option<FaultKind> {
    links.iter().find_map(|link| {
        let words = link.to_string();
        let refusal = words
            .strip_prefix("tunnel error: ")
            .or_else(|| words.strip_prefix("SOCKS error: "))?;
        if refusal.starts_with("failed to create underlying connection") {
            return None; // the proxy itself was not reached: what lies below says why
        }
        let login = ["auth", "credentials"]
            .iter()
            .any(|word| refusal.contains(word));
        Some(if login {
            FaultKind::ProxyLogin
        } else {
            FaultKind::ProxyRefused
        })
    })
}

/// The head of an answer that is too large, or is no HTTP.
fn of_head(error: &hyper::Error) -> Option<FaultKind> {
    if error.is_parse_too_large() {
        Some(FaultKind::TooLarge)
    } else if error.is_parse() {
        Some(FaultKind::Garbled)
    } else {
        None
    }
}

/// A body that came whole but cannot be decompressed: then hyper has nothing to complain about.
fn undecodable(error: &reqwest::Error, hyper: Option<&hyper::Error>) -> Option<FaultKind> {
    (error.is_decode() && hyper.is_none()).then_some(FaultKind::Garbled)
}

fn of_io(error: &io::Error) -> Option<FaultKind> {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Some(FaultKind::Refused),
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => Some(FaultKind::Reset),
        io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::NetworkDown
        | io::ErrorKind::AddrNotAvailable => Some(FaultKind::Unreachable),
        // a broken pipe is also what h2 calls the end of a connection
        io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe => Some(FaultKind::Closed),
        // hyper's words for chunks that are none
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => Some(FaultKind::Garbled),
        _ => None,
    }
}

fn of_connection(error: &hyper::Error) -> Option<FaultKind> {
    (error.is_incomplete_message() || error.is_closed() || error.is_canceled())
        .then_some(FaultKind::Closed)
}

/// HTTP/2: the connection failed, the peer broke the rules, or it ended the stream by a frame.
fn of_http2(error: &h2::Error) -> Option<FaultKind> {
    if let Some(io) = error.get_io() {
        of_io(io)
    } else if error.is_library() {
        Some(FaultKind::Garbled)
    } else if error.is_remote() {
        Some(FaultKind::Reset)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_are_one_safe_line_of_bounded_length() {
        let error = io::Error::other(format!("a\u{1b}[31m\nb {}", "x ".repeat(1000)));
        let fault = no_client(&error);
        assert_eq!(fault.kind, FaultKind::NoClient);
        assert!(fault.detail.starts_with("a[31m b x"));
        assert!(fault.detail.len() <= DETAIL_LIMIT);
    }

    #[test]
    fn what_an_io_error_wraps_is_found() {
        let inner = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let outer = io::Error::other(io::Error::new(io::ErrorKind::InvalidData, inner));
        let links: Vec<_> = chain(&outer).collect();
        assert_eq!(
            find::<rustls::Error>(&links).map(of_tls),
            Some(FaultKind::Untrusted(Distrust::UnknownIssuer))
        );
    }

    #[test]
    fn a_proxy_that_cannot_be_reached_is_no_refusal_by_it() {
        let says = |words: &'static str| of_proxy(&[&io::Error::other(words)]);
        for (words, expected) in [
            (
                "tunnel error: proxy authorization required",
                Some(FaultKind::ProxyLogin),
            ),
            ("tunnel error: unsuccessful", Some(FaultKind::ProxyRefused)),
            (
                "SOCKS error: credentials not accepted",
                Some(FaultKind::ProxyLogin),
            ),
            (
                "SOCKS error: host unreachable",
                Some(FaultKind::ProxyRefused),
            ),
            ("tunnel error: failed to create underlying connection", None),
            ("connection refused", None),
        ] {
            assert_eq!(says(words), expected, "{words}");
        }
    }
}
