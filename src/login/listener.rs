//! Waits on loopback for the browser to come back, and takes one valid request.
//!
//! Every program on this machine can reach the port, so only a request with the right `state` counts.
//! The first such request ends the listening; all others are refused and change nothing.

use std::{
    convert::Infallible,
    io,
    net::{Ipv4Addr, Ipv6Addr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use ::http::{HeaderValue, Method, Response, StatusCode, Uri, header};
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use secrecy::SecretString;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinSet,
    time::timeout,
};
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::text;

/// The most bytes of a request's head; a code has some kilobytes at most.
const HEAD_LIMIT: usize = 32 * 1024;

/// How long a client may take to send its request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a connection may last.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(10);

/// How many connections there may be at once; more are closed.
const MAX_CONNECTIONS: usize = 16;

/// How many bytes of an error's description are kept.
const DESCRIPTION_LIMIT: usize = 2000;

/// How many free ports are tried where none is chosen and another process holds one on IPv6.
const FREE_PORTS_TRIED: usize = 8;

/// The result of the sign-in, as the browser brings it.
#[derive(Debug)]
pub(super) enum Returned {
    /// A code to redeem.
    Code(SecretString),
    /// The login service, or the person, refused.
    Refused {
        /// The OAuth `error`.
        error: String,
        /// Its `error_description`.
        description: String,
    },
}

/// A port of loopback, on its IPv4 and its IPv6 address.
#[derive(Debug)]
pub(super) struct RedirectListener {
    four: TcpListener,
    /// `None` on machines without IPv6.
    six: Option<TcpListener>,
    port: u16,
}

impl RedirectListener {
    /// Listens on a port of loopback; 0 means any that is free on both addresses.
    pub(super) async fn bind(port: u16) -> io::Result<Self> {
        let mut tries = if port == 0 { FREE_PORTS_TRIED } else { 1 };
        loop {
            tries -= 1;
            match Self::bind_both(port).await {
                Err(error) if error.kind() == io::ErrorKind::AddrInUse && tries > 0 => {}
                done => return done,
            }
        }
    }

    async fn bind_both(port: u16) -> io::Result<Self> {
        let four = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let port = four.local_addr()?.port();
        let six = match TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await {
            Ok(six) => Some(six),
            // `localhost` means either address: the browser could bring the code to the other process
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(error),
            Err(_without_ipv6) => None,
        };
        Ok(Self { four, six, port })
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Waits for the one request with the right state.
    pub(super) async fn returned(self, state: &str) -> Returned {
        // a queue of one is enough: only the first valid request is ever sent
        let (sender, mut first) = mpsc::channel(1);
        let callback = Arc::new(CallbackState {
            state: state.to_owned().into(),
            is_taken: AtomicBool::new(false),
            sender,
        });
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                biased;
                Some(returned) = first.recv() => return returned,
                Some(_ended) = connections.join_next(), if !connections.is_empty() => {}
                stream = self.accept() => {
                    if connections.len() < MAX_CONNECTIONS {
                        connections.spawn(Arc::clone(&callback).serve(stream));
                    }
                }
            }
        }
    }

    async fn accept(&self) -> TcpStream {
        loop {
            let accepted = match &self.six {
                Some(six) => tokio::select! {
                    accepted = self.four.accept() => accepted,
                    accepted = six.accept() => accepted,
                },
                None => self.four.accept().await,
            };
            match accepted {
                Ok((stream, _)) => return stream,
                // out of file handles, for example: wait for free ones instead of spinning
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }
}

/// The state that all connections share.
#[derive(Debug)]
struct CallbackState {
    state: Zeroizing<String>,
    is_taken: AtomicBool,
    sender: mpsc::Sender<Returned>,
}

impl CallbackState {
    /// Answers one request, then closes the connection.
    async fn serve(self: Arc<Self>, stream: TcpStream) {
        let found = Mutex::new(None);
        let service = service_fn(|request: hyper::Request<hyper::body::Incoming>| {
            let (response, returned) = self.answer(request.method(), request.uri());
            if returned.is_some() {
                *found.lock().unwrap_or_else(PoisonError::into_inner) = returned;
            }
            std::future::ready(Ok::<_, Infallible>(response))
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .max_buf_size(HEAD_LIMIT)
            .keep_alive(false)
            .serve_connection(TokioIo::new(stream), service);
        // the page is a courtesy: the result counts even if the browser does not read it
        timeout(CONNECTION_TIMEOUT, connection).await.ok();
        // only now: the receiver ends all connections, and with them a page that is being written
        let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(returned) = found {
            self.sender.send(returned).await.ok();
        }
    }

    fn answer(&self, method: &Method, uri: &Uri) -> (Response<String>, Option<Returned>) {
        let judged = judge(method, uri, &self.state).and_then(|returned| {
            let is_first = !self.is_taken.swap(true, Ordering::SeqCst);
            is_first.then_some(returned).ok_or(Ignored::TooLate)
        });
        let (status, message) = match &judged {
            Ok(Returned::Code(_)) => (
                StatusCode::OK,
                "credwatch has what it needs. You can close this window and go back to the terminal.",
            ),
            Ok(Returned::Refused { .. }) => (
                StatusCode::OK,
                "The sign-in was refused. The terminal says why; you can close this window.",
            ),
            Err(Ignored::OtherPage) => (StatusCode::NOT_FOUND, "There is nothing here."),
            Err(Ignored::WrongState) => (
                StatusCode::BAD_REQUEST,
                "This is not the sign-in that credwatch waits for.",
            ),
            Err(Ignored::TooLate) => (
                StatusCode::BAD_REQUEST,
                "This sign-in has been used already.",
            ),
        };
        (page(status, message), judged.ok())
    }
}

/// Why a request does not count.
#[derive(Debug, PartialEq, Eq)]
enum Ignored {
    /// It asks for another page, such as an icon.
    OtherPage,
    /// It does not carry the state.
    WrongState,
    /// It came after the request that counts.
    TooLate,
}

/// Returns the result that a request brings, if it is the one that is waited for.
fn judge(method: &Method, uri: &Uri, state: &str) -> Result<Returned, Ignored> {
    let query = uri.query().unwrap_or_default().as_bytes();
    // a field that appears twice does not count: servers disagree which one is meant
    let field = |name: &str| {
        let mut all = form_urlencoded::parse(query).filter(|(key, _)| key == name);
        let first = all.next().map(|(_, value)| value.into_owned());
        first.filter(|value| all.next().is_none() && !value.is_empty())
    };
    let (code, error) = (field("code"), field("error"));
    if method != Method::GET || uri.path() != "/" || (code.is_none() && error.is_none()) {
        return Err(Ignored::OtherPage);
    }
    if field("state").as_deref() != Some(state) {
        return Err(Ignored::WrongState);
    }
    if let Some(error) = error {
        let description = field("error_description").unwrap_or_default();
        return Ok(Returned::Refused {
            error: text::head(&error, DESCRIPTION_LIMIT).to_owned(),
            description: text::head(&description, DESCRIPTION_LIMIT).to_owned(),
        });
    }
    code.map(|code| Returned::Code(code.into()))
        .ok_or(Ignored::OtherPage)
}

fn page(status: StatusCode, message: &str) -> Response<String> {
    let mut response = Response::new(format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>credwatch</title>\
         </head><body><p>{message}</p></body></html>\n"
    ));
    *response.status_mut() = status;
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'"),
    ] {
        let value = HeaderValue::from_static(value);
        response.headers_mut().insert(name, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    #[test]
    fn only_the_request_with_the_state_counts() {
        let judged = |line: &str| {
            let (method, target) = line.split_once(' ').unwrap();
            judge(&method.parse().unwrap(), &target.parse().unwrap(), "good")
        };
        let Ok(Returned::Code(code)) = judged("GET /?code=a%2Bb&state=good") else {
            panic!("the right request counts");
        };
        assert_eq!(code.expose_secret(), "a+b");
        for (line, why) in [
            ("GET /?code=x&state=bad", Ignored::WrongState),
            ("GET /?code=x", Ignored::WrongState),
            ("GET /?code=x&state=good&state=good", Ignored::WrongState),
            ("GET /?code=x&code=y&state=good", Ignored::OtherPage),
            ("GET /?error=denied&state=", Ignored::WrongState),
            ("GET /favicon.ico", Ignored::OtherPage),
            ("GET /x?code=x&state=good", Ignored::OtherPage),
            ("POST /?code=x&state=good", Ignored::OtherPage),
        ] {
            assert_eq!(judged(line).unwrap_err(), why, "{line}");
        }
    }

    async fn send(port: u16, request: &str) -> String {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))
            .await
            .unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.ok();
        answer
    }

    #[tokio::test]
    async fn garbage_is_refused_and_the_right_request_ends_the_listening() {
        let listener = RedirectListener::bind(0).await.unwrap();
        let port = listener.port();
        let waiting = tokio::spawn(listener.returned("good"));
        for garbage in ["garbage\r\n\r\n", "\r\n\r\nx\r\n\r\n"] {
            let answer = send(port, garbage).await;
            assert!(!answer.contains("200"), "{answer}");
        }
        let right = "GET /?code=a&state=good HTTP/1.1\r\nHost: localhost\r\n\r\n";
        let answer = send(port, right).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.contains("close this window"), "{answer}");
        assert!(matches!(waiting.await.unwrap(), Returned::Code(_)));
    }

    #[tokio::test]
    async fn a_port_that_another_process_holds_on_ipv6_is_refused() {
        // without IPv6 there is nothing to hold
        let Ok(held) = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).await else {
            return;
        };
        let port = held.local_addr().unwrap().port();
        let refused = RedirectListener::bind(port)
            .await
            .map(|listener| listener.port());
        assert_eq!(refused.unwrap_err().kind(), io::ErrorKind::AddrInUse);
        assert_ne!(RedirectListener::bind(0).await.unwrap().port(), port);
    }
}
