//! The stages of one check, in order, under one deadline.

use futures_util::future::OptionFuture;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::Instant;

use super::{
    Checker, Session, ews, graph,
    scrub::scrub,
    token::{self, Issued},
};
use crate::{
    http::{Pool, Wire},
    observation::{GraphFacts, Observation, Outcome, SecretFacts, Stage},
    secret,
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
        if stage == Stage::Secret || self.session.is_empty() {
            self.session = Session::default();
            self.secret().await;
            self.sign_in();
        }
        if stage <= Stage::Claims {
            self.token().await;
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

    async fn secret(&mut self) {
        let Credential::Secret(source) = &self.tenant.credential else {
            let public = self.tenant.delegation.is_some();
            self.observation.secret = SecretFacts {
                failure: (!public).then(|| {
                    "no client secret is configured; add `secret` or set `mode = \"dates\"`".into()
                }),
                ..SecretFacts::default()
            };
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
        (self.observation.token, self.observation.claims) = (None, None);
        self.session.token = None;
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
        let secret = self.session.secret.as_ref()?;
        Some(token::request(self.wire(), self.tenant, secret, resource).await)
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
        // the secret is not sent there, but who runs these servers may run the login service too
        if let Some(secret) = &self.session.secret {
            let calls = looked_up.iter_mut().filter_map(|graph| graph.call.as_mut());
            opened
                .iter_mut()
                .chain(calls)
                .for_each(|call| scrub(call, secret));
        }
        if opened.is_some() {
            self.observation.ews = opened;
        }
        if looked_up.is_some() {
            self.observation.graph = looked_up;
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
        if let Some(token) = &issued.token {
            facts.call = Some(graph::open(&self.wire(), self.tenant, mailbox, token).await);
        }
        facts
    }
}
