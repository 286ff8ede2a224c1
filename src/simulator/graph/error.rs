//! Errors of Graph, as answers.

use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use serde_json::json;

use crate::simulator::access_token::TokenError;
use crate::simulator::http_answer::HttpAnswer;
use crate::simulator::request::header;

/// An error of Graph.
#[derive(Debug)]
pub(crate) struct GraphError {
    status: u16,
    code: &'static str,
    message: String,
}

impl GraphError {
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
        }
    }

    /// Returns the error of a path that Graph does not have.
    pub(crate) fn no_segment(segment: &str) -> Self {
        let text = format!("Resource not found for the segment '{segment}'.");
        Self::new(400, "BadRequest", text)
    }

    /// Returns the error of a missing permission on the directory.
    pub(crate) fn denied() -> Self {
        let text = "Insufficient privileges to complete the operation.";
        Self::new(403, "Authorization_RequestDenied", text)
    }

    /// Returns the answer, with the time of the cloud.
    pub(crate) fn answer(&self, now: DateTime<Utc>, request: &HeaderMap) -> HttpAnswer {
        let request_id = uuid::Uuid::new_v4().to_string();
        let client_request_id = header(request, "client-request-id").unwrap_or(&request_id);
        let body = json!({"error": {
            "code": self.code,
            "message": self.message,
            "innerError": {
                "date": now.format("%Y-%m-%dT%H:%M:%S").to_string(),
                "request-id": request_id,
                "client-request-id": client_request_id,
            },
        }});
        let answer = HttpAnswer::json(self.status, &body).with("request-id", request_id);
        if self.status != 401 {
            return answer;
        }
        answer.with(
            "www-authenticate",
            "Bearer realm=\"\", \
             authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\", \
             client_id=\"00000003-0000-0000-c000-000000000000\", error=\"invalid_token\"",
        )
    }
}

impl From<TokenError> for GraphError {
    fn from(error: TokenError) -> Self {
        let text = match error {
            TokenError::Missing => "Access token is empty.",
            TokenError::Malformed => "IDX14100: JWT is not well formed.",
            TokenError::Signature => "Signature is invalid.",
            TokenError::OutsideTime => "Lifetime validation failed, the token is expired.",
            TokenError::Audience(_) => "Access token validation failure. Invalid audience.",
        };
        Self::new(401, "InvalidAuthenticationToken", text)
    }
}

/// Adds the headers that Graph puts on every answer.
pub(crate) fn with_graph_headers(answer: HttpAnswer, request: &HeaderMap) -> HttpAnswer {
    let has_id = answer.headers.iter().any(|(name, _)| *name == "request-id");
    let answer = if has_id {
        answer
    } else {
        answer.with("request-id", uuid::Uuid::new_v4().to_string())
    };
    let answer = answer
        .with("cache-control", "no-cache")
        .with("strict-transport-security", "max-age=31536000")
        .with(
            "x-ms-ags-diagnostic",
            "{\"ServerInfo\":{\"DataCenter\":\"West Europe\",\"Slice\":\"E\",\"Ring\":\"5\",\
             \"ScaleUnit\":\"001\",\"RoleInstance\":\"SIM0PEPF0000001\"}}",
        )
        .with("odata-version", "4.0");
    match header(request, "client-request-id") {
        Some(id) => answer.with("client-request-id", id),
        None => answer,
    }
}
