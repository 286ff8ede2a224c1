//! An application in a directory, as data.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::credentials::{Federation, Secret};
use super::delegated::DelegatedClient;
use super::script::FaultScript;
use crate::simulator::crypto::Certificate;
use crate::simulator::faults::Fault;
use crate::simulator::ids::{guid, secret_value};

/// One application in one directory, its mailbox, and the config of its client.
#[derive(Debug, Clone)]
pub struct Integration {
    /// Unique name, also in the config file.
    pub name: String,
    /// The profile in the config.
    pub profile: String,
    /// The directory.
    pub tenant_id: String,
    /// The application.
    pub client_id: String,
    /// The secrets registered on the application; the first is the one in use.
    pub secrets: Vec<Secret>,
    /// The key id of the secret that the vendor holds, if the client watches another than its own.
    pub watched_key: Option<String>,
    /// The secret that the client has instead of the right one.
    pub mistaken_secret: Option<String>,
    /// The certificates registered on the application. The client uses the first; without one, the
    /// secret.
    pub certificates: Vec<Certificate>,
    /// The federated credential of the application. If there is one, the client uses a token of that
    /// provider.
    pub federation: Option<Federation>,
    /// The federated token that the client has instead of one that fits.
    pub mistaken_federation: Option<Federation>,
    /// The mailbox that exists in the directory.
    pub mailbox: String,
    /// The mailbox in the config of the client instead of the right one.
    pub mistaken_mailbox: Option<String>,
    /// Application permissions on Exchange, as in the `roles` of a token.
    pub roles: Vec<String>,
    /// Application permissions on Graph, as in the `roles` of a token.
    pub graph_roles: Vec<String>,
    /// How it acts for a person; `None` if it acts for itself.
    pub delegated: Option<DelegatedClient>,
    /// Whether Exchange grants access by itself (RBAC for Applications), without a role in the token.
    pub granted_in_exchange: bool,
    /// The usual time to an answer.
    pub latency: Duration,
    /// The `tags` of the config.
    pub tags: Vec<String>,
    /// The `checks` of the config.
    pub checks: Vec<String>,
    /// The `note` of the config.
    pub note: Option<String>,
    /// Whether the config has the end date of the secret.
    pub end_known: bool,
    /// How the config names it.
    pub entry: ConfigEntry,
    /// Tags of the application in its directory.
    pub app_tags: Vec<String>,
    /// User principal names of the owners of the application.
    pub owners: Vec<String>,
    /// The certificate of its enterprise app that signs SAML assertions.
    pub signing: Option<Certificate>,
    /// The faults of the cloud over time.
    pub script: FaultScript,
}

impl Integration {
    /// Returns a working app-only integration whose ids and secret follow from its name. The secret
    /// ends a year after `now`.
    pub fn named(name: &str, now: DateTime<Utc>) -> Self {
        let secret = Secret {
            key_id: guid(&format!("key {name}")),
            name: format!("{name} secret"),
            value: secret_value(name),
            starts_at: now - TimeDelta::days(90),
            ends_at: now + TimeDelta::days(365),
        };
        let domain = name.split('-').next().unwrap_or(name);
        Self {
            name: name.to_owned(),
            profile: "app-only".to_owned(),
            tenant_id: guid(&format!("directory {name}")),
            client_id: guid(&format!("application {name}")),
            secrets: vec![secret],
            watched_key: None,
            mistaken_secret: None,
            certificates: Vec::new(),
            federation: None,
            mistaken_federation: None,
            mailbox: format!("rooms@{domain}.example"),
            mistaken_mailbox: None,
            roles: vec!["full_access_as_app".to_owned()],
            graph_roles: vec!["Mail.ReadBasic.All".to_owned()],
            delegated: None,
            granted_in_exchange: false,
            latency: Duration::ZERO,
            tags: Vec::new(),
            checks: vec!["ews".to_owned()],
            note: None,
            end_known: true,
            entry: ConfigEntry::Tenant,
            app_tags: Vec::new(),
            owners: Vec::new(),
            signing: None,
            script: FaultScript::default(),
        }
    }

