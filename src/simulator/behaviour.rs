//! Every state that a client of the cloud can meet, and the cause that credwatch should name for it.

use std::time::Duration;

use super::grants::GrantFault;

/// How the cloud treats one integration.
///
/// What a client gets wrong by itself (secret, scope, audience, impersonation, mailbox …) is checked
/// in every state and needs none of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Behaviour {
    /// As it should.
    Works,
    /// The sign-in service refuses, fails, or issues a token that is of no use.
    Token(TokenFault),
    /// Exchange Web Services refuses or fails.
    Ews(EwsFault),
    /// Graph refuses or fails.
    Graph(GraphFault),
    /// Graph works, but not what it says about registrations.
    Directory(DirectoryFault),
    /// One of the three services is broken below its protocol.
    Wire(Surface, WireFault),
    /// The sign-in service refuses what a person signed in for.
    Grant(GrantFault),
}

/// Which of the three services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Surface {
    /// The sign-in service.
    Entra,
    /// Exchange Web Services.
    Ews,
    /// Microsoft Graph.
    Graph,
}

/// What the sign-in service does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenFault {
    /// The secret has ended.
    SecretExpired,
    /// The secret is another one.
    SecretInvalid,
    /// As if no secret had been sent.
    SecretMissing,
    /// The application is not known in the directory.
    AppNotFound,
    /// The application is switched off.
    AppDisabled,
    /// The application has no service principal in the directory.
    ServicePrincipalMissing,
    /// The directory is not known.
    TenantNotFound,
    /// The directory is blocked.
    TenantBlocked,
    /// Consent is missing.
    ConsentMissing,
    /// Exchange Online is not known in the directory.
    ResourceMissing,
    /// The scope is refused.
    ScopeInvalid,
    /// The grant is refused.
    GrantNotAllowed,
    /// The application counts as a public client.
    PublicClient,
    /// The application is for one directory only and was asked for through `/common`.
    SingleTenant,
    /// The API asks for an assignment that the application lacks.
    NotAssigned,
    /// Conditional access for workload identities says no.
    ConditionalAccess,
    /// The certificate of an assertion is not registered.
    CertificateUnknown,
    /// An assertion is malformed.
    AssertionInvalid,
    /// No federated credential fits.
    FederationMismatch,
    /// An assertion is outside its time.
    AssertionOutsideTime,
    /// A parameter is missing.
    RequestMalformed,
    /// A number that nobody has heard of, with a known `error`.
    UnknownNumber,
    /// 429 in plain text, to be tried again after so many seconds.
    Throttled(u32),
    /// Refused because the same request came too often.
    Looping,
    /// The directory behind the service is out for a moment.
    TemporarilyUnavailable,
    /// A 502 with the page of a gateway.
    BadGateway,
    /// A 503 without a body.
    Unavailable,
    /// A page instead of JSON, with status 200.
    Page,
    /// JSON without an access token, with status 200.
    NoToken,
    /// A token without roles; for a person, without the scope that was asked for.
    NoRoles,
    /// A token for another resource.
    WrongAudience,
    /// A token that has ended already.
    AlreadyExpired,
}

/// What Exchange Web Services does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EwsFault {
    /// 403, turned off for the organisation or the mailbox.
    Disabled,
    /// 403, the application is not on the list, or its user agent is.
    BlockedByPolicy,
    /// Gone for good: 403 with a reason of its own. What the service will really say is not known.
    Retired,
    /// 403 without a reason, as for a mailbox with only a Kiosk licence.
    Forbidden,
    /// The application may not impersonate this mailbox.
    ImpersonationDenied,
    /// The impersonation header is not understood.
    ImpersonationHeader,
    /// An application access policy leaves this mailbox out.
    AccessPolicy,
    /// No mailbox has this address.
    MailboxNotFound,
    /// The address is not the primary one of its mailbox.
    NotPrimaryAddress,
    /// The account of the mailbox is disabled.
    AccountDisabled,
    /// The mailbox is being moved.
    MailboxMoving,
    /// The database of the mailbox is offline.
    StoreUnavailable,
    /// The mailbox fails over to another server.
    MailboxFailover,
    /// Access to the folder is denied.
    AccessDenied,
    /// A fault that asks to wait, with the milliseconds if any are given.
    ServerBusy(Option<u32>),
    /// Server busy inside an internal error inside a 200.
    BusyInside,
    /// Too many connections at once.
    TooManyConnections,
    /// 429 with the seconds to wait.
    TooManyRequests(u32),
    /// 503, with the seconds to wait if any are given.
    Unavailable(Option<u32>),
    /// An internal error as a fault.
    InternalError,
    /// An internal error that calls itself transient.
    TransientError,
    /// 502 with the page of a gateway.
    BadGateway,
    /// 401 with `x-ms-diagnostics` of that number.
    Unauthorized(u32),
    /// 401 that offers Bearer and gives no reason.
    UnauthorizedBare,
    /// 401 that offers only Basic.
    BasicOnly,
    /// 401 that offers only Negotiate and NTLM.
    NegotiateOnly,
    /// The request does not fit the schema.
    SchemaInvalid,
    /// The version asked for is not served.
    VersionInvalid,
    /// A response code that nobody has heard of.
    UnknownCode,
    /// XML that is no SOAP, cut off in the middle, with status 200.
    InvalidSoap,
    /// A page instead of SOAP, with status 200.
    Page,
    /// 404, nothing there.
    NotFound,
}

