//! The refresh tokens, codes and device codes that were given out.
//!
//! Nothing is ever removed: a simulated cloud lives for hours at most.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::crypto::PkceChallenge;
use super::ids::random;

/// All that was given out.
#[derive(Debug, Default)]
pub(crate) struct TokenStore(Mutex<GivenOut>);

#[derive(Debug, Default)]
struct GivenOut {
    refresh: HashMap<String, usize>,
    codes: HashMap<String, AuthorizationCode>,
    devices: HashMap<String, DeviceCode>,
}

/// An authorization code on its way back to the application.
#[derive(Debug, Clone)]
pub(crate) struct AuthorizationCode {
    pub(crate) index: usize,
    pub(crate) redirect: String,
    pub(crate) challenge: Option<PkceChallenge>,
    pub(crate) asked: SignInRequest,
    pub(crate) ends_at: i64,
    pub(crate) used: bool,
}

/// A device code that waits for approval.
#[derive(Debug)]
pub(crate) struct DeviceCode {
    pub(crate) index: usize,
    /// The number of polls until it is approved.
    pub(crate) pending: u32,
    pub(crate) asked: SignInRequest,
    pub(crate) ends_at: i64,
}

/// The parameters at the start of a sign-in that its token depends on.
#[derive(Debug, Clone, Default)]
pub(crate) struct SignInRequest {
    pub(crate) scope: Option<String>,
    pub(crate) nonce: Option<String>,
}

impl TokenStore {
    fn given_out(&self) -> MutexGuard<'_, GivenOut> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a refresh token of that integration.
    pub(crate) fn add_refresh_token(&self, token: String, index: usize) {
        self.given_out().refresh.insert(token, index);
    }

    /// Returns a new refresh token. Earlier ones go on working, as with Entra.
    pub(crate) fn new_refresh_token(&self, index: usize) -> String {
        let token = format!("1.{}{}", random(), random());
        self.add_refresh_token(token.clone(), index);
        token
    }

    /// Returns the integration of a refresh token.
    pub(crate) fn owner_of_refresh_token(&self, token: &str) -> Option<usize> {
        self.given_out().refresh.get(token).copied()
    }

    /// Returns a new authorization code for that sign-in.
    pub(crate) fn new_code(&self, sign_in: AuthorizationCode) -> String {
        let code = format!("1.{}", random());
        self.given_out().codes.insert(code.clone(), sign_in);
        code
    }

    /// Returns a new device code for that sign-in.
    pub(crate) fn new_device_code(&self, sign_in: DeviceCode) -> String {
        let code = random();
        self.given_out().devices.insert(code.clone(), sign_in);
        code
    }

    /// Lets `redeem` judge and change an authorization code; `None` if there is no such code.
    pub(crate) fn with_code<T>(
        &self,
        code: &str,
        redeem: impl FnOnce(&mut AuthorizationCode) -> T,
    ) -> Option<T> {
        self.given_out().codes.get_mut(code).map(redeem)
    }

    /// Lets `redeem` judge and change a device code; `None` if there is no such code.
    pub(crate) fn with_device_code<T>(
        &self,
        code: &str,
        redeem: impl FnOnce(&mut DeviceCode) -> T,
    ) -> Option<T> {
        self.given_out().devices.get_mut(code).map(redeem)
    }
}
