//! What an application may read of registrations: its own always, others by permission.

use serde_json::{Value, json};

use super::super::proof::Certificate;
use super::super::scenario::{Integration, Secret, guid};
use super::super::world::{Caller, World};
use super::{GraphError, Query, error, has_any, with_context};

/// Application permissions that may read every registration.
const DIRECTORY_ROLES: [&str; 4] = [
    "Application.Read.All",
    "Application.ReadWrite.All",
    "Application.ReadWrite.OwnedBy",
    "Directory.Read.All",
];

/// Answers `applications(appId='…')`, `servicePrincipals(appId='…')`, `applications/{id}` and lists
/// with a filter on the app id.
pub(super) fn read(
    world: &World,
    caller: &Caller,
    object: &str,
    query: &Query,
) -> Result<Value, GraphError> {
    let (set, key) = object.split_once('(').unwrap_or((object, ""));
    let write = match set {
        "applications" => application,
        "servicePrincipals" => service_principal,
        _ => {
            let text = format!("Resource not found for the segment '{set}'.");
            return Err(error(400, "BadRequest", text));
        }
    };
    let listed = key.is_empty();
    let app_id = if listed {
        query.filtered_app_id()
    } else {
        quoted(key, "appId=")
    };
    // Without a permission an app sees itself and nobody else.
    let own = app_id
        .as_deref()
        .is_some_and(|id| id.eq_ignore_ascii_case(&caller.claims.appid));
    if !own && !has_any(caller, &DIRECTORY_ROLES) {
        return Err(error(
            403,
            "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation.",
        ));
    }
    let mut found = world.neighbours(&caller.claims.tid).filter(|one| {
        app_id
            .as_deref()
            .is_none_or(|id| one.client_id.eq_ignore_ascii_case(id))
    });
    let base = format!(
        "{}/graph/v1.0/$metadata#{set}{}",
        world.base,
        query.selection()
    );
    if listed {
        let all: Vec<Value> = found.map(|one| query.select(write(one))).collect();
        return Ok(with_context(json!({ "value": all }), &base));
    }
    let Some(one) = found.next() else {
        let id = app_id.unwrap_or_default();
        let text = format!(
            "Resource '{id}' does not exist or one of its queried reference-property objects are \
             not present."
        );
        return Err(error(404, "Request_ResourceNotFound", text));
    };
    Ok(with_context(
        query.select(write(one)),
        &format!("{base}/$entity"),
    ))
}

/// Whether a call is about a registration.
pub(super) fn is_asked(rest: &str) -> bool {
    rest.starts_with("applications") || rest.starts_with("servicePrincipals")
}

/// Answers `applications(appId='…')/passwordCredentials`: the list alone.
pub(super) fn secrets(world: &World, caller: &Caller, object: &str) -> Result<Value, GraphError> {
    let none = Query::of("");
    let mut whole = read(world, caller, object, &none)?;
    let list = whole.get_mut("passwordCredentials").map(Value::take);
    Ok(json!({ "value": list.unwrap_or_else(|| json!([])) }))
}

fn application(one: &Integration) -> Value {
    json!({
        "id": guid(&format!("registration {}", one.client_id)),
        "appId": one.client_id,
        "displayName": one.name,
        "signInAudience": "AzureADMyOrg",
        "createdDateTime": "2025-01-15T09:00:00Z",
        "passwordCredentials": one.secrets.iter().map(password).collect::<Vec<_>>(),
        "keyCredentials": one.certificates.iter().map(certificate).collect::<Vec<_>>(),
    })
}

/// Secrets stand on the application; its service principal here has none of its own.
fn service_principal(one: &Integration) -> Value {
    json!({
        "id": one.object_id(),
        "appId": one.client_id,
        "displayName": one.name,
        "accountEnabled": true,
        "appDisplayName": one.name,
        "appOwnerOrganizationId": one.tenant_id,
        "servicePrincipalType": "Application",
        "signInAudience": "AzureADMyOrg",
        "passwordCredentials": [],
        "keyCredentials": [],
    })
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

fn time(at: chrono::DateTime<chrono::Utc>) -> String {
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

/// Returns the text in quotation marks behind that name.
fn quoted(text: &str, name: &str) -> Option<String> {
    let value = text.trim_end_matches(')').strip_prefix(name)?;
    Some(value.trim_matches('\'').to_owned())
}
