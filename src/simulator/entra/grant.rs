//! The grants by which people's sign-ins become tokens.

/// A grant of a person, as the `grant_type` of a token request names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PersonGrant {
    Refresh,
    Code,
    Device,
    Password,
}

impl PersonGrant {
    /// Returns the grant of that name; `None` for client credentials and unknown names.
    pub(crate) fn named(grant_type: &str) -> Option<Self> {
        match grant_type {
            "refresh_token" => Some(Self::Refresh),
            "authorization_code" => Some(Self::Code),
            // The second name is older than the standard; Microsoft's library for Node.js sends it.
            "urn:ietf:params:oauth:grant-type:device_code" | "device_code" => Some(Self::Device),
            "password" => Some(Self::Password),
            _ => None,
        }
    }
}
