//! Reads what Graph answers about a registration. Pure; whatever is not as documented is no answer,
//! and never a shorter list.
//!
//! <https://learn.microsoft.com/graph/api/resources/passwordcredential>,
//! <https://learn.microsoft.com/graph/api/resources/keycredential>

use serde_json::{Map, Value};

use crate::{
    inventory::{Owner, Traits},
    registration::{Kind, Registered},
    tenant::EndDate,
    text,
};

/// The names of the two lists on a registration.
const LISTS: [(&str, Kind); 2] = [
    ("passwordCredentials", Kind::Secret),
    ("keyCredentials", Kind::Certificate),
];

/// How many bytes of a name are kept.
const NAME_KEPT: usize = 256;

/// The service principals of managed identities: Azure renews their certificates by itself.
const MANAGED: &str = "ManagedIdentity";

/// Graph expands no more owners than this.
const OWNERS_EXPANDED: usize = 20;

/// How many first characters of a secret a directory tells.
const HINT: usize = 3;

/// One page of credentials.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct RegistrationPage {
    pub(super) credentials: Vec<Registered>,
    /// The address of the next page of each list.
    pub(super) next: Vec<(Kind, String)>,
    /// Whether the answer has both lists.
    pub(super) whole: bool,
}

/// Reads an application or a service principal; `None` if it is not that, or of another app.
pub(super) fn object(body: &str, client_id: &str) -> Option<RegistrationPage> {
    let object: Map<String, Value> = serde_json::from_str(body).ok()?;
    if let Some(app_id) = object.get("appId")
        && !app_id.as_str()?.eq_ignore_ascii_case(client_id)
    {
        return None;
    }
    // without any of the two it is something else
    object.get("passwordCredentials")?.as_array()?;
    let mut page = RegistrationPage {
        whole: true,
        ..RegistrationPage::default()
    };
    for (name, kind) in LISTS {
        match object.get(name) {
            Some(list) => page.credentials.extend(credentials(list, kind)?),
            None => page.whole = false,
        }
        if let Some(next) = object.get(&format!("{name}@odata.nextLink")) {
            page.next.push((kind, next.as_str()?.to_owned()));
        }
    }
    Some(page)
}

/// Reads a further page of one list.
pub(super) fn rest(body: &str, kind: Kind) -> Option<RegistrationPage> {
    let object: Map<String, Value> = serde_json::from_str(body).ok()?;
    let next = match object.get("@odata.nextLink") {
        Some(next) => vec![(kind, next.as_str()?.to_owned())],
        None => Vec::new(),
    };
    Some(RegistrationPage {
        credentials: credentials(object.get("value")?, kind)?,
        next,
        whole: true,
    })
}

/// One page of all apps of a directory.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct AppsPage {
    pub(super) apps: Vec<PageApp>,
    /// The address of the next page.
    pub(super) next: Option<String>,
}

/// An application or a service principal of a directory.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PageApp {
    pub(super) client_id: String,
    pub(super) traits: Traits,
    /// Whether the cloud itself keeps its credentials fresh.
    pub(super) managed: bool,
    pub(super) credentials: Vec<Registered>,
}

/// Reads a page of applications or service principals. One object that is not as it should be makes
/// the page unreadable: a list is whole or it is none.
pub(super) fn apps(body: &str, with_owners: bool) -> Option<AppsPage> {
    let page: Map<String, Value> = serde_json::from_str(body).ok()?;
    let apps = page.get("value")?.as_array()?;
    Some(AppsPage {
        apps: apps
            .iter()
            .map(|one| app(one, with_owners))
            .collect::<Option<_>>()?,
        next: match page.get("@odata.nextLink") {
            Some(next) => Some(next.as_str()?.to_owned()),
            None => None,
        },
    })
}

