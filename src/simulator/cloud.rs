//! The handle on a running cloud.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::behaviour::{Behaviour, Surface, WireFault};
use super::door::{self, Door};
use super::proof;
use super::record::Seen;
use super::scenario::{Fleet, Integration};
use super::server::{self, Serving};
use super::world::World;
use super::{SimulatorError, tls};
use crate::clock::Clock;

/// Tells the cloud what time it is.
pub type TimeSource = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// A running cloud. Dropping it stops it; [`Cloud::stop`] also waits until it has.
pub struct Cloud {
    world: Arc<World>,
    address: SocketAddr,
    ca_pem: String,
    doors: Vec<Door>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Cloud {
    /// Starts a cloud on that address, port 0 for any, with that clock. Scripts begin now.
    pub async fn start(
        fleet: Fleet,
        listen: SocketAddr,
        now: TimeSource,
    ) -> Result<Self, SimulatorError> {
        let listener = bind(listen).await?;
        let address = listener
            .local_addr()
            .map_err(|source| SimulatorError::Listen {
                address: listen,
                source,
            })?;
        let named = !address.ip().is_loopback() && !address.ip().is_unspecified();
        let identity = tls::make(named.then_some(address.ip()))?;
        let base = format!("https://{}:{}", host(address.ip()), address.port());
        let mut cloud = Self {
            world: Arc::new(World::new(fleet, base, now)?),
            address,
            ca_pem: identity.ca_pem.clone(),
            doors: Vec::new(),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        };
        let serving = Serving {
            world: Arc::clone(&cloud.world),
            acceptor: TlsAcceptor::from(Arc::clone(&identity.server)),
            stop: cloud.stop.clone(),
            tasks: cloud.tasks.clone(),
            door: None,
        };
        cloud.open_doors(&identity, &serving).await?;
        // `localhost` is two addresses: a client that tries IPv6 first should not be refused.
        if address.ip().is_loopback() && address.is_ipv4() {
            let twin = SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), address.port());
            if let Ok(twin) = TcpListener::bind(twin).await {
                cloud.tasks.spawn(server::serve(twin, serving.clone()));
            }
        }
        cloud.tasks.spawn(server::serve(listener, serving));
        Ok(cloud)
    }

    /// Listens for those integrations that need addresses of their own.
    async fn open_doors(
        &mut self,
        identity: &tls::Identity,
        serving: &Serving,
    ) -> Result<(), SimulatorError> {
        let needed: Vec<_> = self
            .integrations()
            .enumerate()
            .flat_map(|(index, one)| {
                let of_one = door::needed(one).into_iter();
                of_one.map(move |(surface, fault)| (index, surface, fault))
            })
            .collect();
        if needed.is_empty() {
            return Ok(());
        }
        let strangers = Arc::new(identity.strangers()?);
        for (index, surface, fault) in needed {
            if fault == WireFault::NameUnknown {
                self.doors.push(Door::nameless(index, surface));
                continue;
            }
            let listener = bind(SocketAddr::new(self.address.ip(), 0)).await?;
            let address = listener.local_addr();
            let address = address.map_err(|source| SimulatorError::Listen {
                address: self.address,
                source,
            })?;
            let door = Door::at(address, (index, surface));
            self.doors.push(door.clone());
            let serving = Serving {
                door: Some((door, Arc::clone(&strangers))),
                ..serving.clone()
            };
            self.tasks.spawn(server::serve(listener, serving));
        }
        Ok(())
    }

    /// Returns how the address of a service begins that is for one integration alone.
    pub(super) fn own_base(&self, index: usize, surface: Surface) -> Option<&str> {
        let mut doors = self.doors.iter();
        let door = doors.find(|door| (door.index, door.surface) == (index, surface));
        door.map(|door| door.base.as_str())
    }

    /// Starts a cloud on any free port of this machine, with the machine's clock.
    pub async fn start_on_loopback(fleet: Fleet) -> Result<Self, SimulatorError> {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        Self::start(fleet, any, Arc::new(|| Clock.now())).await
    }

    /// Returns the address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the address of the sign-in service: `{login_url}/{tenant}/oauth2/v2.0/token`.
    pub fn login_url(&self) -> String {
        self.world.base.clone()
    }

    /// Returns the address of Exchange Web Services.
    pub fn ews_url(&self) -> String {
        ews_of(&self.world.base)
    }

    /// Returns the address of Graph: `{graph_url}/v1.0/users/…`.
    pub fn graph_url(&self) -> String {
        graph_of(&self.world.base)
    }

    /// Returns the certificate of the authority that clients must trust.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// Returns the integrations that it serves, in order.
    pub fn integrations(&self) -> impl Iterator<Item = &Integration> {
        self.world.integrations()
    }

    /// Returns the integration of that name.
    pub fn integration(&self, name: &str) -> Option<&Integration> {
        self.world.integration(self.world.named(name)?)
    }

    /// Returns a fresh token of the other provider for an integration that proves itself with one.
    pub fn federated_token(&self, name: &str) -> Option<String> {
        proof::federated_token(&self.world, self.integration(name)?)
    }

    /// Treats that integration so from now on, whatever its script says.
    pub fn set_behaviour(&self, name: &str, behaviour: Behaviour) -> Result<(), SimulatorError> {
        self.force(name, Some(behaviour))
    }

    /// Treats that integration by its script again.
    pub fn follow_script(&self, name: &str) -> Result<(), SimulatorError> {
        self.force(name, None)
    }

    fn force(&self, name: &str, behaviour: Option<Behaviour>) -> Result<(), SimulatorError> {
        let index = self
            .world
            .named(name)
            .ok_or_else(|| SimulatorError::UnknownTenant(name.to_owned()))?;
        if let Some(Behaviour::Wire(surface, fault)) = behaviour
            && fault.is_before_http()
            && self.own_base(index, surface).is_none()
        {
            return Err(SimulatorError::NoDoor(name.to_owned()));
        }
        self.world.force(index, behaviour);
        Ok(())
    }

    /// Returns the latest requests (some thousands), oldest first.
    pub fn requests(&self) -> Vec<Seen> {
        self.world.record.all()
    }

    /// Returns the latest requests of one integration, oldest first.
    pub fn requests_of(&self, name: &str) -> Vec<Seen> {
        let mut requests = self.requests();
        requests.retain(|seen| seen.tenant.as_deref() == Some(name));
        requests
    }

    /// Forgets the requests so far.
    pub fn forget_requests(&self) {
        self.world.record.clear();
    }

    /// Stops and waits for the last answers.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl fmt::Debug for Cloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cloud")
            .field("address", &self.address)
            .field("world", &self.world)
            .finish_non_exhaustive()
    }
}

/// Returns where Exchange Web Services are at an address.
pub(super) fn ews_of(base: &str) -> String {
    format!("{base}/EWS/Exchange.asmx")
}

/// Returns where Graph is at an address.
pub(super) fn graph_of(base: &str) -> String {
    format!("{base}/graph")
}

async fn bind(address: SocketAddr) -> Result<TcpListener, SimulatorError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| SimulatorError::Listen { address, source })
}

fn host(ip: IpAddr) -> String {
    match ip {
        ip if ip.is_loopback() || ip.is_unspecified() => "localhost".to_owned(),
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}
