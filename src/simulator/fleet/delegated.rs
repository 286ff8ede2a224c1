//! Applications that act for people.

/// How an application acts for the owner of a mailbox.
#[derive(Debug, Clone)]
pub struct DelegatedClient {
    /// Whether it is a public client.
    pub public: bool,
    /// Whether people of other directories may sign in.
    pub multi_tenant: bool,
    /// Consented permissions on Exchange.
    pub scopes: Vec<String>,
    /// Consented permissions on Graph.
    pub graph_scopes: Vec<String>,
    /// Registered redirect addresses.
    pub redirects: Vec<String>,
    /// Whether a sign-in was done before: the config then has a refresh token to start from.
    pub signed_in: bool,
    /// The number of polls before a device code is approved.
    pub pending: u32,
    /// The account that signs in, if it is not the mailbox itself.
    pub account: Option<String>,
}

impl DelegatedClient {
    /// Returns a confidential client with a complete registration and without a sign-in.
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

    /// Adds a registered redirect address.
    #[must_use]
    pub fn returning_to(mut self, address: &str) -> Self {
        self.redirects.push(address.to_owned());
        self
    }

    /// Returns a public client, otherwise the same.
    pub fn public() -> Self {
        Self {
            public: true,
            ..Self::confidential()
        }
    }
}
