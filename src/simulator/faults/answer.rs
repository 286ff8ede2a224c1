//! The answer of a fault, as data for the service that gives it.

use crate::simulator::entra::aadsts::RefusalRow;
use crate::simulator::entra::grant::PersonGrant;
use crate::simulator::http_answer::HttpAnswer;

/// The answer that a row of the fault table makes. Each service gives the kinds that it knows and
/// answers as usual to the others.
#[derive(Debug)]
pub(crate) enum FaultAnswer {
    /// The connection breaks below the protocol: `wire` commits it.
    BrokenConnection,
    /// From a gateway in front of the sign-in service, without the headers of the service.
    Gateway(HttpAnswer),
    /// From the service, before it looks at the token of the request.
    BeforeSignIn(HttpAnswer),
    /// From the service, once it has accepted the token and the request.
    AfterSignIn(HttpAnswer),
    /// A refusal of the sign-in service for any request.
    Refusal {
        /// Number, status and text.
        row: &'static RefusalRow,
        /// The value that the text names.
        value: &'static str,
        /// Seconds for `Retry-After`.
        retry_after: Option<u32>,
    },
    /// A refusal of the sign-in service for the sign-ins of people.
    SignIn(SignInRefusal),
    /// A token that is of no use.
    Token(TokenDefect),
    /// A SOAP fault of Exchange, after sign-in: code, text and a further value.
    Soap {
        /// The response code.
        code: &'static str,
        /// The fault string.
        text: &'static str,
        /// A name and its value in `MessageXml`.
        value: Option<(&'static str, &'static str)>,
    },
    /// An error of Exchange in a response message with status 200, after sign-in.
    ResponseError {
        /// The response code.
        code: &'static str,
        /// The message text.
        text: &'static str,
        /// Whether the message carries a throttling error inside.
        busy_inside: bool,
    },
    /// An error of Graph, after it has accepted the token.
    Graph {
        /// The HTTP status.
        status: u16,
        /// The error code.
        code: &'static str,
        /// The message.
        text: &'static str,
        /// Seconds for `Retry-After`.
        retry_after: Option<u32>,
    },
    /// Graph answers wrongly where it is asked for registrations.
    Registration(RegistrationDefect),
    /// A mail server refuses or fails.
    Mail(MailFault),
}

/// A refusal of the sign-ins of people.
#[derive(Debug)]
pub(crate) struct SignInRefusal {
    /// Number, status and text at the token endpoint.
    pub(crate) row: &'static RefusalRow,
    /// The only grant that is refused; `None` for every grant of people.
    pub(crate) only: Option<PersonGrant>,
    /// The refusal at the authorize page, if it refuses too.
    pub(crate) at_authorize: Option<AuthorizeError>,
}

/// A refusal that the authorize page sends back to the application.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AuthorizeError {
    /// The `error` of OAuth.
    pub(crate) error: &'static str,
    /// The `error_description`.
    pub(crate) description: &'static str,
}

/// How a token departs from the right one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenDefect {
    /// Without roles; for a person, without the scope that was asked for.
    NoRoles,
    /// Ended already.
    Ended,
    /// For another resource.
    OtherAudience,
    /// For a person, without the scope that was asked for.
    OtherScope,
    /// For a person, without a new refresh token.
    NoRefreshToken,
}

impl TokenDefect {
    /// Whether only tokens for people show it.
    pub(crate) fn needs_person(self) -> bool {
        matches!(self, Self::OtherScope | Self::NoRefreshToken)
    }
}

/// A fault of a mail server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MailFault {
    /// That line instead of the greeting.
    Greeting(&'static str),
    /// STARTTLS is not offered.
    NoStartTls,
    /// Sign-in is refused.
    SignIn {
        /// The answer; for IMAP, behind the tag.
        text: &'static str,
        /// Whether an error challenge comes before it.
        challenged: bool,
    },
    /// Sign-in works, and the next command gets that answer.
    AfterSignIn(&'static str),
}

impl MailFault {
    /// Whether it shows before a client sends its token.
    pub(crate) fn is_before_sign_in(self) -> bool {
        matches!(self, Self::Greeting(_) | Self::NoStartTls)
    }
}

/// How Graph departs from the right answer about a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RegistrationDefect {
    /// An error instead of the answer.
    Error {
        /// The HTTP status.
        status: u16,
        /// The error code.
        code: &'static str,
        /// The message.
        text: &'static str,
        /// Seconds for `Retry-After`.
        retry_after: Option<u32>,
        /// Whether service principals are answered all the same.
        spares_principals: bool,
    },
    /// A page instead of JSON, with status 200.
    Page,
    /// JSON that ends in the middle, with status 200.
    Torn,
    /// JSON without the list of secrets, with status 200.
    WithoutSecrets,
    /// The registration of another app.
    AnotherApp,
    /// All secrets but the first are on further pages.
    Paged(FurtherPages),
}

/// What becomes of the further pages of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FurtherPages {
    /// They come.
    Come,
    /// They fail.
    Fail,
    /// They are said to be on another host.
    Elsewhere,
    /// Every page has a further one.
    Endless,
}