    /// Lets it act for a person, by that profile.
    #[must_use]
    pub fn acting_for_person(mut self, profile: &str, delegated: DelegatedClient) -> Self {
        profile.clone_into(&mut self.profile);
        self.delegated = Some(delegated);
        self
    }

    /// Returns the account that signs in.
    pub fn account(&self) -> &str {
        let other = self
            .delegated
            .as_ref()
            .and_then(|one| one.account.as_deref());
        other.unwrap_or(&self.mailbox)
    }

    /// Returns the refresh token that its config starts from.
    pub fn start_token(&self) -> String {
        let id = guid(&format!("refresh {}", self.name));
        format!("1.{}", id.replace('-', ""))
    }

    /// Makes it a reader of all apps of these directories.
    ///
    /// It can sign in to its own directory; each further directory needs an integration of its own
    /// with the same client id and secret.
    #[must_use]
    pub fn reading(mut self, tenant_ids: impl IntoIterator<Item = String>) -> Self {
        self.graph_roles = vec!["Application.Read.All".to_owned()];
        self.entry = ConfigEntry::Directory(tenant_ids.into_iter().collect());
        self
    }

    /// Leaves it out of the config.
    #[must_use]
    pub fn unconfigured(mut self) -> Self {
        self.entry = ConfigEntry::Absent;
        self
    }

    /// Sets one fault, or none, from the start on.
    #[must_use]
    pub fn with(mut self, fault: impl Into<Option<Fault>>) -> Self {
        self.script = FaultScript::always(fault);
        self
    }

    /// Sets the end of the secret in use.
    #[must_use]
    pub fn ending_at(mut self, ends_at: DateTime<Utc>) -> Self {
        if let Some(secret) = self.secrets.first_mut() {
            secret.ends_at = ends_at;
        }
        self
    }

    /// Returns the secret that a client presents.
    pub fn presented_secret(&self) -> &str {
        match (&self.mistaken_secret, self.secrets.first()) {
            (Some(mistaken), _) => mistaken,
            (None, Some(secret)) => &secret.value,
            (None, None) => "",
        }
    }

    /// Returns the content of the federated token that a client presents.
    pub fn presented_federation(&self) -> Option<&Federation> {
        let mistaken = self.mistaken_federation.as_ref();
        mistaken.or(self.federation.as_ref())
    }

    /// Returns the mailbox that a client asks for.
    pub fn presented_mailbox(&self) -> &str {
        self.mistaken_mailbox.as_deref().unwrap_or(&self.mailbox)
    }

    /// Returns the verified domain of the directory.
    pub fn domain(&self) -> &str {
        self.mailbox.rsplit('@').next().unwrap_or(&self.mailbox)
    }

    /// Returns the object id of the person who signs in.
    pub(crate) fn person_id(&self) -> String {
        guid(&format!("person {}", self.account()))
    }

    /// Returns the object id of the owner of the mailbox.
    pub(crate) fn mailbox_owner_id(&self) -> String {
        guid(&format!("person {}", self.mailbox))
    }

    /// Returns the subject of the person who signs in: unlike the object id, it differs between
    /// applications.
    pub(crate) fn pairwise_id(&self) -> String {
        guid(&format!("pairwise {} {}", self.client_id, self.account()))
    }

    /// Returns the object id of the service principal in the directory.
    pub fn object_id(&self) -> String {
        guid(&format!("principal {}", self.client_id))
    }
}

/// How a config names an integration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigEntry {
    /// As a `[[tenant]]`.
    Tenant,
    /// As a `[[directory]]` over these directories.
    Directory(Vec<String>),
    /// Not at all.
    Absent,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_hides_the_secret() {
        let integration = Integration::named("contoso-rooms", DateTime::UNIX_EPOCH);
        let shown = format!("{integration:?}");
        assert!(!shown.contains(integration.presented_secret()));
    }
}
