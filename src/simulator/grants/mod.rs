//! People's sign-ins: the authorize page, device codes, and the grants that turn both into tokens and
//! renew them.
//!
//! Everybody approves at once. What a client gets wrong (redirect address, code verifier, secret of a
//! public client, scope that nobody consented to) is checked as Entra does; a refresh token that was
//! replaced goes on working, as there. It refuses to know passwords: nobody here has one, so a sign-in
//! with one fails as with a wrong one.

mod access;
mod authorize;
mod book;
mod device;
mod identity;
mod redirect;
mod scope;

pub(super) use self::authorize::authorize;
pub(super) use self::book::{Grants, start_token};
pub(super) use self::device::device_code;
pub(super) use self::identity::user_info;

use serde_json::{Value, json};

use self::book::Redeemed;
use self::scope::Scope;
use super::answer::Answer;
use super::behaviour::Behaviour;
use super::entra::refusal::{self, Refusal, Trace};
use super::entra::request::TokenRequest;
use super::entra::{anywhere, check_accounts, dressed, is_shared};
use super::proof;
use super::scenario::Integration;
use super::world::{TOKEN_SECONDS, World};

/// How an application acts for the person whose mailbox it opens.
#[derive(Debug, Clone)]
pub struct Delegated {
    /// Whether it is a public client.
    pub public: bool,
    /// Whether people of any organisation may sign in.
    pub multi_tenant: bool,
    /// Permissions on Exchange that were consented to.
    pub scopes: Vec<String>,
    /// Permissions on Graph that were consented to.
    pub graph_scopes: Vec<String>,
    /// Registered redirect addresses.
    pub redirects: Vec<String>,
    /// Whether somebody signed in before: the config then names a refresh token to start from.
    pub signed_in: bool,
    /// How often a device code is pending before it is approved.
    pub pending: u32,
    /// Who signs in, where it is not the owner of the mailbox.
    pub account: Option<String>,
}

impl Delegated {
    /// Returns a confidential client of which everything is registered and nobody has signed in.
    pub fn confidential() -> Self {
        Self {
            public: false,
            multi_tenant: false,
            scopes: vec!["EWS.AccessAsUser.All".to_owned()],
            graph_scopes: vec!["User.Read".to_owned(), "Mail.ReadBasic".to_owned()],
            redirects: vec!["http://localhost/".to_owned()],
            signed_in: false,
            pending: 1,
            account: None,
        }
    }

    /// Returns it with another registered redirect address.
    #[must_use]
    pub fn returning_to(mut self, address: &str) -> Self {
        self.redirects.push(address.to_owned());
        self
    }

    /// Returns a public client, likewise.
    pub fn public() -> Self {
        Self {
            public: true,
            ..Self::confidential()
        }
    }
}

/// What the sign-in service does to people's sign-ins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantFault {
    /// The refresh token was unused for too long.
    RefreshExpired,
    /// The refresh token was withdrawn.
    RefreshRevoked,
    /// The refresh token is not one.
    RefreshInvalid,
    /// Consent is missing.
    ConsentMissing,
    /// A second factor is due.
    MfaRequired,
    /// The person must sign in anew, for a reason of somebody else's.
    Interaction,
    /// The person's account is switched off.
    UserDisabled,
    /// The person's account is locked.
    UserLocked,
    /// The person's account is gone.
    UserGone,
    /// The person's password has expired.
    PasswordExpired,
    /// The person says no.
    Declined,
    /// The device code is never approved in time.
    CodeExpired,
    /// The sign-in is renewed, but with no new refresh token.
    NotRotated,
    /// The access token holds another permission than the one asked for.
    OtherScope,
}

impl GrantFault {
    /// Every fault, for tables.
    pub const ALL: [Self; 14] = [
        Self::RefreshExpired,
        Self::RefreshRevoked,
        Self::RefreshInvalid,
        Self::ConsentMissing,
        Self::MfaRequired,
        Self::Interaction,
        Self::UserDisabled,
        Self::UserLocked,
        Self::UserGone,
        Self::PasswordExpired,
        Self::Declined,
        Self::CodeExpired,
        Self::NotRotated,
        Self::OtherScope,
    ];

    /// Returns the id of the cause that fits a check, `None` where it works all the same.
    pub const fn cause(self) -> Option<&'static str> {
        match self {
            Self::RefreshExpired => Some("refresh-token-expired"),
            Self::RefreshRevoked => Some("refresh-token-revoked"),
            Self::RefreshInvalid => Some("refresh-token-invalid"),
            Self::ConsentMissing => Some("consent-required"),
            Self::MfaRequired => Some("mfa-required"),
            Self::Interaction => Some("interaction-required"),
            Self::UserDisabled => Some("user-disabled"),
            Self::UserLocked => Some("user-locked"),
            Self::UserGone => Some("user-not-found"),
            Self::PasswordExpired => Some("user-password-expired"),
            Self::OtherScope => Some("delegated-scope-missing"),
            Self::Declined | Self::CodeExpired | Self::NotRotated => None,
        }
    }
}

/// The grants of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Refresh,
    Code,
    Device,
    Password,
}

