//! Calling Graph as the app beside the stages, with the credential that a check has read.

use secrecy::SecretString;
use tokio::time::Instant;
use url::Url;

use super::{
    checker::{Checker, Session},
    graph,
    run::Run,
    scrub::scrub_all,
    token::TokenRequest,
};
use crate::{
    http::{Pool, Wire},
    observation::{Exchange, SecretFacts},
    stage::Resource,
    tenant::Tenant,
};

/// A way to call Graph as the app of one tenant, until a deadline.
#[derive(Debug)]
pub struct GraphAccess<'a> {
    wire: Wire<'a>,
    tenant: &'a Tenant,
    /// Every secret that was sent to the login service or came from it: no record may hold one.
    secrets: Vec<SecretString>,
    token: SecretString,
}

impl Checker {
    /// Reads the credential of a tenant and sends nothing: for callers that need a [`Session`] without a check.
    pub async fn read_credential(&self, tenant: &Tenant) -> (SecretFacts, Session) {
        let started = self.clock.instant();
        let mut run = Run::begin(self, tenant, Pool::Shared);
        run.secret().await;
        let (observation, session) = run.end(started);
        (observation.secret, session)
    }

    /// Gets a Graph token with the credential of a session and returns what can be done with it.
    ///
    /// The token of a check whose first surface was Graph is used again. Where there is none to be
    /// had: the answer of the login service, or `None` for a session without a credential.
    pub async fn graph_access<'a>(
        &'a self,
        tenant: &'a Tenant,
        session: &Session,
        deadline: Instant,
    ) -> Result<GraphAccess<'a>, Option<Box<Exchange>>> {
        let wire = || self.clients.wire(&tenant.network, Pool::Shared, deadline);
        let credential = session.credential.as_deref().ok_or(None)?;
        let first_is_graphs = tenant.target.surfaces.first_resource() == Resource::Graph;
        // a person's token shows what that person may see
        let is_own = first_is_graphs && tenant.delegation.is_none();
        let at_hand = session.token.clone().filter(|_| is_own);
        let (token, secrets) = if let Some(token) = at_hand {
            (token, session.secrets.clone())
        } else {
            let resource = &tenant.endpoints.graph_resource;
            let request = TokenRequest {
                wire: wire(),
                tenant,
                now: self.clock.now(),
            };
            let issued = request.for_app(credential, resource).await;
            let granted = issued.token.map(|token| (token, issued.secrets));
            granted.ok_or(Some(Box::new(issued.exchange)))?
        };
        Ok(GraphAccess {
            wire: wire(),
            tenant,
            secrets,
            token,
        })
    }
}

impl Session {
    /// Returns the session of another directory: the same credential, and no token yet.
    #[must_use]
    pub fn elsewhere(&self) -> Self {
        Self {
            credential: self.credential.clone(),
            ..Self::default()
        }
    }

    /// Returns whether the login service accepts the app, as far as this check tried.
    pub fn is_accepted(&self) -> bool {
        self.token.is_some() || self.proven
    }
}

impl GraphAccess<'_> {
    /// Gets something; neither what proved the app nor the token is in what comes back.
    pub async fn get(&self, url: Url) -> Exchange {
        let mut exchange = graph::get(&self.wire, url, &self.token).await;
        scrub_all(&mut exchange, &self.secrets);
        exchange
    }

    /// Makes the test call of the `graph` stage; `None` where no mailbox is configured.
    pub async fn open_mailbox(&self) -> Option<Exchange> {
        let mailbox = self.tenant.target.mailbox.as_deref()?;
        let mut exchange = graph::open(&self.wire, self.tenant, mailbox, &self.token).await;
        scrub_all(&mut exchange, &self.secrets);
        Some(exchange)
    }
}
