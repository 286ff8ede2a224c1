//! What a config says about tenants that act for a person: whether one does, and what fits together.

use crate::{
    profile::{Client, Profile},
    tenant::{Delegation, Mode},
};

use super::{fields::Fields, file::TenantTable, problem::Fault, proof, values::Grant};

/// Returns how a tenant acts for a person, if it does, and reports what does not fit.
pub(super) fn resolve(
    typed: &TenantTable,
    profile: &'static Profile,
    fields: &mut Fields<'_, '_>,
) -> Option<Delegation> {
    if !is_delegated(typed, profile) {
        let app_only = "only means something with `grant = \"refresh-token\"`";
        let stray = [
            ("authority", typed.authority.as_ref().map(|found| found.at)),
            (
                "refresh_token",
                typed.refresh_token.as_ref().map(|found| found.at),
            ),
        ];
        for (key, at) in stray {
            if let Some(at) = at {
                let hint = "leave it out, or set the grant: this tenant's app acts for itself";
                fields.problem(at, key, Fault::new(app_only).hint(hint));
            }
        }
        return None;
    }
    let usual = profile.delegation();
    if let (Client::Public, Some(secret)) = (usual.client, &typed.secret) {
        let fault = Fault::new(format!(
            "{} is a public client and has none",
            profile.product
        ));
        let hint = "leave it out; a secret sent for a public client is refused";
        fields.problem(secret.at, "secret", fault.hint(hint));
    }
    if let (Client::Public, Some(proof)) = (usual.client, &typed.proof) {
        let key = proof::key(&proof.value);
        let fault = Fault::new(format!(
            "{} is a public client and has none",
            profile.product
        ));
        let hint = "leave it out; a public client proves nothing";
        fields.problem(proof.at, key, fault.hint(hint));
    }
    Some(Delegation {
        authority: typed.authority.map_or(usual.authority, |found| found.value),
        start: typed
            .refresh_token
            .as_ref()
            .map(|found| found.value.clone()),
    })
}

/// Returns whether a tenant that signs in cannot do so without a client secret.
pub(super) fn needs_secret(typed: &TenantTable, profile: &'static Profile) -> bool {
    let may_be_public = matches!(profile.delegation().client, Client::Public | Client::Either);
    typed.mode == Mode::Live && !(is_delegated(typed, profile) && may_be_public)
}

fn is_delegated(typed: &TenantTable, profile: &'static Profile) -> bool {
    match typed.grant {
        Some(grant) => grant == Grant::RefreshToken,
        None => profile.delegated.is_some(),
    }
}
