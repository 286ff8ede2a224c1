//! The facts that one check brought back, before any judgement.
//!
//! Everything here is bounded (bodies are cut, headers are kept by name) and holds no secret and no
//! token. `check` fills it in; `diagnosis` judges it.

use std::{fmt::Write as _, net::IpAddr, time::Duration};

use crate::claims::Claims;
use chrono::{DateTime, Utc};

pub use crate::stage::{Resource, Stage, Surface};

/// What one check of one tenant brought back. A stage that was not reached is `None`.
#[derive(Debug, Clone)]
pub struct Observation {
    /// When the check began.
    pub checked_at: DateTime<Utc>,
    /// How long its stages took together; a pause before a confirmation is not counted.
    pub took: Duration,
    /// What was found where the credential is kept.
    pub secret: SecretFacts,
    /// The request for an access token to the resource of the first surface.
    pub token: Option<Exchange>,
    /// What that token says.
    pub claims: Option<TokenReading>,
    /// The token for the other resource, where surfaces of both are tried.
    pub further_token: Option<FurtherToken>,
    /// The test calls that were made, in the order of [`Surface::ALL`]; see [`Observation::call`].
    /// A list, since a map of one or two entries takes several times the memory.
    pub calls: Vec<(Surface, Exchange)>,
    /// Whether a failed stage was repeated once before this was believed.
    pub confirmed: bool,
}

/// What was found where the credential is kept.
#[derive(Debug, Clone, Default)]
pub struct SecretFacts {
    /// How long reading took.
    pub took: Duration,
    /// Where it was read from, such as `env CONTOSO_SECRET`.
    pub source: String,
    /// How many characters it has.
    pub length: Option<usize>,
    /// Its first three characters, by which the directory lists it too; only of a secret so long
    /// that they give nothing away.
    pub hint: Option<String>,
    /// What its shape gives away.
    pub notes: Vec<SecretNote>,
    /// When its source was last seen to change, if that was seen.
    pub changed_at: Option<DateTime<Utc>>,
    /// Why there is none to be had, and what to do about it.
    pub failure: Option<String>,
    /// What the certificate says, where the credential is one.
    pub certificate: Option<CertificateFacts>,
    /// What the other provider's token says, where the credential is one.
    pub federated: Option<FederatedFacts>,
    /// The kept sign-in, for a tenant that acts for a person.
    pub sign_in: Option<SignIn>,
}

/// What a certificate says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFacts {
    /// The common name of its subject, or the whole subject where it has none; safe to show.
    pub subject: String,
    /// From when it is valid.
    pub not_before: DateTime<Utc>,
    /// Until when it is valid.
    pub not_after: DateTime<Utc>,
    /// SHA-1 of the certificate: what the portal shows as its thumbprint.
    pub sha1: Vec<u8>,
    /// SHA-256 of the certificate.
    pub sha256: Vec<u8>,
}

impl CertificateFacts {
    /// Returns the thumbprint as the portal writes it.
    pub fn thumbprint(&self) -> String {
        let mut hex = String::with_capacity(2 * self.sha1.len());
        for byte in &self.sha1 {
            write!(hex, "{byte:02X}").ok();
        }
        hex
    }
}

/// The claims of another provider's token. credwatch does not verify them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FederatedFacts {
    /// `iss`: who made it.
    pub issuer: Option<String>,
    /// `sub`: the workload that the token identifies.
    pub subject: Option<String>,
    /// `aud`: the service that accepts the token.
    pub audience: Option<String>,
    /// `exp`: when it ends.
    pub expires_at: Option<DateTime<Utc>>,
}

/// The sign-in of a tenant that acts for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignIn {
    /// No sign-in is kept. Where there is a client secret, a token request was made with it alone,
    /// only to prove the app.
    Missing,
    /// A refresh token is kept.
    Kept(KeptSignIn),
}

/// What is known about a kept sign-in; never the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptSignIn {
    /// Who signed in, as far as the tokens told.
    pub account: Option<String>,
    /// When the person signed in, or the start value was read.
    pub obtained_at: DateTime<Utc>,
    /// When the token was last replaced by a new one.
    pub rotated_at: DateTime<Utc>,
    /// Whether its last use brought a new one.
    pub rotates: bool,
    /// Why it was refused for good at an earlier check, and is not sent again.
    pub refused: Option<RefusedSignIn>,
}

/// The verdict of an earlier check on a kept sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedSignIn {
    /// The id of the cause.
    pub cause: String,
    /// The code that the login service gave.
    pub code: Option<String>,
    /// When that was.
    pub at: DateTime<Utc>,
}

/// What the shape of a client secret gives away before it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SecretNote {
    /// Surrounded by quotation marks.
    Quoted,
    /// Begins or ends with white space.
    Padded,
    /// Has the shape of a GUID, as the Secret ID has (the value has not).
    GuidShaped,
    /// Equals the client id.
    EqualsClientId,
    /// Equals the tenant id.
    EqualsTenantId,
    /// Looks like a generated secret, but has another length than those have.
    CutOff {
        /// How many characters it has.
        found: usize,
        /// How many it should have.
        due: usize,
    },
    /// A few characters and then asterisks, as the portal shows a secret later.
    Masked,
    /// Is percent-encoded.
    PercentEncoded,
}

impl Observation {
    /// Returns the test call of a surface, if one was made.
    pub fn call(&self, surface: Surface) -> Option<&Exchange> {
        let found = self.calls.iter().find(|(made, _)| *made == surface);
        found.map(|(_, call)| call)
    }

