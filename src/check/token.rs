//! The `token` and `claims` stages: client credentials, or a renewed sign-in, anew at every check.
//!
//! A cached token would keep working after the secret behind it has died, which is the one thing
//! that must not go unnoticed. The request is written and read by the `oauth2` crate; its own copies
//! of secret and token are dropped, not overwritten: that is as far as its types go.

use std::borrow::Cow;

use oauth2::{
    AuthType, ClientId, ClientSecret, RefreshToken, Scope, TokenResponse as _, TokenUrl,
    basic::{BasicClient, BasicTokenResponse, BasicTokenType},
};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;
use zeroize::Zeroize as _;

use super::scrub::scrub;
use crate::{
    claims::Claims,
    http::{TokenWire, Wire},
    observation::{Exchange, Outcome, TokenReading},
    tenant::Tenant,
    text,
};

/// A token longer than this is none; real ones have 1 to 4 KiB.
const TOKEN_LIMIT: usize = 64 * 1024;

/// More granted scopes than this are not kept.
const SCOPES_KEPT: usize = 32;

/// What came of a request for a token.
pub(super) struct Issued {
    pub(super) exchange: Exchange,
    pub(super) reading: Option<TokenReading>,
    pub(super) token: Option<SecretString>,
    /// What came with a token for a person.
    pub(super) renewed: Option<Renewed>,
}

/// What a renewal brought beside the access token.
pub(super) struct Renewed {
    /// The refresh token that replaces the one sent, if there is one.
    pub(super) refresh: Option<SecretString>,
    /// What was granted.
    pub(super) scopes: Vec<String>,
}

/// Asks for a token to a resource, as the app itself.
pub(super) async fn request(
    wire: Wire<'_>,
    tenant: &Tenant,
    secret: &SecretString,
    resource: &str,
) -> Issued {
    let url = tenant.endpoints.token(&tenant.app.tenant_id);
    let unsent = unsendable(&wire, &url);
    let wire = TokenWire::new(wire);
    let answer = BasicClient::new(ClientId::new(tenant.app.client_id.clone()))
        .set_client_secret(ClientSecret::new(secret.expose_secret().to_owned()))
        .set_auth_type(AuthType::RequestBody)
        .set_token_uri(TokenUrl::from_url(url))
        .exchange_client_credentials()
        .add_scope(Scope::new(scope(resource, ".default")))
        .request_async(&wire)
        .await;
    let exchange = wire.into_record().unwrap_or(unsent);
    // an error of the crate says less than the record does
    issued(exchange, answer.ok(), &[secret])
}

/// Asks for a token to a resource by renewing somebody's sign-in.
pub(super) async fn renew(
    wire: Wire<'_>,
    tenant: &Tenant,
    (secret, refresh): (Option<&SecretString>, &SecretString),
    (resource, permission): (&str, &str),
) -> Issued {
    let url = tenant.endpoints.token(&tenant.app.tenant_id);
    let unsent = unsendable(&wire, &url);
    let wire = TokenWire::new(wire);
    let mut client = BasicClient::new(ClientId::new(tenant.app.client_id.clone()))
        .set_auth_type(AuthType::RequestBody)
        .set_token_uri(TokenUrl::from_url(url));
    if let Some(secret) = secret {
        client = client.set_client_secret(ClientSecret::new(secret.expose_secret().to_owned()));
    }
    let sent = RefreshToken::new(refresh.expose_secret().to_owned());
    let answer = client
        .exchange_refresh_token(&sent)
        .add_scope(Scope::new(scope(resource, permission)))
        .add_scope(Scope::new("offline_access".to_owned()))
        .request_async(&wire)
        .await;
    let exchange = wire.into_record().unwrap_or(unsent);
    let secrets: Vec<_> = secret.into_iter().chain([refresh]).collect();
    issued(exchange, answer.ok(), &secrets)
}

fn unsendable(wire: &Wire<'_>, url: &Url) -> Exchange {
    wire.unsendable(
        url.host_str().unwrap_or_default(),
        "the token request cannot be written",
    )
}

/// Takes the tokens out of an answer, and everything secret out of its record.
fn issued(
    mut exchange: Exchange,
    answer: Option<BasicTokenResponse>,
    sent: &[&SecretString],
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
    for secret in sent.iter().copied().chain(&refresh).chain(&token) {
        scrub(&mut exchange, secret);
    }
    Issued {
        exchange,
        reading: token.as_ref().map(read),
        renewed: token.is_some().then_some(Renewed { refresh, scopes }),
        token,
    }
}

/// The scope that asks for a permission on a resource; `.default` is everything granted.
///
/// A resource that ends in a slash gets no second one: the config names resources as people know
/// them, and `https://mail.contoso.com/` and `https://mail.contoso.com` mean the same to them.
fn scope(resource: &str, permission: &str) -> String {
    let base = resource.strip_suffix('/').unwrap_or(resource);
    format!("{base}/{permission}")
}

/// Whether a token can stand in an `Authorization` header (RFC 6750, `b64token`, read leniently).
fn is_sendable(token: &str) -> bool {
    (1..=TOKEN_LIMIT).contains(&token.len()) && token.bytes().all(|b| b.is_ascii_graphic())
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
            &"x".repeat(TOKEN_LIMIT + 1),
        ] {
            assert!(!is_sendable(bad), "{bad:.20}");
        }
    }
}
