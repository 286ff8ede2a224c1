//! What the three services share: who exists, how each is treated now, tokens, the record.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use axum::http::HeaderMap;
use chrono::{DateTime, Utc};

use super::behaviour::Behaviour;
use super::cloud::TimeSource;
use super::grants::Grants;
use super::record::Record;
use super::scenario::{Fleet, Integration};
use super::token::{Claims, Signer};
use super::{SimulatorError, scenario};

/// App-only tokens of Entra live an hour, less a second.
pub(super) const TOKEN_SECONDS: i64 = 3599;

/// A token with less time left than this is not given out again.
const FRESH_SECONDS: i64 = 300;

/// Names of Exchange Online as a resource.
const EXCHANGE: [&str; 9] = [
    "https://outlook.office365.com",
    "https://outlook.office.com",
    "https://outlook.office365.us",
    "https://outlook-dod.office365.us",
    "https://partner.outlook.cn",
    "https://outlook.sovcloud.fr",
    "https://outlook.sovcloud.de",
    "https://ps.outlook.com",
    "00000002-0000-0ff1-ce00-000000000000",
];

/// Names of Graph as a resource.
const GRAPH: [&str; 7] = [
    "https://graph.microsoft.com",
    "https://graph.microsoft.us",
    "https://dod-graph.microsoft.us",
    "https://microsoftgraph.chinacloudapi.cn",
    "https://graph.svc.sovcloud.fr",
    "https://graph.svc.sovcloud.de",
    "00000003-0000-0000-c000-000000000000",
];

/// An API that tokens are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Resource {
    Exchange,
    Graph,
}

impl Resource {
    /// Returns the API of that name; a slash at the end makes no difference.
    pub(super) fn of(name: &str) -> Option<Self> {
        let name = name.trim_end_matches('/').to_ascii_lowercase();
        if EXCHANGE.contains(&name.as_str()) {
            return Some(Self::Exchange);
        }
        GRAPH.contains(&name.as_str()).then_some(Self::Graph)
    }
}

/// What is wrong with the bearer token of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Rejected {
    /// No `Authorization`, or of another scheme.
    NoBearer,
    /// Not a token.
    Malformed,
    /// Signed by somebody else.
    Signature,
    /// Ended, or not begun.
    OutsideTime,
    /// For another API.
    Audience(String),
}

/// A verified caller.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) index: usize,
    pub(super) claims: Arc<Claims>,
}

/// How a token departs from what is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenShape {
    Right,
    NoRoles,
    Ended,
}

#[derive(Debug)]
struct Live {
    integration: Integration,
    forced: RwLock<Option<Behaviour>>,
    asked: AtomicU32,
}

/// The state of one cloud.
pub(super) struct World {
    /// `https://localhost:PORT`.
    pub(super) base: String,
    pub(super) signer: Arc<Signer>,
    pub(super) record: Record,
    pub(super) grants: Grants,
    now: TimeSource,
    started_at: DateTime<Utc>,
    live: Vec<Live>,
    names: HashMap<String, usize>,
    apps: HashMap<(String, String), usize>,
    directories: HashMap<String, Vec<usize>>,
    issued: Mutex<HashMap<(usize, String), (String, i64)>>,
    verified: RwLock<HashMap<String, Arc<Claims>>>,
}

impl World {
    pub(super) fn new(fleet: Fleet, base: String, now: TimeSource) -> Result<Self, SimulatorError> {
        let mut world = Self {
            base,
            signer: Signer::shared()?,
            record: Record::default(),
            grants: Grants::default(),
            started_at: now(),
            now,
            live: Vec::new(),
            names: HashMap::new(),
            apps: HashMap::new(),
            directories: HashMap::new(),
            issued: Mutex::default(),
            verified: RwLock::default(),
        };
        for integration in fleet.tenants {
            world.add(integration)?;
        }
        Ok(world)
    }

