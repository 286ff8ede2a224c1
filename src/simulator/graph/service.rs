//! The endpoints: record, scripted faults, dispatch by path.

use axum::http::{HeaderMap, Method};
use serde_json::{Value, json};

use super::error::{GraphError, with_graph_headers};
use super::query::GraphQuery;
use super::registration_defect;
use super::{mailbox, registration};
use crate::simulator::access_token::Resource;
use crate::simulator::backend::Backend;
use crate::simulator::faults::{Fault, FaultAnswer, FaultTarget};
use crate::simulator::http_answer::HttpAnswer;
use crate::simulator::record::RecordedRequest;
use crate::simulator::request::HttpRequest;
use crate::simulator::wire;

/// Answers a call; `path` is the decoded path behind the version, without the query.
pub(crate) async fn call(backend: &Backend, path: &str, request: HttpRequest) -> HttpAnswer {
    let state = &backend.state;
    let claimed = backend.tokens.claimed_by(&request.headers);
    let integration = claimed.and_then(|index| state.integration(index));
    let recorded = RecordedRequest::new(state.now(), FaultTarget::Graph, &request, integration);
    backend.record.keep(recorded);
    let mut fault = None;
    if let Some(index) = claimed {
        tokio::time::sleep(state.latency(index)).await;
        fault = state.fault(index, FaultTarget::Graph);
    }
    if let Some(Fault::Wire(target, fault)) = fault
        && let Some(answer) = wire::commit(&request.connection, target, fault).await
    {
        return answer;
    }
    let usual = answer(backend, perform(backend, path, &request), &request.headers);
    let answer = match fault.map(Fault::answer) {
        // A refused token is a mistake of the client itself, whatever the script says.
        Some(FaultAnswer::Graph {
            status,
            code,
            text,
            retry_after,
        }) if usual.status != 401 => GraphError::new(status, code, text)
            .answer(state.now(), &request.headers)
            .retry_after(retry_after),
        Some(FaultAnswer::Registration(defect)) if registration::is_asked(path) => {
            let call = registration_defect::RegistrationCall {
                state,
                path,
                request: &request,
            };
            call.answer(defect, usual)
        }
        _ => usual,
    };
    with_graph_headers(answer, &request.headers)
}

fn answer(backend: &Backend, result: Result<Value, GraphError>, headers: &HeaderMap) -> HttpAnswer {
    match result {
        Ok(body) => HttpAnswer::json(200, &body),
        Err(error) => error.answer(backend.state.now(), headers),
    }
}

fn perform(backend: &Backend, path: &str, request: &HttpRequest) -> Result<Value, GraphError> {
    let caller = backend.tokens.caller(&request.headers, Resource::Graph)?;
    if request.method != Method::GET {
        let text = "Specified HTTP method is not allowed for the request target.";
        return Err(GraphError::new(405, "Request_BadRequest", text));
    }
    let query = GraphQuery::of(request.query());
    let reader = registration::RegistrationReader {
        state: &backend.state,
        caller: &caller,
        query: &query,
    };
    let segments: Vec<&str> = path.split('/').collect();
    match segments.as_slice() {
        ["me" | "users", ..] => mailbox::read(&backend.state, &caller, &segments, &query),
        [object, "passwordCredentials"] => reader.secrets(object),
        [object, "appRoleAssignments"] => reader.app_role_assignments(object),
        [object, "oauth2PermissionGrants"] => reader.permission_grants(object),
        [object] => reader.read(object),
        [segment, ..] => Err(GraphError::no_segment(segment)),
        [] => Err(GraphError::no_segment("")),
    }
}

/// Answers a path without a version of Graph.
pub(crate) fn no_version(backend: &Backend, headers: &HeaderMap) -> HttpAnswer {
    let refusal = GraphError::new(400, "BadRequest", "Invalid version.");
    with_graph_headers(answer(backend, Err(refusal), headers), headers)
}

/// Answers `/oidc/userinfo`: the person that the token is for.
pub(crate) fn user_info(backend: &Backend, headers: &HeaderMap) -> HttpAnswer {
    let caller = backend.tokens.caller(headers, Resource::Graph);
    let info = caller.map_err(GraphError::from).and_then(|caller| {
        let one = mailbox::own(&backend.state, &caller)?;
        Ok(json!({"sub": one.pairwise_id(), "name": one.account(), "email": one.account()}))
    });
    with_graph_headers(answer(backend, info, headers), headers)
}
