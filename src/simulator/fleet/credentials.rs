//! The credentials registered on an application, besides certificates.

use chrono::{DateTime, Utc};

/// A client secret of an application.
#[derive(Clone)]
pub struct Secret {
    /// The portal's Secret ID.
    pub key_id: String,
    /// The portal's description.
    pub name: String,
    /// The value.
    pub value: String,
    /// The begin of its validity.
    pub starts_at: DateTime<Utc>,
    /// The end of its validity.
    pub ends_at: DateTime<Utc>,
}

/// Hides the value: a failing test prints fleets.
impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secret")
            .field("key_id", &self.key_id)
            .field("name", &self.name)
            .field("ends_at", &self.ends_at)
            .finish_non_exhaustive()
    }
}

/// A federated credential: the tokens of another provider that prove the application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Federation {
    /// The provider.
    pub issuer: String,
    /// The workload there.
    pub subject: String,
    /// The audience of the token of the provider.
    pub audience: String,
}

impl Federation {
    /// Returns the federated credential of a workload at the simulated provider.
    pub fn of(subject: &str) -> Self {
        Self {
            issuer: "https://token.issuer.example".to_owned(),
            subject: subject.to_owned(),
            audience: "api://AzureADTokenExchange".to_owned(),
        }
    }
}
