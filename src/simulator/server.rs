//! Listening, connections, routes.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, Response, header};
use axum::routing::any;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_service::Service as _;

use super::backend::Backend;
use super::fault_listener::FaultListener;
use super::faults::FaultTarget;
use super::http_answer::HttpAnswer;
use super::mail::{self, MailSession};
use super::request::HttpRequest;
use super::wire::{self, ConnectionHandle};
use super::{entra, ews, graph};

/// A client that has not finished its handshake by then is dropped.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);

/// The time for the last answer of a connection when the cloud stops.
const FAREWELL: Duration = Duration::from_secs(1);

/// The protocol of a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// HTTP, with Entra, Exchange Web Services and Graph by path.
    Http,
    /// That mail protocol.
    Mail(FaultTarget),
}

impl Protocol {
    /// Returns the protocol of a service.
    pub(crate) fn of(target: FaultTarget) -> Self {
        match target {
            FaultTarget::Entra | FaultTarget::Ews | FaultTarget::Graph => Self::Http,
            mail => Self::Mail(mail),
        }
    }
}

/// A server of one listener.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) protocol: Protocol,
    pub(crate) backend: Arc<Backend>,
    pub(crate) acceptor: TlsAcceptor,
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
    /// Set if the listener is for one integration alone.
    pub(crate) fault_listener: Option<FaultListener>,
}

