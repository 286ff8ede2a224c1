//! The registrations that an application may read: its own always, others by permission.

use serde_json::{Value, json};

use super::error::GraphError;
use super::query::{GraphQuery, with_context};
use super::registration_json::{application, permission_id, service_principal};
use crate::simulator::access_token::Caller;
use crate::simulator::fleet::Integration;
use crate::simulator::state::CloudState;

/// Application permissions that may read every registration.
const DIRECTORY_ROLES: [&str; 4] = [
    "Application.Read.All",
    "Application.ReadWrite.All",
    "Application.ReadWrite.OwnedBy",
    "Directory.Read.All",
];

/// Whether a call is about a registration.
pub(crate) fn is_asked(path: &str) -> bool {
    path.starts_with("applications") || path.starts_with("servicePrincipals")
}

/// A caller that reads registrations.
pub(crate) struct RegistrationReader<'r> {
    pub(crate) state: &'r CloudState,
    pub(crate) caller: &'r Caller,
    pub(crate) query: &'r GraphQuery,
}

impl RegistrationReader<'_> {
    /// Answers `applications(appId='…')`, `servicePrincipals(appId='…')` and lists with a filter on
    /// the app id.
    pub(crate) fn read(&self, object: &str) -> Result<Value, GraphError> {
        let (set, key) = object.split_once('(').unwrap_or((object, ""));
        let write = match set {
            "applications" => application,
            "servicePrincipals" => service_principal,
            _ => return Err(GraphError::no_segment(set)),
        };
        let is_list = key.is_empty();
        let app_id = if is_list {
            self.query.filtered_app_id()
        } else {
            quoted(key, "appId=")
        };
        // Without a permission an app may read its own registration only.
        let is_own = app_id
            .as_deref()
            .is_some_and(|id| id.eq_ignore_ascii_case(&self.caller.claims.appid));
        if !is_own {
            self.check_permission()?;
        }
        let context = format!(
            "{}/graph/v1.0/$metadata#{set}{}",
            self.state.base,
            self.query.selection()
        );
        let written = |one| self.query.select(write(one));
        if is_list {
            let all = self.found(app_id.as_deref()).map(written).collect();
            return Ok(with_context(self.page(set, all), &context));
        }
        let Some(one) = self.found(app_id.as_deref()).next() else {
            let id = app_id.unwrap_or_default();
            let text = format!(
                "Resource '{id}' does not exist or one of its queried reference-property objects \
                 are not present."
            );
            return Err(GraphError::new(404, "Request_ResourceNotFound", text));
        };
        Ok(with_context(written(one), &format!("{context}/$entity")))
    }

    /// Answers `applications(appId='…')/passwordCredentials`: the list alone.
    pub(crate) fn secrets(&self, object: &str) -> Result<Value, GraphError> {
        let query = GraphQuery::of("");
        let reader = RegistrationReader {
            state: self.state,
            caller: self.caller,
            query: &query,
        };
        let mut whole = reader.read(object)?;
        let list = whole.get_mut("passwordCredentials").map(Value::take);
        Ok(json!({ "value": list.unwrap_or_else(|| json!([])) }))
    }

    /// Answers `servicePrincipals(appId='…')/appRoleAssignments`. Takes a permission, even of an app
    /// that asks about itself.
    pub(crate) fn app_role_assignments(&self, object: &str) -> Result<Value, GraphError> {
        let one = self.principal(object)?;
        let roles = one.roles.iter().chain(&one.graph_roles);
        let granted = roles.filter(|_| one.delegated.is_none());
        let assignment = |name: &String| json!({"appRoleId": permission_id(name)});
        Ok(json!({ "value": granted.map(assignment).collect::<Vec<_>>() }))
    }

    /// Answers `servicePrincipals(appId='…')/oauth2PermissionGrants`, likewise.
    pub(crate) fn permission_grants(&self, object: &str) -> Result<Value, GraphError> {
        let one = self.principal(object)?;
        let delegated = one.delegated.iter();
        let scopes = delegated.flat_map(|one| [&one.scopes, &one.graph_scopes]);
        let grant = |scopes: &Vec<String>| json!({"consentType": "AllPrincipals", "scope": scopes.join(" ")});
        Ok(json!({ "value": scopes.map(grant).collect::<Vec<_>>() }))
    }

    fn principal(&self, object: &str) -> Result<&Integration, GraphError> {
        self.check_permission()?;
        let app_id = quoted(object, "servicePrincipals(appId=").unwrap_or_default();
        let missing = || GraphError::new(404, "Request_ResourceNotFound", "No such object.");
        self.found(Some(&app_id)).next().ok_or_else(missing)
    }

    /// Returns the applications of the directory, or the one of that id.
    fn found(&self, app_id: Option<&str>) -> impl Iterator<Item = &Integration> {
        let all = self.state.in_directory(&self.caller.claims.tid);
        all.filter(move |one| app_id.is_none_or(|id| one.client_id.eq_ignore_ascii_case(id)))
    }

    fn check_permission(&self) -> Result<(), GraphError> {
        let permitted = self.caller.claims.has_any(&DIRECTORY_ROLES);
        permitted.then_some(()).ok_or_else(GraphError::denied)
    }

    /// Returns one page of a list, with the address of the next one.
    fn page(&self, set: &str, all: Vec<Value>) -> Value {
        let query = self.query;
        let seen = query.skip + query.top;
        let has_more = all.len() > seen;
        let value: Vec<Value> = all.into_iter().skip(query.skip).take(query.top).collect();
        if !has_more {
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
        let next = format!("{}/graph/v1.0/{set}?{}", self.state.base, next.finish());
        json!({ "value": value, "@odata.nextLink": next })
    }
}

/// Returns the quoted text behind that name.
fn quoted(text: &str, name: &str) -> Option<String> {
    let value = text.trim_end_matches(')').strip_prefix(name)?;
    Some(value.trim_matches('\'').to_owned())
}
