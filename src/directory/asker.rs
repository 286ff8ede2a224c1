//! Asks Graph about one app with the credential of the app or of a reader.

use tokio::time::Instant;

use super::walk::{self, Asking, FoundRegistration, Question, Refused};
use crate::{
    check::{Checker, GraphAccess, Session},
    tenant::{Endpoints, Tenant},
};

/// The app whose registration is read, the credential to read it with, and the deadline.
pub(super) struct Asker<'a> {
    pub(super) checker: &'a Checker,
    pub(super) tenant: &'a Tenant,
    pub(super) session: &'a Session,
    pub(super) deadline: Instant,
}

impl<'a> Asker<'a> {
    pub(super) async fn graph<'t>(
        &self,
        tenant: &'t Tenant,
        session: &Session,
    ) -> Result<GraphAccess<'t>, Refused>
    where
        'a: 't,
    {
        let access = self
            .checker
            .graph_access(tenant, session, self.deadline)
            .await;
        access.map_err(|exchange| Refused::token(exchange.as_deref()))
    }

    /// Reads the registration where it is: in the tenant's directory, or in the app's home.
    pub(super) async fn list(&self, graph: &GraphAccess<'_>) -> Result<FoundRegistration, Refused> {
        let question = self.question(Asking::Itself, &self.tenant.endpoints);
        let Some(home) = self.tenant.directory.home_tenant_id() else {
            return walk::registration(graph, question).await;
        };
        let mut at_home = self.tenant.clone();
        home.clone_into(&mut at_home.app.tenant_id);
        let session = self.session.elsewhere();
        let graph = self.graph(&at_home, &session).await?;
        walk::registration(&graph, question).await
    }

    pub(super) fn question<'q>(&'q self, asking: Asking, endpoints: &'q Endpoints) -> Question<'q> {
        Question {
            tenant: self.tenant,
            endpoints,
            asking,
        }
    }
}