    fn add(&mut self, integration: Integration) -> Result<(), SimulatorError> {
        let index = self.live.len();
        let name = integration.name.clone();
        if self.names.insert(name.clone(), index).is_some() {
            return Err(SimulatorError::DuplicateTenant(name));
        }
        let client = integration.client_id.to_ascii_lowercase();
        for directory in [integration.tenant_id.as_str(), integration.domain()] {
            let directory = directory.to_ascii_lowercase();
            self.apps.insert((directory.clone(), client.clone()), index);
            self.directories.entry(directory).or_default().push(index);
        }
        if integration
            .delegated
            .as_ref()
            .is_some_and(|one| one.signed_in)
        {
            self.grants.begin(index, &integration);
        }
        self.live.push(Live {
            integration,
            forced: RwLock::new(None),
            asked: AtomicU32::new(0),
        });
        Ok(())
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        (self.now)()
    }

    /// Every integration, in order.
    pub(super) fn integrations(&self) -> impl Iterator<Item = &Integration> {
        self.live.iter().map(|live| &live.integration)
    }

    pub(super) fn integration(&self, index: usize) -> Option<&Integration> {
        self.live.get(index).map(|live| &live.integration)
    }

    pub(super) fn named(&self, name: &str) -> Option<usize> {
        self.names.get(name).copied()
    }

    pub(super) fn knows_directory(&self, directory: &str) -> bool {
        self.directories
            .contains_key(&directory.to_ascii_lowercase())
    }

    pub(super) fn app(&self, directory: &str, client_id: &str) -> Option<usize> {
        let key = (
            directory.to_ascii_lowercase(),
            client_id.to_ascii_lowercase(),
        );
        self.apps.get(&key).copied()
    }

    /// Returns every integration of that directory.
    pub(super) fn neighbours(&self, directory: &str) -> impl Iterator<Item = &Integration> {
        self.directories
            .get(&directory.to_ascii_lowercase())
            .into_iter()
            .flatten()
            .filter_map(|index| self.integration(*index))
    }

    /// Returns how that integration is treated now: as forced by a test, else by its script.
    pub(super) fn behaviour(&self, index: usize) -> Behaviour {
        let Some(live) = self.live.get(index) else {
            return Behaviour::Works;
        };
        let forced = live.forced.read().unwrap_or_else(PoisonError::into_inner);
        forced.clone().unwrap_or_else(|| {
            let elapsed = self.now().signed_duration_since(self.started_at);
            live.integration
                .script
                .at(elapsed.to_std().unwrap_or_default())
        })
    }

    /// Treats that integration so from now on, or by its script again.
    pub(super) fn force(&self, index: usize, behaviour: Option<Behaviour>) {
        if let Some(live) = self.live.get(index) {
            *live.forced.write().unwrap_or_else(PoisonError::into_inner) = behaviour;
        }
    }

    /// Returns how long to wait before the next answer: around the usual latency, never the same
    /// twice in a row, the same in every run.
    pub(super) fn pause(&self, index: usize) -> Duration {
        let Some(live) = self.live.get(index) else {
            return Duration::ZERO;
        };
        if live.integration.latency.is_zero() {
            return Duration::ZERO;
        }
        let count = live.asked.fetch_add(1, Ordering::Relaxed);
        // The golden ratio spreads the fractions evenly whatever the count.
        let fraction = (f64::from(count) * 0.618_034).fract();
        live.integration.latency.mul_f64(0.75 + fraction / 2.0)
    }

    /// Returns an access token for that audience; ordinary ones are kept and given out again, as
    /// signing is what costs most here.
    pub(super) fn token(
        &self,
        index: usize,
        audience: &str,
        shape: TokenShape,
    ) -> Option<(String, i64)> {
        let now = self.now().timestamp();
        let key = (index, audience.to_owned());
        if shape == TokenShape::Right {
            let issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((token, exp)) = issued
                .get(&key)
                .filter(|(_, exp)| exp - now > FRESH_SECONDS)
            {
                return Some((token.clone(), exp - now));
            }
        }
        let claims = self.claims(index, audience, shape)?;
        let token = self.signer.sign(&claims)?;
        if shape == TokenShape::Right {
            let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
            issued.insert(key, (token.clone(), claims.exp));
        }
        Some((token, TOKEN_SECONDS))
    }