/// Accepts connections until told to stop.
pub(crate) async fn serve(listener: TcpListener, server: Server) {
    let router = router(Arc::clone(&server.backend));
    loop {
        let accepted = tokio::select! {
            () = server.stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((socket, _)) = accepted else {
            // Out of file handles: wait for some to come back instead of spinning.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let connection = server.clone().converse(socket, router.clone());
        server.tasks.spawn(connection);
    }
}

impl Server {
    async fn converse(self, socket: TcpStream, router: Router) {
        // Answers are small and whole: to wait for more data only adds latency.
        let _best_effort = socket.set_nodelay(true);
        match self.protocol {
            Protocol::Http => self.converse_by_http(socket, router).await,
            Protocol::Mail(target) => tokio::select! {
                // The client decides how a connection ends.
                _ended = self.converse_by_mail(socket, target) => {}
                () = self.stop.cancelled() => {}
            },
        }
    }

    async fn converse_by_mail(&self, socket: TcpStream, target: FaultTarget) -> io::Result<()> {
        let own = self.fault_listener.as_ref();
        let index = own.map(|listener| listener.address.index);
        let mut session = MailSession::new(&self.backend, target, index);
        let Some(socket) = mail::before_tls(&session, socket).await? else {
            return Ok(());
        };
        match self.secure(socket).await {
            Some(tls) => mail::serve(&mut session, tls).await,
            None => Ok(()),
        }
    }

    /// Shakes hands; returns `None` where that fails, or a fault ends the connection.
    async fn secure(&self, mut socket: TcpStream) -> Option<TlsStream<TcpStream>> {
        let handshake = async {
            let acceptor = match &self.fault_listener {
                None => self.acceptor.clone(),
                Some(listener) => {
                    let state = &self.backend.state;
                    listener.open(state, &mut socket, &self.acceptor).await?
                }
            };
            acceptor.accept(socket).await.ok()
        };
        let secured = tokio::time::timeout(HANDSHAKE_LIMIT, handshake).await;
        secured.ok().flatten()
    }

    async fn converse_by_http(self, socket: TcpStream, router: Router) {
        let Some(tls) = self.secure(socket).await else {
            return;
        };
        let (handle, mut faults) = mpsc::channel(1);
        let service = service_fn(|request| {
            let backend = Arc::clone(&self.backend);
            respond(router.clone(), handle.clone(), backend, request)
        });
        let mut connection = http1::Builder::new().serve_connection(TokioIo::new(tls), service);
        tokio::select! {
            // The client decides how a connection ends.
            _ended = &mut connection => {}
            Some((target, fault)) = faults.recv() => {
                let tls = connection.into_parts().io.into_inner();
                tokio::select! {
                    _played = wire::play(tls, target, fault) => {}
                    () = self.stop.cancelled() => {}
                }
            }
            () = self.stop.cancelled() => {
                Pin::new(&mut connection).graceful_shutdown();
                let _finished = tokio::time::timeout(FAREWELL, connection).await;
            }
        }
    }
}

async fn respond(
    mut router: Router,
    connection: ConnectionHandle,
    backend: Arc<Backend>,
    request: hyper::Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(connection);
    let mut response = router.call(request).await?;
    let date = backend
        .state
        .now()
        .format("%a, %d %b %Y %H:%M:%S GMT")
        .to_string();
    if let Ok(date) = HeaderValue::from_str(&date) {
        response.headers_mut().insert(header::DATE, date);
    }
    Ok(response)
}

fn router(backend: Arc<Backend>) -> Router {
    let mut router = Router::new()
        .route("/common/discovery/instance", any(instance))
        .route("/common/userrealm/{user}", any(realm))
        .route("/common/UserRealm/{user}", any(realm))
        .route(
            "/{tenant}/v2.0/.well-known/openid-configuration",
            any(openid),
        )
        .route("/{tenant}/.well-known/openid-configuration", any(openid))
        .route("/{tenant}/discovery/v2.0/keys", any(keys))
        .route("/{tenant}/discovery/keys", any(keys))
        .route("/{tenant}/oauth2/v2.0/token", any(token))
        .route("/{tenant}/oauth2/v2.0/devicecode", any(device_code))
        .route("/{tenant}/oauth2/v2.0/authorize", any(authorize))
        .route("/graph/v1.0/{*rest}", any(graph_call))
        .route("/graph/beta/{*rest}", any(graph_call))
        .route("/graph/oidc/userinfo", any(user_info))
        .route("/graph/{*rest}", any(no_version))
        .fallback(nothing);
    // IIS ignores the case of a path, and clients differ in it.
    for path in [
        "/EWS/Exchange.asmx",
        "/ews/exchange.asmx",
        "/EWS/exchange.asmx",
        "/ews/Exchange.asmx",
    ] {
        router = router.route(path, any(ews_call));
    }
    router.with_state(backend)
}

type SharedBackend = State<Arc<Backend>>;

async fn instance(State(backend): SharedBackend, request: Request) -> Response<Body> {
    entra::instance_discovery(&backend, request.uri().query().unwrap_or_default()).into_response()
}

async fn realm(State(backend): SharedBackend, Path(user): Path<String>) -> Response<Body> {
    entra::user_realm(&backend, &user).into_response()
}

async fn openid(State(backend): SharedBackend, Path(tenant): Path<String>) -> Response<Body> {
    entra::openid_configuration(&backend, &tenant).into_response()
}

async fn keys(State(backend): SharedBackend, Path(tenant): Path<String>) -> Response<Body> {
    entra::keys(&backend, &tenant).into_response()
}

async fn token(
    State(backend): SharedBackend,
    Path(tenant): Path<String>,
    request: HttpRequest,
) -> Response<Body> {
    entra::token(&backend, &tenant, request)
        .await
        .into_response()
}

async fn device_code(
    State(backend): SharedBackend,
    Path(tenant): Path<String>,
    request: HttpRequest,
) -> Response<Body> {
    entra::device_code(&backend, &tenant, &request).into_response()
}

async fn authorize(
    State(backend): SharedBackend,
    Path(tenant): Path<String>,
    request: Request,
) -> Response<Body> {
    entra::authorize(&backend, &tenant, request.uri().query().unwrap_or_default()).into_response()
}

async fn ews_call(State(backend): SharedBackend, request: HttpRequest) -> Response<Body> {
    ews::call(&backend, request).await.into_response()
}

async fn graph_call(
    State(backend): SharedBackend,
    Path(rest): Path<String>,
    request: HttpRequest,
) -> Response<Body> {
    graph::call(&backend, &rest, request).await.into_response()
}

async fn user_info(State(backend): SharedBackend, headers: HeaderMap) -> Response<Body> {
    graph::user_info(&backend, &headers).into_response()
}

async fn no_version(State(backend): SharedBackend, headers: HeaderMap) -> Response<Body> {
    graph::no_version(&backend, &headers).into_response()
}

async fn nothing() -> Response<Body> {
    HttpAnswer::empty(404).into_response()
}