/// What Graph does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GraphFault {
    /// 403, no permission on the mailbox.
    AccessDenied,
    /// 403, an application access policy leaves this mailbox out.
    AccessPolicy,
    /// 404, no mailbox in Exchange Online.
    MailboxNotEnabled,
    /// 404, no such user.
    UserNotFound,
    /// 429 with the seconds to wait, if any are given.
    Throttled(Option<u32>),
    /// 503, with the seconds to wait if any are given.
    Unavailable(Option<u32>),
    /// 500.
    InternalError,
    /// 401, the token is refused.
    TokenRejected,
}

/// What Graph does when an app asks for its own registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DirectoryFault {
    /// 403, no look at registrations.
    Denied,
    /// 404 for the application, as in a customer's directory; its service principal is there.
    ElsewhereRegistered,
    /// 404 for both.
    NotFound,
    /// 429 with the seconds to wait, if any are given.
    Throttled(Option<u32>),
    /// 503.
    Unavailable,
    /// A page instead of JSON, with status 200.
    Page,
    /// JSON that ends in the middle, with status 200.
    Torn,
    /// JSON without the list of secrets, with status 200.
    WithoutSecrets,
    /// The registration of another app.
    AnotherApp,
    /// All secrets but the first are on further pages, which come.
    Paged,
    /// All secrets but the first are on a further page, which fails.
    PageLost,
    /// All secrets but the first are said to be on another host.
    PageElsewhere,
    /// Every page has a further one.
    Endless,
}

impl DirectoryFault {
    /// Every fault after which no end can be known, for tables.
    pub const BLINDING: [Self; 13] = [
        Self::Denied,
        Self::ElsewhereRegistered,
        Self::NotFound,
        Self::Throttled(Some(7200)),
        Self::Throttled(None),
        Self::Unavailable,
        Self::Page,
        Self::Torn,
        Self::WithoutSecrets,
        Self::AnotherApp,
        Self::PageLost,
        Self::PageElsewhere,
        Self::Endless,
    ];
}

/// What happens below the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WireFault {
    /// The right answer, so much later.
    Delay(Duration),
    /// The connection is reset instead of answered.
    Reset,
    /// The connection is closed instead of answered.
    Close,
    /// The body ends before its declared length.
    Truncated,
    /// The body never ends.
    Endless,
    /// A small body that unpacks to a gigabyte.
    GzipBomb,
    /// The body comes by the byte, one a second.
    Drip,
    /// The request is read and nothing is said.
    Stall,
    /// A redirect to a sign-in page elsewhere.
    RedirectToLogin,
    /// A body that is not UTF-8 and not of the protocol.
    InvalidUtf8,
    /// Chunks whose sizes are not numbers.
    BadChunking,
    /// Words that are not HTTP.
    NotHttp,
    /// Headers of several megabytes.
    HugeHeaders,
    /// A proxy that wants a password.
    ProxyLogin,
    /// A page full of terminal escape sequences.
    HostilePage,
    /// Plain text on the TLS port.
    PlainText,
    /// A TLS handshake that ends in an alert: nothing in common.
    BrokenHandshake,
    /// A certificate that nobody vouches for.
    SelfSigned,
    /// A certificate of the right authority that has ended.
    CertificateEnded,
    /// A certificate of the right authority for another host.
    OtherHost,
    /// A host name that does not resolve. It holds from the start, whatever the script says: the name
    /// is what the config says it is.
    NameUnknown,
}

