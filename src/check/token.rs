//! The `token` and `claims` stages: client credentials, or a renewed sign-in, anew at every check.
//!
//! A cached token would keep working after the secret behind it has died, which is the one thing
//! that must not go unnoticed. The request is written and read by the `oauth2` crate; its own copies
//! of secret and token are dropped, not overwritten: that is as far as its types go.

use std::borrow::Cow;

use ::http::HeaderValue;
use chrono::{DateTime, Utc};
use oauth2::{
    AuthType, ClientId, ClientSecret, EndpointNotSet, EndpointSet, RefreshToken, Scope,
    StandardRevocableToken, TokenResponse as _, TokenUrl,
    basic::{
        BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
        BasicTokenType,
    },
};
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::{Zeroize as _, Zeroizing};

use super::{
    assertion::ASSERTION_TYPE,
    client_credential::{ClientCredential, Presented},
    granted::Granted,
    scrub::scrub_all,
};
use crate::{
    claims::{self, Claims},
    http::{TokenWire, Wire},
    observation::{Exchange, Outcome, TokenReading},
    tenant::Tenant,
    text,
};

/// More granted scopes than this are not kept.
pub const SCOPES_KEPT: usize = 32;

/// Returns the `Authorization` header for a token, marked as sensitive, so that it is never printed.
pub(super) fn bearer(token: &SecretString) -> Option<HeaderValue> {
    let text = Zeroizing::new(format!("Bearer {}", token.expose_secret()));
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The result of a request for a token.
pub(super) struct Issued {
    pub(super) exchange: Exchange,
    pub(super) reading: Option<TokenReading>,
    pub(super) token: Option<SecretString>,
    /// Every secret that went there or came back: no answer may say one of them.
    pub(super) secrets: Vec<SecretString>,
    /// The new refresh token and scopes, with a token for a person.
    pub(super) renewed: Option<Renewed>,
}

/// The answer to a renewal beside the access token.
pub(super) struct Renewed {
    /// The refresh token that replaces the one sent, if there is one.
    pub(super) refresh: Option<SecretString>,
    /// The granted scopes.
    pub(super) scopes: Vec<String>,
}

/// A request for a token that is about to be sent.
pub(super) struct TokenRequest<'a> {
    pub(super) wire: Wire<'a>,
    pub(super) tenant: &'a Tenant,
    /// The time for which assertions are signed.
    pub(super) now: DateTime<Utc>,
}

impl TokenRequest<'_> {
    /// Asks for a token to a resource as the app itself.
    pub(super) async fn for_app(self, credential: &ClientCredential, resource: &str) -> Issued {
        let Self { wire, tenant, now } = self;
        let Some(presented) = credential.present(tenant, now) else {
            return Issued::unsigned(&wire, tenant);
        };
        let unsent = unsent(&wire, tenant, "the token request cannot be written");
        let wire = TokenWire::new(wire);
        let client = client(tenant, Some(&presented));
        let mut request = client
            .exchange_client_credentials()
            .add_scope(Scope::new(scope(resource, ".default")));
        for (name, value) in assertion_fields(Some(&presented)) {
            request = request.add_extra_param(name, value);
        }
        // an error of the crate says less than the record does
        let answer = request.request_async(&wire).await.ok();
        let exchange = wire.into_record().unwrap_or(unsent);
        issued(exchange, answer, Some(&presented), None)
    }

    /// Asks for a token by renewing the sign-in of a person. A public client has no credential.
    pub(super) async fn renewing(
        self,
        refresh: &SecretString,
        credential: Option<&ClientCredential>,
        scope: String,
    ) -> Issued {
        let Self { wire, tenant, now } = self;
        let presented = match credential {
            None => None,
            Some(credential) => match credential.present(tenant, now) {
                None => return Issued::unsigned(&wire, tenant),
                presented => presented,
            },
        };
        let unsent = unsent(&wire, tenant, "the token request cannot be written");
        let wire = TokenWire::new(wire);
        let client = client(tenant, presented.as_ref());
        let sent = RefreshToken::new(refresh.expose_secret().to_owned());
        let mut request = client
            .exchange_refresh_token(&sent)
            .add_scope(Scope::new(scope))
            .add_scope(Scope::new("offline_access".to_owned()));
        for (name, value) in assertion_fields(presented.as_ref()) {
            request = request.add_extra_param(name, value);
        }
        let answer = request.request_async(&wire).await.ok();
        let exchange = wire.into_record().unwrap_or(unsent);
        issued(exchange, answer, presented.as_ref(), Some(refresh))
    }
}

impl Issued {
    /// Returns the result where the key does not sign.
    fn unsigned(wire: &Wire<'_>, tenant: &Tenant) -> Self {
        Self {
            exchange: unsent(wire, tenant, "the assertion cannot be signed"),
            reading: None,
            token: None,
            secrets: Vec::new(),
            renewed: None,
        }
    }
}

