//! A tenant: one integration in one directory, with its mailbox, resolved and complete.
//!
//! A [`Tenant`] is plain data. It cannot exist half-configured: only `config` makes one, after every
//! default, profile and cloud has been applied.

#[cfg(test)]
pub(crate) mod fixture;

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use chrono::{DateTime, Datelike as _, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use url::{Host, Url};

use crate::{
    profile::Profile,
    stage::{Resource, Surface, SurfaceSet},
};

pub use crate::profile::{Authority, Folder};

/// The unique name of a tenant in the config.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantName(Arc<str>);

impl TenantName {
    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for TenantName {
    fn from(name: &str) -> Self {
        Self(name.into())
    }
}

impl fmt::Display for TenantName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Serialize for TenantName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for TenantName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Ok(Self(name.into()))
    }
}

/// One configured integration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// The name in the config, which people and scripts use.
    pub name: TenantName,
    /// The vendor guide that it follows.
    pub profile: &'static Profile,
    /// The app, and its directory.
    pub app: App,
    /// The credential that the app signs in with.
    pub credential: Credential,
    /// How it acts for a person, if it does; `None` where the app acts for itself.
    pub delegation: Option<Delegation>,
    /// The end date that counts where the directory does not tell one.
    pub configured_end: Option<EndDate>,
    /// The credential that the vendor holds, if it is another one than ours.
    pub watch: Option<Watch>,
    /// Whether the directory is asked when the credentials end.
    pub directory: DirectoryUse,
    /// Whether credwatch signs in, or only judges dates.
    pub mode: Mode,
    /// What the test call opens.
    pub target: Target,
    /// Where requests go, and the resources that tokens are for.
    pub endpoints: Endpoints,
    /// How requests travel.
    pub network: Network,
    /// How often, and how long at most.
    pub pace: Pace,
    /// When a coming end turns into a warning.
    pub thresholds: Thresholds,
    /// Free labels, for filters.
    pub tags: Vec<String>,
    /// Texts for a person on call, shown beside the verdict.
    pub support: Support,
}

impl Tenant {
    /// Returns the permission that a person's token asks for at a resource.
    ///
    /// At Exchange the vendor guides name one. At Graph `.default` asks for all that was consented
    /// to, so that a missing permission shows at the call and not as a refused sign-in.
    pub fn delegated_permission(&self, resource: Resource) -> &'static str {
        match resource {
            Resource::Exchange => self.profile.delegation().permission,
            Resource::Graph => ".default",
        }
    }
}

/// Which app registration in which directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// The directory: a GUID, a verified domain, or `organizations`/`common`.
    pub tenant_id: String,
    /// The application (client) id.
    pub client_id: String,
}

/// The credential that the app signs in with.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Credential {
    /// A client secret, read anew from its source at every check.
    Secret(SecretSource),
    /// An assertion, signed anew for every request with the key of a certificate.
    Certificate(CertificateSource),
    /// Another provider's token from a file, which that provider keeps fresh.
    Federated(PathBuf),
    /// None: only possible with [`Mode::Dates`], and for public clients that act for a person.
    None,
}

/// Where a certificate and its key are read from, and how assertions are signed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CertificateSource {
    /// The file, or two.
    pub files: CertificateFiles,
    /// The password of an encrypted key.
    pub password: Option<SecretSource>,
    /// How assertions are signed.
    pub algorithm: AssertionAlgorithm,
}

/// The files that hold a certificate and its key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum CertificateFiles {
    /// PEM.
    Pem {
        /// Holds the certificate.
        certificate: PathBuf,
        /// Holds the key: another file, or the same one.
        key: PathBuf,
    },
    /// PKCS#12: both in one file.
    Pfx(PathBuf),
}

impl CertificateFiles {
    /// Returns the files, each once.
    pub fn paths(&self) -> Vec<&PathBuf> {
        match self {
            Self::Pem { certificate, key } if certificate == key => vec![certificate],
            Self::Pem { certificate, key } => vec![certificate, key],
            Self::Pfx(path) => vec![path],
        }
    }
}

impl fmt::Display for CertificateSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (CertificateFiles::Pem {
            certificate: path, ..
        }
        | CertificateFiles::Pfx(path)) = &self.files;
        write!(f, "certificate {}", path.display())
    }
}

