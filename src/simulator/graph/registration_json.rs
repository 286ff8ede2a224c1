//! Registrations as Graph writes them.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::simulator::crypto::Certificate;
use crate::simulator::fleet::{Integration, Secret};
use crate::simulator::ids::guid;

/// Returns the registration of an application.
pub(crate) fn application(one: &Integration) -> Value {
    json!({
        "id": guid(&format!("registration {}", one.client_id)),
        "appId": one.client_id,
        "displayName": one.name,
        "signInAudience": audience(one),
        "web": {"redirectUris": redirects(one, false)},
        "spa": {"redirectUris": []},
        "publicClient": {"redirectUris": redirects(one, true)},
        "requiredResourceAccess": requested(one),
        "createdDateTime": "2025-01-15T09:00:00Z",
        "tags": one.app_tags,
        "owners": owners(one),
        "passwordCredentials": one.secrets.iter().map(password).collect::<Vec<_>>(),
        "keyCredentials": one.certificates.iter().map(certificate).collect::<Vec<_>>(),
    })
}

fn owners(one: &Integration) -> Vec<Value> {
    let owner = |name: &String| {
        json!({
            "@odata.type": "#microsoft.graph.user",
            "id": guid(&format!("person {name}")),
            "userPrincipalName": name,
        })
    };
    one.owners.iter().map(owner).collect()
}

/// Returns the service principal. Secrets are on the application; the service principal has at most a
/// certificate that signs.
pub(crate) fn service_principal(one: &Integration) -> Value {
    let (keys, passwords) = one.signing.as_ref().map(signing).unwrap_or_default();
    json!({
        "id": one.object_id(),
        "appId": one.client_id,
        "displayName": one.name,
        "accountEnabled": true,
        "appDisplayName": one.name,
        "appOwnerOrganizationId": one.tenant_id,
        "servicePrincipalType": "Application",
        "signInAudience": audience(one),
        "tags": one.app_tags,
        "owners": owners(one),
        "passwordCredentials": passwords,
        "keyCredentials": keys,
    })
}

/// A certificate that signs, as Entra lists it: for signing, for verifying, and its password.
fn signing(one: &Certificate) -> (Vec<Value>, Vec<Value>) {
    let entry = |usage: &str, without: &[&str]| {
        let mut entry = certificate(one);
        if let Some(fields) = entry.as_object_mut() {
            let key_id = guid(&format!("{usage} {}", one.key_id));
            fields.insert("keyId".to_owned(), json!(key_id));
            fields.insert("usage".to_owned(), json!(usage));
            fields.retain(|name, _| !without.contains(&name.as_str()));
        }
        entry
    };
    let password = entry("Password", &["key", "type", "usage"]);
    (
        vec![entry("Sign", &[]), entry("Verify", &[])],
        vec![password],
    )
}

fn audience(one: &Integration) -> &'static str {
    match &one.delegated {
        Some(delegated) if delegated.multi_tenant => "AzureADMultipleOrgs",
        _ => "AzureADMyOrg",
    }
}

/// The addresses of public clients are on another platform than those of servers.
fn redirects(one: &Integration, public: bool) -> Vec<String> {
    let delegated = one.delegated.iter().filter(|one| one.public == public);
    delegated.flat_map(|one| one.redirects.clone()).collect()
}

/// The requested permissions: the same as the granted ones.
fn requested(one: &Integration) -> Value {
    let list = |kind: &str, names: &[String]| -> Vec<Value> {
        let access = |name: &String| json!({"id": permission_id(name), "type": kind});
        names.iter().map(access).collect()
    };
    let (mut exchange, mut graph) = (list("Role", &one.roles), list("Role", &one.graph_roles));
    if let Some(delegated) = &one.delegated {
        (exchange, graph) = (
            list("Scope", &delegated.scopes),
            list("Scope", &delegated.graph_scopes),
        );
    }
    json!([
        {"resourceAppId": "00000002-0000-0ff1-ce00-000000000000", "resourceAccess": exchange},
        {"resourceAppId": "00000003-0000-0000-c000-000000000000", "resourceAccess": graph},
    ])
}

/// Returns the id of a permission: the real one of the permissions that integrations use most.
pub(crate) fn permission_id(name: &str) -> String {
    const REAL: [(&str, &str); 3] = [
        ("full_access_as_app", "dc890d15-9560-4a4c-9b7f-a736ec74ec40"),
        (
            "EWS.AccessAsUser.All",
            "3b5f3d61-589b-4a3c-a359-5dd4b5ee5bd5",
        ),
        ("User.Read", "e1fe6dd8-ba31-4d61-89e7-88639da4683d"),
    ];
    let real = REAL.iter().find(|(known, _)| *known == name);
    real.map_or_else(
        || guid(&format!("permission {name}")),
        |(_, id)| (*id).to_owned(),
    )
}

fn certificate(certificate: &Certificate) -> Value {
    json!({
        "customKeyIdentifier": certificate.thumbprint(),
        "displayName": "CN=certificate",
        "endDateTime": time(certificate.ends_at),
        "key": null,
        "keyId": certificate.key_id,
        "startDateTime": time(certificate.starts_at),
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
    })
}

fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn password(secret: &Secret) -> Value {
    json!({
        "customKeyIdentifier": null,
        "displayName": secret.name,
        "endDateTime": time(secret.ends_at),
        "hint": secret.value.chars().take(3).collect::<String>(),
        "keyId": secret.key_id,
        "secretText": null,
        "startDateTime": time(secret.starts_at),
    })
}
