//! The handle of a running cloud.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::backend::Backend;
use super::crypto::{ServerIdentity, make_identity};
use super::entra;
use super::error::SimulatorError;
use super::fault_listener::{self, FaultAddress, FaultListener, scheme};
use super::faults::{Fault, FaultTarget, WireFault};
use super::fleet::{FaultScript, Integration, SimulatedFleet};
use super::record::RecordedRequest;
use super::server::{self, Protocol, Server};
use super::state::{CloudState, TimeSource};
use crate::clock::Clock;

/// The mail servers of a cloud.
const MAIL: [FaultTarget; 3] = [FaultTarget::Imap, FaultTarget::Pop, FaultTarget::Smtp];

/// A running cloud. Dropping it stops it; [`SimulatedCloud::stop`] also waits until it has.
pub struct SimulatedCloud {
    backend: Arc<Backend>,
    address: SocketAddr,
    ca_pem: String,
    /// The mail servers, with their ports.
    mail_ports: Vec<(FaultTarget, u16)>,
    fault_addresses: Vec<FaultAddress>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl SimulatedCloud {
    /// Starts a cloud on that address, port 0 for any, with that clock. Scripts begin now.
    pub async fn start(
        fleet: SimulatedFleet,
        listen: SocketAddr,
        now: TimeSource,
    ) -> Result<Self, SimulatorError> {
        let listener = bind(listen).await?;
        let address = local_address(&listener)?;
        let named = !address.ip().is_loopback() && !address.ip().is_unspecified();
        let identity = make_identity(named.then_some(address.ip()))?;
        let base = format!("https://{}:{}", host(address.ip()), address.port());
        let mut cloud = Self {
            backend: Arc::new(Backend::new(CloudState::new(fleet, base, now)?)?),
            address,
            ca_pem: identity.ca_pem.clone(),
            mail_ports: Vec::new(),
            fault_addresses: Vec::new(),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        };
        let server = Server {
            protocol: Protocol::Http,
            backend: Arc::clone(&cloud.backend),
            acceptor: TlsAcceptor::from(Arc::clone(&identity.server)),
            stop: cloud.stop.clone(),
            tasks: cloud.tasks.clone(),
            fault_listener: None,
        };
        cloud.open_fault_listeners(&identity, &server).await?;
        for target in MAIL {
            let listener = bind(SocketAddr::new(address.ip(), 0)).await?;
            let port = local_address(&listener)?.port();
            cloud.mail_ports.push((target, port));
            let protocol = Protocol::Mail(target);
            let server = Server {
                protocol,
                ..server.clone()
            };
            cloud.serve(listener, server).await?;
        }
        cloud.serve(listener, server).await?;
        Ok(cloud)
    }

    /// Serves a listener.
    async fn serve(&self, listener: TcpListener, server: Server) -> Result<(), SimulatorError> {
        let address = local_address(&listener)?;
        // `localhost` is two addresses: a client that tries IPv6 first should not be refused.
        if address.ip().is_loopback() && address.is_ipv4() {
            let twin = SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), address.port());
            if let Ok(twin) = TcpListener::bind(twin).await {
                self.tasks.spawn(server::serve(twin, server.clone()));
            }
        }
        self.tasks.spawn(server::serve(listener, server));
        Ok(())
    }

    /// Listens for the integrations that need addresses of their own.
    async fn open_fault_listeners(
        &mut self,
        identity: &ServerIdentity,
        server: &Server,
    ) -> Result<(), SimulatorError> {
        let needed: Vec<_> = self
            .integrations()
            .enumerate()
            .flat_map(|(index, one)| {
                let of_one = fault_listener::needed(one).into_iter();
                of_one.map(move |fault| (index, fault))
            })
            .collect();
        if needed.is_empty() {
            return Ok(());
        }
        let untrusted = Arc::new(identity.untrusted()?);
        for (index, fault) in needed {
            let target = fault.target();
            if let Fault::Wire(_, WireFault::NameUnknown) = fault {
                let address = FaultAddress::unresolvable(index, target);
                self.fault_addresses.push(address);
                continue;
            }
            let listener = bind(SocketAddr::new(self.address.ip(), 0)).await?;
            let address = FaultAddress::of(local_address(&listener)?, index, target);
            self.fault_addresses.push(address.clone());
            let server = Server {
                protocol: Protocol::of(target),
                fault_listener: Some(FaultListener {
                    address,
                    untrusted: Arc::clone(&untrusted),
                }),
                ..server.clone()
            };
            self.tasks.spawn(server::serve(listener, server));
        }
        Ok(())
    }

    /// Returns the beginning of the address of a service for one integration alone.
    pub(crate) fn own_base(&self, index: usize, target: FaultTarget) -> Option<&str> {
        let mut addresses = self.fault_addresses.iter();
        let own = addresses.find(|one| one.index == index && one.target == target)?;
        Some(&own.base)
    }

    /// Starts a cloud on any free port of this machine, with the machine's clock.
    pub async fn start_on_loopback(fleet: SimulatedFleet) -> Result<Self, SimulatorError> {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        Self::start(fleet, any, Arc::new(|| Clock.now())).await
    }

    /// Returns the address of its listener.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the address of the sign-in service: `{login_url}/{tenant}/oauth2/v2.0/token`.
    pub fn login_url(&self) -> String {
        self.backend.state.base.clone()
    }

    /// Returns the address of Exchange Web Services.
    pub fn ews_url(&self) -> String {
        ews_of(&self.backend.state.base)
    }

    /// Returns the address of Graph: `{graph_url}/v1.0/users/…`.
    pub fn graph_url(&self) -> String {
        graph_of(&self.backend.state.base)
    }

    /// Returns the address of a mail server, such as `imaps://localhost:PORT`; empty for the other
    /// services.
    pub fn mail_url(&self, target: FaultTarget) -> String {
        let port = self.mail_ports.iter().find(|(known, _)| *known == target);
        let host = host(self.address.ip());
        port.map_or_else(String::new, |(_, port)| {
            format!("{}://{host}:{port}", scheme(target))
        })
    }

    /// Returns the certificate of the authority that clients must trust.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// Returns the integrations that it serves, in order.
    pub fn integrations(&self) -> impl Iterator<Item = &Integration> {
        self.backend.state.integrations()
    }

    /// Returns the integration of that name.
    pub fn integration(&self, name: &str) -> Option<&Integration> {
        let state = &self.backend.state;
        state.integration(state.index_of(name)?)
    }

    /// Returns a new federated token of an integration that uses one.
    pub fn federated_token(&self, name: &str) -> Option<String> {
        entra::federated_token(&self.backend, self.integration(name)?)
    }

    /// Sets a fault of that integration from now on, or none, in place of its script.
    pub fn set_fault(
        &self,
        name: &str,
        fault: impl Into<Option<Fault>>,
    ) -> Result<(), SimulatorError> {
        let index = self.index_of(name)?;
        let fault = fault.into();
        if let Some(fault) = fault
            && fault.needs_own_address()
            && self.own_base(index, fault.target()).is_none()
        {
            return Err(SimulatorError::NoListener(name.to_owned()));
        }
        let script = FaultScript::always(fault);
        self.backend.state.force(index, Some(script));
        Ok(())
    }

    /// Returns that integration to its script.
    pub fn follow_script(&self, name: &str) -> Result<(), SimulatorError> {
        self.backend.state.force(self.index_of(name)?, None);
        Ok(())
    }

    fn index_of(&self, name: &str) -> Result<usize, SimulatorError> {
        let index = self.backend.state.index_of(name);
        index.ok_or_else(|| SimulatorError::UnknownTenant(name.to_owned()))
    }

    /// Returns the latest requests (some thousands), oldest first.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.backend.record.all()
    }

    /// Returns the latest requests of one integration, oldest first.
    pub fn requests_of(&self, name: &str) -> Vec<RecordedRequest> {
        let mut requests = self.requests();
        requests.retain(|request| request.tenant.as_deref() == Some(name));
        requests
    }

    /// Drops the record of requests.
    pub fn forget_requests(&self) {
        self.backend.record.clear();
    }

    /// Stops and waits for the last answers.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Drop for SimulatedCloud {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl fmt::Debug for SimulatedCloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatedCloud")
            .field("address", &self.address)
            .field("state", &self.backend.state)
            .finish_non_exhaustive()
    }
}

/// Returns the address of Exchange Web Services below a base.
pub(crate) fn ews_of(base: &str) -> String {
    format!("{base}/EWS/Exchange.asmx")
}

/// Returns the address of Graph below a base.
pub(crate) fn graph_of(base: &str) -> String {
    format!("{base}/graph")
}

async fn bind(address: SocketAddr) -> Result<TcpListener, SimulatorError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| SimulatorError::Listen { address, source })
}

fn local_address(listener: &TcpListener) -> Result<SocketAddr, SimulatorError> {
    listener
        .local_addr()
        .map_err(|source| SimulatorError::Listen {
            address: SocketAddr::from(([0, 0, 0, 0], 0)),
            source,
        })
}

fn host(ip: IpAddr) -> String {
    match ip {
        ip if ip.is_loopback() || ip.is_unspecified() => "localhost".to_owned(),
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}
