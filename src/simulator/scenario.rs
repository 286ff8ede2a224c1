//! What the cloud holds and how it acts over time, as data.

use std::time::Duration;

use aws_lc_rs::digest;
use chrono::{DateTime, TimeDelta, Utc};

use super::behaviour::Behaviour;
use super::grants::{Delegated, start_token};
use super::proof::{Certificate, Federation};

/// Everything that one simulated cloud serves.
#[derive(Debug, Clone, Default)]
pub struct Fleet {
    /// The integrations, in the order of the config file.
    pub tenants: Vec<Integration>,
}

impl Fleet {
    /// Returns a fleet of these integrations.
    pub fn new(tenants: impl IntoIterator<Item = Integration>) -> Self {
        Self {
            tenants: tenants.into_iter().collect(),
        }
    }
}

/// One application in one directory, with the mailbox that it opens and what a client knows of it.
#[derive(Debug, Clone)]
pub struct Integration {
    /// Unique name, also in the config file.
    pub name: String,
    /// Profile word of the config file.
    pub profile: String,
    /// The directory.
    pub tenant_id: String,
    /// The application.
    pub client_id: String,
    /// The secrets registered on the application; the first is the one in use.
    pub secrets: Vec<Secret>,
    /// The key id of the secret that the vendor holds, where the client watches another than its own.
    pub watched_key: Option<String>,
    /// What the client believes the secret to be, where that is wrong.
    pub mistaken_secret: Option<String>,
    /// The certificates registered on the application. The client proves itself with the first; where
    /// there is none, with the secret.
    pub certificates: Vec<Certificate>,
    /// The federated credential of the application. Where there is one, the client proves itself with
    /// a token of that provider.
    pub federation: Option<Federation>,
    /// What the client's token says, where that does not fit the federated credential.
    pub mistaken_federation: Option<Federation>,
    /// The mailbox that exists in the directory.
    pub mailbox: String,
    /// What the client believes the mailbox to be, where that is wrong.
    pub mistaken_mailbox: Option<String>,
    /// Application permissions on Exchange, as in the `roles` of a token.
    pub roles: Vec<String>,
    /// Application permissions on Graph, as in the `roles` of a token.
    pub graph_roles: Vec<String>,
    /// How it acts for a person; `None` where it acts for itself.
    pub delegated: Option<Delegated>,
    /// Whether Exchange grants access by itself (RBAC for Applications), whatever the token says.
    pub granted_in_exchange: bool,
    /// The usual time to an answer.
    pub latency: Duration,
    /// Words for the config file's `tags`.
    pub tags: Vec<String>,
    /// What the config file's `checks` names.
    pub checks: Vec<String>,
    /// A remark for the config file.
    pub note: Option<String>,
    /// Whether the config file tells the end date of the secret.
    pub end_known: bool,
    /// As what the config file names it.
    pub entry: Entry,
    /// Tags of the application in its directory.
    pub app_tags: Vec<String>,
    /// User principal names of the owners of the application.
    pub owners: Vec<String>,
    /// The certificate on its enterprise app that signs assertions about people: listed for signing
    /// and for verifying, with its password.
    pub signing: Option<Certificate>,
    /// How the cloud treats it over time.
    pub script: Script,
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
            entry: Entry::Tenant,
            app_tags: Vec::new(),
            owners: Vec::new(),
            signing: None,
            script: Script::default(),
        }
    }

    /// Returns it as one that acts for a person, by that profile.
    #[must_use]
    pub fn acting_for_person(mut self, profile: &str, delegated: Delegated) -> Self {
        profile.clone_into(&mut self.profile);
        self.delegated = Some(delegated);
        self
    }

    /// Returns who signs in.
    pub fn account(&self) -> &str {
        let other = self
            .delegated
            .as_ref()
            .and_then(|one| one.account.as_deref());
        other.unwrap_or(&self.mailbox)
    }

    /// Returns the refresh token that its config starts from.
    pub fn start_token(&self) -> String {
        start_token(&self.name)
    }

    /// Returns it as a reader of all apps of these directories.
    ///
    /// It can sign in where it is; in each further directory it needs an integration of its own with
    /// the same client id and secret.
    #[must_use]
    pub fn reading(mut self, tenant_ids: impl IntoIterator<Item = String>) -> Self {
        self.graph_roles = vec!["Application.Read.All".to_owned()];
        self.entry = Entry::Directory(tenant_ids.into_iter().collect());
        self
    }

    /// Returns it as one that no config names.
    #[must_use]
    pub fn unconfigured(mut self) -> Self {
        self.entry = Entry::Absent;
        self
    }

    /// Returns it with that treatment from the start.
    #[must_use]
    pub fn with(mut self, behaviour: Behaviour) -> Self {
        self.script = Script::always(behaviour);
        self
    }

    /// Returns it with a secret in use that ends at that time.
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

    /// Returns what the token of the other provider says, where the client presents one.
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
    pub(super) fn person_id(&self) -> String {
        guid(&format!("person {}", self.account()))
    }

    /// Returns the object id of the service principal in the directory.
    pub fn object_id(&self) -> String {
        guid(&format!("principal {}", self.client_id))
    }
}

