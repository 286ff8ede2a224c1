//! Access tokens: issued by the sign-in service, verified by the services that they are for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::crypto::{Signer, unverified_claims};
use super::error::SimulatorError;
use super::ids::guid;
use super::request::bearer;
use super::state::CloudState;

/// App-only tokens of Entra live an hour, less a second.
pub(crate) const TOKEN_SECONDS: i64 = 3599;

/// A token with less time left than this is not given out again.
const FRESH_SECONDS: i64 = 300;

/// Exchange Online and Graph, as the audience of tokens for another API than the right one.
const EXCHANGE_AUDIENCE: &str = "https://outlook.office365.com";
const GRAPH_AUDIENCE: &str = "https://graph.microsoft.com";

/// Names of Exchange Online as a resource, in all clouds.
const EXCHANGE: [&str; 9] = [
    EXCHANGE_AUDIENCE,
    "https://outlook.office.com",
    "https://outlook.office365.us",
    "https://outlook-dod.office365.us",
    "https://partner.outlook.cn",
    "https://outlook.sovcloud.fr",
    "https://outlook.sovcloud.de",
    "https://ps.outlook.com",
    "00000002-0000-0ff1-ce00-000000000000",
];

/// Names of Graph as a resource, in all clouds.
const GRAPH: [&str; 7] = [
    GRAPH_AUDIENCE,
    "https://graph.microsoft.us",
    "https://dod-graph.microsoft.us",
    "https://microsoftgraph.chinacloudapi.cn",
    "https://graph.svc.sovcloud.fr",
    "https://graph.svc.sovcloud.de",
    "00000003-0000-0000-c000-000000000000",
];

/// An API that tokens are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Resource {
    Exchange,
    Graph,
}

impl Resource {
    /// Returns the API of that name; a slash at the end makes no difference.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let name = name.trim_end_matches('/').to_ascii_lowercase();
        if EXCHANGE.contains(&name.as_str()) {
            return Some(Self::Exchange);
        }
        GRAPH.contains(&name.as_str()).then_some(Self::Graph)
    }

    /// Returns the audience of a token that is of no use for the API of that name.
    pub(crate) fn other_audience(name: &str) -> &'static str {
        match Self::of(name) {
            Some(Self::Graph) => EXCHANGE_AUDIENCE,
            Some(Self::Exchange) | None => GRAPH_AUDIENCE,
        }
    }
}

/// The claims of a version 1.0 access token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TokenClaims {
    pub(crate) aud: String,
    iss: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    aio: String,
    app_displayname: String,
    pub(crate) appid: String,
    appidacr: String,
    idp: String,
    idtyp: String,
    oid: String,
    rh: String,
    /// Left out if no permission is granted, as Entra does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) roles: Vec<String>,
    /// The consented permissions, in a token for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) scp: Option<String>,
    sub: String,
    pub(crate) tid: String,
    /// The account that signed in, in a token for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    upn: Option<String>,
    uti: String,
    ver: String,
}

impl TokenClaims {
    /// Returns whether the token holds one of these permissions, as a role or a scope.
    pub(crate) fn has_any(&self, permissions: &[&str]) -> bool {
        let roles = self.roles.iter().map(String::as_str);
        let scopes = self.scp.as_deref().unwrap_or_default().split(' ');
        roles.chain(scopes).any(|one| permissions.contains(&one))
    }
}

/// Why the token of a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TokenError {
    /// No `Authorization`, or another scheme than `Bearer`.
    Missing,
    /// Not a token of an application of this cloud.
    Malformed,
    /// Signed with another key.
    Signature,
    /// Ended, or not valid yet.
    OutsideTime,
    /// For the API of that name.
    Audience(String),
}

/// The verified caller of a service.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) index: usize,
    pub(crate) claims: Arc<TokenClaims>,
}

/// What a token is issued with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenShape {
    /// The right permissions and the full lifetime.
    Right,
    NoRoles,
    Ended,
}

/// Issues and verifies the access tokens of one cloud.
#[derive(Debug)]
pub(crate) struct AccessTokens {
    state: Arc<CloudState>,
    pub(crate) signer: Arc<Signer>,
    /// Right tokens by integration and audience, with their end, to be given out again: to sign one
    /// is the most expensive step of the whole cloud.
    issued: Mutex<HashMap<(usize, String), (String, i64)>>,
    verified: RwLock<HashMap<String, Arc<TokenClaims>>>,
}

impl AccessTokens {
    pub(crate) fn new(state: Arc<CloudState>) -> Result<Self, SimulatorError> {
        Ok(Self {
            state,
            signer: Signer::shared()?,
            issued: Mutex::default(),
            verified: RwLock::default(),
        })
    }

    /// Returns an app-only token for that audience and its lifetime in seconds.
    pub(crate) fn for_app(
        &self,
        index: usize,
        audience: &str,
        shape: TokenShape,
    ) -> Option<(String, i64)> {
        let now = self.state.now().timestamp();
        let key = (index, audience.to_owned());
        let kept = || {
            let issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
            let (token, exp) = issued.get(&key)?;
            (exp - now > FRESH_SECONDS).then(|| (token.clone(), exp - now))
        };
        if shape != TokenShape::Right {
            let claims = self.claims(index, audience, shape)?;
            return Some((self.signer.sign(&claims)?, TOKEN_SECONDS));
        }
        if let Some(kept) = kept() {
            return Some(kept);
        }
        let claims = self.claims(index, audience, shape)?;
        let token = self.signer.sign(&claims)?;
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        issued.insert(key, (token.clone(), claims.exp));
        Some((token, TOKEN_SECONDS))
    }

