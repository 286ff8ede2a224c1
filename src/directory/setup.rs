//! Reads how an app is set up from what Graph answers. Pure; what is not as documented is unknown,
//! never empty.
//!
//! <https://learn.microsoft.com/graph/api/resources/application>,
//! <https://learn.microsoft.com/graph/api/resources/approleassignment>,
//! <https://learn.microsoft.com/graph/api/resources/oauth2permissiongrant>

use serde_json::{Map, Value};

use crate::{
    profile::guide::Platform,
    registration::{Consent, RedirectAddress, Requested, Setup},
    text,
};

/// No list of a registration is longer; Entra's own limits are lower.
const MOST: usize = 1000;

/// How many bytes of an address or name are kept.
const KEPT: usize = 512;

/// Reads what an application or a service principal tells about its setup.
pub(super) fn of(body: &str) -> Setup {
    let object: Map<String, Value> = serde_json::from_str(body).unwrap_or_default();
    Setup {
        audience: object.get("signInAudience").and_then(words),
        redirects: redirects(&object),
        requested: object.get("requiredResourceAccess").and_then(requested),
        enabled: object.get("accountEnabled").and_then(Value::as_bool),
        roles: None,
        consents: None,
    }
}

/// Reads the application permissions that an app was granted; `None` unless that is all of them.
pub(super) fn roles(body: &str) -> Option<Vec<String>> {
    let list = whole_list(body)?;
    list.iter()
        .map(|one| one.get("appRoleId").and_then(words))
        .collect()
}

/// Reads the consents to delegated permissions; `None` unless that is all of them.
pub(super) fn consents(body: &str) -> Option<Vec<Consent>> {
    let list = whole_list(body)?;
    let consent = |one: &Value| {
        let scopes = one.get("scope")?.as_str()?;
        Some(Consent {
            for_all: one.get("consentType")?.as_str()? == "AllPrincipals",
            scopes: scopes.split_whitespace().map(clean).collect(),
        })
    };
    list.iter().map(consent).collect()
}

/// A list that has no further page.
fn whole_list(body: &str) -> Option<Vec<Value>> {
    let mut object: Map<String, Value> = serde_json::from_str(body).ok()?;
    if object.contains_key("@odata.nextLink") {
        return None;
    }
    match object.remove("value")? {
        Value::Array(list) if list.len() <= MOST => Some(list),
        _ => None,
    }
}

/// The addresses of all platforms; `None` unless each platform was told.
fn redirects(object: &Map<String, Value>) -> Option<Vec<RedirectAddress>> {
    let mut all = Vec::new();
    for platform in Platform::ALL {
        let listed = object.get(platform.field())?.get("redirectUris")?;
        for address in listed.as_array()? {
            all.push(RedirectAddress {
                platform,
                address: words(address)?,
            });
        }
    }
    (all.len() <= MOST).then_some(all)
}

fn requested(list: &Value) -> Option<Vec<Requested>> {
    let mut all = Vec::new();
    for resource in list.as_array()? {
        let api = resource.get("resourceAppId").and_then(words)?;
        for access in resource.get("resourceAccess")?.as_array()? {
            all.push(Requested {
                api: api.clone(),
                id: access.get("id").and_then(words)?,
            });
        }
    }
    (all.len() <= MOST).then_some(all)
}

fn words(value: &Value) -> Option<String> {
    value.as_str().map(clean)
}

fn clean(foreign: &str) -> String {
    text::line(&text::redact(text::head(foreign, KEPT)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn application() -> Value {
        json!({
            "signInAudience": "AzureADMyOrg",
            "web": {"redirectUris": ["https://a.example/x"]},
            "spa": {"redirectUris": []},
            "publicClient": {"redirectUris": ["http://localhost"]},
            "requiredResourceAccess": [
                {"resourceAppId": "api", "resourceAccess": [{"id": "one", "type": "Role"}]},
            ],
        })
    }

    #[test]
    fn an_application_tells_its_setup_and_a_principal_whether_it_is_enabled() {
        let setup = of(&application().to_string());
        assert_eq!(setup.audience.as_deref(), Some("AzureADMyOrg"));
        let redirects = setup.redirects.unwrap();
        assert_eq!(redirects.len(), 2);
        assert_eq!(redirects[1].platform, Platform::Native);
        assert_eq!(setup.requested.unwrap()[0].id, "one");
        assert_eq!(setup.enabled, None);
        assert_eq!(of(r#"{"accountEnabled": false}"#).enabled, Some(false));
    }

    #[test]
    fn what_is_not_told_is_unknown_and_never_empty() {
        for missing in ["web", "spa", "publicClient"] {
            let mut object = application();
            object.as_object_mut().unwrap().remove(missing);
            assert_eq!(of(&object.to_string()).redirects, None, "{missing}");
        }
        assert_eq!(of(r#"{"requiredResourceAccess": [7]}"#).requested, None);
        assert_eq!(of("<html>"), Setup::default());
    }

    #[test]
    fn a_part_of_a_list_is_no_list() {
        let one = json!({"appRoleId": "r"});
        let whole = json!({"value": [one]}).to_string();
        assert_eq!(roles(&whole), Some(vec!["r".to_owned()]));
        let part = json!({"value": [one], "@odata.nextLink": "https://x"}).to_string();
        assert_eq!(roles(&part), None);
        assert_eq!(roles(r#"{"value": [{}]}"#), None);
    }

    #[test]
    fn consents_tell_everybody_from_one_person() {
        let body = json!({"value": [
            {"consentType": "AllPrincipals", "scope": " A B"},
            {"consentType": "Principal", "scope": "C"},
        ]});
        let consents = consents(&body.to_string()).unwrap();
        assert_eq!(consents[0].scopes, ["A", "B"]);
        assert_eq!((consents[0].for_all, consents[1].for_all), (true, false));
    }

    #[test]
    fn foreign_text_is_cleaned() {
        let address = format!("https://a.example/\u{1b}[2J{}", "x".repeat(5000));
        let mut object = application();
        object["web"]["redirectUris"] = json!([address]);
        let kept = &of(&object.to_string()).redirects.unwrap()[0].address;
        assert!(kept.len() <= KEPT && !kept.contains('\u{1b}'));
    }
}
