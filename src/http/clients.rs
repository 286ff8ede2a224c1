//! The HTTP clients: one for each distinct set of network settings, shared by all tenants with it.

use std::{
    collections::{HashMap, hash_map::Entry},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{Proxy, redirect, retry};
use rustls::{ClientConfig, client::Resumption};
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout},
};
use url::Url;

use super::{
    HTTP2_HEADERS_LIMIT, fault,
    timeline::{TimedConnections, TimedResolver},
    trust::{self, OwnRoots},
};
use crate::{
    clock::Clock,
    observation::Fault,
    tenant::{Network, is_loopback},
    text,
};

/// How long a request waits for the first one to the same address: as long as a handshake takes to a
/// healthy server. A slow server must not delay the others.
const PATIENCE: Duration = Duration::from_millis(300);

/// Whether a request may travel on a connection that is already there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pool {
    /// Takes a kept connection, and keeps its own for the next request.
    Shared,
    /// Makes a connection of its own, with a whole TLS handshake, and closes it afterwards: for
    /// confirming a failure, and where every phase shall be seen.
    Fresh,
}

/// Which proxy a request takes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Route {
    /// None.
    Direct,
    /// The proxy that the environment names for the address, if any.
    Environment,
    /// This one.
    Proxy(Url),
}

impl Route {
    fn of(network: &Network, target: &Url) -> Self {
        match &network.proxy {
            Some(proxy) => Self::Proxy(proxy.clone()),
            None if is_loopback(target) => Self::Direct,
            None => Self::Environment,
        }
    }
}

/// Returns the proxy that a request to `target` takes, as `scheme://host:port`; its login stays out.
pub(super) fn proxy(network: &Network, target: &Url) -> Option<String> {
    match Route::of(network, target) {
        Route::Direct => None,
        Route::Proxy(url) => Some(origin(url.scheme(), url.host_str()?, url.port())),
        Route::Environment => {
            // the HTTP client asks the same matcher
            let target = target.as_str().parse().ok()?;
            let taken = Matcher::from_system().intercept(&target)?;
            let uri = taken.uri();
            Some(origin(uri.scheme_str()?, uri.host()?, uri.port_u16()))
        }
    }
}

fn origin(scheme: &str, host: &str, port: Option<u16>) -> String {
    let port = port.map_or_else(String::new, |port| format!(":{port}"));
    text::line(&format!("{scheme}://{host}{port}"))
}

/// All that makes one client differ from another; the user agent is set per request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct ClientKey {
    route: Route,
    ca_file: Option<PathBuf>,
    connect_timeout: Duration,
    pool: Pool,
}

/// The HTTP clients, built when they are first needed.
///
/// Building one is not free, so tenants with equal settings share it, and clients with equal trust
/// roots share those and their TLS sessions. What could not be built is tried again at the next
/// request. Trust roots and the environment's proxy are read once, until [`Clients::renew`].
#[derive(Debug, Default)]
pub struct Clients {
    clock: Clock,
    built: Mutex<HashMap<ClientKey, Arc<Shared>>>,
    trust: Mutex<HashMap<Option<PathBuf>, ClientConfig>>,
}

impl Clients {
    /// Returns an empty registry.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads trust roots and the environment's proxy anew for every request from now on; those under
    /// way are finished as they began.
    pub fn renew(&self) {
        // in the order of `client`, so that none is built on roots that are gone in between
        let mut built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        let mut trust = self.trust.lock().unwrap_or_else(PoisonError::into_inner);
        built.clear();
        trust.clear();
    }

    /// Returns the clock that exchanges are timed by.
    pub(super) fn clock(&self) -> Clock {
        self.clock
    }

