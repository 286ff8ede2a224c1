//! Defects in what Graph says about registrations.

use serde_json::{Map, Value, json};

use super::error::GraphError;
use crate::simulator::faults::{FurtherPages, RegistrationDefect};
use crate::simulator::http_answer::HttpAnswer;
use crate::simulator::request::HttpRequest;
use crate::simulator::state::CloudState;

/// A call about registrations, with the path behind the version.
pub(crate) struct RegistrationCall<'r> {
    pub(crate) state: &'r CloudState,
    pub(crate) path: &'r str,
    pub(crate) request: &'r HttpRequest,
}

impl RegistrationCall<'_> {
    /// Returns the answer with that defect; `usual` is the right one.
    pub(crate) fn answer(&self, defect: RegistrationDefect, usual: HttpAnswer) -> HttpAnswer {
        match defect {
            RegistrationDefect::Error {
                spares_principals: true,
                ..
            } if self.path.starts_with("servicePrincipals") => usual,
            RegistrationDefect::Error {
                status,
                code,
                text,
                retry_after,
                ..
            } => self.error(status, code, text).retry_after(retry_after),
            RegistrationDefect::Page => HttpAnswer::page(200, "Sign in", "Sign in to go on."),
            RegistrationDefect::Torn => torn(usual),
            RegistrationDefect::WithoutSecrets => changed(usual, |body| {
                each(body, |fields| drop(fields.remove("passwordCredentials")));
            }),
            RegistrationDefect::AnotherApp if self.is_list() => changed(usual, |body| {
                each(body, |fields| drop(fields.remove("appId")));
            }),
            RegistrationDefect::AnotherApp => changed(usual, |body| {
                body["appId"] = json!("00000000-0000-0000-0000-00000000beef");
            }),
            RegistrationDefect::Paged(further) if self.is_list() => self.page_list(further, usual),
            RegistrationDefect::Paged(further) => self.page_secrets(further, usual),
        }
    }

    fn is_list(&self) -> bool {
        matches!(self.path, "applications" | "servicePrincipals")
    }

    fn error(&self, status: u16, code: &'static str, text: &str) -> HttpAnswer {
        GraphError::new(status, code, text).answer(self.state.now(), &self.request.headers)
    }

    /// Adds a further page to each page of a list.
    fn page_list(&self, further: FurtherPages, usual: HttpAnswer) -> HttpAnswer {
        if further == FurtherPages::Come {
            return usual;
        }
        if further == FurtherPages::Fail && self.request.path.contains("skiptoken") {
            return self.lost_page();
        }
        let next = format!(
            "{}/v1.0/{}?$skiptoken=0",
            self.further_base(further),
            self.path
        );
        changed(usual, |body| body["@odata.nextLink"] = json!(next))
    }

    /// Splits the secrets of an application, one a page.
    fn page_secrets(&self, further: FurtherPages, usual: HttpAnswer) -> HttpAnswer {
        let (object, is_further) = match self.path.split_once('/') {
            Some((object, _)) => (object, true),
            None => (self.path, false),
        };
        if is_further && further == FurtherPages::Fail {
            return self.lost_page();
        }
        let number = if is_further {
            skipped(&self.request.path)
        } else {
            0
        };
        let next = format!(
            "{}/v1.0/{object}/passwordCredentials?$skiptoken={}",
            self.further_base(further),
            number + 1
        );
        changed(usual, |body| {
            let (list, link) = if is_further {
                ("value", "@odata.nextLink")
            } else {
                ("passwordCredentials", "passwordCredentials@odata.nextLink")
            };
            let whole = body[list].as_array().cloned().unwrap_or_default();
            let has_more = whole.len() > number + 1 || further != FurtherPages::Come;
            body[list] = whole.into_iter().skip(number).take(1).collect();
            // A service principal has no secrets here, so there is nothing to page.
            if has_more && object.starts_with("applications") {
                body[link] = json!(next);
            }
        })
    }

    fn lost_page(&self) -> HttpAnswer {
        self.error(500, "InternalServerError", "An error has occurred.")
    }

    /// Returns the address of Graph in the links to further pages.
    fn further_base(&self, further: FurtherPages) -> String {
        match further {
            FurtherPages::Elsewhere => "https://graph.elsewhere.invalid".to_owned(),
            _ => format!("{}/graph", self.state.base),
        }
    }
}

/// Changes an object, or each object of a list.
fn each(body: &mut Value, change: impl Fn(&mut Map<String, Value>)) {
    let objects = match body.get_mut("value") {
        Some(list) => list.as_array_mut().map(|list| list.iter_mut().collect()),
        None => Some(vec![body]),
    };
    let objects: Vec<&mut Value> = objects.unwrap_or_default();
    objects
        .into_iter()
        .filter_map(Value::as_object_mut)
        .for_each(change);
}

fn torn(mut answer: HttpAnswer) -> HttpAnswer {
    answer.body.truncate(answer.body.len() / 2);
    answer
}

fn changed(mut answer: HttpAnswer, change: impl FnOnce(&mut Value)) -> HttpAnswer {
    if let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body) {
        change(&mut body);
        answer.body = body.to_string().into();
    }
    answer
}

fn skipped(path: &str) -> usize {
    let number = path.rsplit_once("$skiptoken=").map(|(_, number)| number);
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}
