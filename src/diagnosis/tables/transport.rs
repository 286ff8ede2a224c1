//! What a fault below HTTP points to, as data.

use crate::verdict::cause::Cause::{
    self, ConnectFailure, DnsFailure, ProxyAuthRequired, Timeout, TlsFailure, TlsUntrusted,
    UnexpectedPage, Unknown,
};
use crate::{
    observation::{Distrust, FaultKind, Waiting},
    verdict::Confidence::{self, Certain, Likely, Possible},
};

/// Returns the cause of a fault, how sure it is, and what else it may be.
pub(in crate::diagnosis) fn cause_of(fault: FaultKind) -> (Cause, Confidence, &'static [Cause]) {
    match fault {
        FaultKind::Dns => (DnsFailure, Certain, &[]),
        FaultKind::Refused | FaultKind::Reset | FaultKind::Unreachable => {
            (ConnectFailure, Certain, &[])
        }
        FaultKind::Closed => (ConnectFailure, Likely, &[]),
        FaultKind::ProxyRefused => (ConnectFailure, Likely, &[ProxyAuthRequired, UnexpectedPage]),
        FaultKind::Timeout(_) => (Timeout, Certain, &[]),
        FaultKind::Untrusted(_) | FaultKind::NoClient => (TlsUntrusted, Certain, &[]),
        FaultKind::Handshake => (TlsFailure, Certain, &[]),
        FaultKind::ProxyLogin => (ProxyAuthRequired, Certain, &[]),
        FaultKind::TooLarge => (UnexpectedPage, Likely, &[]),
        FaultKind::Garbled => (UnexpectedPage, Likely, &[ConnectFailure]),
        FaultKind::Other => (Unknown, Possible, &[ConnectFailure]),
    }
}

/// Returns one sentence on what happened.
pub(in crate::diagnosis) fn words(fault: FaultKind) -> &'static str {
    match fault {
        FaultKind::Dns => "The host name does not resolve.",
        FaultKind::Refused => "Nothing listens at that address and port.",
        FaultKind::Reset => "The other side reset the connection.",
        FaultKind::Unreachable => "There is no route to the host.",
        FaultKind::Closed => "The other side closed the connection before a whole answer had come.",
        FaultKind::Timeout(waiting) => waited_for(waiting),
        FaultKind::Untrusted(reason) => distrusted(reason),
        FaultKind::Handshake => "The TLS handshake failed, and not for a reason of trust.",
        FaultKind::ProxyLogin => "The proxy wants a login.",
        FaultKind::ProxyRefused => "The proxy refused to connect to the host.",
        FaultKind::TooLarge => "The answer is larger than any answer of this service.",
        FaultKind::Garbled => "What came back is not HTTP, or its body cannot be decoded.",
        FaultKind::NoClient => "No HTTP client could be built: no trust roots, or a bad proxy.",
        FaultKind::Other => "The request failed below HTTP.",
    }
}

fn waited_for(waiting: Waiting) -> &'static str {
    match waiting {
        Waiting::Connect => "The limit ran out while a connection was being made.",
        Waiting::Handshake => "The limit ran out during the TLS handshake.",
        Waiting::Answer => "The request was sent, and no answer came within the limit.",
        Waiting::Body => "An answer began, and did not end within the limit.",
        Waiting::Unknown => "The limit ran out.",
    }
}

fn distrusted(reason: Distrust) -> &'static str {
    match reason {
        Distrust::UnknownIssuer => {
            "The certificate is signed by an authority that is not trusted here."
        }
        Distrust::WrongHost => "The certificate is for another host.",
        Distrust::Expired => "The certificate has expired, or this machine's clock is ahead.",
        Distrust::NotYetValid => {
            "The certificate is not valid yet, or this machine's clock is behind."
        }
        Distrust::Revoked => "The certificate was revoked.",
        Distrust::Other => "The certificate is not accepted.",
    }
}