    /// Returns the client for a request to `target`, built if need be.
    pub(super) async fn client(
        &self,
        network: &Network,
        target: &Url,
        pool: Pool,
        deadline: Instant,
    ) -> Result<Arc<Shared>, Fault> {
        let key = ClientKey {
            route: Route::of(network, target),
            ca_file: network.ca_file.clone(),
            connect_timeout: network.connect_timeout,
            pool,
        };
        if let Some(shared) = self.known(&key) {
            return Ok(shared);
        }
        let pem = match &key.ca_file {
            Some(path) if !self.knows_roots_of(&key) => Some(trust::read(path, deadline).await?),
            Some(_) | None => None,
        };
        // held while building, so that first requests at the same time build one client and not many
        let mut built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shared) = built.get(&key) {
            return Ok(Arc::clone(shared));
        }
        let shared = Arc::new(Shared {
            client: build(&key, self.tls(&key, pem.as_deref())?)?,
            opening: (pool == Pool::Shared).then(Opening::default),
        });
        built.insert(key, Arc::clone(&shared));
        Ok(shared)
    }

    /// Returns the client of these settings, if it was built before.
    fn known(&self, key: &ClientKey) -> Option<Arc<Shared>> {
        let built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        built.get(key).map(Arc::clone)
    }

    /// Returns whether the trust roots of these settings were read before.
    fn knows_roots_of(&self, key: &ClientKey) -> bool {
        let trust = self.trust.lock().unwrap_or_else(PoisonError::into_inner);
        trust.contains_key(&key.ca_file)
    }

    /// Returns the TLS settings for a set of trust roots; `pem` are the contents of a `ca_file` whose
    /// roots are not known yet.
    fn tls(&self, key: &ClientKey, pem: Option<&[u8]>) -> Result<ClientConfig, Fault> {
        let mut trust = self.trust.lock().unwrap_or_else(PoisonError::into_inner);
        let mut tls = match trust.entry(key.ca_file.clone()) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(slot) => {
                let own = key.ca_file.as_deref().map(|path| OwnRoots {
                    path,
                    // empty only where `renew` forgot the roots a moment ago; the next request reads them
                    pem: pem.unwrap_or_default(),
                });
                slot.insert(trust::tls(own)?).clone()
            }
        };
        if key.pool == Pool::Fresh {
            // a resumed session would skip looking at the certificate
            tls.resumption = Resumption::disabled();
        }
        Ok(tls)
    }
}

/// A client, and the order of its first requests.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) client: reqwest::Client,
    /// `None` where every request makes a connection of its own.
    opening: Option<Opening>,
}

impl Shared {
    /// Waits for the first request to the same address, for clients that share connections.
    pub(super) async fn turn(&self, target: &Url) -> Option<Lead> {
        self.opening.as_ref()?.turn(target).await
    }
}

/// A permit for each address: its first request holds it, and closes it at its end.
#[derive(Debug, Default)]
struct Opening(Mutex<HashMap<String, Arc<Semaphore>>>);

impl Opening {
    /// Waits for the first request to an address, if that is under way. Requests that start at the same
    /// time would open a connection each, before it is known that the server speaks HTTP/2 and one is
    /// enough.
    ///
    /// The first request gets a [`Lead`]; once it has ended, no request waits any more.
    async fn turn(&self, target: &Url) -> Option<Lead> {
        let permit = self.of(target);
        if permit.is_closed() {
            return None;
        }
        let first = timeout(PATIENCE, permit.acquire()).await.ok()?.ok()?;
        // the permit is given out once
        first.forget();
        Some(Lead(permit))
    }

    fn of(&self, target: &Url) -> Arc<Semaphore> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let authority = target.authority();
        if let Some(permit) = known.get(authority) {
            return Arc::clone(permit);
        }
        let permit = Arc::new(Semaphore::new(1));
        known.insert(authority.to_owned(), Arc::clone(&permit));
        permit
    }
}

/// The first request to an address; when it is dropped, the others may go.
#[derive(Debug)]
pub(super) struct Lead(Arc<Semaphore>);