/// How an assertion is signed, and by which thumbprint it names its certificate. The service takes
/// either pair, and no mixture.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, strum::EnumString, strum::VariantNames,
)]
#[strum(serialize_all = "UPPERCASE")]
pub enum AssertionAlgorithm {
    /// RSA-PSS, with the SHA-256 thumbprint in `x5t#S256`.
    #[default]
    Ps256,
    /// PKCS#1 v1.5, with the SHA-1 thumbprint in `x5t`.
    Rs256,
}

/// How a tenant acts for a person, who signed in once: that sign-in is renewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegation {
    /// Where people sign in.
    pub authority: Authority,
    /// Where a refresh token to start from is read, if not from `credwatch login`.
    pub start: Option<SecretSource>,
}

/// Where a secret is read from. The secret itself never stands in a config.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SecretSource {
    /// An environment variable, by name.
    Env(String),
    /// A file; one trailing line end is not part of the secret.
    File(PathBuf),
    /// A program with its arguments, run without a shell; its standard output is the secret.
    Command(Vec<String>),
    /// An entry of systemd's credentials directory, by id.
    Credential(String),
    /// An item of the desktop's keyring, by name.
    Keyring(String),
}

impl SecretSource {
    /// Reads a source as a command line names it: `env:NAME`, `file:PATH`, `credential:ID`,
    /// `keyring:NAME`. `None` for anything else, which may be a secret and is not to be repeated.
    pub fn from_word(word: &str) -> Option<Self> {
        let (kind, place) = word
            .split_once(':')
            .filter(|(_, place)| !place.is_empty())?;
        match kind {
            "env" => Some(Self::Env(place.to_owned())),
            "file" => Some(Self::File(place.into())),
            "credential" => Some(Self::Credential(place.to_owned())),
            "keyring" => Some(Self::Keyring(place.to_owned())),
            _ => None,
        }
    }
}

impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env {name}"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Command(line) => write!(f, "command {}", line.first().map_or("", String::as_str)),
            Self::Credential(id) => write!(f, "credential {id}"),
            Self::Keyring(name) => write!(f, "keyring {name}"),
        }
    }
}

/// When a credential ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndDate {
    /// At this moment.
    At(DateTime<Utc>),
    /// It is known to have no end.
    Never,
}

impl EndDate {
    /// Ends in this year or later are how portals and scripts of old wrote "never".
    const NEVER_FROM: i32 = 2200;

    /// Returns what an end means that stands somewhere as a date.
    pub fn of(at: DateTime<Utc>) -> Self {
        if at.year() >= Self::NEVER_FROM {
            Self::Never
        } else {
            Self::At(at)
        }
    }
}

/// How the vendor's credential is identified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Watch {
    /// By the GUID that the portal calls Secret ID.
    KeyId(String),
    /// By the first three characters of the secret.
    Hint(String),
}

/// Whether the directory is asked for the end dates of the app's credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DirectoryUse {
    /// Never.
    Off,
    /// The app looks at its own registration, which takes no permission; where that fails, a reader
    /// of that directory does.
    Own {
        /// The directory that holds the registration, where that is not the tenant's own.
        home_tenant_id: Option<String>,
    },
    /// The app never signs in by itself, so only a reader of its directory can look.
    Reader {
        /// As for [`DirectoryUse::Own`].
        home_tenant_id: Option<String>,
    },
}

impl DirectoryUse {
    /// Returns whether the directory is asked.
    pub fn is_on(&self) -> bool {
        *self != Self::Off
    }

    /// Returns the directory that holds the registration, where that is not the tenant's own.
    pub fn home_tenant_id(&self) -> Option<&str> {
        match self {
            Self::Off => None,
            Self::Own { home_tenant_id } | Self::Reader { home_tenant_id } => {
                home_tenant_id.as_deref()
            }
        }
    }
}

/// Whether credwatch signs in as the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumString, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum Mode {
    /// Signs in and makes the test calls.
    Live,
    /// Judges end dates only; holds no secret.
    Dates,
}

/// What the test calls open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// SMTP address; `None` only where no surface is tried.
    pub mailbox: Option<String>,
    /// The folder that the EWS call names.
    pub folder: Folder,
    /// The surfaces that are tried.
    pub surfaces: SurfaceSet,
}

