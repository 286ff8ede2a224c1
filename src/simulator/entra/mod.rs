//! The sign-in service: discovery, keys, and the token endpoint for client credentials.

pub(super) mod refusal;
pub(super) mod request;

use axum::http::{HeaderMap, Method};
use serde_json::json;

pub(super) use self::refusal::{
    ASSERTION_INVALID, ASSERTION_OUTSIDE_TIME, CERTIFICATE_UNKNOWN, Refusal,
};

use self::refusal::Trace;
use self::request::TokenRequest;
use super::answer::Answer;
use super::behaviour::{Behaviour, Surface, TokenFault};
use super::grants;
use super::proof;
use super::record::Seen;
use super::scenario::Integration;
use super::server::Asked;
use super::wire;
use super::world::{Resource, TokenShape, World};

/// Directories that stand for any.
const SHARED: [&str; 3] = ["common", "organizations", "consumers"];

/// Returns whether a word stands for any directory.
pub(super) fn is_shared(tenant: &str) -> bool {
    SHARED.contains(&tenant)
}

/// Refuses an application that is not for the accounts that a word for any directory stands for.
pub(super) fn check_accounts(tenant: &str, one: &Integration) -> Result<(), Refusal> {
    let multi_tenant = one.delegated.as_ref().is_some_and(|one| one.multi_tenant);
    match tenant {
        "consumers" => Err(Refusal::not_for_consumers(&one.client_id, &one.name)),
        _ if is_shared(tenant) && !multi_tenant => Err(Refusal::single_tenant(&one.client_id)),
        _ => Ok(()),
    }
}

/// Answers `/common/discovery/instance`.
pub(super) fn instance_discovery(world: &World, query: &str) -> Answer {
    let endpoint = url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "authorization_endpoint")
        .map(|(_, value)| value.into_owned());
    let Some(endpoint) = endpoint else {
        let refusal = Refusal::parameter_missing("authorization_endpoint");
        return refusal.answer(&Trace::of(world, &HeaderMap::new()));
    };
    let host = world.base.trim_start_matches("https://");
    let parsed = url::Url::parse(&endpoint).ok();
    let asked = parsed.as_ref().and_then(|url| {
        let port = url
            .port()
            .map_or_else(String::new, |port| format!(":{port}"));
        Some(format!("{}{port}", url.host_str()?))
    });
    let ours = asked.as_deref().is_some_and(|asked| {
        asked == host || asked.starts_with("127.0.0.1") || asked.starts_with("[::1]")
    });
    let tenant = parsed.as_ref().and_then(|url| url.path_segments()?.next());
    let (true, Some(tenant)) = (ours, tenant) else {
        return refusal::UNKNOWN_INSTANCE.answer(&Trace::of(world, &HeaderMap::new()));
    };
    let base = &world.base;
    let body = json!({
        "tenant_discovery_endpoint": format!("{base}/{tenant}/v2.0/.well-known/openid-configuration"),
        "api-version": "1.1",
        "metadata": [{
            "preferred_network": host,
            "preferred_cache": host,
            "aliases": [host],
        }],
    });
    Answer::json(200, &body).with("cache-control", "max-age=86400, private")
}

/// Answers `/common/userrealm/{user}`: where the password of that account would be checked. Client
/// libraries ask before they sign in with one.
pub(super) fn user_realm(world: &World, user: &str) -> Answer {
    let domain = user.rsplit('@').next().unwrap_or(user);
    let body = if world.knows_directory(domain) {
        json!({
            "ver": "1.0",
            "account_type": "Managed",
            "domain_name": domain,
            "cloud_instance_name": "microsoftonline.com",
            "cloud_audience_urn": "urn:federation:MicrosoftOnline",
        })
    } else {
        json!({"ver": "1.0", "account_type": "Unknown"})
    };
    Answer::json(200, &body)
}

