//! The `graph` stage: the twin of the EWS call, on the interface that replaces EWS.

use ::http::{HeaderValue, Method, header};
use reqwest::Request;
use secrecy::SecretString;
use url::Url;

use super::{scrub::scrub, token::bearer};
use crate::{http::Wire, observation::Exchange, tenant::Tenant};

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Makes the call: `GET /v1.0/users/{mailbox}/mailFolders/inbox?$select=id`.
pub(super) async fn open(
    wire: &Wire<'_>,
    tenant: &Tenant,
    mailbox: &str,
    token: &SecretString,
) -> Exchange {
    let mut url = tenant
        .endpoints
        .graph_v1(&["users", mailbox, "mailFolders", "inbox"]);
    url.set_query(Some("$select=id"));
    get(wire, url, token).await
}

/// Gets anything from Graph; the token does not stay in the record.
pub(super) async fn get(wire: &Wire<'_>, url: Url, token: &SecretString) -> Exchange {
    let Some(bearer) = bearer(token) else {
        let host = url.host_str().unwrap_or_default();
        return wire.unsendable(host, "the token cannot be sent as a header");
    };
    let mut request = Request::new(Method::GET, url);
    let headers = request.headers_mut();
    headers.insert(header::AUTHORIZATION, bearer);
    headers.insert(header::ACCEPT, JSON);
    let mut exchange = wire.send(request).await;
    scrub(&mut exchange, token);
    exchange
}