impl Behaviour {
    /// Returns the id of the cause that fits, `None` where all is well.
    pub fn expected_cause(&self) -> Option<&'static str> {
        match self {
            Self::Works | Self::Directory(_) | Self::Wire(_, WireFault::Delay(_)) => None,
            Self::Token(fault) => Some(fault.cause()),
            Self::Ews(fault) => Some(fault.cause()),
            Self::Graph(fault) => Some(fault.cause()),
            Self::Wire(_, fault) => Some(fault.cause()),
            Self::Grant(fault) => fault.cause(),
        }
    }
}

impl TokenFault {
    /// Every fault, for tables.
    pub const ALL: [Self; 32] = [
        Self::SecretExpired,
        Self::SecretInvalid,
        Self::SecretMissing,
        Self::AppNotFound,
        Self::AppDisabled,
        Self::ServicePrincipalMissing,
        Self::TenantNotFound,
        Self::TenantBlocked,
        Self::ConsentMissing,
        Self::ResourceMissing,
        Self::ScopeInvalid,
        Self::GrantNotAllowed,
        Self::PublicClient,
        Self::SingleTenant,
        Self::NotAssigned,
        Self::ConditionalAccess,
        Self::CertificateUnknown,
        Self::AssertionInvalid,
        Self::FederationMismatch,
        Self::AssertionOutsideTime,
        Self::RequestMalformed,
        Self::UnknownNumber,
        Self::Throttled(60),
        Self::Looping,
        Self::TemporarilyUnavailable,
        Self::BadGateway,
        Self::Unavailable,
        Self::Page,
        Self::NoToken,
        Self::NoRoles,
        Self::WrongAudience,
        Self::AlreadyExpired,
    ];

    const fn cause(self) -> &'static str {
        match self {
            Self::SecretExpired => "secret-expired",
            Self::SecretInvalid => "secret-invalid",
            Self::SecretMissing => "secret-missing",
            Self::AppNotFound => "app-not-found",
            Self::AppDisabled => "app-disabled",
            Self::ServicePrincipalMissing => "service-principal-missing",
            Self::TenantNotFound => "tenant-not-found",
            Self::TenantBlocked => "tenant-blocked",
            Self::ConsentMissing => "consent-required",
            Self::ResourceMissing => "resource-not-found",
            Self::ScopeInvalid => "scope-invalid",
            Self::GrantNotAllowed | Self::UnknownNumber => "grant-not-allowed",
            Self::PublicClient => "client-type-mismatch",
            Self::SingleTenant => "account-type-mismatch",
            Self::NotAssigned => "user-not-assigned",
            Self::ConditionalAccess => "conditional-access-blocked",
            Self::CertificateUnknown => "certificate-unknown",
            Self::AssertionInvalid => "assertion-invalid",
            Self::FederationMismatch => "federated-credential-mismatch",
            Self::AssertionOutsideTime => "clock-skew",
            Self::RequestMalformed => "request-malformed",
            Self::Throttled(_) | Self::Looping => "token-throttled",
            Self::TemporarilyUnavailable | Self::BadGateway | Self::Unavailable => {
                "entra-unavailable"
            }
            Self::Page | Self::NoToken => "unexpected-page",
            Self::NoRoles => "app-role-missing",
            Self::WrongAudience => "audience-wrong",
            Self::AlreadyExpired => "token-expired",
        }
    }
}

impl EwsFault {
    /// Every fault, for tables.
    pub fn all() -> Vec<Self> {
        let mut all = vec![
            Self::Disabled,
            Self::BlockedByPolicy,
            Self::Retired,
            Self::Forbidden,
            Self::ImpersonationDenied,
            Self::ImpersonationHeader,
            Self::AccessPolicy,
            Self::MailboxNotFound,
            Self::NotPrimaryAddress,
            Self::AccountDisabled,
            Self::MailboxMoving,
            Self::StoreUnavailable,
            Self::MailboxFailover,
            Self::AccessDenied,
            Self::ServerBusy(Some(297_749)),
            Self::ServerBusy(None),
            Self::BusyInside,
            Self::TooManyConnections,
            Self::TooManyRequests(30),
            Self::Unavailable(Some(30)),
            Self::Unavailable(None),
            Self::InternalError,
            Self::TransientError,
            Self::BadGateway,
            Self::UnauthorizedBare,
            Self::BasicOnly,
            Self::NegotiateOnly,
            Self::SchemaInvalid,
            Self::VersionInvalid,
            Self::UnknownCode,
            Self::InvalidSoap,
            Self::Page,
            Self::NotFound,
        ];
        all.extend((2_000_000..=2_000_008).map(Self::Unauthorized));
        all
    }

