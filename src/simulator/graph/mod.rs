//! Microsoft Graph: the twin of the mailbox call with what is around it, and an app's look at its own
//! registration. It only reads.

mod directory;
mod mailbox;
mod registration;

use axum::http::{HeaderMap, Method};
use serde_json::{Value, json};

use super::answer::Answer;
use super::behaviour::{Behaviour, GraphFault, Surface};
use super::grants;
use super::record::Seen;
use super::server::Asked;
use super::wire;
use super::world::{Caller, Rejected, Resource, World};

/// An error of Graph.
struct GraphError {
    status: u16,
    code: &'static str,
    message: String,
}

fn error(status: u16, code: &'static str, message: impl Into<String>) -> GraphError {
    GraphError {
        status,
        code,
        message: message.into(),
    }
}

/// Answers a call; `rest` is the decoded path behind `/v1.0/`.
pub(super) async fn call(world: &World, rest: &str, asked: Asked) -> Answer {
    let claimed = world.claimed_by(&asked.headers);
    keep(world, claimed, &asked);
    if let Some(index) = claimed {
        tokio::time::sleep(world.pause(index)).await;
        if let Behaviour::Wire(Surface::Graph, fault) = world.behaviour(index)
            && let Some(answer) = wire::meet(&asked.line, Surface::Graph, fault).await
        {
            return answer;
        }
    }
    let answered = match judge(world, rest, &asked) {
        Ok(body) => Answer::json(200, &body),
        Err(error) => write(world, &error, &asked.headers),
    };
    let faulty = claimed.map(|index| world.behaviour(index));
    let answer = match faulty {
        // A refused token is the client's own affair, whatever the script says.
        Some(Behaviour::Graph(fault)) if answered.status != 401 => broken(world, fault, &asked),
        Some(Behaviour::Directory(fault)) if registration::is_asked(rest) => {
            directory::broken(world, fault, (rest, &asked), answered)
        }
        _ => answered,
    };
    dressed(answer, &asked.headers)
}

fn judge(world: &World, rest: &str, asked: &Asked) -> Result<Value, GraphError> {
    let caller = world
        .caller(&asked.headers, Resource::Graph)
        .map_err(|rejected| token_error(&rejected))?;
    if asked.method != Method::GET {
        let text = "Specified HTTP method is not allowed for the request target.";
        return Err(error(405, "Request_BadRequest", text));
    }
    let query = Query::of(&asked.path);
    let path: Vec<&str> = rest.split('/').collect();
    match path.as_slice() {
        ["me" | "users", ..] => mailbox::read(world, &caller, &path, &query),
        [object, "passwordCredentials"] => registration::secrets(world, &caller, object),
        [
            object,
            list @ ("appRoleAssignments" | "oauth2PermissionGrants"),
        ] => registration::grants(world, &caller, (object, list)),
        [object] => registration::read(world, &caller, object, &query),
        [segment, ..] => Err(no_segment(segment)),
        [] => Err(no_segment("")),
    }
}

fn no_segment(segment: &str) -> GraphError {
    let text = format!("Resource not found for the segment '{segment}'.");
    error(400, "BadRequest", text)
}

/// Answers what is under no version of Graph.
pub(super) fn no_version(world: &World, headers: &HeaderMap) -> Answer {
    let refusal = error(400, "BadRequest", "Invalid version.");
    dressed(write(world, &refusal, headers), headers)
}

/// Answers `/oidc/userinfo`: who the token is for.
pub(super) fn user_info(world: &World, headers: &HeaderMap) -> Answer {
    let told = world
        .caller(headers, Resource::Graph)
        .map_err(|rejected| token_error(&rejected))
        .and_then(|caller| mailbox::own(world, &caller).map(grants::user_info));
    let answer = match told {
        Ok(body) => Answer::json(200, &body),
        Err(error) => write(world, &error, headers),
    };
    dressed(answer, headers)
}

fn token_error(rejected: &Rejected) -> GraphError {
    const CODE: &str = "InvalidAuthenticationToken";
    match rejected {
        Rejected::NoBearer => error(401, CODE, "Access token is empty."),
        Rejected::Malformed => error(401, CODE, "IDX14100: JWT is not well formed."),
        Rejected::Signature => error(401, CODE, "Signature is invalid."),
        Rejected::OutsideTime => error(
            401,
            CODE,
            "Lifetime validation failed, the token is expired.",
        ),
        Rejected::Audience(_) => error(
            401,
            CODE,
            "Access token validation failure. Invalid audience.",
        ),
    }
}

fn has_any(caller: &Caller, permissions: &[&str]) -> bool {
    let roles = caller.claims.roles.iter().map(String::as_str);
    let scopes = caller.claims.scp.as_deref().unwrap_or_default().split(' ');
    roles.chain(scopes).any(|one| permissions.contains(&one))
}

fn with_context(mut body: Value, context: &str) -> Value {
    if let Value::Object(fields) = &mut body {
        fields.insert("@odata.context".to_owned(), json!(context));
    }
    body
}

/// The query of a call.
struct Query {
    select: Vec<String>,
    filter: String,
    expand: String,
    /// The most objects of a page.
    top: usize,
    /// How many objects earlier pages had.
    skip: usize,
}

