//! Faults below the protocol of a service, which each service can commit.

/// The service that a fault acts on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultTarget {
    /// The sign-in service.
    Entra,
    /// Exchange Web Services.
    Ews,
    /// Microsoft Graph.
    Graph,
}

/// A fault of the connection to a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WireFault {
    /// The right answer, 30 ms later.
    Delay,
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
    /// The request is read and never answered.
    Stall,
    /// A redirect to a sign-in page elsewhere.
    RedirectToLogin,
    /// A body that is not UTF-8 and not of the protocol.
    InvalidUtf8,
    /// Chunks whose sizes are not numbers.
    BadChunking,
    /// A greeting of another protocol.
    NotHttp,
    /// Headers of several megabytes.
    HugeHeaders,
    /// A proxy that wants a password.
    ProxyLogin,
    /// A page full of terminal escape sequences.
    HostilePage,
    /// Plain text on the TLS port.
    PlainText,
    /// A TLS handshake that ends in an alert: no version or cipher in common.
    BrokenHandshake,
    /// A certificate that no authority signed.
    SelfSigned,
    /// A certificate of the right authority that has ended.
    CertificateEnded,
    /// A certificate of the right authority for another host.
    OtherHost,
    /// A host name that does not resolve. It holds from the start, whatever the script says: the
    /// name is part of the config.
    NameUnknown,
}

impl WireFault {
    /// Every fault but the delay.
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

    /// Returns whether it breaks a connection before a request can be read. The integration then
    /// needs an address of its own, which it gets where its script names such a fault.
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

    /// Returns the id of the cause that fits, `None` where the request works all the same.
    pub(crate) const fn cause(self) -> Option<&'static str> {
        Some(match self {
            Self::Delay => return None,
            Self::Reset | Self::Close | Self::Truncated => "connect-failure",
            Self::Drip | Self::Stall => "timeout",
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
        })
    }
}
