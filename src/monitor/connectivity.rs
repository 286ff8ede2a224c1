//! Decides whether this machine is offline or the tenants really fail.
//!
//! The rule is a pure function over the contacts with hosts; [`Tally`] collects them. A refused
//! connection, a broken handshake or any answer came from a peer and proves that the network works. A
//! single name that does not resolve or a single address without a route proves nothing: it may be a
//! typing error in the config.

use std::collections::{HashMap, HashSet};

use crate::{
    cloud::CLOUDS,
    observation::{Exchange, FaultKind, Observation, Outcome, Waiting},
};

/// The reaction of one host to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// There was an answer, if only a refusal.
    Answered,
    /// There was none, for a reason that may lie with this machine.
    Lost(FaultKind),
}

/// One host and its reaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contact<'a> {
    /// Its name, without a port.
    pub host: &'a str,
    /// Whether the host exists for certain: a host of a known cloud, or one that answered before.
    pub known: bool,
    /// Its reaction.
    pub reach: Reach,
}

/// Returns whether this machine is offline: no host answered, and either a host that exists for certain
/// has no address or no route, or at least two different hosts are out of reach.
pub fn is_offline<'a>(contacts: impl IntoIterator<Item = Contact<'a>>) -> bool {
    let mut hosts = HashSet::new();
    let mut certain = false;
    for contact in contacts {
        match contact.reach {
            Reach::Answered => return false,
            // a connection that hangs may be the firewall of one host, even of a known one
            Reach::Lost(kind) => {
                certain |= contact.known && matches!(kind, FaultKind::Dns | FaultKind::Unreachable);
            }
        }
        hosts.insert(contact.host);
    }
    certain || hosts.len() >= 2
}

/// Lists the reaction of each host of a check, without requests that never left this machine.
pub fn contacts(observation: &Observation) -> impl Iterator<Item = (&str, Reach)> {
    observation
        .exchanges()
        .filter_map(|exchange| Some((name(&exchange.host), reach(exchange)?)))
}

fn reach(exchange: &Exchange) -> Option<Reach> {
    match &exchange.outcome {
        Outcome::Answer(_) => Some(Reach::Answered),
        Outcome::Fault(fault) => match fault.kind {
            FaultKind::NoClient => None,
            FaultKind::Dns | FaultKind::Unreachable | FaultKind::Timeout(Waiting::Connect) => {
                Some(Reach::Lost(fault.kind))
            }
            FaultKind::Refused
            | FaultKind::Reset
            | FaultKind::Closed
            | FaultKind::Timeout(_)
            | FaultKind::Untrusted(_)
            | FaultKind::Handshake
            | FaultKind::ProxyLogin
            | FaultKind::ProxyRefused
            | FaultKind::TooLarge
            | FaultKind::Garbled
            | FaultKind::Other => Some(Reach::Answered),
        },
    }
}

/// Returns a host without its port.
fn name(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|c| c.is_ascii_digit()) && !name.ends_with(':') => {
            name
        }
        _ => host,
    }
}

/// Whether a host belongs to a known cloud, and so cannot be a typing error.
fn belongs_to_a_cloud(host: &str) -> bool {
    CLOUDS
        .iter()
        .flat_map(|cloud| [cloud.login, cloud.graph, cloud.exchange])
        .any(|base| base.strip_prefix("https://") == Some(host))
}

/// The evidence of a check about the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NetworkEvidence {
    /// A host answered.
    Answer,
    /// No host answered.
    Loss,
    /// No request was sent.
    Nothing,
}

/// The contacts of one check, kept after its observation is gone.
pub(super) type Contacts = Vec<(String, Reach)>;

/// Copies the contacts of a check.
pub(super) fn note(observation: &Observation) -> Contacts {
    contacts(observation)
        .map(|(host, reach)| (host.to_owned(), reach))
        .collect()
}

/// Returns whether requests were sent and none was answered.
pub(super) fn is_loss(contacts: &Contacts) -> bool {
    !contacts.is_empty() && !contacts.iter().any(|(_, reach)| *reach == Reach::Answered)
}

