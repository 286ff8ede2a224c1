//! The token endpoint: scripted faults, client credentials, and the way to the grants of people.

use axum::http::Method;
use serde_json::json;

use super::aadsts;
use super::assertion;
use super::endpoint::{check_accounts, find_app, is_shared, record};
use super::refusal::{Refusal, Trace, with_entra_headers};
use super::request::TokenRequest;
use super::sign_in::{self, SignIn};
use crate::simulator::access_token::{Resource, TokenShape};
use crate::simulator::backend::Backend;
use crate::simulator::faults::{Fault, FaultAnswer, FaultTarget, TokenDefect};
use crate::simulator::fleet::Integration;
use crate::simulator::http_answer::HttpAnswer;
use crate::simulator::request::HttpRequest;
use crate::simulator::wire;

/// Answers `/{tenant}/oauth2/v2.0/token`.
pub(crate) async fn token(backend: &Backend, tenant: &str, request: HttpRequest) -> HttpAnswer {
    let state = &backend.state;
    let trace = Trace::new(state.now(), &request.headers);
    let form = TokenRequest::read(&request.headers, &request.body);
    let index = find_app(backend, tenant, form.client_id());
    record(backend, tenant, index, &request, &form);
    let app = index.and_then(|index| Some((index, state.integration(index)?)));
    let Some((index, app)) = app else {
        let judged = judge(backend, tenant, None, &request.method, &form);
        let refusal = judged.err();
        return refusal
            .unwrap_or_else(|| Refusal::from(&aadsts::SERVER_ERROR))
            .answer(&trace);
    };
    tokio::time::sleep(state.latency(index)).await;
    let fault = state.fault(index, FaultTarget::Entra);
    if let Some(Fault::Wire(target, fault)) = fault
        && let Some(answer) = wire::commit(&request.connection, target, fault).await
    {
        return answer;
    }
    let fault = fault.map(Fault::answer);
    let scripted = fault
        .as_ref()
        .and_then(|fault| scripted(fault, tenant, app, &trace));
    if let Some(grant) = form.person_grant() {
        let sign_in = SignIn {
            backend,
            tenant,
            index,
            app,
            grant,
            form: &form,
            fault: fault.as_ref(),
        };
        return scripted.unwrap_or_else(|| sign_in::token(&sign_in, &trace));
    }
    let defect = match fault {
        Some(FaultAnswer::Token(defect)) => Some(defect),
        _ => None,
    };
    match judge(backend, tenant, Some(app), &request.method, &form) {
        Err(refusal) if refusal.is_about_form() => refusal.answer(&trace),
        judged => scripted.unwrap_or_else(|| match judged {
            Ok(audience) => issue(backend, index, &audience, defect),
            Err(refusal) => refusal.answer(&trace),
        }),
    }
}

/// Returns the answer of a fault that holds for every request, whatever its grant.
fn scripted(
    fault: &FaultAnswer,
    tenant: &str,
    app: &Integration,
    trace: &Trace,
) -> Option<HttpAnswer> {
    Some(match fault {
        FaultAnswer::Gateway(answer) => answer.clone(),
        FaultAnswer::BeforeSignIn(answer) => with_entra_headers(answer.clone(), &trace.id),
        FaultAnswer::Refusal {
            row,
            value,
            retry_after,
        } => {
            let refusal = Refusal::of(row, value).app(&app.client_id).tenant(tenant);
            refusal.answer(trace).retry_after(*retry_after)
        }
        _ => return None,
    })
}

/// Judges a request for client credentials as Entra does; returns the audience of the token.
fn judge(
    backend: &Backend,
    tenant: &str,
    app: Option<&Integration>,
    method: &Method,
    form: &TokenRequest,
) -> Result<String, Refusal> {
    if method != Method::POST {
        return Err(Refusal::of(&aadsts::METHOD_WRONG, method.as_str()));
    }
    form.check()?;
    if let Some(app) = app {
        check_accounts(tenant, app)?;
    }
    if is_shared(tenant) {
        return Err(Refusal::of_app(&aadsts::SINGLE_TENANT, form.client_id()));
    }
    if !backend.state.knows_directory(tenant) {
        return Err(Refusal::of_tenant(tenant));
    }
    let Some(app) = app else {
        let refusal = Refusal::of_app(&aadsts::APP_UNKNOWN, form.client_id());
        return Err(refusal.tenant(tenant));
    };
    let audience = form.audience()?;
    if Resource::of(&audience).is_none() {
        let refusal = Refusal::of(&aadsts::RESOURCE_UNKNOWN, &audience);
        return Err(refusal.tenant(tenant));
    }
    match form.assertion() {
        Some(assertion) => assertion::check(backend, tenant, app, assertion)?,
        None => form.authenticate(app, backend.state.now())?,
    }
    Ok(audience)
}

fn issue(
    backend: &Backend,
    index: usize,
    audience: &str,
    defect: Option<TokenDefect>,
) -> HttpAnswer {
    let (audience, shape) = match defect {
        Some(TokenDefect::NoRoles) => (audience, TokenShape::NoRoles),
        Some(TokenDefect::Ended) => (audience, TokenShape::Ended),
        Some(TokenDefect::OtherAudience) => (Resource::other_audience(audience), TokenShape::Right),
        Some(TokenDefect::OtherScope | TokenDefect::NoRefreshToken) | None => {
            (audience, TokenShape::Right)
        }
    };
    let Some((token, seconds)) = backend.tokens.for_app(index, audience, shape) else {
        return HttpAnswer::empty(500);
    };
    let body = json!({
        "token_type": "Bearer",
        "expires_in": seconds,
        "ext_expires_in": seconds,
        "access_token": token,
    });
    let request_id = uuid::Uuid::new_v4().to_string();
    with_entra_headers(HttpAnswer::json(200, &body), &request_id)
}
