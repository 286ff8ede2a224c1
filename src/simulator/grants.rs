//! People's sign-ins: the authorize page, device codes, and the grants that turn both into tokens and
//! renew them.
//!
//! Everybody approves at once. What a client gets wrong (redirect address, code verifier, secret of a
//! public client, scope that nobody consented to) is checked as Entra does; a refresh token that was
//! replaced goes on working, as there.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use url::Url;

use super::answer::Answer;
use super::behaviour::{Behaviour, TokenFault};
use super::entra::refusal::{self, Refusal, Trace};
use super::entra::request::TokenRequest;
use super::entra::{anywhere, dressed, is_shared, keep};
use super::proof;
use super::scenario::{Integration, guid};
use super::server::Asked;
use super::world::{Resource, TOKEN_SECONDS, TokenShape, World};

/// Codes live ten minutes, device codes a quarter of an hour.
const CODE_SECONDS: i64 = 600;
const DEVICE_SECONDS: i64 = 900;

/// Scopes that ask for no permission.
const ABOUT_SIGN_IN: [&str; 4] = ["openid", "profile", "email", "offline_access"];

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

/// What was handed out. Never forgotten: a simulated cloud lives for hours at most.
#[derive(Debug, Default)]
pub(super) struct Grants(Mutex<Book>);

#[derive(Debug, Default)]
struct Book {
    refresh: HashMap<String, usize>,
    codes: HashMap<String, Code>,
    devices: HashMap<String, Device>,
}

#[derive(Debug, Clone)]
struct Code {
    index: usize,
    redirect: String,
    challenge: String,
    ends_at: i64,
}

#[derive(Debug)]
struct Device {
    index: usize,
    pending: u32,
    ends_at: i64,
}

impl Grants {
    fn book(&self) -> std::sync::MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Knows the refresh token that a config starts from.
    pub(super) fn begin(&self, index: usize, integration: &Integration) {
        self.book()
            .refresh
            .insert(start_token(&integration.name), index);
    }

    fn refresh_token(&self, index: usize) -> String {
        let token = format!("1.{}{}", opaque(), opaque());
        self.book().refresh.insert(token.clone(), index);
        token
    }
}

/// Returns the refresh token that a config starts from, the same in every run.
pub(super) fn start_token(name: &str) -> String {
    format!("1.{}", guid(&format!("refresh {name}")).replace('-', ""))
}

fn opaque() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

/// The grants of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Refresh,
    Code,
    Device,
}

