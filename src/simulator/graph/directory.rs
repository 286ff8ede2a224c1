//! What goes wrong when an app asks for its own registration, or a reader for all of them.

use axum::http::HeaderMap;
use serde_json::{Map, Value, json};

use super::super::answer::Answer;
use super::super::behaviour::DirectoryFault;
use super::super::server::Asked;
use super::super::world::World;
use super::{error, write};

/// Returns the answer as that fault has it; `answered` is the right one.
pub(super) fn broken(
    world: &World,
    fault: DirectoryFault,
    (rest, asked): (&str, &Asked),
    answered: Answer,
) -> Answer {
    let refuse =
        |status, code, message: &str| write(world, &error(status, code, message), &asked.headers);
    let principal = rest.starts_with("servicePrincipals");
    let listed = matches!(rest, "applications" | "servicePrincipals");
    match fault {
        DirectoryFault::Denied => refuse(
            403,
            "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation.",
        ),
        DirectoryFault::ElsewhereRegistered if principal => answered,
        DirectoryFault::ElsewhereRegistered | DirectoryFault::NotFound => {
            not_found(world, &asked.headers)
        }
        DirectoryFault::Throttled(seconds) => {
            refuse(429, "TooManyRequests", "Too many requests.").retry_after(seconds)
        }
        DirectoryFault::Unavailable => refuse(503, "ServiceUnavailable", "Try again later."),
        DirectoryFault::Page => Answer::page(200, "Sign in", "Sign in to go on."),
        DirectoryFault::Torn => torn(answered),
        DirectoryFault::WithoutSecrets => changed(answered, |body| {
            each(body, |fields| drop(fields.remove("passwordCredentials")));
        }),
        DirectoryFault::AnotherApp if listed => changed(answered, |body| {
            each(body, |fields| drop(fields.remove("appId")));
        }),
        DirectoryFault::AnotherApp => changed(answered, |body| {
            body["appId"] = json!("00000000-0000-0000-0000-00000000beef");
        }),
        DirectoryFault::Paged
        | DirectoryFault::PageLost
        | DirectoryFault::PageElsewhere
        | DirectoryFault::Endless => {
            if listed {
                list_paged(world, fault, (rest, asked), answered)
            } else {
                paged(world, fault, (rest, asked), answered)
            }
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

/// Says of each page of a list that it has a further one, and what becomes of that.
fn list_paged(
    world: &World,
    fault: DirectoryFault,
    (rest, asked): (&str, &Asked),
    answered: Answer,
) -> Answer {
    let further = asked.path.contains("skiptoken");
    if fault == DirectoryFault::Paged {
        return answered;
    }
    if further && fault == DirectoryFault::PageLost {
        return lost(world, asked);
    }
    let host = host_of_next(world, fault);
    changed(answered, |body| {
        body["@odata.nextLink"] = json!(format!("{host}/v1.0/{rest}?$skiptoken=0"));
    })
}

/// A further page that fails.
fn lost(world: &World, asked: &Asked) -> Answer {
    let lost = error(500, "InternalServerError", "An error has occurred.");
    write(world, &lost, &asked.headers)
}

/// Where the further pages are said to be.
fn host_of_next(world: &World, fault: DirectoryFault) -> String {
    match fault {
        DirectoryFault::PageElsewhere => "https://graph.elsewhere.invalid".to_owned(),
        _ => format!("{}/graph", world.base),
    }
}

fn not_found(world: &World, headers: &HeaderMap) -> Answer {
    let text = "Resource does not exist or one of its queried reference-property objects are not \
                present.";
    write(
        world,
        &error(404, "Request_ResourceNotFound", text),
        headers,
    )
}

fn torn(mut answer: Answer) -> Answer {
    answer.body.truncate(answer.body.len() / 2);
    answer
}

fn changed(mut answer: Answer, change: impl FnOnce(&mut Value)) -> Answer {
    if let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body) {
        change(&mut body);
        answer.body = body.to_string().into();
    }
    answer
}

/// Shows the secrets one a page.
fn paged(
    world: &World,
    fault: DirectoryFault,
    (rest, asked): (&str, &Asked),
    answered: Answer,
) -> Answer {
    let (object, further) = rest
        .split_once('/')
        .map_or((rest, false), |(o, _)| (o, true));
    if further && fault == DirectoryFault::PageLost {
        return lost(world, asked);
    }
    let host = host_of_next(world, fault);
    let number = if further { skipped(&asked.path) } else { 0 };
    let next = format!(
        "{host}/v1.0/{object}/passwordCredentials?$skiptoken={}",
        number + 1
    );
    changed(answered, |body| {
        let (list, link) = if further {
            ("value", "@odata.nextLink")
        } else {
            ("passwordCredentials", "passwordCredentials@odata.nextLink")
        };
        let whole = body[list].as_array().cloned().unwrap_or_default();
        let more = whole.len() > number + 1 || fault != DirectoryFault::Paged;
        body[list] = whole.into_iter().skip(number).take(1).collect();
        // a service principal has none here, and so nothing to page
        if more && object.starts_with("applications") {
            body[link] = json!(next);
        }
    })
}

fn skipped(path: &str) -> usize {
    let number = path.rsplit_once("$skiptoken=").map(|(_, number)| number);
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}