fn app(one: &Value, with_owners: bool) -> Option<PageApp> {
    let one = one.as_object()?;
    let mut found = Vec::new();
    for (name, kind) in LISTS {
        if one.contains_key(&format!("{name}@odata.nextLink")) {
            return None;
        }
        found.extend(credentials(one.get(name)?, kind)?);
    }
    let strings = |value: Option<&Value>| -> Vec<String> {
        let list = value.and_then(Value::as_array);
        let words = list.into_iter().flatten().filter_map(Value::as_str);
        words.map(shown).collect()
    };
    let owners = match one.get("owners") {
        Some(owners) => owners
            .as_array()?
            .iter()
            .map(owner)
            .collect::<Option<_>>()?,
        None if with_owners => return None,
        None => Vec::new(),
    };
    let name = one.get("displayName").and_then(Value::as_str).map(shown);
    Some(PageApp {
        client_id: shown(one.get("appId")?.as_str()?),
        managed: one.get("servicePrincipalType").and_then(Value::as_str) == Some(MANAGED),
        traits: Traits {
            names: name.into_iter().filter(|name| !name.is_empty()).collect(),
            more_owners: owners.len() >= OWNERS_EXPANDED
                || one.contains_key("owners@odata.nextLink"),
            owners,
            tags: strings(one.get("tags")),
        },
        credentials: found,
    })
}

fn owner(one: &Value) -> Option<Owner> {
    Some(Owner {
        id: shown(one.get("id")?.as_str()?),
        name: one
            .get("userPrincipalName")
            .and_then(Value::as_str)
            .map(shown),
    })
}

/// Makes foreign text safe to show, and cuts it.
fn shown(text: &str) -> String {
    text::line(&text::redact(text::head(text, NAME_KEPT)))
}

/// Joins what stands on an application and on its service principal.
///
/// One certificate is listed once for signing and once for verifying, and its password, where it has
/// one, as a secret with the same identifier: that is one credential. Nothing else collapses.
pub(super) fn joined(all: Vec<Registered>) -> Vec<Registered> {
    let mut joined: Vec<Registered> = Vec::with_capacity(all.len());
    let certificates: Vec<(String, Option<EndDate>)> = all
        .iter()
        .filter(|one| one.kind == Kind::Certificate)
        .filter_map(|one| Some((one.thumbprint.clone()?, one.end)))
        .collect();
    for one in all {
        let same_key = |other: &Registered| one.key_id.is_some() && other.key_id == one.key_id;
        let twin = |other: &Registered| {
            other.kind == Kind::Certificate
                && one.thumbprint.is_some()
                && (&other.thumbprint, other.end) == (&one.thumbprint, one.end)
        };
        let of_a_certificate = one.kind == Kind::Secret
            && certificates
                .iter()
                .any(|(print, end)| Some(print) == one.thumbprint.as_ref() && *end == one.end);
        let doubled = of_a_certificate
            || joined
                .iter()
                .any(|other| same_key(other) || (one.kind == Kind::Certificate && twin(other)));
        if !doubled {
            joined.push(one);
        }
    }
    joined
}

fn credentials(list: &Value, kind: Kind) -> Option<Vec<Registered>> {
    let list = match list {
        Value::Null => return Some(Vec::new()),
        list => list.as_array()?,
    };
    list.iter().map(|one| credential(one, kind)).collect()
}

fn credential(one: &Value, kind: Kind) -> Option<Registered> {
    let one = one.as_object()?;
    let words = |name: &str| {
        let line = shown(one.get(name)?.as_str()?);
        (!line.is_empty()).then_some(line)
    };
    let hint = one.get("hint").and_then(Value::as_str);
    let hint: Option<String> = hint.map(|hint| hint.chars().take(HINT).collect());
    Some(Registered {
        kind,
        key_id: words("keyId"),
        name: words("displayName"),
        hint: hint.filter(|hint| {
            let shown = !hint.is_empty() && hint.chars().all(|c| c.is_ascii_graphic());
            shown && kind == Kind::Secret
        }),
        thumbprint: words("customKeyIdentifier"),
        starts_at: one
            .get("startDateTime")
            .and_then(Value::as_str)
            .and_then(|text| text.trim().parse().ok()),
        end: one.get("endDateTime").and_then(Value::as_str).and_then(end),
    })
}

