//! The config of a cloud, with its secrets and certificate.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::SecondsFormat;
use tempfile::TempDir;

use crate::files;

use super::cloud::{SimulatedCloud, ews_of, graph_of};
use super::error::SimulatorError;
use super::faults::FaultTarget;
use super::fleet::{ConfigEntry, Integration, Secret};

/// A folder with a config file for a cloud, removed when dropped.
#[derive(Debug)]
pub struct ConfigDir {
    dir: TempDir,
    config: PathBuf,
}

impl ConfigDir {
    /// Returns the folder.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Returns the config file.
    pub fn config(&self) -> &Path {
        &self.config
    }

    /// Returns the certificate of the authority.
    pub fn ca(&self) -> PathBuf {
        self.dir.path().join(CA_FILE)
    }
}

const CA_FILE: &str = "ca.pem";
/// The checks by mail, each with the key of its address.
const MAIL: [(&str, &str, FaultTarget); 3] = [
    ("imap", "imap_url", FaultTarget::Imap),
    ("pop", "pop_url", FaultTarget::Pop),
    ("smtp", "smtp_url", FaultTarget::Smtp),
];
const SECRETS: &str = "secrets";

impl SimulatedCloud {
    /// Returns a config for every integration that is not left out. Its paths are relative, as
    /// [`SimulatedCloud::write_config`] writes the files.
    pub fn config_toml(&self) -> String {
        let mut toml = format!(
            "# The simulated cloud at {address}; gone when it stops.\n\n\
             [defaults]\n\
             interval = \"15s\"\n\
             timeout = \"8s\"\n\
             ca_file = {ca}\n\
             login_url = {login}\n\
             ews_url = {ews}\n\
             graph_url = {graph}\n",
            address = self.address(),
            ca = quote(CA_FILE),
            login = quote(&self.login_url()),
            ews = quote(&self.ews_url()),
            graph = quote(&self.graph_url()),
        );
        for (check, key, target) in MAIL {
            // Only where a tenant is checked by mail: a config without mail needs no such address.
            let is_used = |one: &Integration| one.checks.iter().any(|name| name == check);
            if self.integrations().any(is_used) {
                toml.extend([key, " = ", &quote(&self.mail_url(target)), "\n"]);
            }
        }
        for (number, one) in self.integrations().enumerate() {
            match &one.entry {
                ConfigEntry::Tenant => {
                    toml.push_str(&tenant(number, one));
                    toml.push_str(&self.own_addresses(number));
                }
                ConfigEntry::Directory(ids) => toml.push_str(&directory(number, one, ids)),
                ConfigEntry::Absent => {}
            }
        }
        toml
    }

    /// Returns the addresses for one integration alone.
    fn own_addresses(&self, number: usize) -> String {
        let of = |target| self.own_base(number, target);
        let login = of(FaultTarget::Entra).map(|base| ("login_url", base.to_owned()));
        let ews = of(FaultTarget::Ews).map(|base| ("ews_url", ews_of(base)));
        let graph = of(FaultTarget::Graph).map(|base| ("graph_url", graph_of(base)));
        // The config allows a shorter interval only for a sign-in service on this machine.
        let far = of(FaultTarget::Entra).filter(|base| base.ends_with(".invalid"));
        let pace = far.map(|_| ("interval", "1m".to_owned()));
        let mail = MAIL.map(|(_, key, target)| of(target).map(|base| (key, base.to_owned())));
        let lines = [login, ews, graph, pace].into_iter().chain(mail).flatten();
        lines
            .flat_map(|(key, url)| [key, " = ", &quote(&url), "\n"].map(str::to_owned))
            .collect()
    }

    /// Writes the config with its secrets and certificate into that folder; returns the config
    /// file's path. Only the owner may read the secrets.
    pub fn write_config(&self, dir: &Path) -> Result<PathBuf, SimulatorError> {
        let secrets = dir.join(SECRETS);
        fs::create_dir_all(&secrets).map_err(failed(&secrets))?;
        write(&dir.join(CA_FILE), self.ca_pem())?;
        for (number, one) in self.integrations().enumerate() {
            let text = match (one.certificates.first(), self.federated_token(&one.name)) {
                (Some(certificate), _) => format!("{}{}", certificate.key_pem, certificate.pem),
                (None, Some(token)) => token,
                (None, None) => one.presented_secret().to_owned(),
            };
            let file = dir.join(secret_file(number));
            write(&file, &text)?;
            date(&file, one)?;
            if one.delegated.as_ref().is_some_and(|one| one.signed_in) {
                write(&dir.join(start_file(number)), &one.start_token())?;
            }
        }
        let config = dir.join("config.toml");
        write(&config, &self.config_toml())?;
        Ok(config)
    }

