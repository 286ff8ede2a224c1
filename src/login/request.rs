//! Requests to the login service, and what their answers bring.

use ::http::{HeaderValue, Method, header};
use reqwest::Request;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::{Url, form_urlencoded};
use zeroize::Zeroize as _;

use super::{Login, SignInError, SignedIn};
use crate::{
    check::{SCOPES_KEPT, is_sendable, scrub},
    claims::Claims,
    diagnosis::{self},
    http::Pool,
    observation::{Exchange, Outcome},
    text,
    verdict::cause::Cause,
};

const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

/// An answer of the login service.
pub(super) struct Posted {
    /// The record, without the body of a success.
    pub(super) exchange: Exchange,
    /// The document of a success.
    pub(super) document: Option<Value>,
}

impl Posted {
    /// The OAuth `error` of a refusal.
    pub(super) fn error(&self) -> Option<String> {
        let Outcome::Answer(answer) = &self.exchange.outcome else {
            return None;
        };
        let document: Value = serde_json::from_str(&answer.body).ok()?;
        document.get("error")?.as_str().map(str::to_owned)
    }

    /// Whether asking again may help: no answer, or one of a busy or broken service.
    pub(super) fn may_pass(&self) -> bool {
        match &self.exchange.outcome {
            Outcome::Answer(answer) => matches!(answer.status, 408 | 429 | 500..=599),
            Outcome::Fault(_) => true,
        }
    }
}

impl Login<'_> {
    /// Sends a form; `hidden` fields are secrets, and leave no trace in the record.
    pub(super) async fn post(
        &self,
        endpoint: &str,
        fields: &[(&str, &str)],
        hidden: &[(&str, &SecretString)],
    ) -> Posted {
        let url = self.tenant.endpoints.oauth2(self.directory(), endpoint);
        let deadline = self.clock.instant() + self.tenant.pace.timeout;
        let wire = self
            .clients
            .wire(&self.tenant.network, Pool::Shared, deadline);
        let mut exchange = wire.send(form(url, fields, hidden)).await;
        let mut document = None;
        if let Outcome::Answer(answer) = &mut exchange.outcome
            && answer.status == 200
            && let Ok(found @ Value::Object(_)) = serde_json::from_str(&answer.body)
        {
            answer.body.zeroize();
            document = Some(found);
        }
        for (_, secret) in hidden {
            scrub(&mut exchange, secret);
        }
        Posted { exchange, document }
    }

    /// Explains what is no success: an answer, or none.
    pub(super) fn refused(&self, posted: &Posted) -> SignInError {
        let now = self.clock.now();
        let diagnosis = diagnosis::explain_sign_in(self.tenant, &posted.exchange, now);
        if posted.may_pass() {
            SignInError::Unanswered(Box::new(diagnosis))
        } else {
            SignInError::Refused(Box::new(diagnosis))
        }
    }

    /// Explains a failure that no answer states.
    pub(super) fn failed(&self, cause: Cause, words: &str) -> SignInError {
        let diagnosis = diagnosis::explain_failed_sign_in(self.tenant, cause, words);
        SignInError::Refused(Box::new(diagnosis))
    }

    /// Takes the tokens out of a success.
    pub(super) fn signed_in(&self, document: &Value) -> Result<SignedIn, SignInError> {
        let text = |key: &str| document.get(key).and_then(Value::as_str);
        let Some(refresh) = text("refresh_token").filter(|token| is_sendable(token)) else {
            let words = "the sign-in worked, but brought no refresh token: `offline_access` was \
                         not granted";
            return Err(self.failed(Cause::ConsentRequired, words));
        };
        let claims = |key| text(key).and_then(Claims::from_token);
        let (person, access) = (claims("id_token"), claims("access_token"));
        let known = |pick: fn(&Claims) -> Option<String>| {
            [&person, &access]
                .into_iter()
                .flatten()
                .find_map(pick)
                .map(|word| text::line(&word))
        };
        let granted = text("scope").unwrap_or_default().split_whitespace();
        Ok(SignedIn {
            refresh: SecretString::from(refresh),
            account: known(|claims| claims.account.clone()),
            directory: known(|claims| claims.tenant_id.clone()),
            scopes: granted.take(SCOPES_KEPT).map(text::line).collect(),
        })
    }
}

fn form(url: Url, fields: &[(&str, &str)], hidden: &[(&str, &SecretString)]) -> Request {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields);
    for (name, secret) in hidden {
        form.append_pair(name, secret.expose_secret());
    }
    let mut request = Request::new(Method::POST, url);
    request.headers_mut().insert(header::CONTENT_TYPE, FORM);
    *request.body_mut() = Some(form.finish().into());
    request
}