impl Kind {
    /// Returns which of them is asked for, if any.
    pub(super) fn of(request: &TokenRequest) -> Option<Self> {
        match request.field("grant_type")? {
            "refresh_token" => Some(Self::Refresh),
            "authorization_code" => Some(Self::Code),
            "urn:ietf:params:oauth:grant-type:device_code" => Some(Self::Device),
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
        redeem(world, index, kind, request)?;
        faulty(world, index, kind)?;
        scope((world, index), one, kind, request)
    });
    match granted {
        Ok(scope) => issue(world, index, &scope),
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
    if is_shared(tenant) && !delegated.multi_tenant {
        return Err(Refusal::single_tenant(&one.client_id));
    }
    match (delegated.public, request.secret(), request.assertion()) {
        (true, None, None) => {}
        (true, _, _) => return Err(refusal::public_client()),
        (false, _, Some(assertion)) => proof::check(world, tenant, one, assertion)?,
        (false, _, None) => request.authenticate(one, world.now())?,
    }
    Ok(one)
}

/// Takes the refresh token, code or device code of a request, if it is a good one.
fn redeem(world: &World, index: usize, kind: Kind, request: &TokenRequest) -> Result<(), Refusal> {
    let now = world.now().timestamp();
    let mut book = world.grants.book();
    let field = |name| {
        request
            .field(name)
            .ok_or_else(|| Refusal::parameter_missing(name))
    };
    match kind {
        Kind::Refresh => match book.refresh.get(field("refresh_token")?) {
            Some(owner) if *owner == index => Ok(()),
            _ => Err(refusal::refresh_invalid()),
        },
        Kind::Code => {
            let Some(code) = book.codes.remove(field("code")?) else {
                return Err(refusal::CODE_INVALID);
            };
            let fits = code.index == index
                && code.ends_at > now
                && request.field("redirect_uri") == Some(&code.redirect);
            let proven = challenge_of(field("code_verifier")?) == code.challenge;
            match (fits, proven) {
                (false, _) => Err(refusal::CODE_INVALID),
                (true, false) => Err(refusal::VERIFIER_WRONG),
                (true, true) => Ok(()),
            }
        }
        Kind::Device => {
            let Some(device) = book.devices.get_mut(field("device_code")?) else {
                return Err(refusal::DEVICE_CODE_INVALID);
            };
            if device.index != index || device.ends_at <= now {
                return Err(refusal::DEVICE_CODE_EXPIRED);
            }
            if device.pending > 0 {
                device.pending -= 1;
                return Err(refusal::DEVICE_PENDING);
            }
            Ok(())
        }
    }
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

/// What is granted.
struct Scope {
    audience: String,
    permissions: Vec<String>,
    openid: bool,
    offline: bool,
}

/// Reads the scope; of a code or device code it may be left out, and is then Exchange's.
fn scope(
    (world, index): (&World, usize),
    one: &Integration,
    kind: Kind,
    request: &TokenRequest,
) -> Result<Scope, Refusal> {
    let words: Vec<&str> = request
        .field("scope")
        .unwrap_or("https://outlook.office365.com/.default offline_access openid")
        .split_whitespace()
        .collect();
    let mut asked = words.iter().filter(|word| !ABOUT_SIGN_IN.contains(word));
    let (Some(first), None) = (asked.next(), asked.next()) else {
        return Err(Refusal::scope_invalid(&words.join(" ")));
    };
    let (audience, permission) = first
        .rsplit_once('/')
        .ok_or_else(|| Refusal::scope_invalid(first))?;
    let delegated = one.delegated.as_ref();
    let consented = match (Resource::of(audience), delegated) {
        (Some(Resource::Exchange), Some(delegated)) => &delegated.scopes,
        (Some(Resource::Graph), Some(delegated)) => &delegated.graph_scopes,
        _ => return Err(Refusal::resource_unknown(audience, &one.tenant_id)),
    };
    let known = permission == ".default" || consented.iter().any(|one| one == permission);
    if !known {
        return Err(refusal::consent_missing(&one.client_id));
    }
    let permissions = match world.behaviour(index) {
        Behaviour::Grant(GrantFault::OtherScope) | Behaviour::Token(TokenFault::NoRoles) => {
            other_permissions(audience)
        }
        _ => consented.clone(),
    };
    Ok(Scope {
        audience: audience.to_owned(),
        permissions,
        openid: words.contains(&"openid"),
        offline: kind == Kind::Refresh || words.contains(&"offline_access"),
    })
}

/// Signs the access token that is due, or one that is of as little use as the behaviour says.
fn access_token(world: &World, index: usize, scope: &Scope) -> Option<String> {
    let shape = TokenShape::NoRoles;
    let (audience, shape) = match world.behaviour(index) {
        Behaviour::Token(TokenFault::AlreadyExpired) => {
            (scope.audience.as_str(), TokenShape::Ended)
        }
        Behaviour::Token(TokenFault::WrongAudience) => match Resource::of(&scope.audience) {
            Some(Resource::Graph) => ("https://outlook.office365.com", shape),
            _ => ("https://graph.microsoft.com", shape),
        },
        _ => (scope.audience.as_str(), shape),
    };
    world.person_token(index, audience, (&scope.permissions, shape))
}

/// Returns what a token is granted where the right permission is left out of it.
fn other_permissions(audience: &str) -> Vec<String> {
    let other = match Resource::of(audience) {
        Some(Resource::Graph) => "User.Read",
        _ => "IMAP.AccessAsUser.All",
    };
    vec![other.to_owned()]
}

fn issue(world: &World, index: usize, scope: &Scope) -> Answer {
    let Some(one) = world.integration(index) else {
        return Answer::empty(500);
    };
    let Some(token) = access_token(world, index, scope) else {
        return Answer::empty(500);
    };
    let granted: Vec<String> = scope
        .permissions
        .iter()
        .map(|permission| format!("{}/{permission}", scope.audience))
        .collect();
    let mut body = json!({
        "token_type": "Bearer",
        "scope": granted.join(" "),
        "expires_in": TOKEN_SECONDS,
        "ext_expires_in": TOKEN_SECONDS,
        "access_token": token,
    });
    let rotates = world.behaviour(index) != Behaviour::Grant(GrantFault::NotRotated);
    if scope.offline
        && rotates
        && let Some(fields) = body.as_object_mut()
    {
        let refresh = world.grants.refresh_token(index);
        fields.insert("refresh_token".to_owned(), json!(refresh));
    }
    if scope.openid
        && let Some(fields) = body.as_object_mut()
        && let Some(id_token) = world.signer.sign(&json!({
            "aud": one.client_id,
            "iss": format!("{}/{}/v2.0", world.base, one.tenant_id),
            "tid": one.tenant_id,
            "preferred_username": one.account(),
            "ver": "2.0",
        }))
    {
        fields.insert("id_token".to_owned(), json!(id_token));
    }
    dressed(Answer::json(200, &body), &uuid::Uuid::new_v4().to_string())
}

/// Answers `/{tenant}/oauth2/v2.0/devicecode`.
pub(super) fn device_code(world: &World, tenant: &str, asked: &Asked) -> Answer {
    let trace = Trace::of(world, &asked.headers);
    let request = TokenRequest::read(&asked.headers, &asked.body);
    let index = found(world, tenant, request.client_id());
    keep(world, tenant, index, asked, &request);
    if asked.method != Method::POST {
        return Refusal::method(asked.method.as_str()).answer(&trace);
    }
    let judged = index
        .ok_or_else(|| Refusal::app_unknown(request.client_id(), tenant))
        .and_then(|index| {
            let one = world.integration(index).ok_or(refusal::SERVER_ERROR)?;
            let delegated = one.delegated.as_ref().ok_or(refusal::GRANT_NOT_ALLOWED)?;
            if is_shared(tenant) && !delegated.multi_tenant {
                return Err(Refusal::single_tenant(&one.client_id));
            }
            Ok((index, delegated.pending))
        });
    let (index, pending) = match judged {
        Ok(judged) => judged,
        Err(refusal) => return refusal.answer(&trace),
    };
    let code = opaque();
    let device = Device {
        index,
        pending,
        ends_at: world.now().timestamp() + DEVICE_SECONDS,
    };
    world.grants.book().devices.insert(code.clone(), device);
    let user_code = opaque().to_uppercase().chars().take(9).collect::<String>();
    let page = "https://microsoft.com/devicelogin";
    let body = json!({
        "user_code": user_code,
        "device_code": code,
        "verification_uri": page,
        "expires_in": DEVICE_SECONDS,
        "interval": 1,
        "message": format!("To sign in, use a web browser to open the page {page} and enter the \
            code {user_code} to authenticate."),
    });
    dressed(Answer::json(200, &body), &trace.id)
}

/// Answers `/{tenant}/oauth2/v2.0/authorize` as if the person had approved at once.
pub(super) fn authorize(world: &World, tenant: &str, query: &str) -> Answer {
    let fields: HashMap<String, String> = url::form_urlencoded::parse(query.as_bytes())
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    let Some(index) = found(world, tenant, field("client_id")) else {
        return page("AADSTS700016: Application with identifier was not found in the directory.");
    };
    let Some(delegated) = world
        .integration(index)
        .and_then(|one| one.delegated.as_ref())
    else {
        return page("AADSTS700016: Application with identifier was not found in the directory.");
    };
    let registered = delegated
        .redirects
        .iter()
        .any(|known| is_same_redirect(known, field("redirect_uri")));
    let (true, Ok(mut target)) = (registered, Url::parse(field("redirect_uri"))) else {
        return page(
            "AADSTS50011: The redirect URI specified in the request does not match the redirect \
             URIs configured for the application.",
        );
    };
    let refused = match world.behaviour(index) {
        Behaviour::Grant(GrantFault::Declined) => Some((
            "access_denied",
            "AADSTS65004: User declined to consent to access the app.",
        )),
        Behaviour::Grant(GrantFault::ConsentMissing) => Some((
            "consent_required",
            "AADSTS90094: An administrator has set a policy that prevents you from granting the \
             application the permissions it is requesting.",
        )),
        _ if field("code_challenge_method") != "S256" => Some((
            "invalid_request",
            "AADSTS9002325: Proof Key for Code Exchange is required.",
        )),
        _ => None,
    };
    if let Some((error, description)) = refused {
        target
            .query_pairs_mut()
            .append_pair("error", error)
            .append_pair("error_description", description);
    } else {
        let code = format!("1.{}", opaque());
        let kept = Code {
            index,
            redirect: field("redirect_uri").to_owned(),
            challenge: field("code_challenge").to_owned(),
            ends_at: world.now().timestamp() + CODE_SECONDS,
        };
        world.grants.book().codes.insert(code.clone(), kept);
        target.query_pairs_mut().append_pair("code", &code);
    }
    target
        .query_pairs_mut()
        .append_pair("state", field("state"));
    Answer::empty(302).with("location", target.to_string())
}

fn found(world: &World, tenant: &str, client_id: &str) -> Option<usize> {
    world.app(tenant, client_id).or_else(|| {
        is_shared(tenant)
            .then(|| anywhere(world, client_id))
            .flatten()
    })
}

fn page(words: &str) -> Answer {
    Answer::page(400, "Sign in to your account", words)
}

/// The port of a loopback address does not count.
fn is_same_redirect(registered: &str, asked: &str) -> bool {
    let (Ok(registered), Ok(mut asked)) = (Url::parse(registered), Url::parse(asked)) else {
        return false;
    };
    if asked.host_str() == Some("localhost") && asked.set_port(registered.port()).is_err() {
        return false;
    }
    registered == asked
}

fn challenge_of(verifier: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes());
    URL_SAFE_NO_PAD.encode(digest.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_of_a_loopback_redirect_does_not_count_and_everything_else_does() {
        for (asked, same) in [
            ("http://localhost:40123/", true),
            ("http://localhost/", true),
            ("http://localhost:1/x", false),
            ("https://localhost/", false),
            ("http://127.0.0.1:40123/", false),
            ("http://evil.example/", false),
        ] {
            assert_eq!(
                is_same_redirect("http://localhost/", asked),
                same,
                "{asked}"
            );
        }
    }

    #[test]
    fn a_challenge_is_that_of_rfc_7636() {
        assert_eq!(
            challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }
}
