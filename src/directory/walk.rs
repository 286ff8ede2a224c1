//! Goes through the pages of a registration, and says in words why that came to no end.

use std::time::Duration;

use serde_json::Value;
use url::Url;

use super::{
    page::{self, RegistrationPage},
    setup,
};
use crate::{
    check::GraphAccess,
    observation::{Exchange, Outcome},
    registration::{Registered, Setup},
    tenant::{Endpoints, Tenant},
    text,
};

/// The fields of an application; certificates among it limit this to 150 requests a minute and
/// directory.
const OF_APPLICATION: &str = "$select=id,appId,displayName,passwordCredentials,keyCredentials,\
                              signInAudience,web,spa,publicClient,requiredResourceAccess";

/// The fields of its service principal.
const OF_PRINCIPAL: &str =
    "$select=id,appId,displayName,passwordCredentials,keyCredentials,accountEnabled";

/// A list with more pages is not read to its end, and so not shown.
const MOST_PAGES: usize = 20;

/// The facts of a registration.
#[derive(Debug)]
pub(super) struct FoundRegistration {
    pub(super) credentials: Vec<Registered>,
    pub(super) setup: Setup,
    /// Why this may not be all.
    pub(super) gap: Option<String>,
}

/// Why nothing was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) reason: String,
    pub(super) retry_after: Duration,
    /// Whether it is certain that there is no such object.
    pub(super) absent: bool,
}

/// Whose credential is used: the meaning of a refusal depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asking {
    /// The app, about itself.
    Itself,
    /// A reader, about any app.
    Reader,
}

/// The app in question, and how and where it is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question<'a> {
    pub(super) tenant: &'a Tenant,
    pub(super) endpoints: &'a Endpoints,
    pub(super) asking: Asking,
}

/// Reads the application and its service principal: secrets may stand on either.
///
/// In a customer's directory an app of another organisation has a service principal only; its own secrets
/// cannot be seen there.
pub(super) async fn registration(
    graph: &GraphAccess<'_>,
    question: Question<'_>,
) -> Result<FoundRegistration, Refused> {
    let (application, principal, grants) = tokio::join!(
        object(graph, question, "applications", OF_APPLICATION),
        object(graph, question, "servicePrincipals", OF_PRINCIPAL),
        grants(graph, question),
    );
    let mut found = match application {
        Ok(listed) => listed,
        Err(refused) if refused.absent && principal.is_ok() => FoundRegistration {
            credentials: Vec::new(),
            setup: Setup::default(),
            gap: Some(refused.reason),
        },
        Err(refused) => return Err(refused),
    };
    (found.setup.roles, found.setup.consents) = (grants.roles, grants.consents);
    match principal {
        Ok(listed) => {
            found.credentials.extend(listed.credentials);
            found.setup.enabled = listed.setup.enabled;
            found.gap = found.gap.or(listed.gap);
        }
        Err(refused) if refused.absent => {}
        Err(refused) => {
            let why = format!("its enterprise app: {}", refused.reason);
            found.gap = found.gap.or(Some(why));
        }
    }
    found.credentials = page::joined(found.credentials);
    Ok(found)
}

/// Reads what was granted to the app, or through it to itself. Mostly that takes a permission which
/// it does not have; then nothing is known, and that is no fault.
async fn grants(graph: &GraphAccess<'_>, question: Question<'_>) -> Setup {
    let tenant = question.tenant;
    let list = match tenant.delegation {
        None => "appRoleAssignments",
        Some(_) => "oauth2PermissionGrants",
    };
    let object = format!("servicePrincipals(appId='{}')", tenant.app.client_id);
    let url = question.endpoints.graph_v1(&[&object, list]);
    let Ok(body) = good(graph.get(url).await, question.asking) else {
        return Setup::default();
    };
    match tenant.delegation {
        None => Setup {
            roles: setup::roles(&body),
            ..Setup::default()
        },
        Some(_) => Setup {
            consents: setup::consents(&body),
            ..Setup::default()
        },
    }
}

/// Reads one of the two objects with all pages, and says what is missing of it.
async fn object(
    graph: &GraphAccess<'_>,
    question: Question<'_>,
    set: &str,
    select: &str,
) -> Result<FoundRegistration, Refused> {
    let client_id = &question.tenant.app.client_id;
    let asking = question.asking;
    let object = format!("{set}(appId='{client_id}')");
    let mut url = question.endpoints.graph_v1(&[&object]);
    url.set_query(Some(select));
    let body = good(graph.get(url.clone()).await, asking)?;
    let RegistrationPage {
        mut credentials,
        mut next,
        whole,
    } = page::object(&body, client_id).ok_or_else(unreadable)?;
    for _ in 1..MOST_PAGES {
        let Some((kind, link)) = next.pop() else {
            return Ok(FoundRegistration {
                credentials,
                setup: setup::of(&body),
                gap: (!whole).then(|| "it listed no certificates".to_owned()),
            });
        };
        let more = good(graph.get(neighbour(&url, &link)?).await, asking)?;
        let page = page::rest(&more, kind).ok_or_else(unreadable)?;
        credentials.extend(page.credentials);
        next.extend(page.next);
    }
    Err(Refused::because(format!(
        "its list has more than {MOST_PAGES} pages"
    )))
}

/// Returns the address of a further page, as it was given. The token goes nowhere else.
pub(super) fn neighbour(from: &Url, link: &str) -> Result<Url, Refused> {
    Url::parse(link)
        .ok()
        .filter(|url| url.origin() == from.origin())
        .ok_or_else(|| Refused::because("the rest of its list is said to be elsewhere".to_owned()))
}