/// The most objects of a page where the call does not say.
const PAGE: usize = 100;

/// More objects than this no page has.
const PAGE_MOST: usize = 999;

impl Query {
    fn of(path: &str) -> Self {
        let query = path.split_once('?').map_or("", |(_, query)| query);
        let mut read = Self {
            select: Vec::new(),
            filter: String::new(),
            expand: String::new(),
            top: PAGE,
            skip: 0,
        };
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "$select" => {
                    read.select = value.split(',').map(|one| one.trim().to_owned()).collect();
                }
                "$filter" => value.as_ref().clone_into(&mut read.filter),
                "$expand" => value.as_ref().clone_into(&mut read.expand),
                "$top" => read.top = value.parse().unwrap_or(PAGE).clamp(1, PAGE_MOST),
                "$skiptoken" => read.skip = value.parse().unwrap_or_default(),
                _ => {}
            }
        }
        read
    }

    fn select(&self, mut whole: Value) -> Value {
        if let Value::Object(fields) = &mut whole
            && !self.select.is_empty()
        {
            let expanded = self.expand.split('(').next().unwrap_or_default();
            fields.retain(|name, _| self.select.contains(name) || name == expanded);
        }
        whole
    }

    fn selection(&self) -> String {
        if self.select.is_empty() {
            String::new()
        } else {
            format!("({})", self.select.join(","))
        }
    }

    fn filtered_app_id(&self) -> Option<String> {
        let (field, value) = self.filter.split_once(" eq ")?;
        (field.trim() == "appId").then(|| value.trim().trim_matches('\'').to_owned())
    }
}

fn broken(world: &World, fault: GraphFault, asked: &Asked) -> Answer {
    let (error, seconds) = match fault {
        GraphFault::AccessDenied => (
            error(
                403,
                "ErrorAccessDenied",
                "Access is denied. Check credentials and try again.",
            ),
            None,
        ),
        GraphFault::AccessPolicy => (
            error(
                403,
                "ErrorAccessDenied",
                "Access to OData is disabled: [RAOP] : Blocked by tenant configured AppOnly \
                 AccessPolicy settings.",
            ),
            None,
        ),
        GraphFault::MailboxNotEnabled => (
            error(
                404,
                "MailboxNotEnabledForRESTAPI",
                "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
            ),
            None,
        ),
        GraphFault::UserNotFound => (mailbox::user_not_found(), None),
        GraphFault::Throttled(seconds) => {
            (error(429, "TooManyRequests", "Too many requests."), seconds)
        }
        GraphFault::Unavailable(seconds) => (
            error(
                503,
                "ServiceUnavailable",
                "The service is temporarily unavailable.",
            ),
            seconds,
        ),
        GraphFault::InternalError => (
            error(
                500,
                "ErrorInternalServerError",
                "An internal server error occurred.",
            ),
            None,
        ),
        GraphFault::TokenRejected => (token_error(&Rejected::Signature), None),
    };
    write(world, &error, &asked.headers).retry_after(seconds)
}

fn write(world: &World, error: &GraphError, headers: &HeaderMap) -> Answer {
    let request_id = uuid::Uuid::new_v4().to_string();
    let client_request_id = client_request_id(headers).unwrap_or_else(|| request_id.clone());
    let body = json!({"error": {
        "code": error.code,
        "message": error.message,
        "innerError": {
            "date": world.now().format("%Y-%m-%dT%H:%M:%S").to_string(),
            "request-id": request_id,
            "client-request-id": client_request_id,
        },
    }});
    let answer = Answer::json(error.status, &body).with("request-id", request_id);
    if error.status == 401 {
        let challenge = "Bearer realm=\"\", \
            authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\", \
            client_id=\"00000003-0000-0000-c000-000000000000\", error=\"invalid_token\"";
        return answer.with("www-authenticate", challenge);
    }
    answer
}

fn client_request_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get("client-request-id")?.to_str().ok()?;
    Some(id.to_owned())
}

fn keep(world: &World, index: Option<usize>, asked: &Asked) {
    let mut seen = Seen::new(
        world.now(),
        Surface::Graph,
        &asked.method,
        &asked.path,
        &asked.headers,
    );
    let integration = index.and_then(|index| world.integration(index));
    seen.tenant = integration.map(|one| one.name.clone());
    world.record.keep(seen);
}

/// Adds the headers that Graph puts on every answer.
fn dressed(answer: Answer, headers: &HeaderMap) -> Answer {
    let answer = if answer.headers.iter().any(|(name, _)| *name == "request-id") {
        answer
    } else {
        answer.with("request-id", uuid::Uuid::new_v4().to_string())
    };
    let answer = answer
        .with("cache-control", "no-cache")
        .with("strict-transport-security", "max-age=31536000")
        .with(
            "x-ms-ags-diagnostic",
            "{\"ServerInfo\":{\"DataCenter\":\"West Europe\",\"Slice\":\"E\",\"Ring\":\"5\",\
             \"ScaleUnit\":\"001\",\"RoleInstance\":\"SIM0PEPF0000001\"}}",
        )
        .with("odata-version", "4.0");
    match client_request_id(headers) {
        Some(id) => answer.with("client-request-id", id),
        None => answer,
    }
}
