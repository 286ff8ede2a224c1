//! Calling Graph as the app beside the stages, with the secret that a check has read.

use secrecy::SecretString;
use tokio::time::Instant;
use url::Url;

use super::{Checker, Run, Session, graph, scrub::scrub, token};
use crate::{
    http::{Pool, Wire},
    observation::{Exchange, SecretFacts},
    tenant::{Target, Tenant},
};

/// A way to call Graph as the app of one tenant, until a deadline.
#[derive(Debug)]
pub struct GraphAccess<'a> {
    wire: Wire<'a>,
    tenant: &'a Tenant,
    secret: SecretString,
    token: SecretString,
}

impl Checker {
    /// Reads the secret of a tenant and sends nothing: for whoever needs a [`Session`] without a check.
    pub async fn read_secret(&self, tenant: &Tenant) -> (SecretFacts, Session) {
        let started = self.clock.instant();
        let mut run = Run::new(self, tenant, Pool::Shared, self.blank(), Session::default());
        run.secret().await;
        let (observation, session) = run.end(started);
        (observation.secret, session)
    }

    /// Gets a Graph token with the secret of a session and returns what can be done with it.
    ///
    /// The token of a check whose first surface was Graph is used again. Where there is none to be
    /// had: the answer of the login service, or `None` for a session without a secret.
    pub async fn graph_access<'a>(
        &'a self,
        tenant: &'a Tenant,
        session: &Session,
        deadline: Instant,
    ) -> Result<GraphAccess<'a>, Option<Box<Exchange>>> {
        let wire = || self.clients.wire(&tenant.network, Pool::Shared, deadline);
        let secret = session.secret.clone().ok_or(None)?;
        let first_is_graphs = matches!(
            tenant.target,
            Target {
                ews: false,
                graph: true,
                ..
            }
        );
        let token = if let Some(token) = session.token.clone().filter(|_| first_is_graphs) {
            token
        } else {
            let resource = &tenant.endpoints.graph_resource;
            let issued = token::request(wire(), tenant, &secret, resource).await;
            issued.token.ok_or(Some(Box::new(issued.exchange)))?
        };
        Ok(GraphAccess {
            wire: wire(),
            tenant,
            secret,
            token,
        })
    }
}

impl Session {
    /// Returns the session of another directory: the same secret, and no token yet.
    #[must_use]
    pub fn elsewhere(&self) -> Self {
        Self {
            secret: self.secret.clone(),
            token: None,
        }
    }

    /// Returns whether a token was issued.
    pub fn has_token(&self) -> bool {
        self.token.is_some()
    }
}

impl GraphAccess<'_> {
    /// Gets something; neither secret nor token is in what comes back.
    pub async fn get(&self, url: Url) -> Exchange {
        let mut exchange = graph::get(&self.wire, url, &self.token).await;
        scrub(&mut exchange, &self.secret);
        exchange
    }

    /// Makes the test call of the `graph` stage; `None` where no mailbox is configured.
    pub async fn open_mailbox(&self) -> Option<Exchange> {
        let mailbox = self.tenant.target.mailbox.as_deref()?;
        let mut exchange = graph::open(&self.wire, self.tenant, mailbox, &self.token).await;
        scrub(&mut exchange, &self.secret);
        Some(exchange)
    }
}
