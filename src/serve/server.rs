//! The HTTP server: three pages, for reading.

use std::{convert::Infallible, io, sync::Arc, time::Duration};

use hyper::{
    HeaderMap, Method, Request, Response, StatusCode,
    body::Incoming,
    header::{self, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, UnixListener, UnixStream},
    sync::Semaphore,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{Access, ExporterError, Listen, Showcase};

/// How many connections there may be; more wait to be accepted. A page of a large fleet is some
/// megabytes, so this bounds memory too.
const CONNECTIONS: usize = 16;

/// How long a client may take to send a request's head.
const HEAD_LIMIT: Duration = Duration::from_secs(5);

/// The most that a request's head may hold, in bytes.
const HEAD_SIZE: usize = 16 * 1024;

/// How long a connection may last: Prometheus just opens another one.
const CONNECTION_LIMIT: Duration = Duration::from_mins(1);

/// How long an answer under way may take when the service ends.
const FAREWELL: Duration = Duration::from_secs(1);

const METRICS_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";
const TEXT_TYPE: &str = "text/plain; charset=utf-8";
const JSON_TYPE: &str = "application/json";

/// A server that listens, but does not answer yet.
#[derive(Debug)]
pub struct Server {
    listener: Listener,
    access: Arc<Access>,
}

#[derive(Debug)]
enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl Server {
    /// Starts to listen; needs a tokio runtime around it.
    pub async fn bind(access: Access) -> Result<Self, ExporterError> {
        let bound = match &access.listen {
            Listen::Tcp(address) => TcpListener::bind(address).await.map(Listener::Tcp),
            Listen::Unix(path) => bind_unix(path).await.map(Listener::Unix),
        };
        match bound {
            Ok(listener) => Ok(Self {
                listener,
                access: Arc::new(access),
            }),
            Err(source) => Err(ExporterError::Listen {
                listen: access.listen,
                source,
            }),
        }
    }

    /// Returns where it listens, with the port that was given where none was chosen.
    pub fn address(&self) -> Listen {
        match &self.listener {
            Listener::Tcp(tcp) => tcp.local_addr().map(Listen::Tcp),
            Listener::Unix(_) => Ok(self.access.listen.clone()),
        }
        .unwrap_or_else(|_| self.access.listen.clone())
    }

    /// Answers until stopped; answers under way get a second to end.
    pub async fn run(self, showcase: Arc<Showcase>, stop: CancellationToken) {
        let connections = TaskTracker::new();
        let room = Arc::new(Semaphore::new(CONNECTIONS));
        loop {
            let Ok(place) = Arc::clone(&room).acquire_owned().await else {
                return;
            };
            let accepted = tokio::select! {
                () = stop.cancelled() => break,
                accepted = self.listener.accept() => accepted,
            };
            let Ok(stream) = accepted else {
                // out of file handles: wait for some to come back instead of spinning
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            let (showcase, access) = (Arc::clone(&showcase), Arc::clone(&self.access));
            let stop = stop.clone();
            connections.spawn(async move {
                converse(stream, showcase, access, stop).await;
                drop(place);
            });
        }
        connections.close();
        connections.wait().await;
        if let Listen::Unix(path) = &self.access.listen {
            // the next start would remove it too
            std::fs::remove_file(path).ok();
        }
    }
}

/// A stream of either kind.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

impl Listener {
    async fn accept(&self) -> io::Result<Box<dyn Stream>> {
        Ok(match self {
            Self::Tcp(tcp) => Box::new(tcp.accept().await?.0),
            Self::Unix(unix) => Box::new(unix.accept().await?.0),
        })
    }
}

/// Listens on a socket for its owner and group. One that nobody serves any more is replaced.
async fn bind_unix(path: &std::path::Path) -> io::Result<UnixListener> {
    use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
    let left = std::fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket());
    if left && UnixStream::connect(path).await.is_err() {
        std::fs::remove_file(path)?;
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o660))?;
    Ok(listener)
}

async fn converse(
    stream: Box<dyn Stream>,
    showcase: Arc<Showcase>,
    access: Arc<Access>,
    stop: CancellationToken,
) {
    let service = service_fn(move |request| {
        let (showcase, access) = (Arc::clone(&showcase), Arc::clone(&access));
        async move { Ok::<_, Infallible>(respond(request, showcase, &access).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_LIMIT)
        .max_buf_size(HEAD_SIZE)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        // how a connection ends is the client's affair
        _ended = &mut connection => return,
        () = tokio::time::sleep(CONNECTION_LIMIT) => {}
        () = stop.cancelled() => {}
    }
    connection.as_mut().graceful_shutdown();
    let _finished = tokio::time::timeout(FAREWELL, connection).await;
}

async fn respond(
    request: Request<Incoming>,
    showcase: Arc<Showcase>,
    access: &Access,
) -> Response<String> {
    let path = request.uri().path();
    if !["/", "/metrics", "/healthz", "/report.json"].contains(&path) {
        return plain(StatusCode::NOT_FOUND, "not found\n");
    }
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        let mut refusal = plain(StatusCode::METHOD_NOT_ALLOWED, "only for reading\n");
        let allowed = HeaderValue::from_static("GET, HEAD");
        refusal.headers_mut().insert(header::ALLOW, allowed);
        return refusal;
    }
    match path {
        "/" => plain(
            StatusCode::OK,
            "credwatch: /metrics, /healthz, /report.json\n",
        ),
        // without a token too: it names no tenant, and probes of orchestrators hold none
        "/healthz" => health(&showcase),
        _ if !admitted(access, request.headers()) => {
            let mut refusal = plain(StatusCode::UNAUTHORIZED, "a bearer token is needed\n");
            let scheme = HeaderValue::from_static("Bearer");
            refusal
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, scheme);
            refusal
        }
        "/metrics" => page(METRICS_TYPE, move || showcase.metrics()).await,
        _ => page(JSON_TYPE, move || showcase.report()).await,
    }
}

fn admitted(access: &Access, headers: &HeaderMap) -> bool {
    let shown = headers.get(header::AUTHORIZATION);
    access.admits(shown.map(HeaderValue::as_bytes))
}

fn health(showcase: &Showcase) -> Response<String> {
    let condition = showcase.look();
    let status = if condition.is_healthy() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    plain(status, &format!("{condition}\n"))
}

/// Writes a page away from the tasks that check: a large fleet takes some milliseconds.
async fn page(
    kind: &'static str,
    write: impl FnOnce() -> String + Send + 'static,
) -> Response<String> {
    match tokio::task::spawn_blocking(write).await {
        Ok(page) => answer(StatusCode::OK, kind, page),
        Err(_ended) => plain(
            StatusCode::INTERNAL_SERVER_ERROR,
            "credwatch itself failed\n",
        ),
    }
}

fn plain(status: StatusCode, text: &str) -> Response<String> {
    answer(status, TEXT_TYPE, text.to_owned())
}

fn answer(status: StatusCode, kind: &'static str, body: String) -> Response<String> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    for (name, value) in [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}
