//! The stages of one check, in order, under one deadline.

use std::sync::Arc;

use futures_util::future::join_all;
use secrecy::SecretString;
use tokio::time::Instant;

use super::{
    checker::{Checker, Session, Watcher},
    ews, graph,
    scrub::scrub_all,
    token::{Issued, TokenRequest},
};
use crate::{
    http::{Pool, Wire},
    observation::{Exchange, FurtherToken, Observation, Outcome},
    stage::{Resource, Stage, Surface, SurfaceSet},
    tenant::{Credential, Tenant},
};

impl Checker {
    /// Checks a tenant, on connections that are there or become shared.
    pub async fn check(&self, tenant: &Tenant) -> (Observation, Session) {
        let started = self.clock.instant();
        let mut run = Run::begin(self, tenant, Pool::Shared);
        run.stages_from(Stage::Secret).await;
        run.end(started)
    }

    /// Checks a tenant on new connections of its own, so that every phase can be seen, and tells
    /// `watcher` of each stage as it ends.
    pub async fn check_fresh(
        &self,
        tenant: &Tenant,
        watcher: &mut Watcher<'_>,
    ) -> (Observation, Session) {
        let started = self.clock.instant();
        let mut run = Run::begin(self, tenant, Pool::Fresh).watched_by(watcher);
        run.stages_from(Stage::Secret).await;
        run.end(started)
    }

    /// Repeats a failed stage on a new connection under a new deadline, and goes on from there if it
    /// works now; what came before it stays as it was.
    ///
    /// The pause before a repetition is not counted in [`Observation::took`]. `claims` is no stage
    /// that fails, so repeating it means repeating the token request.
    pub async fn repeat(
        &self,
        tenant: &Tenant,
        previous: (Observation, Session),
        stage: Stage,
    ) -> (Observation, Session) {
        let started = self.clock.instant();
        let (mut observation, session) = previous;
        observation.confirmed = true;
        let mut run = Run::resume(self, tenant, Pool::Fresh, observation, session);
        run.stages_from(stage).await;
        run.end(started)
    }
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
    /// Begins a check; the deadline counts from here.
    pub(super) fn begin(checker: &'a Checker, tenant: &'a Tenant, pool: Pool) -> Self {
        Self::resume(checker, tenant, pool, checker.blank(), Session::default())
    }

    /// Goes on with what an earlier run found, under a new deadline.
    fn resume(
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
            watcher: None,
        }
    }

    /// Calls a listener for each stage as it ends.
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
        let configured = self.tenant.target.surfaces;
        let wanted = match stage.surface() {
            Some(surface) if configured.contains(surface) => SurfaceSet::of(surface),
            _ => configured,
        };
        self.surfaces(wanted).await;
    }

    pub(super) fn wire(&self) -> Wire<'a> {
        self.checker
            .clients
            .wire(&self.tenant.network, self.pool, self.deadline)
    }

    /// Returns a request for a token that is sent now.
    pub(super) fn token_request(&self) -> TokenRequest<'a> {
        TokenRequest {
            wire: self.wire(),
            tenant: self.tenant,
            now: self.checker.clock.now(),
        }
    }

    /// Reads the secret, and nothing else.
    pub(super) async fn secret(&mut self) {
        let (facts, credential) = self
            .checker
            .read_client_credential(self.tenant, self.deadline)
            .await;
        self.observation.secret = facts;
        self.session.credential = credential.map(Arc::new);
    }

    /// Asks for the token of the first surface.
    async fn token(&mut self) {
        (self.observation.token, self.observation.claims) = (None, None);
        (self.session.token, self.session.proven) = (None, false);
        self.session.secrets.clear();
        if self.observation.secret.failure.is_some() {
            return;
        }
        let first = self.tenant.target.surfaces.first_resource();
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
        self.observation.further_token = None;
        self.observation.calls.clear();
    }

    /// Asks for a token for a resource, as the tenant signs in; `None` where nothing may be sent.
    async fn issue(&mut self, resource: Resource) -> Option<Issued> {
        if self.tenant.delegation.is_some() {
            return self.issue_for_person(resource).await;
        }
        let credential = self.session.credential.clone()?;
        let resource = self.tenant.endpoints.resource(resource);
        Some(self.token_request().for_app(&credential, resource).await)
    }

    /// Makes the test calls that are asked for, all at once: none waits for another. (Only a sign-in
    /// that is renewed for a second resource comes before its calls: its facts are one record.)
    async fn surfaces(&mut self, wanted: SurfaceSet) {
        let (Some(token), Some(mailbox)) = (
            self.session.token.clone(),
            self.tenant.target.mailbox.as_deref(),
        ) else {
            return;
        };
        let first = self.tenant.target.surfaces.first_resource();
        let further: SurfaceSet = wanted
            .iter()
            .filter(|surface| surface.resource() != first)
            .collect();
        let wire = self.wire();
        let calls = open_all(&wire, self.tenant, mailbox, &token, wanted.needing(first));
        let (mut calls, further_calls) = if further.is_empty() {
            (calls.await, Vec::new())
        } else {
            tokio::join!(calls, Box::pin(self.further(further, mailbox)))
        };
        calls.extend(further_calls);
        for (surface, mut call) in calls {
            // most of it is not sent there, but one may run all these servers
            scrub_all(&mut call, &self.session.secrets);
            self.observation.set_call(surface, call);
        }
        if let Some(further) = &mut self.observation.further_token {
            scrub_all(&mut further.exchange, &self.session.secrets);
        }
        for surface in wanted.iter() {
            self.ended(surface.stage());
        }
    }

    /// Makes the calls that need a token for another resource than the first one, after asking for
    /// that token.
    async fn further(&mut self, surfaces: SurfaceSet, mailbox: &str) -> Vec<(Surface, Exchange)> {
        let Some(resource) = surfaces.iter().next().map(Surface::resource) else {
            return Vec::new();
        };
        self.observation.further_token = None;
        self.observation
            .calls
            .retain(|(surface, _)| !surfaces.contains(*surface));
        let Some(issued) = self.issue(resource).await else {
            return Vec::new();
        };
        self.observation.further_token = Some(FurtherToken {
            resource,
            exchange: issued.exchange,
            claims: issued.reading,
        });
        self.session.secrets.extend(issued.secrets);
        let Some(token) = &issued.token else {
            return Vec::new();
        };
        open_all(&self.wire(), self.tenant, mailbox, token, surfaces).await
    }
}

/// Makes the test call of each surface, all at once, with a token that suits them all.
async fn open_all(
    wire: &Wire<'_>,
    tenant: &Tenant,
    mailbox: &str,
    token: &SecretString,
    surfaces: SurfaceSet,
) -> Vec<(Surface, Exchange)> {
    let open = async |surface| {
        let call = match surface {
            Surface::Ews => ews::open(wire, tenant, mailbox, token).await,
            Surface::Graph => graph::open(wire, tenant, mailbox, token).await,
        };
        (surface, call)
    };
    join_all(surfaces.iter().map(open)).await
}
