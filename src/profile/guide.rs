//! The steps of a vendor's guide on an app registration, and the commands that do each step.

/// A vendor's guide, retold: what it has people set up in the directory, and where the values go.
#[derive(Debug, PartialEq, Eq)]
pub struct Guide {
    /// What it is about: a feature, a version; `None` where no vendor's guide stands behind a profile.
    pub about: Option<&'static str>,
    /// What the registration needs, in the order in which it is done.
    pub steps: &'static [Step],
    /// What is done in the product afterwards.
    pub hand_over: &'static [&'static str],
}

/// One step of a guide.
#[derive(Debug, PartialEq, Eq)]
pub struct Step {
    /// What the registration shall have.
    pub asks: Requirement,
    /// Whether the guide says so. A step that it does not say is known to work, and no finding where it
    /// is done in another way.
    pub stated: bool,
    /// What to know about it beyond the value itself.
    pub remark: &'static str,
}

/// What a step asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requirement {
    /// Whose accounts may sign in.
    Accounts(Accounts),
    /// Where sign-ins come back to.
    Redirect(Redirect),
    /// A credential that the app proves itself with.
    Secret,
    /// A permission on an API, listed on the registration.
    Permission(Permission),
    /// An administrator's consent to those permissions.
    Consent,
    /// That the app may sign in at all.
    Enabled,
}

impl Requirement {
    /// Returns what it is called beside a verdict.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Accounts(_) => "account types",
            Self::Redirect(_) => "redirect address",
            Self::Secret => "client secret",
            Self::Permission(_) => "API permission",
            Self::Consent => "admin consent",
            Self::Enabled => "app enabled",
        }
    }

    /// Returns the command that does it to a registration, where one command does.
    ///
    /// It keeps what else stands there: other redirect addresses, secrets and permissions.
    pub fn command(self, client_id: &str) -> Option<String> {
        Some(match self {
            Self::Accounts(accounts) => format!(
                "az ad app update --id {client_id} --sign-in-audience {}",
                accounts.audience()?
            ),
            Self::Redirect(redirect) => {
                // quoted: the placeholder of an address is no redirection of the shell
                let address = format!("'{}'", redirect.address?);
                add_redirect(client_id, redirect.platform?, &address)
            }
            Self::Secret => format!(
                "az ad app credential reset --id {client_id} --append --years 1 --query password \
                 --output tsv"
            ),
            Self::Permission(permission) => format!(
                "az ad app permission add --id {client_id} --api {} --api-permissions {}={}",
                permission.api.app_id(),
                permission.id,
                permission.kind.word(),
            ),
            Self::Consent => format!("az ad app permission admin-consent --id {client_id}"),
            Self::Enabled => format!("az ad sp update --id {client_id} --set accountEnabled=true"),
        })
    }
}

/// Returns the command that adds a redirect address and keeps those that are there. Both values
/// stand in it as they are, so each must be one word of a shell.
pub fn add_redirect(client_id: &str, platform: Platform, address: &str) -> String {
    let (flag, query) = platform.in_az();
    format!(
        "az ad app update --id {client_id} {flag} $(az ad app show --id {client_id} --query \
         '{query}' --output tsv) {address}"
    )
}

/// Whose accounts may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accounts {
    /// Those of any organisation.
    AnyOrganisation,
    /// Those of the app's own directory, or more: both work.
    AtLeastOwn,
}

impl Accounts {
    /// Returns the word of Entra for it, where one value is due.
    const fn audience(self) -> Option<&'static str> {
        match self {
            Self::AnyOrganisation => Some("AzureADMultipleOrgs"),
            Self::AtLeastOwn => None,
        }
    }

    /// Returns whether a registration with this `signInAudience` fits; `None` for an unknown word.
    pub fn fits(self, audience: &str) -> Option<bool> {
        match audience {
            "AzureADMyOrg" => Some(self == Self::AtLeastOwn),
            "AzureADMultipleOrgs" | "AzureADandPersonalMicrosoftAccount" => Some(true),
            "PersonalMicrosoftAccount" => Some(false),
            _ => None,
        }
    }
}

