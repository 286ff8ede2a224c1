//! The credential that proves to the login service that a request comes from the app, made ready for
//! one request.

use chrono::{DateTime, Utc};
use secrecy::SecretString;

use super::assertion;
use crate::{
    secret::ClientCertificate,
    tenant::{AssertionAlgorithm, Tenant},
};

/// A credential that was read.
#[derive(Debug)]
pub(super) enum ClientCredential {
    /// A client secret.
    Secret(SecretString),
    /// A certificate, with which every request gets an assertion of its own.
    Certificate(Box<ClientCertificate>, AssertionAlgorithm),
    /// Another provider's token, itself the assertion.
    Federated(SecretString),
}

/// The credential as one request carries it.
#[derive(Debug)]
pub(super) enum Presented {
    /// In the field `client_secret`.
    Secret(SecretString),
    /// In the field `client_assertion`.
    Assertion(SecretString),
}

impl Presented {
    /// Returns the value, which must not stay in any record.
    pub(super) fn value(&self) -> &SecretString {
        match self {
            Self::Secret(value) | Self::Assertion(value) => value,
        }
    }
}

impl ClientCredential {
    /// Makes what one request carries; `None` where the key will not sign.
    pub(super) fn present(&self, tenant: &Tenant, now: DateTime<Utc>) -> Option<Presented> {
        let app = &tenant.app;
        match self {
            Self::Secret(value) => Some(Presented::Secret(value.clone())),
            Self::Federated(token) => Some(Presented::Assertion(token.clone())),
            Self::Certificate(certificate, algorithm) => {
                let audience = tenant.endpoints.token(&app.tenant_id);
                let signed =
                    assertion::sign(certificate, *algorithm, &app.client_id, &audience, now);
                signed.ok().map(Presented::Assertion)
            }
        }
    }
}