/// Returns whether the check of a single tenant shows that this machine is offline.
pub fn found_offline(observation: &Observation) -> bool {
    let contact = |(host, reach)| Contact {
        host,
        known: belongs_to_a_cloud(host),
        reach,
    };
    is_offline(contacts(observation).map(contact))
}

/// The contacts since the last answer.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Hosts that ever answered.
    known: HashSet<String>,
    lost: HashMap<String, FaultKind>,
    losses: usize,
}

impl Tally {
    /// Adds the contacts of one check.
    pub(super) fn take(&mut self, contacts: Contacts) -> NetworkEvidence {
        if contacts.is_empty() {
            return NetworkEvidence::Nothing;
        }
        let mut heard = NetworkEvidence::Loss;
        for (host, reach) in contacts {
            match reach {
                Reach::Answered => {
                    self.known.insert(host);
                    heard = NetworkEvidence::Answer;
                }
                Reach::Lost(kind) => {
                    self.lost.insert(host, kind);
                }
            }
        }
        if heard == NetworkEvidence::Answer {
            self.lost.clear();
            self.losses = 0;
        } else {
            self.losses += 1;
        }
        heard
    }

    /// Number of checks in a row without an answer.
    pub(super) fn losses(&self) -> usize {
        self.losses
    }

    /// Whether any host ever answered.
    pub(super) fn was_answered(&self) -> bool {
        !self.known.is_empty()
    }

    /// Whether this machine is offline, judged after at least this many checks without an answer.
    pub(super) fn is_offline(&self, at_least: usize) -> bool {
        let contacts = self.lost.iter().map(|(host, kind)| Contact {
            host,
            known: self.known.contains(host) || belongs_to_a_cloud(host),
            reach: Reach::Lost(*kind),
        });
        self.losses >= at_least.max(1) && is_offline(contacts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HANGS: FaultKind = FaultKind::Timeout(Waiting::Connect);

    fn contact(host: &str, reach: Reach) -> Contact<'_> {
        let known = belongs_to_a_cloud(host);
        Contact { host, known, reach }
    }

    #[test]
    fn a_machine_is_offline_when_nobody_answers_and_it_cannot_be_a_typing_error() {
        use FaultKind::{Dns, Unreachable};
        use Reach::{Answered, Lost};
        let login = "login.microsoftonline.com";
        let cases: &[(&[(&str, Reach)], bool)] = &[
            (&[], false),
            (&[(login, Lost(Dns))], true),
            (
                &[(login, Lost(Unreachable)), (login, Lost(Unreachable))],
                true,
            ),
            (&[(login, Lost(HANGS))], false),
            (&[("login.exmaple", Lost(Dns))], false),
            (
                &[("login.exmaple", Lost(Dns)), ("login.exmaple", Lost(Dns))],
                false,
            ),
            (&[("a.example", Lost(Dns)), ("b.example", Lost(Dns))], true),
            (
                &[("a.example", Lost(Unreachable)), ("b.example", Lost(HANGS))],
                true,
            ),
            (&[("a.example", Lost(Dns)), (login, Answered)], false),
            (&[(login, Lost(Dns)), ("b.example", Answered)], false),
        ];
        for (seen, expected) in cases {
            let contacts = seen.iter().map(|(host, reach)| contact(host, *reach));
            assert_eq!(is_offline(contacts), *expected, "{seen:?}");
        }
    }

    #[test]
    fn a_host_that_answered_before_is_no_typing_error() {
        let mut tally = Tally::default();
        let lost = || vec![("a.example".to_owned(), Reach::Lost(FaultKind::Dns))];
        assert_eq!(tally.take(lost()), NetworkEvidence::Loss);
        assert!(!tally.is_offline(1));
        assert_eq!(
            tally.take(vec![("a.example".into(), Reach::Answered)]),
            NetworkEvidence::Answer
        );
        assert_eq!(tally.take(Vec::new()), NetworkEvidence::Nothing);
        assert!(!tally.is_offline(1));
        tally.take(lost());
        assert!(tally.is_offline(1));
        assert!(!tally.is_offline(2));
    }

    #[test]
    fn ports_are_not_part_of_a_name() {
        assert_eq!(name("login.example:443"), "login.example");
        assert_eq!(name("login.example"), "login.example");
        assert_eq!(name("::1"), "::1");
    }
}
