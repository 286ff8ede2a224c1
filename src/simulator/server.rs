//! Listening, connections, routes.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, FromRequestParts as _, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, Response, header};
use axum::response::IntoResponse;
use axum::routing::any;
use axum::{Extension, Router};
use bytes::Bytes;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_service::Service as _;

use super::answer::Answer;
use super::door::{self, Behind};
use super::wire::{self, Line};
use super::world::World;
use super::{entra, ews, grants, graph};

/// A longer request is refused with 413.
const REQUEST_LIMIT: usize = 1024 * 1024;

/// A client that has not finished its handshake by then is dropped.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);

/// A connection that is told to end gets this long to finish its answer.
const FAREWELL: Duration = Duration::from_secs(1);

/// One request, read whole.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) line: Line,
}

/// What every connection needs.
#[derive(Clone)]
pub(super) struct Serving {
    pub(super) world: Arc<World>,
    pub(super) acceptor: TlsAcceptor,
    pub(super) stop: CancellationToken,
    pub(super) tasks: TaskTracker,
    /// Where the address is for one integration alone.
    pub(super) door: Option<Behind>,
}

/// Accepts connections until told to stop.
pub(super) async fn serve(listener: TcpListener, serving: Serving) {
    let router = router(Arc::clone(&serving.world));
    loop {
        let accepted = tokio::select! {
            () = serving.stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((socket, _)) = accepted else {
            // Out of file handles: wait for some to come back instead of spinning.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let one = converse(socket, router.clone(), serving.clone());
        serving.tasks.spawn(one);
    }
}

async fn converse(mut socket: TcpStream, router: Router, serving: Serving) {
    // Answers are small and whole, so waiting for more to send only adds latency.
    let _best_effort = socket.set_nodelay(true);
    let handshake = async {
        let acceptor = door::open(&serving, &mut socket).await?;
        acceptor.accept(socket).await.ok()
    };
    let Ok(Some(tls)) = tokio::time::timeout(HANDSHAKE_LIMIT, handshake).await else {
        return;
    };
    let (line, mut faults) = mpsc::channel(1);
    let world = Arc::clone(&serving.world);
    let service = service_fn(move |request| {
        respond(router.clone(), line.clone(), Arc::clone(&world), request)
    });
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(tls), service);
    tokio::select! {
        // How a connection ends is the client's affair.
        _ended = &mut connection => {}
        Some((surface, fault)) = faults.recv() => {
            let tls = connection.into_parts().io.into_inner();
            tokio::select! {
                _played = wire::play(tls, surface, fault) => {}
                () = serving.stop.cancelled() => {}
            }
        }
        () = serving.stop.cancelled() => {
            Pin::new(&mut connection).graceful_shutdown();
            let _finished = tokio::time::timeout(FAREWELL, connection).await;
        }
    }
}

async fn respond(
    mut router: Router,
    line: Line,
    world: Arc<World>,
    request: hyper::Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(line);
    let mut response = router.call(request).await?;
    let date = world.now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(date) = HeaderValue::from_str(&date) {
        response.headers_mut().insert(header::DATE, date);
    }
    Ok(response)
}

fn router(world: Arc<World>) -> Router {
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
    // IIS does not mind the case of a path, and clients differ in it.
    for path in [
        "/EWS/Exchange.asmx",
        "/ews/exchange.asmx",
        "/EWS/exchange.asmx",
        "/ews/Exchange.asmx",
    ] {
        router = router.route(path, any(ews_call));
    }
    router.with_state(world)
}

type Shared = State<Arc<World>>;

impl<S: Send + Sync> FromRequest<S> for Asked {
    type Rejection = Response<Body>;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let (mut parts, body) = request.into_parts();
        let line = Extension::from_request_parts(&mut parts, state).await;
        let Extension(line) = line.map_err(IntoResponse::into_response)?;
        let body = to_bytes(body, REQUEST_LIMIT).await;
        Ok(Self {
            path: parts
                .uri
                .path_and_query()
                .map_or_else(String::new, ToString::to_string),
            method: parts.method,
            headers: parts.headers,
            body: body.map_err(|_too_large| Answer::empty(413).into_response())?,
            line,
        })
    }
}

async fn instance(State(world): Shared, request: Request) -> Response<Body> {
    entra::instance_discovery(&world, request.uri().query().unwrap_or_default()).into_response()
}

async fn realm(State(world): Shared, Path(user): Path<String>) -> Response<Body> {
    entra::user_realm(&world, &user).into_response()
}

async fn openid(State(world): Shared, Path(tenant): Path<String>) -> Response<Body> {
    entra::openid_configuration(&world, &tenant).into_response()
}

async fn keys(State(world): Shared, Path(tenant): Path<String>) -> Response<Body> {
    entra::keys(&world, &tenant).into_response()
}

async fn token(State(world): Shared, Path(tenant): Path<String>, asked: Asked) -> Response<Body> {
    entra::token(&world, &tenant, asked).await.into_response()
}

async fn device_code(
    State(world): Shared,
    Path(tenant): Path<String>,
    asked: Asked,
) -> Response<Body> {
    grants::device_code(&world, &tenant, &asked).into_response()
}

async fn authorize(
    State(world): Shared,
    Path(tenant): Path<String>,
    request: Request,
) -> Response<Body> {
    grants::authorize(&world, &tenant, request.uri().query().unwrap_or_default()).into_response()
}

async fn ews_call(State(world): Shared, asked: Asked) -> Response<Body> {
    ews::call(&world, asked).await.into_response()
}

async fn graph_call(
    State(world): Shared,
    Path(rest): Path<String>,
    asked: Asked,
) -> Response<Body> {
    graph::call(&world, &rest, asked).await.into_response()
}

async fn user_info(State(world): Shared, headers: HeaderMap) -> Response<Body> {
    graph::user_info(&world, &headers).into_response()
}

async fn no_version(State(world): Shared, headers: HeaderMap) -> Response<Body> {
    graph::no_version(&world, &headers).into_response()
}

async fn nothing() -> Response<Body> {
    Answer::empty(404).into_response()
}