    fn claims(&self, index: usize, audience: &str, shape: TokenShape) -> Option<Claims> {
        let integration = self.integration(index)?;
        let roles = match (shape, Resource::of(audience)) {
            (TokenShape::NoRoles, _) | (_, None) => Vec::new(),
            (_, Some(Resource::Exchange)) => integration.roles.clone(),
            (_, Some(Resource::Graph)) => integration.graph_roles.clone(),
        };
        let shift = if shape == TokenShape::Ended { 7200 } else { 0 };
        let issued_at = self.now().timestamp() - shift;
        // Entra backdates a token by five minutes, for clocks that are behind.
        let begins = issued_at - 300;
        let issuer = format!("https://sts.windows.net/{}/", integration.tenant_id);
        Some(Claims {
            aud: audience.to_owned(),
            iss: issuer.clone(),
            iat: begins,
            nbf: begins,
            exp: issued_at + TOKEN_SECONDS,
            aio: opaque("aio", index, issued_at),
            app_displayname: integration.name.clone(),
            appid: integration.client_id.clone(),
            appidacr: "1".to_owned(),
            idp: issuer,
            idtyp: "app".to_owned(),
            oid: integration.object_id(),
            rh: format!("1.{}", opaque("rh", index, issued_at)),
            roles,
            scp: None,
            sub: integration.object_id(),
            tid: integration.tenant_id.clone(),
            upn: None,
            uti: opaque("uti", index, issued_at),
            ver: "1.0".to_owned(),
        })
    }

    /// Returns an access token with which the application acts for the person who signed in.
    pub(super) fn person_token(
        &self,
        index: usize,
        audience: &str,
        (scopes, shape): (&[String], TokenShape),
    ) -> Option<String> {
        let claims = self.claims(index, audience, shape)?;
        let integration = self.integration(index)?;
        let person = integration.person_id();
        let public = integration.delegated.as_ref().is_some_and(|one| one.public);
        self.signer.sign(&Claims {
            appidacr: if public { "0" } else { "1" }.to_owned(),
            idtyp: "user".to_owned(),
            oid: person.clone(),
            roles: Vec::new(),
            sub: person,
            scp: Some(scopes.join(" ")),
            upn: Some(integration.account().to_owned()),
            ..claims
        })
    }

    /// Verifies the bearer token of a request to that API.
    pub(super) fn caller(&self, headers: &HeaderMap, due: Resource) -> Result<Caller, Rejected> {
        let token = bearer(headers).ok_or(Rejected::NoBearer)?;
        let claims = self.verified(token)?;
        let now = self.now().timestamp();
        if now >= claims.exp || now < claims.nbf {
            return Err(Rejected::OutsideTime);
        }
        if Resource::of(&claims.aud) != Some(due) {
            return Err(Rejected::Audience(claims.aud.clone()));
        }
        let index = self
            .app(&claims.tid, &claims.appid)
            .ok_or(Rejected::Malformed)?;
        Ok(Caller { index, claims })
    }

    /// Returns whose request this is, however bad its token.
    pub(super) fn claimed_by(&self, headers: &HeaderMap) -> Option<usize> {
        let claims = super::token::peek(bearer(headers)?)?;
        self.app(claims.get("tid")?.as_str()?, claims.get("appid")?.as_str()?)
    }

    fn verified(&self, token: &str) -> Result<Arc<Claims>, Rejected> {
        /// So many for each tenant are remembered; then all are forgotten, which costs one verification
        /// each.
        const REMEMBERED: usize = 2;
        let known = self.verified.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(claims) = known.get(token) {
            return Ok(Arc::clone(claims));
        }
        drop(known);
        let Some(claims) = self.signer.verify(token) else {
            return Err(if super::token::peek(token).is_some() {
                Rejected::Signature
            } else {
                Rejected::Malformed
            });
        };
        let claims = Arc::new(claims);
        let mut known = self
            .verified
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED * self.live.len() {
            known.clear();
        }
        known.insert(token.to_owned(), Arc::clone(&claims));
        Ok(claims)
    }
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World")
            .field("base", &self.base)
            .field("tenants", &self.live.len())
            .finish_non_exhaustive()
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get("authorization")?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

/// Returns what only Entra could read: opaque, but the same in every run.
fn opaque(kind: &str, index: usize, at: i64) -> String {
    scenario::guid(&format!("{kind} {index} {at}")).replace('-', "")
}
