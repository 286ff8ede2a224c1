//! The public documents of the sign-in service: discovery, configuration and keys.

use axum::http::HeaderMap;
use serde_json::json;

use super::aadsts;
use super::endpoint::is_shared;
use super::refusal::{Refusal, Trace};
use crate::simulator::backend::Backend;
use crate::simulator::http_answer::HttpAnswer;

/// Answers `/common/discovery/instance`.
pub(crate) fn instance_discovery(backend: &Backend, query: &str) -> HttpAnswer {
    let endpoint = url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "authorization_endpoint")
        .map(|(_, value)| value.into_owned());
    let Some(endpoint) = endpoint else {
        let refusal = Refusal::of(&aadsts::PARAMETER_MISSING, "authorization_endpoint");
        return refusal.answer(&trace(backend));
    };
    let host = backend.state.base.trim_start_matches("https://");
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
        return Refusal::from(&aadsts::UNKNOWN_INSTANCE).answer(&trace(backend));
    };
    let base = &backend.state.base;
    let body = json!({
        "tenant_discovery_endpoint": format!("{base}/{tenant}/v2.0/.well-known/openid-configuration"),
        "api-version": "1.1",
        "metadata": [{
            "preferred_network": host,
            "preferred_cache": host,
            "aliases": [host],
        }],
    });
    HttpAnswer::json(200, &body).with("cache-control", "max-age=86400, private")
}

/// Answers `/common/userrealm/{user}`: the service that checks the password of the account. Client
/// libraries ask before they sign in with a password.
pub(crate) fn user_realm(backend: &Backend, user: &str) -> HttpAnswer {
    let domain = user.rsplit('@').next().unwrap_or(user);
    let body = if backend.state.knows_directory(domain) {
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
    HttpAnswer::json(200, &body)
}

/// Answers `/{tenant}/v2.0/.well-known/openid-configuration`.
pub(crate) fn openid_configuration(backend: &Backend, tenant: &str) -> HttpAnswer {
    let id = match directory_id(backend, tenant) {
        Ok(id) => id,
        // Unlike the token endpoint, this one names the problem in `error`.
        Err(refusal) => {
            return refusal.named("invalid_tenant").answer(&trace(backend));
        }
    };
    let base = &backend.state.base;
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
    HttpAnswer::json(200, &body)
        .with("cache-control", "max-age=86400, private")
        .with("access-control-allow-origin", "*")
}

/// Answers `/{tenant}/discovery/v2.0/keys`.
pub(crate) fn keys(backend: &Backend, tenant: &str) -> HttpAnswer {
    let issuer = match directory_id(backend, tenant) {
        Ok(id) => format!("{}/{id}/v2.0", backend.state.base),
        Err(refusal) => return refusal.answer(&trace(backend)),
    };
    HttpAnswer::json(200, &backend.tokens.signer.key_set(&issuer))
        .with("cache-control", "max-age=86400, private")
        .with("access-control-allow-origin", "*")
}

/// Returns the id of that directory, given by id, domain or a word for any.
fn directory_id(backend: &Backend, tenant: &str) -> Result<String, Refusal> {
    if is_shared(tenant) {
        return Ok("{tenantid}".to_owned());
    }
    match backend.state.in_directory(tenant).next() {
        Some(integration) => Ok(integration.tenant_id.clone()),
        None => Err(Refusal::of_tenant(tenant)),
    }
}

fn trace(backend: &Backend) -> Trace {
    Trace::new(backend.state.now(), &HeaderMap::new())
}
