//! The HTTP server: three pages, for reading.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

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
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{Access, Listen, ServeError, Snapshot};

/// Pages that may be written at once. A page of a large fleet is some megabytes, so this bounds memory.
/// While all are taken, further pages wait for [`PAGE_WAIT`], then the answer is 503.
const PAGES: usize = 16;

/// Requests that may wait for a page; more get 503 at once.
const WAITING_PAGES: usize = 64;

/// Longest wait for a page.
const PAGE_WAIT: Duration = Duration::from_secs(5);

/// Connections that have not sent a whole head yet. While there are that many, a new connection closes
/// the oldest of them, so that a flood of silent clients cannot keep `/healthz` from being answered.
const SILENT_CONNECTIONS: usize = 64;

/// Time that a client gets to send a request's head.
const HEAD_LIMIT: Duration = Duration::from_secs(5);

/// Most bytes of a request's head.
const HEAD_SIZE: usize = 16 * 1024;

/// Time that a client gets to read an answer.
const CONNECTION_LIMIT: Duration = Duration::from_mins(1);

/// Time that an answer under way gets when the service ends.
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
    pub async fn bind(access: Access) -> Result<Self, ServeError> {
        let bound = match &access.listen {
            Listen::Tcp(address) => TcpListener::bind(address).await.map(Listener::Tcp),
            Listen::Unix(path) => bind_unix(path).await.map(Listener::Unix),
        };
        match bound {
            Ok(listener) => Ok(Self {
                listener,
                access: Arc::new(access),
            }),
            Err(source) => Err(ServeError::Listen {
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
    pub async fn run(self, snapshot: Arc<Snapshot>, stop: CancellationToken) {
        let connections = TaskTracker::new();
        let service = Arc::new(Service {
            snapshot,
            access: Arc::clone(&self.access),
            silent: SilentConnections::default(),
            pages: Arc::new(Semaphore::new(PAGES)),
            waiting_pages: Semaphore::new(WAITING_PAGES),
        });
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => break,
                accepted = self.listener.accept() => accepted,
            };
            let Ok(stream) = accepted else {
                // out of file handles: wait for some to come back instead of spinning
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            let (id, closed) = service.silent.admit();
            let (service, stop) = (Arc::clone(&service), stop.clone());
            connections.spawn(async move {
                tokio::select! {
                    () = converse(stream, &service, id, stop) => {}
                    () = closed.cancelled() => {}
                }
                service.silent.remove(id);
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

/// What all connections share.
struct Service {
    snapshot: Arc<Snapshot>,
    access: Arc<Access>,
    silent: SilentConnections,
    pages: Arc<Semaphore>,
    waiting_pages: Semaphore,
}

/// The connections that have not sent a whole head yet, by their order of arrival.
#[derive(Default)]
struct SilentConnections(Mutex<(u64, BTreeMap<u64, CancellationToken>)>);

impl SilentConnections {
    /// Adds a connection, and closes the oldest one if there are too many. Returns the new one's id and
    /// a token that is cancelled when it must close.
    fn admit(&self) -> (u64, CancellationToken) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (last_id, connections) = &mut *held;
        if connections.len() >= SILENT_CONNECTIONS
            && let Some((_, oldest)) = connections.pop_first()
        {
            oldest.cancel();
        }
        *last_id += 1;
        let closed = CancellationToken::new();
        connections.insert(*last_id, closed.clone());
        (*last_id, closed)
    }

    fn remove(&self, id: u64) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.1.remove(&id);
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
    service: &Arc<Service>,
    id: u64,
    stop: CancellationToken,
) {
    // held until the whole answer is written: a client that reads slowly holds its page in memory
    let page: Mutex<Option<OwnedSemaphorePermit>> = Mutex::default();
    let answer = service_fn(|request| {
        service.silent.remove(id);
        let page = &page;
        async move { Ok::<_, Infallible>(respond(request, service, page).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        // an idle connection would hold a file handle for nothing: Prometheus opens another one
        .keep_alive(false)
        .header_read_timeout(HEAD_LIMIT)
        .max_buf_size(HEAD_SIZE)
        .serve_connection(TokioIo::new(stream), answer);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        // the way in which a connection ends concerns the client alone
        _ended = &mut connection => return,
        () = tokio::time::sleep(CONNECTION_LIMIT) => {}
        () = stop.cancelled() => {}
    }
    connection.as_mut().graceful_shutdown();
    let _finished = tokio::time::timeout(FAREWELL, connection).await;
}

async fn respond(
    request: Request<Incoming>,
    service: &Service,
    page: &Mutex<Option<OwnedSemaphorePermit>>,
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
        "/healthz" => health(&service.snapshot),
        _ if !service.access.serves_host(host(&request)) => plain(
            StatusCode::FORBIDDEN,
            "this host name is not served without a token; ask for localhost\n",
        ),
        _ if !admitted(&service.access, request.headers()) => {
            let mut refusal = plain(StatusCode::UNAUTHORIZED, "a bearer token is needed\n");
            let scheme = HeaderValue::from_static("Bearer");
            refusal
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, scheme);
            refusal
        }
        _ => {
            let Some(permit) = page_permit(service).await else {
                return plain(StatusCode::SERVICE_UNAVAILABLE, "too many requests\n");
            };
            *page.lock().unwrap_or_else(PoisonError::into_inner) = Some(permit);
            let snapshot = Arc::clone(&service.snapshot);
            if path == "/metrics" {
                write_page(METRICS_TYPE, move || snapshot.metrics()).await
            } else {
                write_page(JSON_TYPE, move || snapshot.report()).await
            }
        }
    }
}

/// Waits for the right to write a page; `None` when too many wait already.
async fn page_permit(service: &Service) -> Option<OwnedSemaphorePermit> {
    let _place = service.waiting_pages.try_acquire().ok()?;
    let permit = Arc::clone(&service.pages).acquire_owned();
    tokio::time::timeout(PAGE_WAIT, permit).await.ok()?.ok()
}

/// Returns the host that a request names: in its target, where that is absolute, else in its header.
fn host(request: &Request<Incoming>) -> Option<&[u8]> {
    let header = || request.headers().get(header::HOST);
    match request.uri().authority() {
        Some(authority) => Some(authority.as_str().as_bytes()),
        None => header().map(HeaderValue::as_bytes),
    }
}

fn admitted(access: &Access, headers: &HeaderMap) -> bool {
    let shown = headers.get(header::AUTHORIZATION);
    access.admits(shown.map(HeaderValue::as_bytes))
}

fn health(snapshot: &Snapshot) -> Response<String> {
    let condition = snapshot.look();
    let status = if condition.is_healthy() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    plain(status, &format!("{condition}\n"))
}

/// Writes a page on a thread of its own: a large fleet takes some milliseconds, during which no check
/// must wait.
async fn write_page(
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