impl Drop for Lead {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Builds one client.
fn build(key: &ClientKey, tls: ClientConfig) -> Result<reqwest::Client, Fault> {
    let mut builder = reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .connect_timeout(key.connect_timeout)
        .http2_max_header_list_size(HTTP2_HEADERS_LIMIT)
        .dns_resolver(TimedResolver)
        .connector_layer(TimedConnections)
        .tls_backend_preconfigured(tls);
    builder = match &key.route {
        Route::Direct => builder.no_proxy(),
        Route::Environment => builder,
        Route::Proxy(url) => {
            builder.proxy(Proxy::all(url.clone()).map_err(|e| fault::no_client(&e))?)
        }
    };
    if key.pool == Pool::Fresh {
        builder = builder.pool_max_idle_per_host(0);
    }
    builder.build().map_err(|e| fault::no_client(&e))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network() -> Network {
        Network {
            proxy: None,
            ca_file: None,
            user_agent: "test".into(),
            connect_timeout: Duration::from_secs(1),
        }
    }

    #[test]
    fn only_an_explicit_proxy_takes_requests_to_this_machine() {
        let proxy: Url = "http://proxy.example:3128".parse().unwrap();
        let explicit = Network {
            proxy: Some(proxy.clone()),
            ..network()
        };
        for (target, here) in [
            ("https://localhost:8443/x", true),
            ("https://login.localhost/x", true),
            ("https://127.8.9.1/x", true),
            ("https://[::1]/x", true),
            ("https://login.microsoftonline.com/x", false),
            ("https://10.0.0.1/x", false),
        ] {
            let target = target.parse().unwrap();
            let expected = if here {
                Route::Direct
            } else {
                Route::Environment
            };
            assert_eq!(Route::of(&network(), &target), expected, "{target}");
            assert_eq!(
                Route::of(&explicit, &target),
                Route::Proxy(proxy.clone()),
                "{target}"
            );
        }
    }

    #[test]
    fn a_proxy_is_named_without_its_login() {
        let explicit = Network {
            proxy: Some("http://user:s3cret@proxy.example:3128".parse().unwrap()),
            ..network()
        };
        let target = "https://login.microsoftonline.com/x".parse().unwrap();
        let named = proxy(&explicit, &target).unwrap();
        assert_eq!(named, "http://proxy.example:3128");
        let here = "https://127.0.0.1:8443/x".parse().unwrap();
        assert_eq!(proxy(&network(), &here), None);
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_request_to_an_address_delays_others_a_moment() {
        let opening = Opening::default();
        let [here, there]: [Url; 2] =
            ["https://a.example/x", "https://b.example/x"].map(|url| url.parse().unwrap());
        let began = Instant::now();
        let lead = opening.turn(&here).await.unwrap();
        assert!(opening.turn(&there).await.is_some(), "another address");
        assert_eq!(began.elapsed(), Duration::ZERO);
        assert!(opening.turn(&here).await.is_none());
        assert_eq!(began.elapsed(), PATIENCE, "the first one may be stuck");

        let (waited, ()) = tokio::join!(opening.turn(&here), async { drop(lead) });
        assert!(waited.is_none());
        assert!(opening.turn(&here).await.is_none(), "later ones just go");
        assert_eq!(began.elapsed(), PATIENCE);
    }

    #[cfg(feature = "demo")] // for rcgen
    #[tokio::test]
    async fn equal_settings_share_a_client_and_a_fresh_one_stands_apart() {
        let clients = Clients::new();
        let here = "http://127.0.0.1/".parse().unwrap();
        // clients are made from roots; an own certificate makes this independent of the machine's
        let dir = tempfile::tempdir().unwrap();
        let ca_file = dir.path().join("ca.pem");
        let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        std::fs::write(&ca_file, certified.cert.pem()).unwrap();
        let network = Network {
            ca_file: Some(ca_file),
            ..network()
        };
        for pool in [Pool::Shared, Pool::Shared, Pool::Fresh] {
            let deadline = Instant::now() + Duration::from_secs(30);
            let client = clients.client(&network, &here, pool, deadline);
            client.await.unwrap();
        }
        assert_eq!(clients.built.lock().unwrap().len(), 2);
        assert_eq!(clients.trust.lock().unwrap().len(), 1);
    }
}
