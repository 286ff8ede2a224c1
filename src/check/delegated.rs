//! The `secret` and `token` stages of tenants that act for a person: a kept refresh token is renewed.
//!
//! The order is what keeps the sign-in alive through crashes: lock, write (which proves that the next
//! writing will work), send, write the new token, and only then use what came with it.

use chrono::{DateTime, Utc};
use secrecy::SecretString;

use super::{
    checker::{Checker, Session},
    run::Run,
    token::{self, Issued, Renewed},
};
use crate::{
    observation::{KeptSignIn, RefusedSignIn, SignIn, TokenReading},
    secret::{
        SecretError,
        tokens::{self, Kept, Refusal, Slot, TokenStoreError},
    },
    stage::Resource,
    tenant::{Delegation, Tenant},
};

impl Run<'_> {
    /// Returns whether a sign-in is kept; waits for no lock and sends nothing.
    pub(super) fn sign_in(&mut self) {
        let Some(delegation) = &self.tenant.delegation else {
            return;
        };
        let facts = &mut self.observation.secret;
        if facts.source.is_empty() {
            "the kept sign-in".clone_into(&mut facts.source);
        }
        if facts.failure.is_some() {
            return;
        }
        match self.checker.tokens.peek(self.tenant) {
            Ok(Some(kept)) => facts.sign_in = Some(SignIn::Kept(facts_of(&kept))),
            // a start value is read when its turn comes
            Ok(None) if delegation.start.is_some() => {}
            Ok(None) => facts.sign_in = Some(SignIn::Missing),
            Err(error) => facts.failure = Some(RenewalError::from(error).to_string()),
        }
    }

    /// Asks for a token by renewing the sign-in; without one, only proves the app itself.
    pub(super) async fn issue_for_person(&mut self, resource: Resource) -> Option<Issued> {
        if self.observation.secret.sign_in == Some(SignIn::Missing) {
            let credential = self.session.credential.clone()?;
            let resource = &self.tenant.endpoints.ews_resource;
            let request = self.token_request();
            let mut issued = request.for_app(&credential, resource).await;
            // the app's own token opens nothing that the person's would
            self.session.proven = issued.token.take().is_some();
            return Some(issued);
        }
        match self.renew(resource).await {
            Ok(issued) => issued,
            Err(error) => {
                self.observation.secret.failure = Some(error.to_string());
                None
            }
        }
    }

    /// Renews the sign-in under its lock; `None` where it was refused for good before.
    async fn renew(&mut self, resource: Resource) -> Result<Option<Issued>, RenewalError> {
        let slot = self.checker.tokens.open(self.tenant, self.deadline).await?;
        let mut kept = self.start(&slot).await?;
        let facts = &mut self.observation.secret;
        facts.sign_in = Some(SignIn::Kept(facts_of(&kept)));
        if kept.refused.is_some() {
            return Ok(None);
        }
        // what cannot be written now could not be written afterwards either
        slot.write(&kept).await?;
        let credential = self.session.credential.clone();
        let request = self.token_request();
        let issued = request
            .renewing(&kept.token, credential.as_deref(), self.scope(resource))
            .await;
        self.session.renewed = Some(tokens::digest(&kept.token));
        if let Some(renewed) = &issued.renewed {
            take_over(
                &mut kept,
                renewed,
                issued.reading.as_ref(),
                self.checker.clock.now(),
            );
            let written = slot.write(&kept).await;
            written.map_err(RenewalError::NotKept)?;
            self.observation.secret.sign_in = Some(SignIn::Kept(facts_of(&kept)));
        }
        Ok(Some(issued))
    }

    /// Returns the sign-in to renew: the kept one, or a start value that was not seen before.
    async fn start(&self, slot: &Slot) -> Result<Kept, RenewalError> {
        let kept = slot.read().await?;
        let configured = self
            .tenant
            .delegation
            .as_ref()
            .and_then(|d| d.start.as_ref());
        let Some(source) = configured else {
            return kept.ok_or(RenewalError::Gone);
        };
        let ttl = self.tenant.pace.secret_ttl;
        let start = match (
            self.checker.secrets.read(source, ttl, self.deadline).await,
            kept,
        ) {
            // it has served its purpose: what is kept came out of it, or out of a sign-in since
            (Err(_), Some(kept)) => return Ok(kept),
            (Err(error), None) => return Err(error.into()),
            (Ok(start), Some(kept)) if kept.start == Some(tokens::digest(&start)) => {
                return Ok(kept);
            }
            (Ok(start), _) => start,
        };
        Ok(started(start, self.checker.clock.now()))
    }

    /// Returns the scope that is asked for at a resource.
    fn scope(&self, resource: Resource) -> String {
        let permission = self.tenant.delegated_permission(resource);
        token::scope(self.tenant.endpoints.resource(resource), permission)
    }
}

