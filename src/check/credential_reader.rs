//! Reads the credential of a tenant from its configured source.

use chrono::{DateTime, Utc};
use futures_util::future::OptionFuture;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use tokio::time::Instant;

use super::{checker::Checker, client_credential::ClientCredential};
use crate::{
    claims,
    observation::{FederatedFacts, SecretFacts},
    secret::{self, Mark},
    tenant::{CertificateSource, Credential, SecretSource, Tenant},
    text,
};

/// A claim longer than this is shown cut.
const CLAIM_LIMIT: usize = 300;

impl Checker {
    /// Reads the credential of a tenant where it is kept.
    pub(super) async fn read_client_credential(
        &self,
        tenant: &Tenant,
        deadline: Instant,
    ) -> (SecretFacts, Option<ClientCredential>) {
        let started = self.clock.instant();
        let (mut facts, credential) = match &tenant.credential {
            Credential::Secret(source) => self.secret_credential(tenant, source, deadline).await,
            Credential::Certificate(source) => self.certificate_credential(source, deadline).await,
            Credential::Federated(path) => {
                let source = SecretSource::File(path.clone());
                self.federated_credential(tenant, &source, deadline).await
            }
            // a public client has nothing to show
            Credential::None if tenant.delegation.is_some() => (SecretFacts::default(), None),
            Credential::None => (nothing_configured(), None),
        };
        facts.took = self.clock.instant() - started;
        (facts, credential)
    }

    /// Reads what local files say about the end of a tenant's credential: nothing is opened that
    /// only signing in needs, and nothing is sent.
    pub async fn local_facts(&self, tenant: &Tenant) -> Option<SecretFacts> {
        let deadline = self.clock.instant() + tenant.pace.timeout;
        match &tenant.credential {
            Credential::Secret(_) | Credential::None => None,
            Credential::Certificate(source) => {
                let read = self.secrets.certificate_facts(source, deadline).await;
                let mut facts = named(source.to_string());
                match read {
                    Ok(certificate) => facts.certificate = Some(certificate),
                    Err(error) => facts.failure = Some(error.to_string()),
                }
                Some(facts)
            }
            Credential::Federated(_) => Some(self.read_client_credential(tenant, deadline).await.0),
        }
    }

    async fn secret_credential(
        &self,
        tenant: &Tenant,
        source: &SecretSource,
        deadline: Instant,
    ) -> (SecretFacts, Option<ClientCredential>) {
        let mut facts = named(source.to_string());
        let read = self
            .secrets
            .read(source, tenant.pace.secret_ttl, deadline)
            .await;
        let value = match read {
            Ok(value) => value,
            Err(error) => return failed(facts, error.to_string()),
        };
        let app = &tenant.app;
        facts.hint = secret::hint(&value);
        facts.length = Some(value.expose_secret().chars().count());
        facts.notes = secret::secret_notes(&value, &app.client_id, &app.tenant_id);
        facts.changed_at = self.changed_at(source, &value).await;
        (facts, Some(ClientCredential::Secret(value)))
    }

    /// When the source was last seen to change. A file that is read for the first time was changed
    /// when its time stamp says so; later on only its content counts.
    async fn changed_at(
        &self,
        source: &SecretSource,
        secret: &SecretString,
    ) -> Option<DateTime<Utc>> {
        let Self {
            secrets, changes, ..
        } = self;
        let is_new_file = matches!(source, SecretSource::File(_)) && !changes.knows(source);
        let mark = OptionFuture::from(is_new_file.then(|| secrets.mark(source))).await;
        let stamp = mark.flatten().and_then(Mark::modified);
        let now = self.clock.now();
        changes.note(source, secrets.fingerprint(secret), stamp, now)
    }

    async fn certificate_credential(
        &self,
        source: &CertificateSource,
        deadline: Instant,
    ) -> (SecretFacts, Option<ClientCredential>) {
        let mut facts = named(source.to_string());
        match self.secrets.certificate(source, deadline).await {
            Ok(certificate) => {
                facts.certificate = Some(certificate.facts.clone());
                let credential =
                    ClientCredential::Certificate(Box::new(certificate), source.algorithm);
                (facts, Some(credential))
            }
            Err(error) => failed(facts, error.to_string()),
        }
    }

    async fn federated_credential(
        &self,
        tenant: &Tenant,
        source: &SecretSource,
        deadline: Instant,
    ) -> (SecretFacts, Option<ClientCredential>) {
        let mut facts = named(format!("federated token, {source}"));
        let read = self
            .secrets
            .read(source, tenant.pace.secret_ttl, deadline)
            .await;
        match read {
            Ok(token) => match federated(token.expose_secret()) {
                Some(read) => {
                    facts.federated = Some(read);
                    (facts, Some(ClientCredential::Federated(token)))
                }
                None => failed(
                    facts,
                    format!(
                        "{source} holds no signed token (JWT); does the provider write it there?"
                    ),
                ),
            },
            Err(error) => failed(facts, error.to_string()),
        }
    }
}

fn named(source: String) -> SecretFacts {
    SecretFacts {
        source,
        ..SecretFacts::default()
    }
}

fn failed(facts: SecretFacts, why: String) -> (SecretFacts, Option<ClientCredential>) {
    let failure = Some(why);
    (SecretFacts { failure, ..facts }, None)
}

fn nothing_configured() -> SecretFacts {
    let why = "no credential is configured; add `secret`, `certificate` or `federated_token`, or \
               set `mode = \"dates\"`";
    failed(SecretFacts::default(), why.to_owned()).0
}

/// Reads what another provider's token says; `None` where it is no compact JWT.
fn federated(token: &str) -> Option<FederatedFacts> {
    let claims = claims::payload(token.trim())?;
    let shown = |claim: &str| text::line(text::head(claim, CLAIM_LIMIT));
    let word = |key: &str| claims.get(key).and_then(Value::as_str).map(shown);
    // an audience may be a list; Entra looks for its own name in it
    let listed = || claims.get("aud")?.as_array()?.first()?.as_str().map(shown);
    Some(FederatedFacts {
        issuer: word("iss"),
        subject: word("sub"),
        audience: word("aud").or_else(listed),
        expires_at: claims
            .get("exp")
            .and_then(Value::as_i64)
            .and_then(|seconds| DateTime::from_timestamp(seconds, 0)),
    })
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

    use super::*;

    #[test]
    fn a_federated_token_tells_its_issuer_subject_audience_and_end() {
        let token = |payload: &str| format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(payload));
        let facts = federated(&token(
            r#"{"iss":"https://issuer.example","sub":"job","aud":["a","b"],"exp":1800000000}"#,
        ))
        .unwrap();
        assert_eq!(facts.issuer.as_deref(), Some("https://issuer.example"));
        assert_eq!(facts.audience.as_deref(), Some("a"));
        assert_eq!(facts.expires_at, DateTime::from_timestamp(1_800_000_000, 0));
        assert_eq!(federated(&token("{}")), Some(FederatedFacts::default()));
        let endless = token(&format!(
            r#"{{"sub":"{}"}}"#,
            "x".repeat(claims::TOKEN_LIMIT)
        ));
        for bad in ["", "not a token", "a.b.c", &token("[]"), &endless] {
            assert_eq!(federated(bad), None, "{bad:.20}");
        }
    }
}
