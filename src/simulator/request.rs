//! One HTTP request, read whole, as the services get it.

use axum::Extension;
use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::http::{HeaderMap, Method, Response};
use axum::response::IntoResponse;
use bytes::Bytes;

use super::http_answer::HttpAnswer;
use super::wire::ConnectionHandle;

/// A longer body is refused with 413.
const BODY_LIMIT: usize = 1024 * 1024;

/// A request with its body.
#[derive(Debug)]
pub(crate) struct HttpRequest {
    pub(crate) method: Method,
    /// Path and query.
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The connection that the request came by.
    pub(crate) connection: ConnectionHandle,
}

impl HttpRequest {
    /// Returns the query, empty if there is none.
    pub(crate) fn query(&self) -> &str {
        self.path.split_once('?').map_or("", |(_, query)| query)
    }
}

/// Returns a header that is text.
pub(crate) fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// Returns the token of a request with the scheme `Bearer`.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = header(headers, "authorization")?.split_once(' ')?;
    let is_bearer = scheme.eq_ignore_ascii_case("bearer");
    is_bearer.then_some(token.trim())
}

impl<S: Send + Sync> FromRequest<S> for HttpRequest {
    type Rejection = Response<Body>;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let (mut parts, body) = request.into_parts();
        let connection = Extension::from_request_parts(&mut parts, state).await;
        let Extension(connection) = connection.map_err(IntoResponse::into_response)?;
        let body = to_bytes(body, BODY_LIMIT).await;
        let path = parts.uri.path_and_query();
        Ok(Self {
            path: path.map_or_else(String::new, ToString::to_string),
            method: parts.method,
            headers: parts.headers,
            body: body.map_err(|_too_large| HttpAnswer::empty(413).into_response())?,
            connection,
        })
    }
}
