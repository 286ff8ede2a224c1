//! The `token` and `claims` stages: client credentials, asked for anew at every check.
//!
//! A cached token would keep working after the secret behind it has died, which is the one thing
//! that must not go unnoticed. The request is written and read by the `oauth2` crate; its own copies
//! of secret and token are dropped, not overwritten: that is as far as its types go.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use oauth2::{
    AuthType, ClientId, ClientSecret, Scope, TokenResponse as _, TokenUrl,
    basic::{BasicClient, BasicTokenType},
};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;
use zeroize::Zeroize as _;

use super::{
    assertion::ASSERTION_TYPE,
    proof::{Presented, Proof},
    scrub::scrub,
};
use crate::{
    claims::Claims,
    http::{TokenWire, Wire},
    observation::{Exchange, Outcome, TokenReading},
    tenant::Tenant,
    text,
};

/// A token longer than this is none; real ones have 1 to 4 KiB.
const TOKEN_LIMIT: usize = 64 * 1024;

/// What came of a request for a token.
pub(super) struct Issued {
    pub(super) exchange: Exchange,
    pub(super) reading: Option<TokenReading>,
    pub(super) token: Option<SecretString>,
    /// What the request carried as proof.
    pub(super) sent: Option<SecretString>,
}

/// Asks for a token to a resource, with a proof that is made ready now.
pub(super) async fn request(
    wire: Wire<'_>,
    tenant: &Tenant,
    (proof, now): (&Proof, DateTime<Utc>),
    resource: &str,
) -> Issued {
    let url = tenant.endpoints.token(&tenant.app.tenant_id);
    let unsent = wire.unsendable(
        url.host_str().unwrap_or_default(),
        "the token request cannot be written",
    );
    let Some(presented) = proof.present(tenant, now) else {
        return Issued::unsent(wire.unsendable(&unsent.host, "the assertion cannot be signed"));
    };
    let wire = TokenWire::new(wire);
    let token = exchange(&wire, tenant, (url, &presented), resource).await;
    let mut exchange = wire.into_record().unwrap_or(unsent);
    clean(&mut exchange, presented.value(), token.as_ref());
    Issued {
        exchange,
        reading: token.as_ref().map(read),
        token,
        sent: Some(presented.value().clone()),
    }
}

impl Issued {
    /// What is left where there was nothing to send.
    fn unsent(exchange: Exchange) -> Self {
        Self {
            exchange,
            reading: None,
            token: None,
            sent: None,
        }
    }
}

/// Sends the request; what came of it stands in the wire's record.
async fn exchange(
    wire: &TokenWire<'_>,
    tenant: &Tenant,
    (url, presented): (Url, &Presented),
    resource: &str,
) -> Option<SecretString> {
    let mut client = BasicClient::new(ClientId::new(tenant.app.client_id.clone()))
        .set_auth_type(AuthType::RequestBody)
        .set_token_uri(TokenUrl::from_url(url));
    if let Presented::Secret(secret) = presented {
        client = client.set_client_secret(ClientSecret::new(secret.expose_secret().to_owned()));
    }
    let mut request = client
        .exchange_client_credentials()
        .add_scope(Scope::new(scope(resource)));
    if let Presented::Assertion(assertion) = presented {
        request = request
            .add_extra_param("client_assertion_type", ASSERTION_TYPE)
            .add_extra_param("client_assertion", assertion.expose_secret().to_owned());
    }
    // an error of the crate says less than the record does
    let answer = request.request_async(wire).await.ok()?;
    let token = answer.access_token().secret();
    (*answer.token_type() == BasicTokenType::Bearer && is_sendable(token))
        .then(|| SecretString::from(token.as_str()))
}

/// The scope that asks for everything granted on a resource.
///
/// A resource that ends in a slash gets no second one: the config names resources as people know
/// them, and `https://mail.contoso.com/` and `https://mail.contoso.com` mean the same to them.
fn scope(resource: &str) -> String {
    let base = resource.strip_suffix('/').unwrap_or(resource);
    format!("{base}/.default")
}

/// Whether a token can stand in an `Authorization` header (RFC 6750, `b64token`, read leniently).
fn is_sendable(token: &str) -> bool {
    (1..=TOKEN_LIMIT).contains(&token.len()) && token.bytes().all(|b| b.is_ascii_graphic())
}

/// Leaves neither secret nor token in the record. A body with a usable token is dropped whole; one
/// that is of no use for a check may be for the diagnosis, so it stays, without what looks secret.
fn clean(exchange: &mut Exchange, secret: &SecretString, token: Option<&SecretString>) {
    if let Outcome::Answer(answer) = &mut exchange.outcome {
        if token.is_some() {
            answer.body.zeroize();
        } else if let Cow::Owned(redacted) = text::redact(&answer.body) {
            answer.body.zeroize();
            answer.body = redacted;
        }
    }
    scrub(exchange, secret);
    if let Some(token) = token {
        scrub(exchange, token);
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
            assert_eq!(scope(resource), "https://mail.contoso.com/.default");
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
