//! The grants that turn people's sign-ins into tokens and renew them.
//!
//! Every person approves at once. Mistakes of a client (redirect address, code verifier, secret of a
//! public client, scope without consent) are checked as Entra does. No account has a password here:
//! a sign-in with one fails like one with a wrong password.

use serde_json::{Value, json};

use super::aadsts;
use super::assertion;
use super::endpoint::check_accounts;
use super::grant::PersonGrant;
use super::id_token;
use super::refusal::{Refusal, Trace, with_entra_headers};
use super::request::TokenRequest;
use super::scope::Scope;
use crate::simulator::access_token::{Resource, TOKEN_SECONDS};
use crate::simulator::backend::Backend;
use crate::simulator::faults::{FaultAnswer, TokenDefect};
use crate::simulator::fleet::Integration;
use crate::simulator::http_answer::HttpAnswer;
use crate::simulator::token_store::{AuthorizationCode, DeviceCode, SignInRequest};

/// A request for a token by the grant of a person.
pub(crate) struct SignIn<'r> {
    pub(crate) backend: &'r Backend,
    pub(crate) tenant: &'r str,
    pub(crate) index: usize,
    pub(crate) app: &'r Integration,
    pub(crate) grant: PersonGrant,
    pub(crate) form: &'r TokenRequest,
    pub(crate) fault: Option<&'r FaultAnswer>,
}

/// Answers a token request.
pub(crate) fn token(sign_in: &SignIn<'_>, trace: &Trace) -> HttpAnswer {
    let granted = sign_in.authenticate().and_then(|()| {
        let redeemed = sign_in.redeem()?;
        sign_in.check_fault()?;
        let scope = Scope::of(sign_in.app, sign_in.grant, sign_in.form, &redeemed)?;
        Ok((scope, redeemed))
    });
    match granted {
        Ok((scope, redeemed)) => sign_in.issue(scope, &redeemed),
        Err(refusal) => refusal.answer(trace),
    }
}

