//! The record of requests, kept for tests.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use axum::http::HeaderMap;
use chrono::{DateTime, Utc};

use super::faults::FaultTarget;
use super::fleet::Integration;
use super::request::HttpRequest;

/// The number of requests that are kept: a demo runs for days.
const KEPT: usize = 4096;

/// Headers that tests ask about; of `authorization` only the scheme is kept.
const OF_INTEREST: [&str; 8] = [
    "accept",
    "accept-encoding",
    "client-request-id",
    "content-type",
    "return-client-request-id",
    "soapaction",
    "user-agent",
    "x-anchormailbox",
];

/// One request as the cloud understood it. Holds no secret and no token.
#[derive(Debug, Clone)]
pub struct RecordedRequest {
    /// The time, by the clock of the cloud.
    pub at: DateTime<Utc>,
    /// The service.
    pub target: FaultTarget,
    /// The integration, if the request could be attributed.
    pub tenant: Option<String>,
    /// The HTTP method, or the verb of a mail protocol.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The headers of interest, names in lower case; of `authorization` only the scheme.
    pub headers: Vec<(String, String)>,
    /// The decoded fields of a form, in order; secrets and assertions are masked.
    pub form: Vec<(String, String)>,
    /// Whether the decoded secret is a registered one.
    pub secret_matched: Option<bool>,
    /// The EWS operation, such as `GetFolder`.
    pub operation: Option<String>,
    /// The folders asked for by name.
    pub folders: Vec<String>,
    /// The impersonation: kind of address and address.
    pub impersonated: Option<(String, String)>,
}

impl RecordedRequest {
    /// Returns the record of the head of a request.
    pub(crate) fn new(
        at: DateTime<Utc>,
        target: FaultTarget,
        request: &HttpRequest,
        integration: Option<&Integration>,
    ) -> Self {
        Self {
            path: request.path.clone(),
            headers: kept_headers(&request.headers),
            ..Self::of_command(at, target, request.method.as_str(), integration)
        }
    }

    /// Returns the record of a command of a mail protocol, without its arguments.
    pub(crate) fn of_command(
        at: DateTime<Utc>,
        target: FaultTarget,
        verb: &str,
        integration: Option<&Integration>,
    ) -> Self {
        Self {
            at,
            target,
            tenant: integration.map(|one| one.name.clone()),
            method: verb.to_owned(),
            path: String::new(),
            headers: Vec::new(),
            form: Vec::new(),
            secret_matched: None,
            operation: None,
            folders: Vec::new(),
            impersonated: None,
        }
    }

    /// Returns the first header of that name, given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        first(&self.headers, name)
    }

    /// Returns the first field of the form of that name.
    pub fn field(&self, name: &str) -> Option<&str> {
        first(&self.form, name)
    }
}

fn first<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

fn kept_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let mut kept: Vec<(String, String)> = OF_INTEREST
        .iter()
        .filter_map(|name| {
            let value = headers.get(*name)?;
            Some(((*name).to_owned(), lossy(value.as_bytes())))
        })
        .collect();
    if let Some(authorization) = headers.get("authorization") {
        let value = lossy(authorization.as_bytes());
        let scheme = value.split_whitespace().next().unwrap_or_default();
        kept.push(("authorization".to_owned(), scheme.to_owned()));
    }
    kept
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The latest requests, oldest first.
#[derive(Debug, Default)]
pub(crate) struct RequestRecord(Mutex<VecDeque<RecordedRequest>>);

impl RequestRecord {
    /// Adds a request and drops the oldest beyond the limit.
    pub(crate) fn keep(&self, request: RecordedRequest) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(request);
    }

    /// Returns all requests, oldest first.
    pub(crate) fn all(&self) -> Vec<RecordedRequest> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().cloned().collect()
    }

    /// Drops all requests.
    pub(crate) fn clear(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}
