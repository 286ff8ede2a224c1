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
    /// The IMAP server.
    Imap,
    /// The POP server.
    Pop,
    /// The SMTP submission server.
    Smtp,
}

/// Declares [`WireFault`] from its rows: `NAME is CAUSE`.
macro_rules! wire_faults {
    ($($(#[$doc:meta])* $name:ident is $cause:literal;)*) => {
        /// A fault of the connection to a service.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum WireFault {
            /// The right answer, 30 ms later.
            Delay,
            $($(#[$doc])* $name,)*
        }

        impl WireFault {
            /// Every fault but the delay.
            pub const ALL: [Self; 20] = [$(Self::$name),*];
        }

        const CAUSES: [(WireFault, &str); 20] = [$((WireFault::$name, $cause)),*];
    };
}

wire_faults! {
    /// The connection is reset instead of answered.
    Reset is "connect-failure";
    /// The connection is closed instead of answered.
    Close is "connect-failure";
    /// The body ends before its declared length.
    Truncated is "connect-failure";
    /// The body never ends.
    Endless is "unexpected-page";
    /// A small body that unpacks to a gigabyte.
    GzipBomb is "unexpected-page";
    /// The body comes by the byte, one a second.
    Drip is "timeout";
    /// The request is read and never answered.
    Stall is "timeout";
    /// A redirect to a sign-in page elsewhere.
    RedirectToLogin is "unexpected-page";
    /// A body that is not UTF-8 and not of the protocol.
    InvalidUtf8 is "unexpected-page";
    /// Chunks whose sizes are not numbers.
    BadChunking is "unexpected-page";
    /// A greeting of another protocol.
    NotHttp is "unexpected-page";
    /// Headers of several megabytes.
    HugeHeaders is "unexpected-page";
    /// A proxy that wants a password.
    ProxyLogin is "proxy-auth-required";
    /// A page full of terminal escape sequences.
    HostilePage is "unexpected-page";
    /// Plain text on the TLS port.
    PlainText is "tls-failure";
    /// A TLS handshake that ends in an alert: no version or cipher in common.
    BrokenHandshake is "tls-failure";
    /// A certificate that no authority signed.
    SelfSigned is "tls-untrusted";
    /// A certificate of the right authority that has ended.
    CertificateEnded is "tls-untrusted";
    /// A certificate of the right authority for another host.
    OtherHost is "tls-untrusted";
    /// A host name that does not resolve. It holds from the start, whatever the script says: the
    /// name is part of the config.
    NameUnknown is "dns-failure";
}

impl WireFault {
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
    pub(crate) fn cause(self) -> Option<&'static str> {
        let row = CAUSES.iter().find(|(fault, _)| *fault == self);
        row.map(|(_, cause)| *cause)
    }
}
