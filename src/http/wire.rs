//! Sends requests and keeps a record of each: headers, body, phases, or what stood in the way.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use ::http::{HeaderMap, HeaderName, HeaderValue, Response, header};
use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::Request;
use tokio::time::{Instant, timeout_at};
use url::Url;
use uuid::Uuid;

use super::{
    BODY_KEPT, BODY_LIMIT, Clients, HEADER_KEPT, HEADERS_KEPT, Pool, clients, fault,
    timeline::{self, Timeline},
};
use crate::{
    observation::{Answer, Connection, Exchange, Fault, Outcome, Phases},
    tenant::Network,
    text,
};

const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");
const RETURN_CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("return-client-request-id");

/// A way to send requests as one tenant's network settings ask, until a deadline.
#[derive(Debug)]
pub struct Wire<'a> {
    clients: &'a Clients,
    network: &'a Network,
    pool: Pool,
    deadline: Instant,
    skips_success_body: bool,
}

impl Clients {
    /// Returns a way to send requests as a tenant's network settings ask, until a deadline.
    pub fn wire<'a>(&'a self, network: &'a Network, pool: Pool, deadline: Instant) -> Wire<'a> {
        Wire {
            clients: self,
            network,
            pool,
            deadline,
            skips_success_body: false,
        }
    }
}

impl Wire<'_> {
    /// Leaves the body of a 2xx answer unread: the status alone says that the request was accepted, so
    /// an oversized or stalled body must not turn it into a fault.
    #[must_use]
    pub fn skipping_success_body(mut self) -> Self {
        self.skips_success_body = true;
        self
    }

    /// Sends a request and returns what came of it.
    ///
    /// `User-Agent` and a new `client-request-id` (which Microsoft's services log, and return) are
    /// added here.
    pub async fn send(&self, request: Request) -> Exchange {
        self.exchange(request).await.0
    }

    /// Returns the record of a request that cannot even be written, and why.
    pub fn unsendable(&self, host: &str, why: &str) -> Exchange {
        Exchange {
            took: Duration::ZERO,
            host: host.to_owned(),
            request_id: String::new(),
            phases: Phases::default(),
            connection: None,
            outcome: Outcome::Fault(fault::unsendable(why)),
        }
    }

    /// Sends a request; returns the record, and the whole answer if there is one.
    async fn exchange(&self, request: Request) -> (Exchange, Option<HttpResponse>) {
        let started = self.clients.clock().instant();
        let host = request.url().host_str().unwrap_or_default().to_owned();
        let request_id = Uuid::new_v4().to_string();
        let timeline = Arc::new(self.timeline(request.url()));
        let received = self.receive(request, &request_id, &timeline).await;
        let ended = self.clients.clock().instant();
        let (outcome, response) = match received {
            Ok(response) => (Outcome::Answer(record(&response)), Some(response)),
            Err(fault) => (Outcome::Fault(fault), None),
        };
        let exchange = Exchange {
            took: ended - started,
            host,
            request_id,
            phases: timeline.phases(started, ended),
            connection: timeline.connection(),
            outcome,
        };
        (exchange, response)
    }

    /// Returns an empty timeline; only a connection of the request's own is worth looking at.
    fn timeline(&self, target: &Url) -> Timeline {
        match self.pool {
            Pool::Shared => Timeline::default(),
            Pool::Fresh => Timeline::noting(Connection {
                proxy: clients::proxy(self.network, target),
                ..Connection::default()
            }),
        }
    }

    async fn receive(
        &self,
        mut request: Request,
        request_id: &str,
        timeline: &Arc<Timeline>,
    ) -> Result<HttpResponse, Fault> {
        self.sign(&mut request, request_id)?;
        let route = self
            .clients
            .client(self.network, request.url(), self.pool, self.deadline)
            .await?;
        // boxed: all that waits for an answer would carry it from hand to hand
        let whole = Box::pin(Arc::clone(timeline).record(async {
            let _lead = route.turn(request.url()).await;
            fetch(&route.client, request, timeline, self.skips_success_body).await
        }));
        timeout_at(self.deadline, whole)
            .await
            .unwrap_or_else(|_elapsed| Err(fault::timeout(timeline.waiting())))
    }

    /// Adds the headers that every request has.
    fn sign(&self, request: &mut Request, request_id: &str) -> Result<(), Fault> {
        let value = |text: &str, what: &str| {
            HeaderValue::from_str(text).map_err(|_invalid| {
                fault::unsendable(&format!("{what} cannot be sent as a header"))
            })
        };
        let headers = request.headers_mut();
        headers.insert(
            header::USER_AGENT,
            value(&self.network.user_agent, "user_agent")?,
        );
        headers.insert(CLIENT_REQUEST_ID, value(request_id, "client-request-id")?);
        headers.insert(RETURN_CLIENT_REQUEST_ID, HeaderValue::from_static("true"));
        Ok(())
    }
}

