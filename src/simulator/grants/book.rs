//! What was handed out, so that it is known when it comes back. Never forgotten: a simulated cloud
//! lives for hours at most.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::super::entra::refusal::{self, Refusal};
use super::super::entra::request::TokenRequest;
use super::super::scenario::{Integration, guid};
use super::Kind;
use super::authorize::Challenge;

/// Codes live ten minutes, device codes a quarter of an hour.
pub(super) const CODE_SECONDS: i64 = 600;
pub(super) const DEVICE_SECONDS: i64 = 900;

/// Everything that was handed out.
#[derive(Debug, Default)]
pub(in crate::simulator) struct Grants(Mutex<Book>);

#[derive(Debug, Default)]
struct Book {
    refresh: HashMap<String, usize>,
    codes: HashMap<String, Code>,
    devices: HashMap<String, Device>,
}

/// A code on its way back to the application.
#[derive(Debug, Clone)]
pub(super) struct Code {
    pub(super) index: usize,
    pub(super) redirect: String,
    pub(super) challenge: Option<Challenge>,
    pub(super) asked: Redeemed,
    pub(super) ends_at: i64,
    /// Whether somebody came back with it already.
    pub(super) used: bool,
}

/// A device that waits for its person.
#[derive(Debug)]
pub(super) struct Device {
    pub(super) index: usize,
    pub(super) pending: u32,
    pub(super) asked: Redeemed,
    pub(super) ends_at: i64,
}

/// What was asked for when the sign-in began.
#[derive(Debug, Clone, Default)]
pub(super) struct Redeemed {
    pub(super) scope: Option<String>,
    pub(super) nonce: Option<String>,
}

impl Grants {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Knows the refresh token that a config starts from.
    pub(in crate::simulator) fn begin(&self, index: usize, integration: &Integration) {
        self.book()
            .refresh
            .insert(start_token(&integration.name), index);
    }

    /// Returns a new refresh token.
    pub(super) fn refresh_token(&self, index: usize) -> String {
        let token = format!("1.{}{}", opaque(), opaque());
        self.book().refresh.insert(token.clone(), index);
        token
    }

    /// Returns a new code for that sign-in.
    pub(super) fn code(&self, sign_in: Code) -> String {
        let code = format!("1.{}", opaque());
        self.book().codes.insert(code.clone(), sign_in);
        code
    }

    /// Returns a new device code for that sign-in.
    pub(super) fn device_code(&self, sign_in: Device) -> String {
        let code = opaque();
        self.book().devices.insert(code.clone(), sign_in);
        code
    }

    /// Takes the refresh token, code or device code of a request, if it is a good one.
    pub(super) fn redeem(
        &self,
        index: usize,
        kind: Kind,
        request: &TokenRequest,
        now: i64,
    ) -> Result<Redeemed, Refusal> {
        let mut book = self.book();
        match kind {
            Kind::Refresh => match book.refresh.get(required(request, "refresh_token")?) {
                Some(owner) if *owner == index => Ok(Redeemed::default()),
                _ => Err(refusal::refresh_invalid()),
            },
            Kind::Code => {
                let code = book.codes.get_mut(required(request, "code")?);
                let code = code.ok_or(refusal::CODE_INVALID)?;
                code.redeem(index, request, now)
            }
            Kind::Device => {
                let device = book.devices.get_mut(required(request, "device_code")?);
                let device = device.ok_or(refusal::DEVICE_CODE_INVALID)?;
                device.redeem(index, now)
            }
            Kind::Password => {
                required(request, "username")?;
                required(request, "password")?;
                Err(refusal::PASSWORD_WRONG)
            }
        }
    }
}

impl Code {
    fn redeem(
        &mut self,
        index: usize,
        request: &TokenRequest,
        now: i64,
    ) -> Result<Redeemed, Refusal> {
        // Some libraries leave the address out where the code is redeemed.
        let sent = request.field("redirect_uri");
        let is_there = sent.is_none_or(|sent| sent == self.redirect);
        if self.index != index || self.ends_at <= now || !is_there {
            return Err(refusal::CODE_INVALID);
        }
        if std::mem::replace(&mut self.used, true) {
            return Err(refusal::CODE_USED);
        }
        if let Some(challenge) = &self.challenge
            && !challenge.is_met_by(required(request, "code_verifier")?)
        {
            return Err(refusal::VERIFIER_WRONG);
        }
        Ok(self.asked.clone())
    }
}

impl Device {
    fn redeem(&mut self, index: usize, now: i64) -> Result<Redeemed, Refusal> {
        if self.index != index || self.ends_at <= now {
            return Err(refusal::DEVICE_CODE_EXPIRED);
        }
        if self.pending > 0 {
            self.pending -= 1;
            return Err(refusal::DEVICE_PENDING);
        }
        Ok(self.asked.clone())
    }
}

fn required<'r>(request: &'r TokenRequest, name: &str) -> Result<&'r str, Refusal> {
    request
        .field(name)
        .ok_or_else(|| Refusal::parameter_missing(name))
}

/// Returns the refresh token that a config starts from, the same in every run.
pub(in crate::simulator) fn start_token(name: &str) -> String {
    format!("1.{}", guid(&format!("refresh {name}")).replace('-', ""))
}

pub(super) fn opaque() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}