/// The record of a request that was not sent.
fn unsent(wire: &Wire<'_>, tenant: &Tenant, why: &str) -> Exchange {
    let host = tenant.endpoints.login.host_str();
    wire.unsendable(host.unwrap_or_default(), why)
}

/// A client that knows where the token endpoint is.
type TokenClient = oauth2::Client<
    BasicErrorResponse,
    Granted,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

fn client(tenant: &Tenant, presented: Option<&Presented>) -> TokenClient {
    let url = tenant.endpoints.token(&tenant.app.tenant_id);
    let client = oauth2::Client::new(ClientId::new(tenant.app.client_id.clone()))
        .set_auth_type(AuthType::RequestBody)
        .set_token_uri(TokenUrl::from_url(url));
    match presented {
        Some(Presented::Secret(secret)) => {
            client.set_client_secret(ClientSecret::new(secret.expose_secret().to_owned()))
        }
        Some(Presented::Assertion(_)) | None => client,
    }
}

/// The fields that carry an assertion, where one is presented.
fn assertion_fields(
    presented: Option<&Presented>,
) -> impl Iterator<Item = (&'static str, String)> + use<> {
    let fields = match presented {
        Some(Presented::Assertion(assertion)) => Some([
            ("client_assertion_type", ASSERTION_TYPE.to_owned()),
            ("client_assertion", assertion.expose_secret().to_owned()),
        ]),
        Some(Presented::Secret(_)) | None => None,
    };
    fields.into_iter().flatten()
}

/// Takes the tokens out of an answer, and everything secret out of its record.
fn issued(
    mut exchange: Exchange,
    answer: Option<Granted>,
    presented: Option<&Presented>,
    sent: Option<&SecretString>,
) -> Issued {
    let refresh = answer.as_ref().and_then(|answer| {
        let refresh = answer.refresh_token()?.secret();
        is_sendable(refresh).then(|| SecretString::from(refresh.as_str()))
    });
    let scopes = answer.as_ref().and_then(|answer| answer.scopes());
    let scopes = scopes.into_iter().flatten().map(|one| one.to_string());
    let scopes: Vec<String> = scopes.take(SCOPES_KEPT).collect();
    let token = answer.and_then(|answer| {
        let token = answer.access_token().secret();
        (*answer.token_type() == BasicTokenType::Bearer && is_sendable(token))
            .then(|| SecretString::from(token.as_str()))
    });
    clean(&mut exchange, token.is_some());
    let credential = presented.map(Presented::value);
    let secrets = credential
        .into_iter()
        .chain(sent)
        .chain(&refresh)
        .chain(&token);
    let secrets: Vec<_> = secrets.cloned().collect();
    scrub_all(&mut exchange, &secrets);
    Issued {
        exchange,
        reading: token.as_ref().map(read),
        renewed: token.is_some().then_some(Renewed { refresh, scopes }),
        token,
        secrets,
    }
}

/// Returns the scope that asks for a permission on a resource; `.default` is everything granted.
///
/// A resource that ends in a slash gets no second one: the config names resources as people know
/// them, and `https://mail.contoso.com/` and `https://mail.contoso.com` mean the same to them.
pub fn scope(resource: &str, permission: &str) -> String {
    let base = resource.strip_suffix('/').unwrap_or(resource);
    format!("{base}/{permission}")
}

/// Returns whether a token can stand in an `Authorization` header (RFC 6750, `b64token`, read
/// leniently); real ones have 1 to 4 KiB.
pub fn is_sendable(token: &str) -> bool {
    (1..=claims::TOKEN_LIMIT).contains(&token.len()) && token.bytes().all(|b| b.is_ascii_graphic())
}

/// Drops a body with a usable token whole. One that is of no use for a check may be for the
/// diagnosis, so it stays, without what looks secret.
fn clean(exchange: &mut Exchange, has_token: bool) {
    if let Outcome::Answer(answer) = &mut exchange.outcome {
        if has_token {
            answer.body.zeroize();
        } else if let Cow::Owned(redacted) = text::redact(&answer.body) {
            answer.body.zeroize();
            answer.body = redacted;
        }
    }
}

fn read(token: &SecretString) -> TokenReading {
    Claims::from_token(token.expose_secret()).map_or(TokenReading::Opaque, |claims| {
        TokenReading::Claims(Box::new(claims))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_has_one_slash_however_the_resource_ends() {
        for resource in ["https://mail.contoso.com", "https://mail.contoso.com/"] {
            assert_eq!(
                scope(resource, ".default"),
                "https://mail.contoso.com/.default"
            );
        }
    }

    #[test]
    fn a_token_that_would_break_a_header_is_none() {
        assert!(is_sendable("eyJ0.eyJh.c2ln-_~+/="));
        for bad in [
            "",
            " ",
            "a b",
            "a\r\nX-Evil: 1",
            "ä",
            &"x".repeat(claims::TOKEN_LIMIT + 1),
        ] {
            assert!(!is_sendable(bad), "{bad:.20}");
        }
    }
}