impl Kind {
    /// Returns which of them is asked for, if any.
    pub(super) fn of(request: &TokenRequest) -> Option<Self> {
        match request.field("grant_type")? {
            "refresh_token" => Some(Self::Refresh),
            "authorization_code" => Some(Self::Code),
            // The second name is older than the standard; Microsoft's library for Node.js sends it.
            "urn:ietf:params:oauth:grant-type:device_code" | "device_code" => Some(Self::Device),
            "password" => Some(Self::Password),
            _ => None,
        }
    }
}

/// Answers a token request of one of these grants.
pub(super) fn token(
    world: &World,
    (index, tenant): (usize, &str),
    kind: Kind,
    request: &TokenRequest,
    trace: &Trace,
) -> Answer {
    let granted = admitted(world, index, tenant, request).and_then(|one| {
        let redeemed = world
            .grants
            .redeem(index, kind, request, world.now().timestamp())?;
        faulty(world, index, kind)?;
        let due = Scope::of(one, kind, request, &redeemed)?;
        let scope = access::granted(&world.behaviour(index), due);
        Ok((one, scope, redeemed))
    });
    match granted {
        Ok((one, scope, redeemed)) => issue(world, (index, one), request, &scope, &redeemed),
        Err(refusal) => refusal.answer(trace),
    }
}

/// Lets in the application, if it is one that acts for people and shows what it has to.
fn admitted<'w>(
    world: &'w World,
    index: usize,
    tenant: &str,
    request: &TokenRequest,
) -> Result<&'w Integration, Refusal> {
    let one = world.integration(index).ok_or(refusal::SERVER_ERROR)?;
    let Some(delegated) = &one.delegated else {
        return Err(refusal::GRANT_NOT_ALLOWED);
    };
    check_accounts(tenant, one)?;
    match (delegated.public, request.secret(), request.assertion()) {
        (true, None, None) => {}
        (true, _, _) => return Err(refusal::public_client()),
        (false, _, Some(assertion)) => proof::check(world, tenant, one, assertion)?,
        (false, _, None) => request.authenticate(one, world.now())?,
    }
    Ok(one)
}

fn faulty(world: &World, index: usize, kind: Kind) -> Result<(), Refusal> {
    let Behaviour::Grant(fault) = world.behaviour(index) else {
        return Ok(());
    };
    let client = world.integration(index).map_or("", |one| &one.client_id);
    match (fault, kind) {
        (GrantFault::RefreshExpired, Kind::Refresh) => Err(refusal::refresh_expired()),
        (GrantFault::RefreshRevoked, Kind::Refresh) => Err(refusal::refresh_revoked()),
        (GrantFault::RefreshInvalid, Kind::Refresh) => Err(refusal::refresh_invalid()),
        (GrantFault::ConsentMissing, _) => Err(refusal::consent_missing(client)),
        (GrantFault::MfaRequired, _) => Err(refusal::mfa_required()),
        (GrantFault::Interaction, _) => Err(refusal::interaction_required()),
        (GrantFault::UserDisabled, _) => Err(refusal::user_disabled()),
        (GrantFault::UserLocked, _) => Err(refusal::user_locked()),
        (GrantFault::UserGone, _) => Err(refusal::user_gone()),
        (GrantFault::PasswordExpired, _) => Err(refusal::password_expired()),
        (GrantFault::Declined, Kind::Device) => Err(refusal::DEVICE_DECLINED),
        (GrantFault::CodeExpired, Kind::Device) => Err(refusal::DEVICE_CODE_EXPIRED),
        _ => Ok(()),
    }
}

fn issue(
    world: &World,
    (index, one): (usize, &Integration),
    request: &TokenRequest,
    scope: &Scope,
    redeemed: &Redeemed,
) -> Answer {
    let Some(token) = access::token(world, index, scope) else {
        return Answer::empty(500);
    };
    let mut body = json!({
        "token_type": "Bearer",
        "scope": scope.told(),
        "expires_in": TOKEN_SECONDS,
        "ext_expires_in": TOKEN_SECONDS,
        "access_token": token,
    });
    let mut add = |name: &str, value: Option<String>| {
        if let (Some(fields), Some(value)) = (body.as_object_mut(), value) {
            fields.insert(name.to_owned(), Value::String(value));
        }
    };
    let rotates = world.behaviour(index) != Behaviour::Grant(GrantFault::NotRotated);
    if scope.offline && rotates {
        add("refresh_token", Some(world.grants.refresh_token(index)));
    }
    if scope.openid {
        add(
            "id_token",
            identity::token(world, one, redeemed.nonce.as_deref()),
        );
    }
    if request.field("client_info") == Some("1") {
        add("client_info", Some(identity::client_info(one)));
    }
    dressed(Answer::json(200, &body), &uuid::Uuid::new_v4().to_string())
}

/// Returns the application of a sign-in; through a word for any directory, wherever it is registered.
fn found(world: &World, tenant: &str, client_id: &str) -> Option<usize> {
    world.app(tenant, client_id).or_else(|| {
        is_shared(tenant)
            .then(|| anywhere(world, client_id))
            .flatten()
    })
}
