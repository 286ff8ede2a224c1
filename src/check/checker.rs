//! The checker: what every check uses, and what one check hands to the next.

use std::{sync::Arc, time::Duration};

use secrecy::SecretString;

use super::{changes::Changes, client_credential::ClientCredential};
use crate::{
    clock::Clock,
    http::Clients,
    observation::{Observation, SecretFacts},
    secret::{Secrets, tokens::TokenStore},
    stage::Stage,
};

/// Checks tenants.
#[derive(Debug)]
pub struct Checker {
    pub(super) clients: Arc<Clients>,
    pub(super) secrets: Arc<Secrets>,
    pub(super) tokens: TokenStore,
    pub(super) changes: Changes,
    pub(super) clock: Clock,
}

/// The credential and the token of a check, kept so that a later stage can be repeated alone.
#[derive(Debug, Default)]
pub struct Session {
    pub(super) credential: Option<Arc<ClientCredential>>,
    /// Every secret that was sent or came since the credential was read: no answer may say one back.
    pub(super) secrets: Vec<SecretString>,
    pub(super) token: Option<SecretString>,
    /// Whether the login service accepted the credential of the app, where no sign-in is kept.
    pub(super) proven: bool,
    /// The digest of the refresh token that was sent.
    pub(super) renewed: Option<String>,
}

impl Session {
    /// Returns whether there is neither a credential nor a token yet.
    pub(super) fn is_empty(&self) -> bool {
        self.credential.is_none() && self.token.is_none()
    }
}

/// Receives each stage that has ended, with all that was observed until then.
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

    /// Returns the empty observation of a check that begins now.
    pub(super) fn blank(&self) -> Observation {
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
