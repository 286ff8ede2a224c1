//! One check of one tenant: reads the secret, asks for a token, makes the test calls, and brings
//! back what happened.
//!
//! It fetches and judges nothing: whatever a server does becomes part of the [`Observation`]. All
//! stages share one deadline, so a slow one leaves less to the next. `secret` and `token` end the
//! run when they fail; EWS and Graph are two surfaces, each tried. Secrets and tokens never enter the
//! observation, also where a server sends them back. `app` calls it for all that checks; `directory`
//! reads credentials and calls Graph through it, and `login` writes and cleans its requests alike.

mod assertion;
mod changes;
mod delegated;
mod ews;
mod granted;
mod graph;
mod graph_access;
mod proof;
mod run;
mod scrub;
mod token;

use std::{sync::Arc, time::Duration};

use ::http::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

pub use self::graph_access::GraphAccess;
pub use self::scrub::scrub;
pub use self::token::{SCOPES_KEPT, is_sendable, scope};
use self::{changes::Changes, proof::Proof, run::Run};
use crate::{
    clock::Clock,
    http::{Clients, Pool},
    observation::{KeptSignIn, Observation, SecretFacts, Stage},
    secret::{Secrets, tokens::TokenStore},
    tenant::Tenant,
};

/// Checks tenants.
#[derive(Debug)]
pub struct Checker {
    clients: Arc<Clients>,
    secrets: Arc<Secrets>,
    tokens: TokenStore,
    changes: Changes,
    clock: Clock,
}

/// The credential and the token of a check, kept so that a later stage can be repeated alone.
#[derive(Debug, Default)]
pub struct Session {
    proof: Option<Arc<Proof>>,
    /// Every secret that was sent or came since the proof was read: no answer may say one back.
    secrets: Vec<SecretString>,
    token: Option<SecretString>,
    /// Whether the login service accepted the proof alone, where nobody has signed in.
    proven: bool,
    /// The digest of the refresh token that was sent.
    renewed: Option<String>,
}

impl Session {
    /// Whether nothing was read or got yet.
    fn is_empty(&self) -> bool {
        self.proof.is_none() && self.token.is_none()
    }
}

/// Hears of a stage that has ended, and of all that was observed until then.
pub type Watcher<'a> = dyn FnMut(Stage, &Observation) + Send + Sync + 'a;

impl Checker {
    /// Returns a checker that sends over these clients and reads secrets there.
    pub fn new(clients: Arc<Clients>, secrets: Arc<Secrets>, clock: Clock) -> Self {
        Self {
            clients,
            secrets,
            tokens: TokenStore::default(),
            changes: Changes::default(),
            clock,
        }
    }

    /// Returns it with another place for the sign-ins of people than the usual one.
    #[must_use]
    pub fn keeping_tokens_in(self, tokens: TokenStore) -> Self {
        Self { tokens, ..self }
    }

    /// Returns what is known of a tenant's kept sign-in without asking anybody; `None` where there is
    /// none, or it cannot be read.
    pub fn kept_sign_in(&self, tenant: &Tenant) -> Option<KeptSignIn> {
        tenant.delegation.as_ref()?;
        let kept = self.tokens.peek(tenant).ok().flatten()?;
        Some(delegated::facts_of(&kept))
    }

    /// Checks a tenant, on connections that are there or become shared.
    pub async fn check(&self, tenant: &Tenant) -> (Observation, Session) {
        let started = self.clock.instant();
        let blank = (self.blank(), Session::default());
        let mut run = Run::new(self, tenant, Pool::Shared, blank);
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
        let blank = (self.blank(), Session::default());
        let mut run = Run::new(self, tenant, Pool::Fresh, blank).watched_by(watcher);
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
        let mut run = Run::new(self, tenant, Pool::Fresh, (observation, session));
        run.stages_from(stage).await;
        run.end(started)
    }

    /// An observation of a check that begins now.
    fn blank(&self) -> Observation {
        Observation {
            checked_at: self.clock.now(),
            took: Duration::ZERO,
            secret: SecretFacts::default(),
            token: None,
            claims: None,
            further_token: None,
            calls: Vec::new(),
            confirmed: false,
        }
    }
}

/// The `Authorization` header for a token, marked so that nobody prints it.
fn bearer(token: &SecretString) -> Option<HeaderValue> {
    let text = Zeroizing::new(format!("Bearer {}", token.expose_secret()));
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}