pub(super) fn unreadable() -> Refused {
    Refused::because("its answer is a page or broken, not a registration".to_owned())
}

/// Returns the body of a good answer.
pub(super) fn good(exchange: Exchange, asking: Asking) -> Result<String, Refused> {
    let answer = match exchange.outcome {
        Outcome::Answer(answer) => answer,
        Outcome::Fault(fault) => {
            let detail = text::line(&fault.detail);
            return Err(Refused::because(format!("no answer came: {detail}")));
        }
    };
    let code = code(&answer.body).map_or_else(String::new, |code| format!(" {code}"));
    let what = match (answer.status, asking) {
        (200, _) => return Ok(answer.body),
        (401, _) => "it did not accept the token",
        (403, Asking::Itself) => "it refused the app a look at its own registration",
        (403, Asking::Reader) => {
            "it refused the look: the reader needs `Application.Read.All` with admin consent"
        }
        (404, Asking::Itself) => {
            "the app is registered in another directory, which `home_tenant_id` names"
        }
        (404, Asking::Reader) => "it knows no such app",
        (429, _) => "it is throttling",
        (500.., _) => "it is out of order",
        _ => "its answer is unexpected",
    };
    let seconds = answer
        .header("retry-after")
        .and_then(|wait| wait.trim().parse().ok());
    Err(Refused {
        reason: format!("{what} (HTTP {}{code})", answer.status),
        retry_after: Duration::from_secs(seconds.unwrap_or_default()),
        absent: answer.status == 404,
    })
}

/// Returns the code of an error, if it looks like one.
fn code(body: &str) -> Option<String> {
    let body: Value = serde_json::from_str(body).ok()?;
    let code = body.get("error")?.get("code")?.as_str()?;
    let plain = code.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (plain && (1..=64).contains(&code.len())).then(|| code.to_owned())
}

impl Refused {
    pub(super) fn because(reason: String) -> Self {
        Self {
            reason,
            retry_after: Duration::ZERO,
            absent: false,
        }
    }

    /// Returns why there is no token to read with: what the login service said, or that there is no
    /// secret to ask it with.
    pub(super) fn token(exchange: Option<&Exchange>) -> Self {
        let Some(exchange) = exchange else {
            return Self::because("there is no credential to ask it with".to_owned());
        };
        match &exchange.outcome {
            Outcome::Answer(answer) => {
                let number = answer.body.split_once("AADSTS").map(|(_, rest)| {
                    let end = |c: char| !c.is_ascii_digit();
                    let digits = rest.split(end).next().unwrap_or_default();
                    format!(" AADSTS{}", text::head(digits, 9))
                });
                let number = number.unwrap_or_default();
                Self::because(format!(
                    "no token for Graph (HTTP {}{number})",
                    answer.status
                ))
            }
            Outcome::Fault(fault) => {
                let detail = text::line(&fault.detail);
                Self::because(format!("no token for Graph: {detail}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::{Answer, Phases};

    fn answered(status: u16, body: &str) -> Exchange {
        Exchange {
            took: Duration::ZERO,
            host: "graph.example".into(),
            request_id: String::new(),
            phases: Phases::default(),
            connection: None,
            outcome: Outcome::Answer(Answer {
                status,
                headers: vec![("retry-after".into(), "120".into())],
                body: body.into(),
            }),
        }
    }

    #[test]
    fn every_answer_but_a_good_one_has_its_reason() {
        let denied = r#"{"error": {"code": "Authorization_RequestDenied", "message": "no"}}"#;
        let hostile = r#"{"error": {"code": "\u001b[2J boo"}}"#;
        for (status, body, expected) in [
            (401, "", "it did not accept the token (HTTP 401)"),
            (
                403,
                denied,
                "it refused the app a look at its own registration (HTTP 403 \
                 Authorization_RequestDenied)",
            ),
            (429, hostile, "it is throttling (HTTP 429)"),
            (503, "<html>", "it is out of order (HTTP 503)"),
            (302, "", "its answer is unexpected (HTTP 302)"),
        ] {
            let refused = good(answered(status, body), Asking::Itself).unwrap_err();
            assert_eq!(refused.reason, expected);
            assert_eq!(refused.retry_after, Duration::from_mins(2));
        }
        for asking in [Asking::Itself, Asking::Reader] {
            assert!(good(answered(404, ""), asking).unwrap_err().absent);
        }
    }

    #[test]
    fn a_further_page_is_fetched_from_the_same_place_only() {
        let from: Url = "https://graph.example/v1.0/applications".parse().unwrap();
        assert!(neighbour(&from, "https://graph.example/v1.0/x?$skiptoken=1").is_ok());
        for elsewhere in [
            "https://evil.example/v1.0/x",
            "http://graph.example/v1.0/x",
            "https://graph.example:444/v1.0/x",
            "https://graph.example@evil.example/",
            "/v1.0/x",
            "",
        ] {
            assert!(neighbour(&from, elsewhere).is_err(), "{elsewhere}");
        }
    }

    #[test]
    fn without_a_token_the_number_of_the_refusal_is_told() {
        let refused = answered(
            401,
            "{\"error_description\": \"AADSTS7000222: The provided …\"}",
        );
        assert_eq!(
            Refused::token(Some(&refused)).reason,
            "no token for Graph (HTTP 401 AADSTS7000222)"
        );
    }
}