/// As what a config file names an integration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// As a `[[tenant]]`.
    Tenant,
    /// As a `[[directory]]` over these directories.
    Directory(Vec<String>),
    /// Not at all.
    Absent,
}

/// A client secret of an application.
#[derive(Clone)]
pub struct Secret {
    /// The portal's Secret ID.
    pub key_id: String,
    /// The portal's description.
    pub name: String,
    /// The value.
    pub value: String,
    /// From when it is good.
    pub starts_at: DateTime<Utc>,
    /// Until when it is good.
    pub ends_at: DateTime<Utc>,
}

/// Everything but the value: a failing test prints fleets.
impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secret")
            .field("key_id", &self.key_id)
            .field("name", &self.name)
            .field("ends_at", &self.ends_at)
            .finish_non_exhaustive()
    }
}

/// How the cloud treats one integration over time: the last step begun holds, before the first it
/// works.
#[derive(Debug, Clone, Default)]
pub struct Script(pub Vec<Step>);

/// From some time after the start on, one treatment.
#[derive(Debug, Clone)]
pub struct Step {
    /// How long after the start of the cloud.
    pub after: Duration,
    /// What holds from then on.
    pub behaviour: Behaviour,
}

impl Script {
    /// Returns a script of one treatment.
    pub fn always(behaviour: Behaviour) -> Self {
        Self::default().then(Duration::ZERO, behaviour)
    }

    /// Returns the script with a further step; steps are given in order of time.
    #[must_use]
    pub fn then(mut self, after: Duration, behaviour: Behaviour) -> Self {
        self.0.push(Step { after, behaviour });
        self
    }

    /// Returns what holds so long after the start.
    pub fn at(&self, elapsed: Duration) -> Behaviour {
        self.0
            .iter()
            .rev()
            .find(|step| step.after <= elapsed)
            .map_or(Behaviour::Works, |step| step.behaviour.clone())
    }
}

/// Returns a GUID that follows from the text, so that runs can be compared.
pub(super) fn guid(text: &str) -> String {
    let digest = digest::digest(&digest::SHA256, text.as_bytes());
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(digest.as_ref()) {
        *to = *from;
    }
    uuid::Builder::from_random_bytes(bytes)
        .into_uuid()
        .to_string()
}

/// Returns a value of the shape that the portal makes: 3 characters, `8Q~`, 34 characters.
fn secret_value(name: &str) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
    let digest = digest::digest(&digest::SHA512, format!("secret {name}").as_bytes());
    let mut characters = digest
        .as_ref()
        .iter()
        .filter_map(|byte| ALPHABET.get(usize::from(*byte) % ALPHABET.len()))
        .map(|byte| char::from(*byte));
    let head: String = characters.by_ref().take(3).collect();
    let tail: String = characters.take(34).collect();
    format!("{head}8Q~{tail}")
}

#[cfg(test)]
mod tests {
    use super::super::behaviour::TokenFault;
    use super::*;

    #[test]
    fn the_last_step_begun_holds() {
        let broken = Behaviour::Token(TokenFault::AppDisabled);
        let script = Script::default()
            .then(Duration::from_secs(20), broken.clone())
            .then(Duration::from_secs(75), Behaviour::Works);
        assert_eq!(script.at(Duration::from_secs(19)), Behaviour::Works);
        assert_eq!(script.at(Duration::from_secs(20)), broken);
        assert_eq!(script.at(Duration::from_secs(74)), broken);
        assert_eq!(script.at(Duration::from_secs(75)), Behaviour::Works);
    }

    #[test]
    fn a_made_secret_has_the_shape_of_a_real_one() {
        let value = secret_value("contoso-rooms");
        assert_eq!(value.len(), 40);
        assert_eq!(value.get(3..6), Some("8Q~"));
    }

    #[test]
    fn debug_output_hides_the_secret() {
        let integration = Integration::named("contoso-rooms", DateTime::UNIX_EPOCH);
        let shown = format!("{integration:?}");
        assert!(!shown.contains(integration.presented_secret()));
    }
}
