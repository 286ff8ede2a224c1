//! Facts that explain a failure by themselves: the shape of the secret that was sent, and a proxy.
//!
//! Such a fact takes the place of the cause's own title and first step.

use super::{
    draft::{Draft, act},
    steps,
};
use crate::observation::{FaultKind, SecretNote, Waiting};

/// A fact that explains a failure by itself.
#[derive(Debug)]
pub(in crate::diagnosis) struct Decisive {
    /// The fact, in one short line.
    pub(super) title: &'static str,
    /// What it means.
    pub(super) meaning: String,
    /// What ends it.
    pub(super) remedy: Draft,
    /// What else there is to do.
    pub(super) then: &'static [Draft],
}

/// Entering the value again, where it still exists.
const ENTER_AGAIN: Draft = act(
    "Enter the Value of the secret again, without quotes, blanks or a line end, at the place where it is kept: {source}. If the Value is lost, make a new secret with the following steps.",
    &[],
);

/// Taking the right column.
const TAKE_VALUE: Draft = act(
    "Enter the column Value of the secret, as it was shown when the secret was made, at the place where it is kept: {source}. The portal shows the Value only once: if it is lost, make a new secret with the following steps.",
    &[],
);

impl Decisive {
    /// Returns the fact that a note about the secret states.
    pub(in crate::diagnosis) fn of(note: SecretNote) -> Self {
        let (title, meaning, remedy) = match note {
            SecretNote::Quoted => (
                "The secret was sent with quotation marks around it",
                "The marks became part of the secret, so the login service refuses it.".to_owned(),
                ENTER_AGAIN,
            ),
            SecretNote::Padded => (
                "The secret was sent with white space around it",
                "A blank or line end became part of the secret, so the login service refuses it."
                    .to_owned(),
                ENTER_AGAIN,
            ),
            SecretNote::GuidShaped => (
                "The Secret ID was pasted instead of the Value",
                "What was sent has the shape of a GUID, as the Secret ID of a client secret has; the login service wants its Value."
                    .to_owned(),
                TAKE_VALUE,
            ),
            SecretNote::EqualsClientId => (
                "The client id was sent as the secret",
                "The secret that was sent is the client id of the app.".to_owned(),
                TAKE_VALUE,
            ),
            SecretNote::EqualsTenantId => (
                "The tenant id was sent as the secret",
                "The secret that was sent is the id of the directory.".to_owned(),
                TAKE_VALUE,
            ),
            SecretNote::CutOff { found, due } => (
                "The secret that was sent has the wrong length",
                format!(
                    "It has {found} characters, and generated secrets of its kind have {due}: a part is missing or too much."
                ),
                ENTER_AGAIN,
            ),
            SecretNote::Masked => (
                "The secret that was sent is the masked one",
                "It is what the portal shows later, with asterisks; the Value itself is shown only once."
                    .to_owned(),
                TAKE_VALUE,
            ),
            SecretNote::PercentEncoded => (
                "The secret is percent-encoded already",
                "It is encoded once more on its way, so the login service gets another text than the Value."
                    .to_owned(),
                ENTER_AGAIN,
            ),
        };
        Self {
            title,
            meaning,
            remedy,
            then: steps::NEW_SECRET,
        }
    }

    /// Returns what a fault says about a proxy: that it refused, or that it was not reached.
    /// `is_used` says whether the request went through one.
    pub(in crate::diagnosis) fn of_proxy(fault: FaultKind, is_used: bool) -> Option<Self> {
        let (title, meaning, remedy) = match fault {
            FaultKind::ProxyRefused => (
                "The proxy refused to connect to the service",
                "The proxy {proxy} answered, and refused to connect to the service; the credential was not judged.",
                act(
                    "Have the network team let the proxy {proxy} connect to {services}.",
                    &[],
                ),
            ),
            FaultKind::Dns
            | FaultKind::Refused
            | FaultKind::Reset
            | FaultKind::Unreachable
            | FaultKind::Timeout(Waiting::Connect)
                if is_used =>
            {
                (
                    "No connection to the proxy",
                    "Requests go through the proxy {proxy}, and no connection to it could be made; the credential was not judged.",
                    act(
                        "Correct the address of the proxy, which comes from `proxy` in the config or from the environment (HTTPS_PROXY), or have the network team repair the proxy.",
                        &[],
                    ),
                )
            }
            _ => return None,
        };
        Some(Self {
            title,
            meaning: meaning.to_owned(),
            remedy,
            then: &[steps::DIAGNOSE],
        })
    }
}
