//! Whether a tenant acts for a person, and which of its keys fit that.

use crate::{
    profile::{Client, Profile},
    tenant::{Delegation, Mode},
};

use super::{
    client_credential::Named,
    fields::Fields,
    keys::{IdentityKeys, SignInKeys},
    problem::Fault,
    values::Grant,
};

/// The parts of a tenant that decide how it signs in.
#[derive(Debug, Clone, Copy)]
pub(super) struct SignIn {
    pub(super) profile: &'static Profile,
    pub(super) is_delegated: bool,
    pub(super) mode: Mode,
}

impl SignIn {
    pub(super) fn of(identity: &IdentityKeys, profile: &'static Profile, mode: Mode) -> Self {
        let is_delegated = match &identity.grant {
            Some(grant) => grant.value == Grant::RefreshToken,
            None => profile.delegated.is_some(),
        };
        Self {
            profile,
            is_delegated,
            mode,
        }
    }

    /// Returns whether the tenant cannot sign in without a credential.
    pub(super) fn needs_credential(self) -> bool {
        let client = self.profile.delegation().client;
        let may_be_public = matches!(client, Client::Public | Client::Either);
        self.mode == Mode::Live && !(self.is_delegated && may_be_public)
    }

    /// Returns how the tenant acts for a person, if it does, and reports keys that do not fit.
    pub(super) fn delegation(
        self,
        keys: SignInKeys,
        credential: Option<&Named>,
        fields: &mut Fields<'_, '_>,
    ) -> Option<Delegation> {
        if !self.is_delegated {
            report_stray(&keys, fields);
            return None;
        }
        let usual = self.profile.delegation();
        if let (Client::Public, Some(named)) = (usual.client, credential) {
            let product = self.profile.product;
            let fault = Fault::new(format!("{product} is a public client and has none"));
            let hint = match named.key {
                "secret" => "leave it out; a secret sent for a public client is refused",
                _ => "leave it out; a public client proves nothing",
            };
            fields.problem(named.at, named.key, fault.hint(hint));
        }
        Some(Delegation {
            authority: keys.authority.map_or(usual.authority, |found| found.value),
            start: keys.refresh_token.map(|found| found.value),
        })
    }
}

/// Reports keys of a person's sign-in at an app that acts for itself.
fn report_stray(keys: &SignInKeys, fields: &mut Fields<'_, '_>) {
    let stray = [
        ("authority", keys.authority.as_ref().map(|found| found.at)),
        (
            "refresh_token",
            keys.refresh_token.as_ref().map(|found| found.at),
        ),
    ];
    for (key, at) in stray {
        let Some(at) = at else { continue };
        let fault = Fault::new("only means something with `grant = \"refresh-token\"`");
        let hint = "leave it out, or set the grant: this tenant's app acts for itself";
        fields.problem(at, key, fault.hint(hint));
    }
}