    /// Puts a test call in the place of an earlier one of the same surface.
    pub fn set_call(&mut self, surface: Surface, call: Exchange) {
        self.calls.retain(|(made, _)| *made != surface);
        let at = self.calls.partition_point(|(made, _)| *made < surface);
        self.calls.insert(at, (surface, call));
    }

    /// Returns the further token, if it is the one that a resource needs.
    pub fn further_token_for(&self, resource: Resource) -> Option<&FurtherToken> {
        let further = self.further_token.as_ref();
        further.filter(|token| token.resource == resource)
    }

    /// Returns what the token for a resource says.
    pub fn claims_for(&self, resource: Resource) -> Option<&TokenReading> {
        match self.further_token_for(resource) {
            Some(token) => token.claims.as_ref(),
            None => self.claims.as_ref(),
        }
    }

    /// Returns every request of the check, in order: tokens first.
    pub fn exchanges(&self) -> impl Iterator<Item = &Exchange> {
        let further = self.further_token.as_ref().map(|token| &token.exchange);
        let calls = self.calls.iter().map(|(_, call)| call);
        self.token.iter().chain(further).chain(calls)
    }
}

/// The token for a second resource: its request, and what it says.
#[derive(Debug, Clone)]
pub struct FurtherToken {
    /// The resource that it is for.
    pub resource: Resource,
    /// The request.
    pub exchange: Exchange,
    /// What the token says, if one was issued.
    pub claims: Option<TokenReading>,
}

/// What could be read in an access token.
#[derive(Debug, Clone)]
pub enum TokenReading {
    /// Its payload.
    Claims(Box<Claims>),
    /// It is no readable JWT; access tokens are opaque by contract.
    Opaque,
}

/// One request and what came of it.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// From the first byte of work to the last byte of the answer.
    pub took: Duration,
    /// The host that was asked.
    pub host: String,
    /// The `client-request-id` that was sent.
    pub request_id: String,
    /// Where the time went.
    pub phases: Phases,
    /// How the connection was made; noted only on a connection of the exchange's own.
    pub connection: Option<Box<Connection>>,
    /// What came of it.
    pub outcome: Outcome,
}

/// Where the time of an exchange went. On a reused connection the first three are `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Phases {
    /// Looking up the host name.
    pub dns: Option<Duration>,
    /// Making the TCP connection (to the proxy, if there is one).
    pub connect: Option<Duration>,
    /// The TLS handshake.
    pub tls: Option<Duration>,
    /// From the request to the head of the answer.
    pub wait: Option<Duration>,
    /// Reading the body.
    pub read: Option<Duration>,
}

/// How a connection was made, as far as that went.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Connection {
    /// The proxy that it went through, without its login.
    pub proxy: Option<String>,
    /// What the name of the host (or of the proxy) resolved to.
    pub addresses: Vec<IpAddr>,
    /// Who answered the TLS handshake, trusted or not.
    pub peer: Option<Peer>,
}

/// Who answered a TLS handshake: what its certificate says, safe to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Whose certificate it is.
    pub subject: String,
    /// Who issued it.
    pub issuer: String,
    /// When it ends.
    pub not_after: DateTime<Utc>,
    /// By which roots it is trusted.
    pub trust: Trust,
}

/// By which roots a certificate is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trust {
    /// By those of this machine.
    Machine,
    /// By those of `ca_file`: a private authority answered.
    CaFile,
    /// By none.
    Untrusted,
}

/// What came of a request.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// An HTTP answer, of whatever status.
    Answer(Answer),
    /// No HTTP answer, or only part of one.
    Fault(Fault),
}

/// An HTTP answer as it came, bounded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Header names in lower case, in the order in which they came.
    pub headers: Vec<(String, String)>,
    /// The body as text, invalid UTF-8 replaced, empty where a token was in it.
    pub body: String,
}

impl Answer {
    /// Returns the first value of a header; `name` is lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }

    /// Returns every value of a header; `name` is lower case.
    pub fn headers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Why there is no (whole) HTTP answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What kind of fault.
    pub kind: FaultKind,
    /// The innermost words of the libraries, safe to show.
    pub detail: String,
}

/// The kinds of faults below HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// The host name does not resolve.
    Dns,
    /// No process listens at that port.
    Refused,
    /// The peer reset the connection while it was being made or used.
    Reset,
    /// No route to the host or network.
    Unreachable,
    /// The peer closed the connection before a whole answer had come.
    Closed,
    /// The limit ran out.
    Timeout(Waiting),
    /// The certificate is not trusted.
    Untrusted(Distrust),
    /// The handshake failed for another reason.
    Handshake,
    /// The proxy wants a login.
    ProxyLogin,
    /// The proxy refused to connect to the host.
    ProxyRefused,
    /// The answer is larger than any answer of these services.
    TooLarge,
    /// What came is not HTTP, or its body cannot be decoded.
    Garbled,
    /// The HTTP client could not be built: no usable trust roots, or a bad proxy.
    NoClient,
    /// Anything else.
    Other,
}

/// What was being waited for when the limit ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Waiting {
    /// A connection.
    Connect,
    /// The TLS handshake.
    Handshake,
    /// The head of an answer.
    Answer,
    /// The rest of a body.
    Body,
    /// It cannot be told.
    Unknown,
}

/// Why a certificate is not trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Distrust {
    /// Signed by an authority that is not trusted here, or by itself.
    UnknownIssuer,
    /// For another host.
    WrongHost,
    /// Past its end.
    Expired,
    /// Before its start.
    NotYetValid,
    /// Revoked.
    Revoked,
    /// Another fault of the certificate.
    Other,
}