/// Answers `/{tenant}/v2.0/.well-known/openid-configuration`.
pub(super) fn openid_configuration(world: &World, tenant: &str) -> Answer {
    let id = match directory_id(world, tenant) {
        Ok(id) => id,
        // Here, unlike at the token endpoint, `error` says what is wrong.
        Err(refusal) => {
            return refusal
                .named("invalid_tenant")
                .answer(&Trace::of(world, &HeaderMap::new()));
        }
    };
    let base = &world.base;
    let body = json!({
        "token_endpoint": format!("{base}/{tenant}/oauth2/v2.0/token"),
        "token_endpoint_auth_methods_supported":
            ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": format!("{base}/{tenant}/discovery/v2.0/keys"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": format!("{base}/{id}/v2.0"),
        "request_uri_parameter_supported": false,
        "userinfo_endpoint": format!("{base}/graph/oidc/userinfo"),
        "authorization_endpoint": format!("{base}/{tenant}/oauth2/v2.0/authorize"),
        "device_authorization_endpoint": format!("{base}/{tenant}/oauth2/v2.0/devicecode"),
        "http_logout_supported": true,
        "frontchannel_logout_supported": true,
        "end_session_endpoint": format!("{base}/{tenant}/oauth2/v2.0/logout"),
        "claims_supported": ["sub", "iss", "cloud_instance_name", "cloud_instance_host_name",
            "cloud_graph_host_name", "msgraph_host", "aud", "exp", "iat", "auth_time", "acr",
            "nonce", "preferred_username", "name", "tid", "ver", "at_hash", "c_hash", "email"],
        "kerberos_endpoint": format!("{base}/{tenant}/kerberos"),
        "tenant_region_scope": "EU",
        "cloud_instance_name": "microsoftonline.com",
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": "graph.microsoft.com",
        "rbac_url": "https://pas.windows.net",
    });
    Answer::json(200, &body)
        .with("cache-control", "max-age=86400, private")
        .with("access-control-allow-origin", "*")
}

/// Answers `/{tenant}/discovery/v2.0/keys`.
pub(super) fn keys(world: &World, tenant: &str) -> Answer {
    let issuer = match directory_id(world, tenant) {
        Ok(id) => format!("{}/{id}/v2.0", world.base),
        Err(refusal) => return refusal.answer(&Trace::of(world, &HeaderMap::new())),
    };
    Answer::json(200, &world.signer.key_set(&issuer))
        .with("cache-control", "max-age=86400, private")
        .with("access-control-allow-origin", "*")
}

/// Returns the id of that directory, given by id, domain or a word for any.
fn directory_id(world: &World, tenant: &str) -> Result<String, Refusal> {
    if SHARED.contains(&tenant) {
        return Ok("{tenantid}".to_owned());
    }
    match world.neighbours(tenant).next() {
        Some(integration) => Ok(integration.tenant_id.clone()),
        None => Err(Refusal::directory_unknown(tenant)),
    }
}

/// Answers `/{tenant}/oauth2/v2.0/token`.
pub(super) async fn token(world: &World, tenant: &str, asked: Asked) -> Answer {
    let trace = Trace::of(world, &asked.headers);
    let request = TokenRequest::read(&asked.headers, &asked.body);
    let index = world.app(tenant, request.client_id()).or_else(|| {
        let shared = SHARED.contains(&tenant);
        shared.then(|| anywhere(world, request.client_id()))?
    });
    keep(world, tenant, index, &asked, &request);
    let Some(index) = index else {
        return refused(judge(world, tenant, None, &asked.method, &request), &trace);
    };
    tokio::time::sleep(world.pause(index)).await;
    let behaviour = world.behaviour(index);
    if let Behaviour::Wire(Surface::Entra, fault) = behaviour
        && let Some(answer) = wire::meet(&asked.line, Surface::Entra, fault).await
    {
        return answer;
    }
    let integration = world.integration(index);
    if let Some(kind) = grants::Kind::of(&request) {
        return match behaviour {
            Behaviour::Token(fault) if !issues_a_token(fault) => {
                broken(fault, &request, integration, tenant, &trace)
            }
            _ => grants::token(world, (index, tenant), kind, &request, &trace),
        };
    }
    match (
        judge(world, tenant, integration, &asked.method, &request),
        behaviour,
    ) {
        (Err(refusal), _) if refusal.is_about_form() => refusal.answer(&trace),
        (_, Behaviour::Token(fault)) if !issues_a_token(fault) => {
            broken(fault, &request, integration, tenant, &trace)
        }
        (Ok(audience), Behaviour::Token(fault)) => issue(world, index, &audience, fault.into()),
        (Ok(audience), _) => issue(world, index, &audience, TokenKind::Right),
        (Err(refusal), _) => refusal.answer(&trace),
    }
}

fn refused(judged: Result<String, Refusal>, trace: &Trace) -> Answer {
    match judged {
        Ok(_audience) => refusal::SERVER_ERROR.answer(trace),
        Err(refusal) => refusal.answer(trace),
    }
}

pub(super) fn anywhere(world: &World, client_id: &str) -> Option<usize> {
    let found = world
        .integrations()
        .find(|one| one.client_id.eq_ignore_ascii_case(client_id))?;
    world.named(&found.name)
}

pub(super) fn keep(
    world: &World,
    tenant: &str,
    index: Option<usize>,
    asked: &Asked,
    request: &TokenRequest,
) {
    let integration = index.and_then(|index| world.integration(index));
    let mut seen = Seen::new(
        world.now(),
        Surface::Entra,
        &asked.method,
        &asked.path,
        &asked.headers,
    );
    seen.tenant = integration.map(|one| one.name.clone());
    seen.form = request.masked();
    seen.secret_matched = integration.zip(request.secret()).map(|(one, secret)| {
        world.knows_directory(tenant) && one.secrets.iter().any(|known| known.value == secret)
    });
    world.record.keep(seen);
}