impl SignIn<'_> {
    /// Checks that the application acts for people and has the right credential.
    fn authenticate(&self) -> Result<(), Refusal> {
        let Some(delegated) = &self.app.delegated else {
            return Err(Refusal::from(&aadsts::GRANT_NOT_ALLOWED));
        };
        check_accounts(self.tenant, self.app)?;
        match (delegated.public, self.form.secret(), self.form.assertion()) {
            (true, None, None) => Ok(()),
            (true, _, _) => Err(Refusal::from(&aadsts::PUBLIC_CLIENT)),
            (false, _, Some(assertion)) => {
                assertion::check(self.backend, self.tenant, self.app, assertion)
            }
            (false, _, None) => self.form.authenticate(self.app, self.backend.state.now()),
        }
    }

    /// Redeems the refresh token, code or device code of the request.
    fn redeem(&self) -> Result<SignInRequest, Refusal> {
        let store = &self.backend.token_store;
        let field = |name: &str| {
            let missing = || Refusal::of(&aadsts::PARAMETER_MISSING, name);
            self.form.field(name).ok_or_else(missing)
        };
        match self.grant {
            PersonGrant::Refresh => {
                let owner = store.owner_of_refresh_token(field("refresh_token")?);
                if owner != Some(self.index) {
                    return Err(Refusal::from(&aadsts::REFRESH_INVALID));
                }
                Ok(SignInRequest::default())
            }
            PersonGrant::Code => store
                .with_code(field("code")?, |code| self.redeem_code(code))
                .unwrap_or_else(|| Err(Refusal::from(&aadsts::CODE_INVALID))),
            PersonGrant::Device => store
                .with_device_code(field("device_code")?, |code| self.redeem_device_code(code))
                .unwrap_or_else(|| Err(Refusal::from(&aadsts::DEVICE_CODE_INVALID))),
            PersonGrant::Password => {
                field("username")?;
                field("password")?;
                Err(Refusal::from(&aadsts::PASSWORD_WRONG))
            }
        }
    }

    fn redeem_code(&self, code: &mut AuthorizationCode) -> Result<SignInRequest, Refusal> {
        // Some libraries leave the address out when they redeem the code.
        let redirect = self.form.field("redirect_uri");
        let is_same = redirect.is_none_or(|redirect| redirect == code.redirect);
        if code.index != self.index || self.is_past(code.ends_at) || !is_same {
            return Err(Refusal::from(&aadsts::CODE_INVALID));
        }
        if std::mem::replace(&mut code.used, true) {
            return Err(Refusal::from(&aadsts::CODE_USED));
        }
        if let Some(challenge) = &code.challenge {
            let Some(verifier) = self.form.field("code_verifier") else {
                return Err(Refusal::of(&aadsts::PARAMETER_MISSING, "code_verifier"));
            };
            if !challenge.is_met_by(verifier) {
                return Err(Refusal::from(&aadsts::VERIFIER_WRONG));
            }
        }
        Ok(code.asked.clone())
    }

    fn redeem_device_code(&self, code: &mut DeviceCode) -> Result<SignInRequest, Refusal> {
        if code.index != self.index || self.is_past(code.ends_at) {
            return Err(Refusal::from(&aadsts::DEVICE_CODE_EXPIRED));
        }
        if code.pending > 0 {
            code.pending -= 1;
            return Err(Refusal::from(&aadsts::DEVICE_PENDING));
        }
        Ok(code.asked.clone())
    }

    fn is_past(&self, timestamp: i64) -> bool {
        timestamp <= self.backend.state.now().timestamp()
    }

    /// Refuses by the script.
    fn check_fault(&self) -> Result<(), Refusal> {
        match self.fault {
            Some(FaultAnswer::SignIn(refusal))
                if refusal.only.is_none_or(|only| only == self.grant) =>
            {
                Err(Refusal::of_app(refusal.row, &self.app.client_id))
            }
            _ => Ok(()),
        }
    }

    fn issue(&self, mut scope: Scope, redeemed: &SignInRequest) -> HttpAnswer {
        let defect = match self.fault {
            Some(FaultAnswer::Token(defect)) => Some(*defect),
            _ => None,
        };
        if matches!(defect, Some(TokenDefect::OtherScope | TokenDefect::NoRoles)) {
            scope.permissions = vec![other_permission(&scope.audience).to_owned()];
        }
        let Some(token) = self.access_token(&scope, defect) else {
            return HttpAnswer::empty(500);
        };
        let mut body = json!({
            "token_type": "Bearer",
            "scope": scope.as_answered(),
            "expires_in": TOKEN_SECONDS,
            "ext_expires_in": TOKEN_SECONDS,
            "access_token": token,
        });
        let mut add = |name: &str, value: Option<String>| {
            if let (Some(fields), Some(value)) = (body.as_object_mut(), value) {
                fields.insert(name.to_owned(), Value::String(value));
            }
        };
        if scope.offline && defect != Some(TokenDefect::NoRefreshToken) {
            let token = self.backend.token_store.new_refresh_token(self.index);
            add("refresh_token", Some(token));
        }
        if scope.openid {
            let nonce = redeemed.nonce.as_deref();
            add("id_token", id_token::issue(self.backend, self.app, nonce));
        }
        if self.form.field("client_info") == Some("1") {
            add("client_info", Some(id_token::client_info(self.app)));
        }
        let request_id = uuid::Uuid::new_v4().to_string();
        with_entra_headers(HttpAnswer::json(200, &body), &request_id)
    }

    fn access_token(&self, scope: &Scope, defect: Option<TokenDefect>) -> Option<String> {
        let audience = match defect {
            Some(TokenDefect::OtherAudience) => Resource::other_audience(&scope.audience),
            _ => &scope.audience,
        };
        let has_ended = defect == Some(TokenDefect::Ended);
        let tokens = &self.backend.tokens;
        tokens.for_person(self.index, audience, &scope.permissions, has_ended)
    }
}

/// Returns the only permission of a token without the one that was asked for.
fn other_permission(audience: &str) -> &'static str {
    match Resource::of(audience) {
        Some(Resource::Graph) => "User.Read",
        Some(Resource::Exchange) | None => "IMAP.AccessAsUser.All",
    }
}
