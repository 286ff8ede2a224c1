//! The start of a sign-in on another device.

use axum::http::Method;
use serde_json::json;

use super::aadsts;
use super::endpoint::{check_accounts, find_app, record};
use super::refusal::{Refusal, Trace, with_entra_headers};
use super::request::TokenRequest;
use crate::simulator::backend::Backend;
use crate::simulator::http_answer::HttpAnswer;
use crate::simulator::ids::random;
use crate::simulator::request::HttpRequest;
use crate::simulator::token_store::{DeviceCode, SignInRequest};

/// Device codes live a quarter of an hour.
const DEVICE_SECONDS: i64 = 900;

/// Answers `/{tenant}/oauth2/v2.0/devicecode`.
pub(crate) fn device_code(backend: &Backend, tenant: &str, request: &HttpRequest) -> HttpAnswer {
    let trace = Trace::new(backend.state.now(), &request.headers);
    let form = TokenRequest::read(&request.headers, &request.body);
    let index = find_app(backend, tenant, form.client_id());
    record(backend, tenant, index, request, &form);
    if request.method != Method::POST {
        let refusal = Refusal::of(&aadsts::METHOD_WRONG, request.method.as_str());
        return refusal.answer(&trace);
    }
    match begin(backend, tenant, index, &form) {
        Ok(code) => with_entra_headers(code, &trace.id),
        Err(refusal) => refusal.answer(&trace),
    }
}

fn begin(
    backend: &Backend,
    tenant: &str,
    index: Option<usize>,
    form: &TokenRequest,
) -> Result<HttpAnswer, Refusal> {
    let app = index.and_then(|index| Some((index, backend.state.integration(index)?)));
    let Some((index, app)) = app else {
        let refusal = Refusal::of_app(&aadsts::APP_UNKNOWN, form.client_id());
        return Err(refusal.tenant(tenant));
    };
    let delegated = app.delegated.as_ref();
    let delegated = delegated.ok_or_else(|| Refusal::from(&aadsts::GRANT_NOT_ALLOWED))?;
    check_accounts(tenant, app)?;
    let code = backend.token_store.new_device_code(DeviceCode {
        index,
        pending: delegated.pending,
        asked: SignInRequest {
            scope: form.field("scope").map(str::to_owned),
            nonce: None,
        },
        ends_at: backend.state.now().timestamp() + DEVICE_SECONDS,
    });
    let user_code = random().to_uppercase().chars().take(9).collect::<String>();
    let page = "https://microsoft.com/devicelogin";
    let body = json!({
        "user_code": user_code,
        "device_code": code,
        "verification_uri": page,
        "expires_in": DEVICE_SECONDS,
        "interval": 1,
        "message": format!("To sign in, use a web browser to open the page {page} and enter the \
            code {user_code} to authenticate."),
    });
    Ok(HttpAnswer::json(200, &body))
}