/// A redirect address as a guide gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Redirect {
    /// Under which platform it stands; `None` where the guide leaves that open.
    pub platform: Option<Platform>,
    /// The address, with `<…>` where each customer has another word; `None` where any will do.
    pub address: Option<&'static str>,
    /// How every such address ends, also on hosts of other names.
    pub path: &'static str,
}

/// Kinds of redirect addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Platform {
    /// For servers, which can keep a secret.
    Web,
    /// For programs that run in a browser: their refresh tokens live a day.
    SinglePage,
    /// For programs on a device: public clients.
    Native,
}

impl Platform {
    /// Every platform.
    pub const ALL: [Self; 3] = [Self::Web, Self::SinglePage, Self::Native];

    /// Returns what the portal calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Web => "Web",
            Self::SinglePage => "Single-page application",
            Self::Native => "Mobile and desktop applications",
        }
    }

    /// Returns the field of an application in Graph that lists its addresses.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::SinglePage => "spa",
            Self::Native => "publicClient",
        }
    }

    /// Returns the flag that sets the addresses, and the query that shows them.
    const fn in_az(self) -> (&'static str, &'static str) {
        match self {
            Self::Web => ("--web-redirect-uris", "web.redirectUris"),
            Self::SinglePage => ("--spa-redirect-uris", "spa.redirectUris"),
            Self::Native => ("--public-client-redirect-uris", "publicClient.redirectUris"),
        }
    }
}

/// A permission on an API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permission {
    /// The API.
    pub api: Api,
    /// Whether the app holds it for itself or for people.
    pub kind: PermissionKind,
    /// Its name, as in the `roles` or `scp` of a token.
    pub name: &'static str,
    /// Its id, the same in every directory.
    pub id: &'static str,
    /// The id under which Microsoft Graph lists the same permission too, if it does: either opens the
    /// same mailboxes.
    pub in_graph: Option<&'static str>,
}

impl Permission {
    /// Returns every API that lists it, and its id there.
    pub fn places(self) -> impl Iterator<Item = (Api, &'static str)> {
        let in_graph = self.in_graph.map(|id| (Api::Graph, id));
        [(self.api, self.id)].into_iter().chain(in_graph)
    }
}

/// APIs that mail integrations call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Api {
    /// Exchange Online.
    Exchange,
    /// Microsoft Graph.
    Graph,
}

impl Api {
    /// Returns the application id, the same in every directory and cloud.
    pub const fn app_id(self) -> &'static str {
        match self {
            Self::Exchange => "00000002-0000-0ff1-ce00-000000000000",
            Self::Graph => "00000003-0000-0000-c000-000000000000",
        }
    }

    /// Returns what the portal calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exchange => "Office 365 Exchange Online",
            Self::Graph => "Microsoft Graph",
        }
    }

    /// Returns under which tab of "Request API permissions" it is found.
    pub const fn tab(self) -> &'static str {
        match self {
            Self::Exchange => "APIs my organization uses",
            Self::Graph => "Microsoft APIs",
        }
    }
}

/// Kinds of permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PermissionKind {
    /// The app acts for itself.
    Application,
    /// The app acts for the person who signed in.
    Delegated,
}

impl PermissionKind {
    /// Returns the word of Entra's registrations for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Application => "Role",
            Self::Delegated => "Scope",
        }
    }

    /// Returns what the portal calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Application => "Application permissions",
            Self::Delegated => "Delegated permissions",
        }
    }
}

impl Guide {
    /// Returns every permission that it names, also those that no vendor states.
    pub fn permissions(&self) -> impl Iterator<Item = Permission> {
        self.steps.iter().filter_map(|step| match step.asks {
            Requirement::Permission(permission) => Some(permission),
            _ => None,
        })
    }
}