    /// Writes the config into a new temporary folder.
    pub fn temporary_config(&self) -> Result<ConfigDir, SimulatorError> {
        let dir = tempfile::Builder::new()
            .prefix("credwatch-cloud-")
            .tempdir()
            .map_err(failed(Path::new("temporary folder")))?;
        let config = self.write_config(dir.path())?;
        Ok(ConfigDir { dir, config })
    }
}

fn tenant(number: usize, one: &Integration) -> String {
    let mut toml = format!(
        "\n[[tenant]]\n\
         name = {}\n\
         profile = {}\n\
         tenant_id = {}\n\
         client_id = {}\n\
         mailbox = {}\n",
        quote(&one.name),
        quote(&one.profile),
        quote(&one.tenant_id),
        quote(&one.client_id),
        quote(one.presented_mailbox()),
    );
    let mut set = |key: &str, value: String| {
        for part in [key, " = ", &value, "\n"] {
            toml.push_str(part);
        }
    };
    let public = one.delegated.as_ref().is_some_and(|one| one.public);
    let file = |path: String| format!("{{ file = {} }}", quote(&path));
    if !public {
        set(credential_key(one), file(secret_file(number)));
    }
    if one.delegated.as_ref().is_some_and(|one| one.signed_in) {
        set("refresh_token", file(start_file(number)));
    }
    let by_secret = !public && credential_key(one) == "secret";
    let watched = |secret: &&Secret| one.watched_key.as_ref() == Some(&secret.key_id);
    let in_use = one.secrets.iter().find(watched).or(one.secrets.first());
    if let Some(secret) = in_use.filter(|_| one.end_known && by_secret) {
        let end = secret.ends_at.to_rfc3339_opts(SecondsFormat::Secs, true);
        set("secret_expires", end);
    }
    if let Some(key) = &one.watched_key {
        set("watch", format!("{{ key_id = {} }}", quote(key)));
    }
    set("checks", list(&one.checks));
    if !one.tags.is_empty() {
        set("tags", list(&one.tags));
    }
    if let Some(note) = &one.note {
        set("note", quote(note));
    }
    toml
}

fn directory(number: usize, one: &Integration, tenant_ids: &[String]) -> String {
    format!(
        "\n[[directory]]\n\
         name = {}\n\
         tenant_ids = {}\n\
         client_id = {}\n\
         {} = {{ file = {} }}\n",
        quote(&one.name),
        list(tenant_ids),
        quote(&one.client_id),
        credential_key(one),
        quote(&secret_file(number)),
    )
}

/// Returns the key of the credential in the config.
fn credential_key(one: &Integration) -> &'static str {
    if !one.certificates.is_empty() {
        "certificate"
    } else if one.presented_federation().is_some() {
        "federated_token"
    } else {
        "secret"
    }
}

/// Files are numbered: the name of an integration may hold characters that a file name may not.
fn secret_file(number: usize) -> String {
    format!("{SECRETS}/{number:05}")
}

fn start_file(number: usize) -> String {
    format!("{SECRETS}/{number:05}.refresh")
}

fn quote(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn list(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| quote(word)).collect();
    format!("[{}]", words.join(", "))
}

fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> SimulatorError {
    let path = path.to_owned();
    |source| SimulatorError::Write { path, source }
}

/// Makes the file of a secret as old as the secret: a new file counts as a new secret.
fn date(file: &Path, one: &Integration) -> Result<(), SimulatorError> {
    let Some(secret) = one.secrets.first() else {
        return Ok(());
    };
    files::set_modified(file, secret.starts_at.into()).map_err(failed(file))
}

fn write(path: &Path, text: &str) -> Result<(), SimulatorError> {
    files::write_temporary(path, text.as_bytes()).map_err(failed(path))
}
