//! `credwatch init`: the vendors' guides as steps to do, and a first config.
//!
//! What is known goes into both; what is not stands there as a marked example, so that `config check`
//! accepts the file and warns. It refuses to take a secret: it asks where one is kept. Nothing is read
//! or written here but the questions and answers of [`ask`].

pub mod ask;
mod config;
mod steps;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

pub use self::{config::tenant as config, steps::render as steps};
use crate::{
    cloud::Cloud,
    profile::{Client, Profile},
    tenant::SecretSource,
};

/// The values that `config check` calls examples.
const EXAMPLE_ID: &str = "00000000-0000-0000-0000-000000000000";
const EXAMPLE_MAILBOX: &str = "EXAMPLE@contoso.com";

/// The known values of the integration that is set up.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Which guide.
    pub profile: &'static Profile,
    /// Which cloud.
    pub cloud: &'static Cloud,
    /// Its name in the config.
    pub name: String,
    /// The directory, if it is known.
    pub tenant_id: Option<String>,
    /// The app, if there is one yet.
    pub client_id: Option<String>,
    /// The mailbox that the test call opens.
    pub mailbox: Option<String>,
    /// The source of the client secret.
    pub secret: Option<SecretSource>,
    /// When it ends: a date, or `never`.
    pub secret_expires: Option<String>,
    /// Whether only end dates are watched: this machine holds no secret.
    pub dates: bool,
    /// The path of the config.
    pub path: PathBuf,
}

impl Plan {
    /// Returns whether an app of this profile can have a secret; a public client has none.
    pub fn may_have_secret(&self) -> bool {
        self.client() != Some(Client::Public)
    }

    /// Returns whether an app of this profile can be without one.
    fn may_be_public(&self) -> bool {
        self.client() == Some(Client::Either)
    }

    fn client(&self) -> Option<Client> {
        self.profile.delegated.map(|delegated| delegated.client)
    }

    /// Returns where the secret is kept: as said, or in a variable named after the integration.
    /// `None` where there is none, or it may be left out.
    pub fn secret_source(&self) -> Option<SecretSource> {
        if self.dates || !self.may_have_secret() {
            return None;
        }
        let usual = || (!self.may_be_public()).then(|| SecretSource::Env(self.usual_variable()));
        self.secret.clone().or_else(usual)
    }

    /// Returns the environment variable that holds the secret unless another place is named.
    pub fn usual_variable(&self) -> String {
        let letter = |c: char| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_uppercase()
            } else {
                '_'
            }
        };
        let name: String = self.name.chars().map(letter).collect();
        let digit = name.starts_with(|c: char| c.is_ascii_digit());
        format!("{}{name}_SECRET", if digit { "_" } else { "" })
    }
}
