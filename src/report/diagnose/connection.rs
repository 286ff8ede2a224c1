//! How a connection was made: the name, the way there, and who answered.

use std::{net::IpAddr, time::Duration};

use chrono::{DateTime, Utc};
use url::Url;

use super::{Fact, Mark, Step, when};
use crate::{
    cloud::CLOUDS,
    observation::{Connection, Exchange, Fault, FaultKind, Outcome, Peer, Stage, Trust, Waiting},
};

/// Who issues the certificates of Microsoft's own hosts, as their issuers are named.
const USUAL_ISSUERS: &[&str] = &["DigiCert", "Microsoft"];

/// Where an exchange can break off, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Before anything was sent: the client itself could not be made.
    Client,
    /// Looking up the name.
    Resolve,
    /// Connecting.
    Connect,
    /// The TLS handshake.
    Tls,
    /// Once connected.
    Request,
}

/// Returns where an exchange broke off, if it did.
pub(super) fn broke_at(exchange: &Exchange, url: &Url) -> Option<Phase> {
    let Outcome::Fault(Fault { kind, .. }) = &exchange.outcome else {
        return None;
    };
    Some(match kind {
        FaultKind::NoClient => Phase::Client,
        FaultKind::Dns => Phase::Resolve,
        FaultKind::Refused
        | FaultKind::Unreachable
        | FaultKind::ProxyLogin
        | FaultKind::ProxyRefused
        | FaultKind::Timeout(Waiting::Connect) => Phase::Connect,
        FaultKind::Untrusted(_) | FaultKind::Handshake | FaultKind::Timeout(Waiting::Handshake) => {
            Phase::Tls
        }
        FaultKind::Timeout(Waiting::Answer | Waiting::Body) | FaultKind::TooLarge => Phase::Request,
        FaultKind::Reset
        | FaultKind::Closed
        | FaultKind::Timeout(Waiting::Unknown)
        | FaultKind::Garbled
        | FaultKind::Other => by_phases(exchange, url),
    })
}

/// A fault of which only the times tell where it was met.
fn by_phases(exchange: &Exchange, url: &Url) -> Phase {
    let phases = &exchange.phases;
    match (phases.connect, phases.tls) {
        (Some(_), None) if url.scheme() == "https" => Phase::Tls,
        (None, None) if exchange.connection.is_some() => Phase::Connect,
        _ => Phase::Request,
    }
}

/// Returns how long the request itself took: all but making the connection.
pub(super) fn request_time(exchange: &Exchange) -> Duration {
    let phases = &exchange.phases;
    let before = [phases.dns, phases.connect, phases.tls];
    exchange
        .took
        .saturating_sub(before.into_iter().flatten().sum())
}

/// Returns the steps that made the connection; a kept one has a single line to say so.
pub(super) fn steps(
    exchange: &Exchange,
    url: &Url,
    stage: Stage,
    started: DateTime<Utc>,
) -> Vec<Step> {
    let broke = broke_at(exchange, url);
    if broke == Some(Phase::Client) {
        return Vec::new();
    }
    let phases = &exchange.phases;
    if phases.connect.is_none() && exchange.connection.is_none() && broke.is_none() {
        let kept = "a connection that was there already";
        return vec![Step::new("connect", stage, Mark::Skipped, kept)];
    }
    let nothing = Connection::default();
    let made = exchange.connection.as_deref().unwrap_or(&nothing);
    let mut steps = vec![
        resolve(made, url, stage).took(phases.dns),
        connect(made, url, stage).took(phases.connect),
        tls(made.peer.as_ref(), url, stage, started).took(phases.tls),
    ];
    for (step, phase) in steps
        .iter_mut()
        .zip([Phase::Resolve, Phase::Connect, Phase::Tls])
    {
        settle(step, phase, broke, exchange);
    }
    steps
}

/// Marks a step by where the exchange broke off.
fn settle(step: &mut Step, phase: Phase, broke: Option<Phase>, exchange: &Exchange) {
    let Some(broke) = broke else { return };
    if phase > broke {
        *step = Step {
            mark: Mark::Skipped,
            ms: None,
            result: "not reached".to_owned(),
            facts: Vec::new(),
            ..step.clone()
        };
    } else if phase == broke {
        step.mark = Mark::Failed;
        // a phase that does not end has no time of its own: it is what is left
        let left = request_time(exchange);
        step.ms = step.ms.or(Some(super::milliseconds(left)));
        if let Outcome::Fault(fault) = &exchange.outcome {
            step.facts.push(Fact::new("met", &fault.detail));
        }
    }
}

fn resolve(made: &Connection, url: &Url, stage: Stage) -> Step {
    let proxy = made
        .proxy
        .as_deref()
        .and_then(|proxy| Url::parse(proxy).ok());
    let (asked, whose) = match &proxy {
        Some(proxy) => (proxy, "the proxy "),
        None => (url, ""),
    };
    let host = asked.host_str().unwrap_or_default();
    if host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok() {
        let result = format!("{whose}{host} is an address: nothing to look up");
        return Step::new("resolve", stage, Mark::Skipped, result);
    }
    let found: Vec<_> = made.addresses.iter().map(IpAddr::to_string).collect();
    let found = match found.as_slice() {
        [] => String::new(),
        found => format!(": {}", found.join(", ")),
    };
    Step::new("resolve", stage, Mark::Ok, format!("{whose}{host}{found}"))
}

fn connect(made: &Connection, url: &Url, stage: Stage) -> Step {
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default();
    let port = port.map_or_else(String::new, |port| format!(":{port}"));
    let way = match &made.proxy {
        Some(proxy) => format!("through the proxy {proxy}"),
        None => "directly, no proxy".to_owned(),
    };
    Step::new("connect", stage, Mark::Ok, format!("{host}{port}, {way}"))
}

fn tls(peer: Option<&Peer>, url: &Url, stage: Stage, started: DateTime<Utc>) -> Step {
    if url.scheme() != "https" {
        let result = "plain HTTP, as configured for this machine";
        return Step::new("tls", stage, Mark::Skipped, result);
    }
    let Some(peer) = peer else {
        let result = "a handshake, of which no certificate was noted";
        return Step::new("tls", stage, Mark::Ok, result);
    };
    let strange = is_clouds_own(url) && !has_usual_issuer(peer);
    let (mark, result) = match peer.trust {
        Trust::Untrusted => (Mark::Failed, "the certificate is not trusted"),
        _ if strange => (
            Mark::Unknown,
            "not one of Microsoft's usual issuers: something on the way opens TLS",
        ),
        Trust::Machine => (Mark::Ok, "trusted by this machine's roots"),
        Trust::CaFile => (
            Mark::Ok,
            "trusted by `ca_file`: a private authority answered",
        ),
    };
    let ended = peer.not_after <= started;
    let end = Fact::new("ends", &when(peer.not_after, started));
    let end = end.marked(if ended { Mark::Failed } else { Mark::Ok });
    Step::new("tls", stage, mark, result).with(vec![
        Fact::new("subject", &peer.subject),
        Fact::new("issuer", &peer.issuer),
        end,
    ])
}

/// Whether an address is one of the clouds' own.
fn is_clouds_own(url: &Url) -> bool {
    let origin = url.origin().ascii_serialization();
    CLOUDS
        .iter()
        .any(|cloud| [cloud.login, cloud.graph, cloud.exchange].contains(&origin.as_str()))
}

fn has_usual_issuer(peer: &Peer) -> bool {
    USUAL_ISSUERS
        .iter()
        .any(|issuer| peer.issuer.contains(issuer))
}
