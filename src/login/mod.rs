//! The interactive sign-in for tenants with delegated permissions: a person signs in once, by device
//! code or in a browser.
//!
//! It asks the login service and listens on loopback for the browser's return; it prints nothing
//! (the caller shows each [`LoginStep`]), keeps nothing (the caller puts what it returns into the token
//! store), and renews nothing (that is `check`'s work). Only `app` calls it.

mod browser;
mod device;
mod launch;
mod listener;
mod request;

use std::{io, time::Duration};

use secrecy::SecretString;

pub use self::launch::{ScreenLocation, open_browser, screen};
use crate::{check, clock::Clock, http::Clients, tenant::Tenant, verdict::Diagnosis};

/// A sign-in in a browser that takes longer than this is given up.
const PATIENCE: Duration = Duration::from_mins(10);

/// A sign-in that is about to begin.
#[derive(Debug)]
pub struct Login<'a> {
    /// The HTTP clients.
    pub clients: &'a Clients,
    /// The tenant that the person signs in for.
    pub tenant: &'a Tenant,
    /// The client secret; `None` for a public client.
    pub secret: Option<SecretString>,
    /// The clock.
    pub clock: Clock,
}

/// The next step of the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoginStep {
    /// Open a page on any device and enter a code there.
    EnterCode {
        /// The page.
        page: String,
        /// The code.
        code: String,
        /// How long it is good.
        good_for: Duration,
    },
    /// Open an address in a browser that reaches this machine's loopback.
    OpenAddress {
        /// The address.
        address: String,
        /// The port on which the browser's return is waited for.
        port: u16,
    },
}

/// The result of a sign-in.
#[derive(Debug)]
pub struct SignedIn {
    /// The refresh token.
    pub refresh: SecretString,
    /// The account, as far as the tokens tell.
    pub account: Option<String>,
    /// The directory of the account.
    pub directory: Option<String>,
    /// The granted scopes.
    pub scopes: Vec<String>,
}

/// Why a sign-in failed.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The login service, or the person, says no.
    #[error("the sign-in was refused: {}", .0.title)]
    Refused(Box<Diagnosis>),
    /// The login service could not be asked, or could not answer: the sign-in was not refused.
    #[error("the login service gave no answer: {}", .0.title)]
    Unanswered(Box<Diagnosis>),
    /// The browser did not come back.
    #[error("no sign-in within 10 minutes; start again, and finish in one go")]
    TooLate,
    /// The loopback port cannot be had.
    #[error("port {port} of this machine's loopback cannot be listened on; try another `--port`")]
    Listen {
        /// Which port; 0 is any.
        port: u16,
        /// The error of the operating system.
        #[source]
        source: io::Error,
    },
}

impl Login<'_> {
    /// The scopes that the person is asked for: what the checks need, and what keeps the sign-in.
    fn scope(&self) -> String {
        let resource = self.tenant.target.surfaces.first_resource();
        let permission = self.tenant.delegated_permission(resource);
        let scope = check::scope(self.tenant.endpoints.resource(resource), permission);
        format!("{scope} offline_access openid profile")
    }

    /// The directory whose addresses people sign in at.
    fn directory(&self) -> &str {
        use crate::tenant::Authority;
        match self.tenant.delegation.as_ref().map(|one| one.authority) {
            Some(authority @ (Authority::Organizations | Authority::Common)) => authority.id(),
            Some(Authority::Tenant) | None => &self.tenant.app.tenant_id,
        }
    }
}