/// Sends a request and reads the answer into one buffer, up to the limit.
async fn fetch(
    client: &reqwest::Client,
    request: Request,
    timeline: &Timeline,
    skips_success_body: bool,
) -> Result<HttpResponse, Fault> {
    let explain = |error: reqwest::Error| fault::of_request(&error, timeline.waiting());
    let mut response = client.execute(request).await.map_err(explain)?;
    timeline::head_received();
    if skips_success_body && response.status().is_success() {
        let mut head = Response::new(Vec::new());
        *head.status_mut() = response.status();
        *head.headers_mut() = std::mem::take(response.headers_mut());
        return Ok(head);
    }
    let announced = response.content_length().unwrap_or_default();
    if announced > BODY_LIMIT as u64 {
        return Err(fault::too_large(BODY_LIMIT));
    }
    let mut body = Vec::with_capacity(usize::try_from(announced).unwrap_or_default());
    while let Some(chunk) = response.chunk().await.map_err(explain)? {
        if body.len() + chunk.len() > BODY_LIMIT {
            return Err(fault::too_large(BODY_LIMIT));
        }
        body.extend_from_slice(&chunk);
    }
    let mut whole = Response::new(body);
    *whole.status_mut() = response.status();
    *whole.headers_mut() = std::mem::take(response.headers_mut());
    Ok(whole)
}

/// Returns the part of an answer that is kept.
fn record(response: &HttpResponse) -> Answer {
    let body = text::lossy(response.body());
    Answer {
        status: response.status().as_u16(),
        headers: kept_headers(response.headers()),
        body: text::head(&body, BODY_KEPT).to_owned(),
    }
}

/// The first headers of an answer, without cookies: those are credentials, and tell nothing.
fn kept_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .filter(|(name, _)| *name != header::SET_COOKIE)
        .take(HEADERS_KEPT)
        .map(|(name, value)| {
            let value = text::lossy(value.as_bytes());
            (
                name.as_str().to_owned(),
                text::head(&value, HEADER_KEPT).to_owned(),
            )
        })
        .collect()
}

/// A [`Wire`] for the `oauth2` crate to send its request over, which keeps the record.
///
/// The errors of the crate say too little for a diagnosis: a page in place of JSON arrives
/// as an error without its body, and headers never do.
#[derive(Debug)]
pub struct TokenWire<'a> {
    wire: Wire<'a>,
    record: Mutex<Option<Exchange>>,
}

impl<'a> TokenWire<'a> {
    /// Returns a client that has sent nothing yet.
    pub fn new(wire: Wire<'a>) -> Self {
        Self {
            wire,
            record: Mutex::default(),
        }
    }

    /// Returns the record of the last request.
    pub fn into_record(self) -> Option<Exchange> {
        self.record
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }

    async fn pass(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let request = Request::try_from(request).map_err(HttpError::Request)?;
        let (exchange, response) = self.wire.exchange(request).await;
        *self.record.lock().unwrap_or_else(PoisonError::into_inner) = Some(exchange);
        let response = response.ok_or(HttpError::NoAnswer)?;
        Ok(response.map(without_mark))
    }
}

impl<'c> AsyncHttpClient<'c> for TokenWire<'_> {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.pass(request))
    }
}

/// Drops a byte order mark, which some servers put before JSON and readers may ignore (RFC 8259).
fn without_mark(mut body: Vec<u8>) -> Vec<u8> {
    const MARK: &[u8] = b"\xef\xbb\xbf";
    if body.starts_with(MARK) {
        body.drain(..MARK.len());
    }
    body
}

/// The error that the `oauth2` crate gets where there is no answer; the record says more.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The request cannot be sent as it is.
    #[error("the request cannot be written")]
    Request(#[source] reqwest::Error),
    /// There is a record, but no answer.
    #[error("no answer came")]
    NoAnswer,
}
