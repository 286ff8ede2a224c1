//! The part of a session that the three protocols share: faults, sign-in, record.

use super::xoauth2::Xoauth2Response;
use crate::simulator::backend::Backend;
use crate::simulator::faults::{Fault, FaultAnswer, FaultTarget, MailFault, WireFault};
use crate::simulator::record::RecordedRequest;
use crate::simulator::wire;

/// One session.
#[derive(Debug)]
pub(crate) struct MailSession<'b> {
    backend: &'b Backend,
    target: FaultTarget,
    /// The integration, once it is known: by its own address, or by its token.
    index: Option<usize>,
}

/// How a session ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SessionEnd {
    /// The connection closes.
    Closed,
    /// The connection breaks by that fault.
    Broken(WireFault),
}

/// The outcome of a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignInOutcome {
    /// Accepted. The next command is answered with `then`, if there is one.
    Accepted { then: Option<&'static str> },
    /// Refused with that text, after an error challenge if `challenged`.
    Refused {
        text: &'static str,
        challenged: bool,
    },
    /// The connection breaks.
    Broken(WireFault),
}

impl<'b> MailSession<'b> {
    pub(crate) fn new(backend: &'b Backend, target: FaultTarget, index: Option<usize>) -> Self {
        Self {
            backend,
            target,
            index,
        }
    }

    pub(crate) fn target(&self) -> FaultTarget {
        self.target
    }

    /// Returns the fault before sign-in, which only an address of its own can have.
    pub(crate) fn early_fault(&self) -> Option<MailFault> {
        match self.fault()?.answer() {
            FaultAnswer::Mail(fault) if fault.is_before_sign_in() => Some(fault),
            _ => None,
        }
    }

    fn fault(&self) -> Option<Fault> {
        self.backend.state.fault(self.index?, self.target)
    }

    /// Adds a command to the record, without its arguments.
    pub(crate) fn record(&self, verb: &str) {
        let state = &self.backend.state;
        let integration = self.index.and_then(|index| state.integration(index));
        let command = RecordedRequest::of_command(state.now(), self.target, verb, integration);
        self.backend.record.keep(command);
    }

    /// Judges the response of a client; `usual` is the refusal of the protocol.
    pub(crate) async fn sign_in(&mut self, response: &str, usual: &'static str) -> SignInOutcome {
        let refused = SignInOutcome::Refused {
            text: usual,
            challenged: false,
        };
        let Some(response) = Xoauth2Response::read(response) else {
            return refused;
        };
        let claimed = self.backend.tokens.claimed_by_token(&response.token);
        self.index = self.index.or(claimed);
        let Some(index) = self.index else {
            return refused;
        };
        tokio::time::sleep(self.backend.state.latency(index)).await;
        let fault = self.fault();
        match fault {
            Some(Fault::Wire(_, WireFault::Delay)) => tokio::time::sleep(wire::DELAY).await,
            Some(Fault::Wire(_, fault)) if !fault.is_before_http() => {
                return SignInOutcome::Broken(fault);
            }
            _ => {}
        }
        // A mistake of the client itself comes first, whatever the script says.
        if !response.is_permitted(self.backend, self.target) {
            return refused;
        }
        match fault.map(Fault::answer) {
            Some(FaultAnswer::Mail(MailFault::SignIn { text, challenged })) => {
                SignInOutcome::Refused { text, challenged }
            }
            Some(FaultAnswer::Mail(MailFault::AfterSignIn(text))) => {
                SignInOutcome::Accepted { then: Some(text) }
            }
            _ => SignInOutcome::Accepted { then: None },
        }
    }
}