/// Judges a request as Entra does; returns the audience of the token that is due.
fn judge(
    world: &World,
    tenant: &str,
    app: Option<&Integration>,
    method: &Method,
    request: &TokenRequest,
) -> Result<String, Refusal> {
    if method != Method::POST {
        return Err(Refusal::method(method.as_str()));
    }
    request.check_form()?;
    if let Some(app) = app {
        check_accounts(tenant, app)?;
    }
    if is_shared(tenant) {
        return Err(Refusal::single_tenant(request.client_id()));
    }
    if !world.knows_directory(tenant) {
        return Err(Refusal::directory_unknown(tenant));
    }
    let Some(app) = app else {
        return Err(Refusal::app_unknown(request.client_id(), tenant));
    };
    let audience = request.audience()?;
    if Resource::of(&audience).is_none() {
        return Err(Refusal::resource_unknown(&audience, tenant));
    }
    match request.assertion() {
        Some(assertion) => proof::check(world, tenant, app, assertion)?,
        None => request.authenticate(app, world.now())?,
    }
    Ok(audience)
}

/// What sort of token to issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TokenKind {
    Right,
    NoRoles,
    Ended,
    OtherAudience,
}

impl From<TokenFault> for TokenKind {
    fn from(fault: TokenFault) -> Self {
        match fault {
            TokenFault::NoRoles => Self::NoRoles,
            TokenFault::AlreadyExpired => Self::Ended,
            TokenFault::WrongAudience => Self::OtherAudience,
            _ => Self::Right,
        }
    }
}

fn issues_a_token(fault: TokenFault) -> bool {
    TokenKind::from(fault) != TokenKind::Right
}

fn issue(world: &World, index: usize, audience: &str, kind: TokenKind) -> Answer {
    let (audience, shape) = match kind {
        TokenKind::Right => (audience, TokenShape::Right),
        TokenKind::NoRoles => (audience, TokenShape::NoRoles),
        TokenKind::Ended => (audience, TokenShape::Ended),
        TokenKind::OtherAudience if Resource::of(audience) == Some(Resource::Graph) => {
            ("https://outlook.office365.com", TokenShape::Right)
        }
        TokenKind::OtherAudience => ("https://graph.microsoft.com", TokenShape::Right),
    };
    let Some((token, seconds)) = world.token(index, audience, shape) else {
        return Answer::empty(500);
    };
    let body = json!({
        "token_type": "Bearer",
        "expires_in": seconds,
        "ext_expires_in": seconds,
        "access_token": token,
    });
    dressed(Answer::json(200, &body), &uuid::Uuid::new_v4().to_string())
}

/// Answers as a broken service or a refusing one.
fn broken(
    fault: TokenFault,
    request: &TokenRequest,
    app: Option<&Integration>,
    tenant: &str,
    trace: &Trace,
) -> Answer {
    match fault {
        TokenFault::Throttled(seconds) => {
            let answer = Answer::new(429, "text/plain", "Too Many Requests");
            dressed(answer.retry_after(Some(seconds)), &trace.id)
        }
        TokenFault::BadGateway => Answer::page(
            502,
            "502 Bad Gateway",
            "The server returned an invalid or incomplete response.",
        ),
        TokenFault::Unavailable => Answer::empty(503),
        TokenFault::Page => {
            Answer::page(200, "Welcome to Guest Wi-Fi", "Accept the terms to go on.")
        }
        TokenFault::NoToken => dressed(
            Answer::json(200, &json!({"token_type": "Bearer", "expires_in": 3599})),
            &trace.id,
        ),
        TokenFault::TemporarilyUnavailable => {
            refusal::for_fault(fault, request.client_id(), tenant)
                .answer(trace)
                .retry_after(Some(5))
        }
        _ => refusal::for_fault(fault, app.map_or("", |app| &app.client_id), tenant).answer(trace),
    }
}

/// Adds the headers that Entra puts on every answer of the token endpoint.
pub(super) fn dressed(answer: Answer, request_id: &str) -> Answer {
    answer
        .with("cache-control", "no-store, no-cache")
        .with("pragma", "no-cache")
        .with("expires", "-1")
        .with(
            "strict-transport-security",
            "max-age=31536000; includeSubDomains",
        )
        .with("x-content-type-options", "nosniff")
        .with("p3p", "CP=\"DSP CUR OTPi IND OTRi ONL FIN\"")
        .with("x-ms-request-id", request_id)
        .with("x-ms-ests-server", "2.1.22475.4 - SIM ProdSlices")
        .with("x-ms-srs", "1.P")
        .with("x-xss-protection", "0")
}