impl Checker {
    /// Returns what is known of a tenant's kept sign-in without sending anything; `None` where there is
    /// none, or it cannot be read.
    pub fn kept_sign_in(&self, tenant: &Tenant) -> Option<KeptSignIn> {
        tenant.delegation.as_ref()?;
        let kept = self.tokens.peek(tenant).ok().flatten()?;
        Some(facts_of(&kept))
    }

    /// Remembers that the sign-in which a check sent was refused for good, so that it is not sent
    /// again. The caller that judges the answer calls this; a token that has been replaced since is left
    /// alone.
    pub async fn remember_refusal(
        &self,
        tenant: &Tenant,
        session: &Session,
        cause: &str,
        code: Option<&str>,
    ) -> Result<(), TokenStoreError> {
        let (Some(sent), Some(Delegation { .. })) = (&session.renewed, &tenant.delegation) else {
            return Ok(());
        };
        let deadline = self.clock.instant() + tenant.pace.timeout;
        let slot = self.tokens.open(tenant, deadline).await?;
        let Some(mut kept) = slot.read().await? else {
            return Ok(());
        };
        if kept.refused.is_some() || tokens::digest(&kept.token) != *sent {
            return Ok(());
        }
        kept.refused = Some(Refusal {
            cause: cause.to_owned(),
            code: code.map(str::to_owned),
            at: self.clock.now(),
        });
        slot.write(&kept).await
    }
}

/// Why a sign-in could not be renewed before anything was sent, or its renewal not be kept.
#[derive(Debug, thiserror::Error)]
enum RenewalError {
    /// The store refuses before anything was sent.
    #[error("{0}; nothing was sent with it")]
    Store(#[from] TokenStoreError),
    /// The store refuses what a renewal brought.
    #[error(
        "{0}; it was renewed a moment before, and the next check sends the token that is still kept"
    )]
    NotKept(#[source] TokenStoreError),
    /// There is no start value to be had.
    #[error("the start value of the refresh token cannot be had: {0}")]
    Start(#[from] SecretError),
    /// It was removed a moment ago.
    #[error("the kept sign-in was removed while it was being used; check again")]
    Gone,
}

/// The sign-in that begins with a configured start value.
fn started(start: SecretString, now: DateTime<Utc>) -> Kept {
    Kept {
        start: Some(tokens::digest(&start)),
        token: start,
        obtained_at: now,
        rotated_at: now,
        rotates: true,
        account: None,
        scopes: Vec::new(),
        refused: None,
    }
}

/// Puts what a renewal brought in the place of what was sent.
fn take_over(
    kept: &mut Kept,
    renewed: &Renewed,
    reading: Option<&TokenReading>,
    now: DateTime<Utc>,
) {
    kept.rotates = renewed.refresh.is_some();
    if let Some(refresh) = &renewed.refresh {
        kept.token = refresh.clone();
        kept.rotated_at = now;
    }
    kept.scopes.clone_from(&renewed.scopes);
    if let Some(TokenReading::Claims(claims)) = reading
        && claims.account.is_some()
    {
        kept.account.clone_from(&claims.account);
    }
}

/// Returns the facts of a kept sign-in that a report may show.
pub(super) fn facts_of(kept: &Kept) -> KeptSignIn {
    KeptSignIn {
        account: kept.account.clone(),
        obtained_at: kept.obtained_at,
        rotated_at: kept.rotated_at,
        rotates: kept.rotates,
        refused: kept.refused.as_ref().map(|refusal| RefusedSignIn {
            cause: refusal.cause.clone(),
            code: refusal.code.clone(),
            at: refusal.at,
        }),
    }
}