/// Addresses of the services, without a trailing slash where they are bases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// Base of the login service, such as `https://login.microsoftonline.com`.
    pub login: Url,
    /// The whole address of the EWS endpoint.
    pub ews: Url,
    /// Base of Microsoft Graph.
    pub graph: Url,
    /// The resource of the EWS token; the scope is this plus `/.default`.
    pub ews_resource: String,
    /// The resource of the Graph token: the cloud's Graph, also beside an own `graph_url`.
    pub graph_resource: String,
}

impl Endpoints {
    /// Returns the address that the test call of a surface goes to.
    pub fn surface(&self, surface: Surface) -> &Url {
        match surface {
            Surface::Ews => &self.ews,
            Surface::Graph => &self.graph,
        }
    }

    /// Returns what a token for a resource is issued for; the scope is this plus `/.default`.
    pub fn resource(&self, resource: Resource) -> &str {
        match resource {
            Resource::Exchange => &self.ews_resource,
            Resource::Graph => &self.graph_resource,
        }
    }

    /// Returns the token endpoint of a directory: `{login}/{tenant_id}/oauth2/v2.0/token`.
    pub fn token(&self, tenant_id: &str) -> Url {
        self.oauth2(tenant_id, "token")
    }

    /// Returns an OAuth endpoint of a directory, or of a word for any:
    /// `{login}/{directory}/oauth2/v2.0/{endpoint}`.
    pub fn oauth2(&self, directory: &str, endpoint: &str) -> Url {
        let mut url = self.login.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty()
                .extend([directory, "oauth2", "v2.0", endpoint]);
        }
        url
    }

    /// Returns an address under Graph's `v1.0`; each segment is escaped.
    pub fn graph_v1(&self, segments: &[&str]) -> Url {
        let mut url = self.graph.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push("v1.0").extend(segments);
        }
        url
    }
}

/// Returns whether an address can only lead to this machine, whatever the resolver says.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// How requests travel. Tenants with equal values share one HTTP client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// An explicit proxy; `None` follows the environment's proxy settings.
    pub proxy: Option<Url>,
    /// A PEM file with extra trust roots.
    pub ca_file: Option<PathBuf>,
    /// The `User-Agent` sent; Exchange policies match on it.
    pub user_agent: String,
    /// How long a connection may take to be made, TLS included.
    pub connect_timeout: Duration,
}

/// How often a tenant is checked, and how long a check may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Time between two polls.
    pub interval: Duration,
    /// Deadline of one whole check.
    pub timeout: Duration,
    /// How long the answer of a secret command may be kept in memory.
    pub secret_ttl: Duration,
}

/// When a coming end turns into a warning, and when into an alarm. `critical` is at most `warn`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// Ends within this: warning.
    pub warn: TimeDelta,
    /// Ends within this: critical.
    pub critical: TimeDelta,
    /// Was made for longer than this: warning. `None`: no lifetime is too long.
    pub max_lifetime: Option<TimeDelta>,
}

/// Texts for a person on call, shown beside the verdict.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Support {
    /// The person or team to call.
    pub contact: Option<String>,
    /// Where the vendor takes requests.
    pub vendor_support: Option<String>,
    /// A page with the steps of this place.
    pub runbook: Option<String>,
    /// Anything else.
    pub note: Option<String>,
    /// Which way to follow a step is shown first.
    pub shell: PreferredShell,
}

/// Which of several ways to do what a step says comes first.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, strum::EnumString, strum::VariantNames,
)]
#[strum(serialize_all = "lowercase")]
pub enum PreferredShell {
    /// The Azure CLI.
    #[default]
    Az,
    /// PowerShell.
    Powershell,
    /// The web page.
    Portal,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_built_under_a_base_with_or_without_a_slash() {
        for base in ["https://login.example", "https://login.example/"] {
            let endpoints = Endpoints {
                login: base.parse().unwrap(),
                ews: "https://ews.example/EWS/Exchange.asmx".parse().unwrap(),
                graph: "https://graph.example/".parse().unwrap(),
                ews_resource: String::new(),
                graph_resource: String::new(),
            };
            let token = endpoints.token("contoso.com");
            assert_eq!(
                token.as_str(),
                "https://login.example/contoso.com/oauth2/v2.0/token"
            );
            let folder = endpoints.graph_v1(&["users", "a/b@c.d", "mailFolders", "inbox"]);
            assert_eq!(folder.path(), "/v1.0/users/a%2Fb@c.d/mailFolders/inbox");
        }
    }
}