fn end(text: &str) -> Option<EndDate> {
    text.trim().parse().ok().map(EndDate::of)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const APP: &str = "22222222-2222-2222-2222-222222222222";

    fn secret(key: &str, name: Option<&str>, end: &str) -> Value {
        json!({"keyId": key, "displayName": name, "hint": "abc", "endDateTime": end})
    }

    fn read(value: &Value) -> Option<RegistrationPage> {
        object(&value.to_string(), APP)
    }

    #[test]
    fn same_named_and_unnamed_credentials_stay_apart() {
        let end = "2027-03-31T00:00:00Z";
        let page = read(&json!({
            "appId": APP.to_uppercase(),
            "passwordCredentials": [
                secret("1", Some("vendor"), end), secret("2", Some("vendor"), end),
                secret("3", None, end), secret("4", None, end), {"displayName": null}, {},
            ],
            "keyCredentials": [],
        }))
        .unwrap();
        assert_eq!(joined(page.credentials).len(), 6);
        assert!(page.whole && page.next.is_empty());
    }

    #[test]
    fn ends_are_read_as_they_are_written() {
        let at = |text: &str| Some(EndDate::At(text.parse().unwrap()));
        let table = [
            ("2027-03-31T00:00:00Z", at("2027-03-31T00:00:00Z")),
            ("2027-03-31T02:00:00+02:00", at("2027-03-31T00:00:00Z")),
            (
                "2027-03-31T00:00:00.1234567Z",
                at("2027-03-31T00:00:00.1234567Z"),
            ),
            ("2299-12-31T00:00:00Z", Some(EndDate::Never)),
            ("9999-12-31T23:59:59.9999999Z", Some(EndDate::Never)),
            ("2199-12-31T00:00:00Z", at("2199-12-31T00:00:00Z")),
            ("soon", None),
            ("", None),
        ];
        for (text, expected) in table {
            let page = read(&json!({"passwordCredentials": [secret("1", None, text)]})).unwrap();
            assert_eq!(page.credentials[0].end, expected, "{text}");
            assert!(!page.whole, "the certificates are missing");
        }
    }

    #[test]
    fn whatever_is_not_a_registration_is_no_answer() {
        let good = json!({"passwordCredentials": [secret("1", None, "2027-03-31T00:00:00Z")]});
        let torn = good.to_string();
        for bad in [
            "",
            "<html>sign in</html>",
            "[]",
            "{}",
            torn.get(..torn.len() - 2).unwrap(),
            r#"{"passwordCredentials": null}"#,
            r#"{"passwordCredentials": [], "keyCredentials": 7}"#,
            r#"{"passwordCredentials": ["secret"]}"#,
            r#"{"passwordCredentials": [], "passwordCredentials@odata.nextLink": 7}"#,
            r#"{"appId": "another", "passwordCredentials": []}"#,
            r#"{"value": [{"passwordCredentials": []}]}"#,
        ] {
            assert_eq!(object(bad, APP), None, "{bad}");
        }
        assert_eq!(rest("{}", Kind::Secret), None);
        assert_eq!(rest(r#"{"value": [7]}"#, Kind::Secret), None);
    }

    #[test]
    fn the_rest_of_a_list_is_known_to_be_missing() {
        let next = "https://graph.example/v1.0/next";
        let page = read(&json!({
            "passwordCredentials": [], "passwordCredentials@odata.nextLink": next,
            "keyCredentials": [],
        }));
        assert_eq!(page.unwrap().next, [(Kind::Secret, next.to_owned())]);
        let more = json!({"value": [{"keyId": "1"}], "@odata.nextLink": next}).to_string();
        assert_eq!(rest(&more, Kind::Certificate).unwrap().next.len(), 1);
    }

    #[test]
    fn a_certificate_for_signing_and_verifying_is_one_and_its_password_is_none() {
        let end = "2027-03-31T00:00:00Z";
        let key = |id: &str, print: &str| json!({"keyId": id, "customKeyIdentifier": print, "endDateTime": end});
        let page = read(&json!({
            "passwordCredentials": [key("3", "AA"), secret("4", None, end)],
            "keyCredentials": [key("1", "AA"), key("2", "AA"), key("5", "BB"), key("5", "BB")],
        }));
        let joined = joined(page.unwrap().credentials);
        let ids: Vec<_> = joined
            .iter()
            .filter_map(|one| one.key_id.as_deref())
            .collect();
        assert_eq!(ids, ["4", "1", "5"]);
    }

    fn without(page: &mut Value, key: &str) {
        let app = page["value"][0].as_object_mut().unwrap();
        app.retain(|name, _| name != key);
    }

    fn listed(change: impl FnOnce(&mut Value)) -> Option<AppsPage> {
        let mut page = json!({"value": [{
            "appId": APP, "displayName": "payroll", "tags": ["prod"],
            "owners": [{"id": "11"}, {"id": "22", "userPrincipalName": "alice@contoso.com"}],
            "passwordCredentials": [secret("1", None, "2027-03-31T00:00:00Z")],
            "keyCredentials": null,
        }]});
        change(&mut page);
        apps(&page.to_string(), true)
    }

    #[test]
    fn a_page_of_apps_tells_whose_credentials_these_are() {
        let page = listed(|_| ()).unwrap();
        let [app] = page.apps.as_slice() else {
            panic!("{page:?}");
        };
        assert_eq!((app.client_id.as_str(), app.managed), (APP, false));
        assert_eq!(app.traits.names, ["payroll"]);
        assert_eq!(app.traits.owners[0].name, None);
        assert_eq!(app.credentials.len(), 1);
        assert_eq!(page.next, None);
        let managed = listed(|page| page["value"][0]["servicePrincipalType"] = json!(MANAGED));
        assert!(managed.unwrap().apps[0].managed);
    }

    #[test]
    fn one_odd_object_makes_a_page_of_apps_unreadable() {
        let next = "https://graph.example/v1.0/next";
        let spoil: [fn(&mut Value); 8] = [
            |page| page["value"] = json!({}),
            |page| page["value"][0]["appId"] = json!(7),
            |page| page["value"][0]["passwordCredentials"] = json!("none"),
            |page| without(page, "keyCredentials"),
            |page| without(page, "owners"),
            |page| page["value"][0]["passwordCredentials@odata.nextLink"] = json!("x"),
            |page| page["value"].as_array_mut().unwrap().push(json!({})),
            |page| page["@odata.nextLink"] = json!(7),
        ];
        for (number, spoil) in spoil.into_iter().enumerate() {
            assert_eq!(listed(spoil), None, "{number}");
        }
        let more = listed(|page| page["@odata.nextLink"] = json!(next)).unwrap();
        assert_eq!(more.next.as_deref(), Some(next));
    }

    #[test]
    fn foreign_text_is_cut_cleaned_and_never_more_than_a_hint() {
        let page = read(&json!({"passwordCredentials": [{
            "keyId": "1",
            "displayName": format!("\u{1b}[2J{}", "x".repeat(5000)),
            "hint": "abc8Q~a-whole-secret-sent-by-mistake-00000",
        }]}))
        .unwrap();
        let one = &page.credentials[0];
        assert_eq!(one.hint.as_deref(), Some("abc"));
        let name = one.name.as_deref().unwrap();
        assert!(name.len() <= NAME_KEPT && !name.contains('\u{1b}'));
    }
}