    const fn cause(&self) -> &'static str {
        match self {
            Self::Disabled | Self::BlockedByPolicy => "ews-disabled",
            Self::Retired => "ews-retired",
            Self::UnknownCode => "unknown",
            Self::ImpersonationDenied => "impersonation-denied",
            Self::ImpersonationHeader => "impersonation-header-missing",
            Self::AccessPolicy => "app-access-policy-denied",
            Self::MailboxNotFound | Self::NotPrimaryAddress | Self::Unauthorized(2_000_005) => {
                "mailbox-not-found"
            }
            Self::AccountDisabled => "mailbox-disabled",
            Self::MailboxMoving | Self::StoreUnavailable | Self::MailboxFailover => {
                "mailbox-unavailable"
            }
            Self::AccessDenied | Self::Forbidden => "access-denied",
            Self::ServerBusy(_)
            | Self::BusyInside
            | Self::TooManyConnections
            | Self::TooManyRequests(_)
            | Self::Unavailable(Some(_)) => "ews-throttled",
            Self::Unavailable(None)
            | Self::InternalError
            | Self::TransientError
            | Self::BadGateway
            | Self::Unauthorized(2_000_007) => "ews-unavailable",
            Self::Unauthorized(2_000_002) => "token-expired",
            Self::Unauthorized(2_000_003) => "audience-wrong",
            Self::Unauthorized(2_000_008) => "app-role-missing",
            Self::Unauthorized(_) | Self::UnauthorizedBare => "token-rejected",
            Self::BasicOnly | Self::NegotiateOnly => "auth-scheme-unsupported",
            Self::SchemaInvalid | Self::VersionInvalid => "ews-request-invalid",
            Self::InvalidSoap | Self::Page => "unexpected-page",
            Self::NotFound => "ews-endpoint-wrong",
        }
    }
}

impl GraphFault {
    /// Every fault, for tables.
    pub const ALL: [Self; 10] = [
        Self::AccessDenied,
        Self::AccessPolicy,
        Self::MailboxNotEnabled,
        Self::UserNotFound,
        Self::Throttled(Some(10)),
        Self::Throttled(None),
        Self::Unavailable(Some(10)),
        Self::Unavailable(None),
        Self::InternalError,
        Self::TokenRejected,
    ];

    const fn cause(self) -> &'static str {
        match self {
            Self::AccessDenied => "graph-permission-missing",
            Self::AccessPolicy => "app-access-policy-denied",
            Self::MailboxNotEnabled | Self::UserNotFound => "mailbox-not-found",
            Self::Throttled(_) => "graph-throttled",
            Self::Unavailable(_) | Self::InternalError => "graph-unavailable",
            Self::TokenRejected => "token-rejected",
        }
    }
}

impl WireFault {
    /// Every fault but a delay, for tables.
    pub const ALL: [Self; 20] = [
        Self::Reset,
        Self::Close,
        Self::Truncated,
        Self::Endless,
        Self::GzipBomb,
        Self::Drip,
        Self::Stall,
        Self::RedirectToLogin,
        Self::InvalidUtf8,
        Self::BadChunking,
        Self::NotHttp,
        Self::HugeHeaders,
        Self::ProxyLogin,
        Self::HostilePage,
        Self::PlainText,
        Self::BrokenHandshake,
        Self::SelfSigned,
        Self::CertificateEnded,
        Self::OtherHost,
        Self::NameUnknown,
    ];

    /// Returns whether it breaks a connection before a request can be read. The integration then needs
    /// an address of its own, which it gets where its script names such a fault.
    pub const fn is_before_http(self) -> bool {
        matches!(
            self,
            Self::PlainText
                | Self::BrokenHandshake
                | Self::SelfSigned
                | Self::CertificateEnded
                | Self::OtherHost
                | Self::NameUnknown
        )
    }

    const fn cause(self) -> &'static str {
        match self {
            Self::Reset | Self::Close | Self::Truncated => "connect-failure",
            Self::Drip | Self::Stall | Self::Delay(_) => "timeout",
            Self::ProxyLogin => "proxy-auth-required",
            Self::PlainText | Self::BrokenHandshake => "tls-failure",
            Self::SelfSigned | Self::CertificateEnded | Self::OtherHost => "tls-untrusted",
            Self::NameUnknown => "dns-failure",
            Self::BadChunking
            | Self::Endless
            | Self::GzipBomb
            | Self::RedirectToLogin
            | Self::InvalidUtf8
            | Self::NotHttp
            | Self::HugeHeaders
            | Self::HostilePage => "unexpected-page",
        }
    }
}
