//! The start of a sign-in on another device.

use axum::http::Method;
use serde_json::json;

use super::super::answer::Answer;
use super::super::entra::refusal::{self, Refusal, Trace};
use super::super::entra::request::TokenRequest;
use super::super::entra::{check_accounts, dressed, keep};
use super::super::server::Asked;
use super::super::world::World;
use super::book::{DEVICE_SECONDS, Device, Redeemed, opaque};
use super::found;

/// Answers `/{tenant}/oauth2/v2.0/devicecode`.
pub(in crate::simulator) fn device_code(world: &World, tenant: &str, asked: &Asked) -> Answer {
    let trace = Trace::of(world, &asked.headers);
    let request = TokenRequest::read(&asked.headers, &asked.body);
    let index = found(world, tenant, request.client_id());
    keep(world, tenant, index, asked, &request);
    if asked.method != Method::POST {
        return Refusal::method(asked.method.as_str()).answer(&trace);
    }
    let judged = index
        .ok_or_else(|| Refusal::app_unknown(request.client_id(), tenant))
        .and_then(|index| {
            let one = world.integration(index).ok_or(refusal::SERVER_ERROR)?;
            let delegated = one.delegated.as_ref().ok_or(refusal::GRANT_NOT_ALLOWED)?;
            check_accounts(tenant, one)?;
            Ok((index, delegated.pending))
        });
    let (index, pending) = match judged {
        Ok(judged) => judged,
        Err(refusal) => return refusal.answer(&trace),
    };
    let code = world.grants.device_code(Device {
        index,
        pending,
        asked: Redeemed {
            scope: request.field("scope").map(str::to_owned),
            nonce: None,
        },
        ends_at: world.now().timestamp() + DEVICE_SECONDS,
    });
    let user_code = opaque().to_uppercase().chars().take(9).collect::<String>();
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
    dressed(Answer::json(200, &body), &trace.id)
}
