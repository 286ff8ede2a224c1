//! The stages of one check, in order, under one deadline.

use std::sync::Arc;

use futures_util::future::OptionFuture;
use secrecy::SecretString;
use tokio::time::Instant;

use super::{Checker, Session, Watcher, ews, graph, proof::Proof, scrub::scrub, token};
use crate::{
    http::{Pool, Wire},
    observation::{GraphFacts, Observation, Outcome, Stage},
    tenant::{Credential, Target, Tenant},
};

/// A check that is under way.
pub(super) struct Run<'a> {
    checker: &'a Checker,
    tenant: &'a Tenant,
    pool: Pool,
    deadline: Instant,
    observation: Observation,
    session: Session,
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
        if stage == Stage::Secret || self.session.proof.is_none() {
            self.secret().await;
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

    fn wire(&self) -> Wire<'a> {
        self.checker
            .clients
            .wire(&self.tenant.network, self.pool, self.deadline)
    }

    /// Reads the secret, and nothing else.
    pub(super) async fn secret(&mut self) {
        self.session = Session::default();
        let (facts, proof) = self.checker.read_proof(self.tenant, self.deadline).await;
        self.observation.secret = facts;
        self.session.proof = proof.map(Arc::new);
    }

    /// Asks for the token of the first surface.
    async fn token(&mut self) {
        let Some(proof) = self.session.proof.as_deref() else {
            return;
        };
        let endpoints = &self.tenant.endpoints;
        let resource = match self.tenant.target {
            Target {
                ews: false,
                graph: true,
                ..
            } => &endpoints.graph_resource,
            Target { .. } => &endpoints.ews_resource,
        };
        let now = self.checker.clock.now();
        let issued = token::request(self.wire(), self.tenant, (proof, now), resource).await;
        if let (None, Credential::Secret(source), Outcome::Answer(_)) = (
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
        self.session.sent = issued.sent;
        (self.observation.ews, self.observation.graph) = (None, None);
    }

    /// Makes the test calls that are asked for, both at once: neither waits for the other.
    async fn surfaces(&mut self, ews: bool, graph: bool) {
        let Session {
            proof: Some(proof),
            sent: Some(sent),
            token: Some(token),
        } = &self.session
        else {
            return;
        };
        let Some(mailbox) = self.tenant.target.mailbox.as_deref() else {
            return;
        };
        let wire = self.wire();
        let (mut opened, mut looked_up) = tokio::join!(
            OptionFuture::from(ews.then(|| ews::open(&wire, self.tenant, mailbox, token))),
            OptionFuture::from(graph.then(|| Box::pin(self.graph(mailbox, proof, token)))),
        );
        // the proof is not sent there, but who runs these servers may run the login service too
        let calls = looked_up.iter_mut().filter_map(|graph| graph.call.as_mut());
        opened
            .iter_mut()
            .chain(calls)
            .for_each(|call| scrub(call, sent));
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
    async fn graph(&self, mailbox: &str, proof: &Proof, first: &SecretString) -> GraphFacts {
        let mut facts = GraphFacts {
            token: None,
            claims: None,
            call: None,
        };
        if !self.tenant.target.ews {
            facts.call = Some(graph::open(&self.wire(), self.tenant, mailbox, first).await);
            return facts;
        }
        let resource = &self.tenant.endpoints.graph_resource;
        let now = self.checker.clock.now();
        let issued = token::request(self.wire(), self.tenant, (proof, now), resource).await;
        facts.token = Some(issued.exchange);
        facts.claims = issued.reading;
        if let (Some(token), Some(sent)) = (&issued.token, &issued.sent) {
            let mut call = graph::open(&self.wire(), self.tenant, mailbox, token).await;
            scrub(&mut call, sent);
            facts.call = Some(call);
        }
        facts
    }
}
