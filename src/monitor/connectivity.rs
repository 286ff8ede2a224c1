//! Whether it is this machine that is offline, rather than every tenant that fails.
//!
//! The rule is a pure function over what the hosts did; [`Tally`] keeps what it needs. A refused
//! connection, a broken handshake or an answer of any kind came from somebody and proves that the
//! network is there. What proves nothing by itself is a single name that does not resolve or a single
//! address without a route: that may as well be a typing error in the config.

use std::collections::{HashMap, HashSet};

use crate::{
    cloud::CLOUDS,
    observation::{Exchange, FaultKind, Observation, Outcome, Waiting},
};

/// What one host did when it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Something came back, if only a refusal.
    Answered,
    /// Nothing did, for a reason that may lie with this machine.
    Lost(FaultKind),
}

/// One host, and what it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contact<'a> {
    /// Its name, without a port.
    pub host: &'a str,
    /// Whether it surely exists: one of the clouds' own, or one that answered before.
    pub known: bool,
    /// What it did.
    pub reach: Reach,
}

/// Returns whether this machine is offline: nobody answered, and either a host that surely exists
/// has no address or no route, or at least two different hosts are out of reach.
pub fn is_offline<'a>(contacts: impl IntoIterator<Item = Contact<'a>>) -> bool {
    let mut hosts = HashSet::new();
    let mut certain = false;
    for contact in contacts {
        match contact.reach {
            Reach::Answered => return false,
            // a connection that hangs may be one host's firewall, however well known
            Reach::Lost(kind) => {
                certain |= contact.known && matches!(kind, FaultKind::Dns | FaultKind::Unreachable);
            }
        }
        hosts.insert(contact.host);
    }
    certain || hosts.len() >= 2
}

/// Lists what each host of a check did; requests that never left this machine are left out.
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

/// Whether a host is one of the clouds' own, which cannot be a typing error.
fn belongs_to_a_cloud(host: &str) -> bool {
    CLOUDS
        .iter()
        .flat_map(|cloud| [cloud.login, cloud.graph, cloud.exchange])
        .any(|base| base.strip_prefix("https://") == Some(host))
}

/// What a check says about the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// Somebody answered.
    Answer,
    /// Nobody answered.
    Loss,
    /// Nobody was asked.
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

/// Returns whether somebody was asked, and nobody answered.
pub(super) fn is_loss(contacts: &Contacts) -> bool {
    !contacts.is_empty() && !contacts.iter().any(|(_, reach)| *reach == Reach::Answered)
}

/// Returns whether a check of one tenant alone shows that this machine is offline.
pub fn found_offline(observation: &Observation) -> bool {
    let contact = |(host, reach)| Contact {
        host,
        known: belongs_to_a_cloud(host),
        reach,
    };
    is_offline(contacts(observation).map(contact))
}

/// What was heard since somebody last answered.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Hosts that answered at any time.
    known: HashSet<String>,
    lost: HashMap<String, FaultKind>,
    losses: usize,
}

impl Tally {
    /// Takes in the contacts of one check.
    pub(super) fn take(&mut self, contacts: Contacts) -> Heard {
        if contacts.is_empty() {
            return Heard::Nothing;
        }
        let mut heard = Heard::Loss;
        for (host, reach) in contacts {
            match reach {
                Reach::Answered => {
                    self.known.insert(host);
                    heard = Heard::Answer;
                }
                Reach::Lost(kind) => {
                    self.lost.insert(host, kind);
                }
            }
        }
        if heard == Heard::Answer {
            self.lost.clear();
            self.losses = 0;
        } else {
            self.losses += 1;
        }
        heard
    }

    /// How many checks in a row got no answer.
    pub(super) fn losses(&self) -> usize {
        self.losses
    }

    /// Whether anybody ever answered.
    pub(super) fn was_answered(&self) -> bool {
        !self.known.is_empty()
    }

    /// Whether this machine is offline, judged after at least so many checks without an answer.
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
        assert_eq!(tally.take(lost()), Heard::Loss);
        assert!(!tally.is_offline(1));
        assert_eq!(
            tally.take(vec![("a.example".into(), Reach::Answered)]),
            Heard::Answer
        );
        assert_eq!(tally.take(Vec::new()), Heard::Nothing);
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