    /// Returns a token with which the application acts for the person who signed in.
    pub(crate) fn for_person(
        &self,
        index: usize,
        audience: &str,
        permissions: &[String],
        has_ended: bool,
    ) -> Option<String> {
        let shape = if has_ended {
            TokenShape::Ended
        } else {
            TokenShape::NoRoles
        };
        let claims = self.claims(index, audience, shape)?;
        let integration = self.state.integration(index)?;
        let person = integration.person_id();
        let public = integration.delegated.as_ref().is_some_and(|one| one.public);
        self.signer.sign(&TokenClaims {
            appidacr: if public { "0" } else { "1" }.to_owned(),
            idtyp: "user".to_owned(),
            oid: person.clone(),
            roles: Vec::new(),
            sub: person,
            scp: Some(permissions.join(" ")),
            upn: Some(integration.account().to_owned()),
            ..claims
        })
    }

    fn claims(&self, index: usize, audience: &str, shape: TokenShape) -> Option<TokenClaims> {
        let integration = self.state.integration(index)?;
        let roles = match (shape, Resource::of(audience)) {
            (TokenShape::NoRoles, _) | (_, None) => Vec::new(),
            (_, Some(Resource::Exchange)) => integration.roles.clone(),
            (_, Some(Resource::Graph)) => integration.graph_roles.clone(),
        };
        let shift = if shape == TokenShape::Ended { 7200 } else { 0 };
        let issued_at = self.state.now().timestamp() - shift;
        // Entra backdates a token by five minutes, for clocks that are behind.
        let begins = issued_at - 300;
        let issuer = format!("https://sts.windows.net/{}/", integration.tenant_id);
        // Only Entra can read these: opaque, but the same in every run.
        let opaque = |kind: &str| guid(&format!("{kind} {index} {issued_at}")).replace('-', "");
        Some(TokenClaims {
            aud: audience.to_owned(),
            iss: issuer.clone(),
            iat: begins,
            nbf: begins,
            exp: issued_at + TOKEN_SECONDS,
            aio: opaque("aio"),
            app_displayname: integration.name.clone(),
            appid: integration.client_id.clone(),
            appidacr: "1".to_owned(),
            idp: issuer,
            idtyp: "app".to_owned(),
            oid: integration.object_id(),
            rh: format!("1.{}", opaque("rh")),
            roles,
            scp: None,
            sub: integration.object_id(),
            tid: integration.tenant_id.clone(),
            upn: None,
            uti: opaque("uti"),
            ver: "1.0".to_owned(),
        })
    }

    /// Verifies the token of a request to that API.
    pub(crate) fn caller(&self, headers: &HeaderMap, due: Resource) -> Result<Caller, TokenError> {
        self.caller_of(bearer(headers).ok_or(TokenError::Missing)?, due)
    }

    /// Verifies a token that was sent to that API.
    pub(crate) fn caller_of(&self, token: &str, due: Resource) -> Result<Caller, TokenError> {
        let claims = self.verified(token)?;
        let now = self.state.now().timestamp();
        if now >= claims.exp || now < claims.nbf {
            return Err(TokenError::OutsideTime);
        }
        if Resource::of(&claims.aud) != Some(due) {
            return Err(TokenError::Audience(claims.aud.clone()));
        }
        let index = self.state.app(&claims.tid, &claims.appid);
        let index = index.ok_or(TokenError::Malformed)?;
        Ok(Caller { index, claims })
    }

    /// Returns the integration that a request claims to be of, even with a bad token.
    pub(crate) fn claimed_by(&self, headers: &HeaderMap) -> Option<usize> {
        self.claimed_by_token(bearer(headers)?)
    }

    /// Returns the integration that a token claims to be of.
    pub(crate) fn claimed_by_token(&self, token: &str) -> Option<usize> {
        let claims = unverified_claims(token)?;
        let claim = |name: &str| claims.get(name)?.as_str();
        self.state.app(claim("tid")?, claim("appid")?)
    }

    fn verified(&self, token: &str) -> Result<Arc<TokenClaims>, TokenError> {
        /// The tokens that are remembered for each tenant. Beyond that all are forgotten, which costs
        /// one verification each.
        const REMEMBERED: usize = 2;
        let known = self.verified.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(claims) = known.get(token) {
            return Ok(Arc::clone(claims));
        }
        drop(known);
        let claims: Arc<TokenClaims> = match self.signer.verify(token) {
            Some(claims) => Arc::new(claims),
            None if unverified_claims(token).is_some() => return Err(TokenError::Signature),
            None => return Err(TokenError::Malformed),
        };
        let mut known = self
            .verified
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED * self.state.integrations().count() {
            known.clear();
        }
        known.insert(token.to_owned(), Arc::clone(&claims));
        Ok(claims)
    }
}
