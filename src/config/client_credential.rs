//! Which credential a table names for its app: a secret, a certificate, or another provider's token.

use crate::tenant::Credential;

use super::{fields::Fields, keys::CredentialKeys, problem::Fault, secret_source};

impl CredentialKeys {
    /// Returns the credential that the app signs in with; reports each one beside the first.
    ///
    /// A public client, and a tenant of which only dates are judged, has none.
    pub(super) fn resolve(self, fields: &mut Fields<'_, '_>) -> Option<Named> {
        let secret = self.secret.map(|found| Named {
            key: "secret",
            at: found.at,
            credential: Credential::Secret(found.value),
        });
        let certificate = self.certificate.map(|found| Named {
            key: "certificate",
            at: found.at,
            credential: Credential::Certificate(found.value),
        });
        let federated = self.federated_token.map(|found| Named {
            key: "federated_token",
            at: found.at,
            credential: Credential::Federated(found.value),
        });
        if let (Some(_), Some(second)) = (&certificate, &federated) {
            one_only("certificate", second, fields);
        }
        let other = certificate.or(federated);
        if let (Some(_), Some(second)) = (&secret, &other) {
            one_only("secret", second, fields);
        }
        secret.or(other)
    }
}

/// A credential with the key that names it.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) key: &'static str,
    pub(super) at: usize,
    pub(super) credential: Credential,
}

/// Reports a missing secret, unless another credential is named, rightly written or not.
pub(super) fn require_one(fields: &mut Fields<'_, '_>) {
    if !["certificate", "federated_token"]
        .iter()
        .any(|key| fields.has(key))
    {
        fields.require("secret", secret_source::HOW_TO);
    }
}

fn one_only(first: &str, second: &Named, fields: &mut Fields<'_, '_>) {
    let fault = Fault::new(format!("stands beside `{first}`"));
    let hint = "keep one: an app proves itself in one way";
    fields.problem(second.at, second.key, fault.hint(hint));
}
