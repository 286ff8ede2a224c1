//! What an application may read of registrations: its own always, others by permission.

use serde_json::{Value, json};

use super::super::proof::Certificate;
use super::super::scenario::{Integration, Secret, guid};
use super::super::world::{Caller, World};
use super::{GraphError, Query, error, has_any, no_segment, with_context};

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
        _ => return Err(no_segment(set)),
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
        return Err(denied());
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
        return Ok(with_context(page(world, set, query, all), &base));
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

/// Returns one page of a list, with the way to the next one.
fn page(world: &World, set: &str, query: &Query, all: Vec<Value>) -> Value {
    let seen = query.skip + query.top;
    let more = all.len() > seen;
    let value: Vec<Value> = all.into_iter().skip(query.skip).take(query.top).collect();
    if !more {
        return json!({ "value": value });
    }
    let mut next = url::form_urlencoded::Serializer::new(String::new());
    next.append_pair("$top", &query.top.to_string())
        .append_pair("$skiptoken", &seen.to_string());
    if !query.select.is_empty() {
        next.append_pair("$select", &query.select.join(","));
    }
    if !query.expand.is_empty() {
        next.append_pair("$expand", &query.expand);
    }
    let next = format!("{}/graph/v1.0/{set}?{}", world.base, next.finish());
    json!({ "value": value, "@odata.nextLink": next })
}

pub(super) fn denied() -> GraphError {
    error(
        403,
        "Authorization_RequestDenied",
        "Insufficient privileges to complete the operation.",
    )
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

/// Secrets stand on the application; its service principal has at most a certificate that signs.
fn service_principal(one: &Integration) -> Value {
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

/// One certificate as Entra lists it where it signs: for signing, for verifying, and its password.
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

/// A public client's addresses stand on another platform than a server's.
fn redirects(one: &Integration, public: bool) -> Vec<String> {
    let delegated = one.delegated.iter().filter(|one| one.public == public);
    delegated.flat_map(|one| one.redirects.clone()).collect()
}

/// What the app asks for is what it was granted: nothing here is asked for in vain.
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

/// Returns the id of a permission: the real one of those that integrations live on.
fn permission_id(name: &str) -> String {
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

/// Answers `servicePrincipals(appId='…')/appRoleAssignments` and `…/oauth2PermissionGrants`, which
/// take a permission even where the app asks about itself.
pub(super) fn grants(
    world: &World,
    caller: &Caller,
    (object, list): (&str, &str),
) -> Result<Value, GraphError> {
    if !has_any(caller, &DIRECTORY_ROLES) {
        return Err(denied());
    }
    let app_id = quoted(object, "servicePrincipals(appId=").unwrap_or_default();
    let mut found = world.neighbours(&caller.claims.tid);
    let Some(one) = found.find(|one| one.client_id.eq_ignore_ascii_case(&app_id)) else {
        return Err(error(404, "Request_ResourceNotFound", "No such object."));
    };
    let value: Vec<Value> = match &one.delegated {
        None if list == "appRoleAssignments" => {
            let roles = one.roles.iter().chain(&one.graph_roles);
            let assignment = |name: &String| json!({"appRoleId": permission_id(name)});
            roles.map(assignment).collect()
        }
        Some(delegated) if list == "oauth2PermissionGrants" => {
            [&delegated.scopes, &delegated.graph_scopes]
                .map(|scopes| json!({"consentType": "AllPrincipals", "scope": scopes.join(" ")}))
                .into()
        }
        _ => Vec::new(),
    };
    Ok(json!({ "value": value }))
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
