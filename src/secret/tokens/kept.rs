//! A kept sign-in, and the key by which it is found.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use crate::tenant::Tenant;

/// A kept sign-in.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The refresh token.
    pub token: SecretString,
    /// When the person signed in, or the start value was taken.
    pub obtained_at: DateTime<Utc>,
    /// When the token was last replaced by a new one.
    pub rotated_at: DateTime<Utc>,
    /// Whether its last use brought a new one.
    pub rotates: bool,
    /// The account that signed in, as far as the tokens tell.
    pub account: Option<String>,
    /// The scopes that were granted.
    pub scopes: Vec<String>,
    /// The digest of the configured start value that was seen last.
    pub start: Option<String>,
    /// The refusal after which the token is not sent again.
    pub refused: Option<Refusal>,
}

/// Why a token is not sent again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The id of the cause.
    pub cause: String,
    /// The code that the login service gave.
    pub code: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

/// Which person's sign-in it is: in which directory, for which app and mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) login: String,
    pub(super) tenant_id: String,
    pub(super) client_id: String,
    pub(super) mailbox: String,
}

impl Key {
    pub(super) fn of(tenant: &Tenant) -> Self {
        let mailbox = tenant.target.mailbox.as_deref().unwrap_or_default();
        Self {
            login: tenant.endpoints.login.authority().to_ascii_lowercase(),
            tenant_id: tenant.app.tenant_id.to_ascii_lowercase(),
            client_id: tenant.app.client_id.to_ascii_lowercase(),
            mailbox: mailbox.to_lowercase(),
        }
    }

    /// A file name that people recognise and that no two keys share.
    pub(super) fn file_name(&self) -> String {
        let parts = [&self.login, &self.tenant_id, &self.client_id, &self.mailbox];
        let joined = parts.map(String::as_str).join("\n");
        let digest: String = hex(&joined).chars().take(32).collect();
        let plain = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
        let client: String = self.client_id.chars().filter(plain).take(64).collect();
        format!("{client}.{digest}")
    }
}

/// Returns what tells one token from another without holding it. Refresh tokens are long and random,
/// so none can be guessed from this.
pub fn digest(token: &SecretString) -> String {
    hex(token.expose_secret())
}

fn hex(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().fold(String::new(), |mut out, byte| {
        // writing to a String cannot fail
        let _ok = write!(out, "{byte:02x}");
        out
    })
}
