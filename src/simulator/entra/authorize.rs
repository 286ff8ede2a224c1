//! The page on which a person would sign in and approve.

use std::collections::HashMap;

use super::aadsts;
use super::endpoint::{check_accounts, find_app};
use super::redirect::{carry, registered};
use super::refusal::Refusal;
use crate::simulator::backend::Backend;
use crate::simulator::crypto::PkceChallenge;
use crate::simulator::faults::{AuthorizeError, Fault, FaultAnswer, FaultTarget};
use crate::simulator::http_answer::HttpAnswer;
use crate::simulator::token_store::{AuthorizationCode, SignInRequest};

/// Authorization codes live ten minutes.
const CODE_SECONDS: i64 = 600;

const REDIRECT_UNKNOWN: &str = "AADSTS50011: The redirect URI specified in the request does not \
    match the redirect URIs configured for the application.";

const METHOD_UNKNOWN: AuthorizeError = AuthorizeError {
    error: "invalid_request",
    description: "AADSTS50149: The code_challenge_method is not valid.",
};

/// Answers `/{tenant}/oauth2/v2.0/authorize` as if the person had approved at once.
pub(crate) fn authorize(backend: &Backend, tenant: &str, query: &str) -> HttpAnswer {
    let fields: HashMap<String, String> = url::form_urlencoded::parse(query.as_bytes())
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let sent = |name: &str| fields.get(name).filter(|value| !value.is_empty()).cloned();
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    let index = find_app(backend, tenant, field("client_id"));
    let app = index.and_then(|index| backend.state.integration(index));
    let acting = app.and_then(|one| Some((one, one.delegated.as_ref()?)));
    let (Some(index), Some((one, delegated))) = (index, acting) else {
        let refusal = Refusal::of_app(&aadsts::APP_UNKNOWN, field("client_id"));
        return page(&refusal.tenant(tenant).words());
    };
    if let Err(refusal) = check_accounts(tenant, one) {
        return page(&refusal.words());
    }
    let Some(target) = registered(&delegated.redirects, field("redirect_uri")) else {
        return page(REDIRECT_UNKNOWN);
    };
    let challenge = PkceChallenge::read(field("code_challenge"), field("code_challenge_method"));
    let refused = scripted(backend, index).or(challenge.is_none().then_some(METHOD_UNKNOWN));
    let (mode, state) = (field("response_mode"), field("state"));
    if let Some(refused) = refused {
        let fields = [
            ("error", refused.error),
            ("error_description", refused.description),
            ("state", state),
        ];
        return carry(target, mode, &fields);
    }
    let code = backend.token_store.new_code(AuthorizationCode {
        index,
        redirect: field("redirect_uri").to_owned(),
        challenge: challenge.filter(|challenge| !challenge.is_empty()),
        asked: SignInRequest {
            scope: sent("scope"),
            nonce: sent("nonce"),
        },
        ends_at: backend.state.now().timestamp() + CODE_SECONDS,
        used: false,
    });
    carry(target, mode, &[("code", &code), ("state", state)])
}

/// Returns the refusal of the script.
fn scripted(backend: &Backend, index: usize) -> Option<AuthorizeError> {
    let fault = backend.state.fault(index, FaultTarget::Entra);
    match fault.map(Fault::answer) {
        Some(FaultAnswer::SignIn(refusal)) => refusal.at_authorize,
        _ => None,
    }
}

fn page(words: &str) -> HttpAnswer {
    HttpAnswer::page(400, "Sign in to your account", words)
}
