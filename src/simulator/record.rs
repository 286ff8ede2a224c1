//! What was asked of the cloud, kept for tests.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderMap, Method};
use chrono::{DateTime, Utc};

use super::behaviour::Surface;

/// Older requests are forgotten: a demo runs for days.
const KEPT: usize = 4096;

/// Headers that tests ask about; `authorization` is kept by its scheme alone.
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
pub struct Seen {
    /// When, by the cloud's clock.
    pub at: DateTime<Utc>,
    /// Which service was asked.
    pub surface: Surface,
    /// Whose request it was, if that could be told.
    pub tenant: Option<String>,
    /// The method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Headers of interest, names in lower case; `authorization` is the scheme alone.
    pub headers: Vec<(String, String)>,
    /// The fields of a form, in order and decoded; secrets and assertions are masked.
    pub form: Vec<(String, String)>,
    /// Whether the secret, once decoded, was one of those registered.
    pub secret_matched: Option<bool>,
    /// The EWS operation, such as `GetFolder`.
    pub operation: Option<String>,
    /// The folders asked for by name.
    pub folders: Vec<String>,
    /// The impersonation: the kind of address and the address.
    pub impersonated: Option<(String, String)>,
}

impl Seen {
    /// Returns a request of which only the head is known.
    pub(super) fn new(
        at: DateTime<Utc>,
        surface: Surface,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
    ) -> Self {
        Self {
            at,
            surface,
            tenant: None,
            method: method.to_string(),
            path: path.to_owned(),
            headers: kept_headers(headers),
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
pub(super) struct Record(Mutex<VecDeque<Seen>>);

impl Record {
    /// Keeps a request, forgetting the oldest where there are too many.
    pub(super) fn keep(&self, seen: Seen) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(seen);
    }

    /// Returns what is kept, oldest first.
    pub(super) fn all(&self) -> Vec<Seen> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().cloned().collect()
    }

    /// Forgets everything.
    pub(super) fn clear(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}
