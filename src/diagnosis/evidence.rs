//! Evidence: what an observation and a pasted text have in common.
//!
//! Both are turned into a list of these, and one ranking ([`super::ranking`]) decides. A piece of
//! evidence is a stated fact (a code, a header, a status, a fault) with where it was found.

use crate::{
    observation::{FaultKind, SecretNote, Stage},
    verdict::{Confidence, cause::Cause},
};

/// One fact that bears on the cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The fact.
    pub fact: Fact,
    /// Which stage it belongs to, if that is known.
    pub stage: Option<Stage>,
    /// How deep it lay: 0 for the outermost statement, more for what was found inside an inner error.
    pub depth: u8,
    /// The sentence of the service that stands with it, safe to show.
    pub says: Option<String>,
    /// Where it stands in a pasted text; `None` for an observation.
    pub place: Option<Place>,
}

/// Where a fact stands in a pasted text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its offset in bytes.
    pub at: usize,
    /// Its line, from 1; `None` where only a rewritten form of the text (unescaped, joined) shows it.
    pub line: Option<usize>,
}

impl Evidence {
    /// Returns a fact that was stated at this stage and depth, with no sentence beside it.
    pub const fn new(fact: Fact, stage: Option<Stage>, depth: u8) -> Self {
        Self {
            fact,
            stage,
            depth,
            says: None,
            place: None,
        }
    }
}

/// The kinds of facts, by who states them. Texts keep the service's spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// A sign-in error number of Entra (`AADSTS…`, or a number of `error_codes`).
    Aadsts(u32),
    /// The OAuth `error` of a token or authorize answer.
    OAuthError(String),
    /// Entra's `suberror`.
    Suberror(String),
    /// An EWS `ResponseCode`, from a response message or a SOAP fault.
    EwsCode(String),
    /// `x-ms-diagnostics` of a refused token, with its words.
    Diagnostics {
        /// The number before the first semicolon.
        id: u32,
        /// `reason` and `error_category`, as they came.
        words: String,
    },
    /// `X-EWS-Policy-Reason` of a 403.
    PolicyReason(String),
    /// The authentication schemes that a `WWW-Authenticate` offers, and its `error`, in one text.
    Challenge(String),
    /// The `error.code` of a Graph answer.
    GraphCode(String),
    /// An HTTP status.
    Status(u16),
    /// A page (HTML, plain words) where a protocol answer was due.
    Page(String),
    /// A fault below HTTP.
    Fault(FaultKind),
    /// Words of a person or program that establish a cause by themselves (last resort), already
    /// mapped by the reader of the text.
    Words(Cause, String),
    /// A sentence that only a service of Microsoft says, with the cause that it establishes.
    Said(Cause, String),
    /// A reply of the IMAP, POP or SMTP service.
    MailReply {
        /// The codes of the reply (`535 5.7.139`), or how it says no (`NO AUTHENTICATE failed`).
        code: String,
        /// What it points to.
        cause: Cause,
        /// How sure that is.
        confidence: Confidence,
        /// Whether it wraps another reply.
        wraps: bool,
    },
    /// A cause that was asked for by its id.
    Named(Cause),
    /// The message beside a code; it sharpens what a code leaves open.
    Message(String),
    /// What the shape of the secret gave away.
    Secret(SecretNote),
    /// What the certificate or token that was presented says of itself, as a sentence.
    Presented(String),
    /// The secret could not be had.
    NoSecret(String),
    /// No sign-in is kept for a tenant that acts for a person; with what else was found out.
    NotSignedIn(String),
    /// The access token is for another resource.
    WrongAudience(String),
    /// The access token lacks every role that the call needs.
    NoRole(String),
    /// The access token lacks the delegated scope that the call needs.
    NoScope(String),
    /// The access token has ended, by this machine's clock.
    OutsideValidity,
    /// The access token has not begun yet, by this machine's clock.
    NotYetValid,
    /// This machine's clock and the server's `Date` differ by so many seconds.
    ClockOff(i64),
    /// The server said that it worked.
    Success,
    /// The server asked to be left alone for so many seconds (`Retry-After`, `BackOffMilliseconds`).
    RetryAfter(u64),
    /// The source of the secret changed minutes ago.
    SecretIsNew,
}
