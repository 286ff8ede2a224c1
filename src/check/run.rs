//! The stages of one check, in order, under one deadline.

use futures_util::future::OptionFuture;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::Instant;

use super::{Checker, Session, ews, graph, scrub::scrub, token};
use crate::{
    http::{Pool, Wire},
    observation::{GraphFacts, Observation, Outcome, SecretFacts, Stage},
    secret,
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
}

impl<'a> Run<'a> {
    /// Begins with what is known already; the deadline counts from here.
    pub(super) fn new(
        checker: &'a Checker,
        tenant: &'a Tenant,
        pool: Pool,
        observation: Observation,
        session: Session,
    ) -> Self {
        Self {
            checker,
            tenant,
            pool,
            deadline: checker.clock.instant() + tenant.pace.timeout,
            observation,
            session,
        }
    }

    /// Ends a run that began at `started`.
    pub(super) fn end(mut self, started: Instant) -> (Observation, Session) {
        self.observation.took += self.checker.clock.instant() - started;
        (self.observation, self.session)
    }

    /// Goes through a stage and, as far as each is possible, those after it.
    pub(super) async fn stages_from(&mut self, stage: Stage) {
        if stage == Stage::Secret || self.session.secret.is_none() {
            self.secret().await;
        }
        if stage <= Stage::Claims {
            self.token().await;
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
        let Credential::Secret(source) = &self.tenant.credential else {
            self.observation.secret.failure = Some(
                "no client secret is configured; add `secret` or set `mode = \"dates\"`".into(),
            );
            return;
        };
        let started = self.checker.clock.instant();
        let read = self
            .checker
            .secrets
            .read(source, self.tenant.pace.secret_ttl, self.deadline)
            .await;
        let mut facts = SecretFacts {
            took: self.checker.clock.instant() - started,
            source: source.to_string(),
            ..SecretFacts::default()
        };
        match read {
            Ok(secret) => {
                let app = &self.tenant.app;
                facts.hint = secret::hint(&secret);
                facts.length = Some(secret.expose_secret().chars().count());
                facts.notes = secret::notes(&secret, &app.client_id, &app.tenant_id);
                facts.changed_at = self.checker.changes.note(
                    source,
                    self.checker.secrets.fingerprint(&secret),
                    self.checker.clock.now(),
                );
                self.session.secret = Some(secret);
            }
            Err(error) => facts.failure = Some(error.to_string()),
        }
        self.observation.secret = facts;
    }

    /// Asks for the token of the first surface.
    async fn token(&mut self) {
        let Some(secret) = &self.session.secret else {
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
        let issued = token::request(self.wire(), self.tenant, secret, resource).await;
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
        (self.observation.ews, self.observation.graph) = (None, None);
    }

    /// Makes the test calls that are asked for, both at once: neither waits for the other.
    async fn surfaces(&mut self, ews: bool, graph: bool) {
        let (Some(secret), Some(token)) = (&self.session.secret, &self.session.token) else {
            return;
        };
        let Some(mailbox) = self.tenant.target.mailbox.as_deref() else {
            return;
        };
        let wire = self.wire();
        let (mut opened, mut looked_up) = tokio::join!(
            OptionFuture::from(ews.then(|| ews::open(&wire, self.tenant, mailbox, token))),
            OptionFuture::from(graph.then(|| Box::pin(self.graph(mailbox, secret, token)))),
        );
        // the secret is not sent there, but who runs these servers may run the login service too
        let calls = looked_up.iter_mut().filter_map(|graph| graph.call.as_mut());
        opened
            .iter_mut()
            .chain(calls)
            .for_each(|call| scrub(call, secret));
        if opened.is_some() {
            self.observation.ews = opened;
        }
        if looked_up.is_some() {
            self.observation.graph = looked_up;
        }
    }

    /// The Graph surface, with a token of its own where the first one is for EWS.
    async fn graph(
        &self,
        mailbox: &str,
        secret: &SecretString,
        first: &SecretString,
    ) -> GraphFacts {
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
        let issued = token::request(self.wire(), self.tenant, secret, resource).await;
        facts.token = Some(issued.exchange);
        facts.claims = issued.reading;
        if let Some(token) = &issued.token {
            facts.call = Some(graph::open(&self.wire(), self.tenant, mailbox, token).await);
        }
        facts
    }
}
