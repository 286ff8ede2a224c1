//! The stages of one check, in order, under one deadline.

use std::sync::Arc;

use futures_util::future::OptionFuture;
use secrecy::SecretString;
use tokio::time::Instant;

use super::{
    Checker, Session, Watcher, ews, graph,
    scrub::scrub_all,
    token::{self, Issued},
};
use crate::{
    http::{Pool, Wire},
    observation::{GraphFacts, Observation, Outcome, Stage},
    tenant::{Credential, Target, Tenant},
};

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Surface {
    /// Exchange Web Services.
    Ews,
    /// Microsoft Graph.
    Graph,
}

/// A check that is under way.
pub(super) struct Run<'a> {
    pub(super) checker: &'a Checker,
    pub(super) tenant: &'a Tenant,
    pool: Pool,
    pub(super) deadline: Instant,
    pub(super) observation: Observation,
    pub(super) session: Session,
    watcher: Option<&'a mut Watcher<'a>>,
}

impl<'a> Run<'a> {
    /// Begins with what is known already; the deadline counts from here.
    pub(super) fn new(
        checker: &'a Checker,
        tenant: &'a Tenant,
        pool: Pool,
        (observation, session): (Observation, Session),
    ) -> Self {
        Self {
            checker,
            tenant,
            pool,
            deadline: checker.clock.instant() + tenant.pace.timeout,
            observation,
            session,
            watcher: None,
        }
    }

    /// Tells somebody of each stage as it ends.
    pub(super) fn watched_by(self, watcher: &'a mut Watcher<'a>) -> Self {
        Self {
            watcher: Some(watcher),
            ..self
        }
    }

    fn ended(&mut self, stage: Stage) {
        if let Some(watcher) = &mut self.watcher {
            watcher(stage, &self.observation);
        }
    }

    /// Ends a run that began at `started`.
    pub(super) fn end(mut self, started: Instant) -> (Observation, Session) {
        self.observation.took += self.checker.clock.instant() - started;
        (self.observation, self.session)
    }

    /// Goes through a stage and, as far as each is possible, those after it.
    pub(super) async fn stages_from(&mut self, stage: Stage) {
        if stage == Stage::Secret || self.session.is_empty() {
            self.session = Session::default();
            self.secret().await;
            self.sign_in();
            self.ended(Stage::Secret);
        }
        if stage <= Stage::Claims {
            self.token().await;
            if self.observation.token.is_some() {
                self.ended(Stage::Token);
            }
        }
        let Target { ews, graph, .. } = self.tenant.target;
        self.surfaces(ews && stage != Stage::Graph, graph && stage != Stage::Ews)
            .await;
    }

    pub(super) fn wire(&self) -> Wire<'a> {
        self.checker
            .clients
            .wire(&self.tenant.network, self.pool, self.deadline)
    }

    /// Reads the secret, and nothing else.
    pub(super) async fn secret(&mut self) {
        let (facts, proof) = self.checker.read_proof(self.tenant, self.deadline).await;
        self.observation.secret = facts;
        self.session.proof = proof.map(Arc::new);
    }

    /// Asks for the token of the first surface.
    async fn token(&mut self) {
        (self.observation.token, self.observation.claims) = (None, None);
        (self.session.token, self.session.proven) = (None, false);
        self.session.secrets.clear();
        if self.observation.secret.failure.is_some() {
            return;
        }
        let first = match self.tenant.target {
            Target {
                ews: false,
                graph: true,
                ..
            } => Surface::Graph,
            Target { .. } => Surface::Ews,
        };
        let Some(issued) = self.issue(first).await else {
            return;
        };
        if let (false, None, Credential::Secret(source), Outcome::Answer(_)) = (
            self.session.proven,
            &issued.token,
            &self.tenant.credential,
            &issued.exchange.outcome,
        ) {
            // perhaps it was replaced meanwhile; then the next check shall not send it again
            self.checker.secrets.forget(source);
        }
        self.observation.token = Some(issued.exchange);
        self.observation.claims = issued.reading;
        self.session.token = issued.token;
        self.session.secrets = issued.secrets;
        (self.observation.ews, self.observation.graph) = (None, None);
    }

    /// Asks for a token to a surface, as the tenant signs in; `None` where nothing may be sent.
    async fn issue(&mut self, surface: Surface) -> Option<Issued> {
        if self.tenant.delegation.is_some() {
            return self.issue_for_person(surface).await;
        }
        let endpoints = &self.tenant.endpoints;
        let resource = match surface {
            Surface::Ews => &endpoints.ews_resource,
            Surface::Graph => &endpoints.graph_resource,
        };
        let proof = (self.session.proof.as_deref()?, self.checker.clock.now());
        Some(token::request(self.wire(), self.tenant, proof, resource).await)
    }

    /// Makes the test calls that are asked for, both at once: neither waits for the other. (Only a
    /// sign-in that is renewed for Graph too comes before both: its facts are one record.)
    async fn surfaces(&mut self, ews: bool, graph: bool) {
        let (Some(token), Some(mailbox)) = (
            self.session.token.clone(),
            self.tenant.target.mailbox.as_deref(),
        ) else {
            return;
        };
        let wire = self.wire();
        let call = OptionFuture::from(ews.then(|| ews::open(&wire, self.tenant, mailbox, &token)));
        let (mut opened, mut looked_up) = if graph {
            let (opened, looked_up) = tokio::join!(call, Box::pin(self.graph(mailbox, &token)));
            (opened, Some(looked_up))
        } else {
            (call.await, None)
        };
        // most of it is not sent there, but one may run all these servers
        let by_graph = looked_up
            .iter_mut()
            .flat_map(|graph| graph.token.iter_mut().chain(&mut graph.call));
        for exchange in opened.iter_mut().chain(by_graph) {
            scrub_all(exchange, &self.session.secrets);
        }
        if opened.is_some() {
            self.observation.ews = opened;
            self.ended(Stage::Ews);
        }
        if looked_up.is_some() {
            self.observation.graph = looked_up;
            self.ended(Stage::Graph);
        }
    }

    /// The Graph surface, with a token of its own where the first one is for EWS.
    async fn graph(&mut self, mailbox: &str, first: &SecretString) -> GraphFacts {
        let mut facts = GraphFacts {
            token: None,
            claims: None,
            call: None,
        };
        if !self.tenant.target.ews {
            facts.call = Some(graph::open(&self.wire(), self.tenant, mailbox, first).await);
            return facts;
        }
        let Some(issued) = self.issue(Surface::Graph).await else {
            return facts;
        };
        facts.token = Some(issued.exchange);
        facts.claims = issued.reading;
        self.session.secrets.extend(issued.secrets);
        if let Some(token) = &issued.token {
            facts.call = Some(graph::open(&self.wire(), self.tenant, mailbox, token).await);
        }
        facts
    }
}
