//! Vendor profiles: what each kind of integration needs, taken from the vendor's guide, as data.
//!
//! A profile fills in defaults and gives advice its last step ("enter it in Eptura: Admin > …"). It
//! decides nothing: rooms that behave differently by profile read its fields, never its id.

use crate::tenant::{Authority, Folder};

/// What one kind of integration needs.
#[derive(Debug, PartialEq, Eq)]
pub struct Profile {
    /// The word used in the config.
    pub id: &'static str,
    /// The product, as people call it.
    pub product: &'static str,
    /// The application permission on Exchange that its EWS calls need, if its guide says.
    pub ews_role: Option<&'static str>,
    /// How it signs in unless the config says otherwise: for a person, or (`None`) for itself.
    pub delegated: Option<&'static Delegated>,
    /// What the test call opens unless the config says otherwise.
    pub folder: Folder,
    /// Where a renewed secret is entered, as the end of a sentence: "Enter the new secret …".
    pub secret_goes_to: &'static str,
}

/// How an integration that acts for a person signs in, by its guide.
#[derive(Debug, PartialEq, Eq)]
pub struct Delegated {
    /// Whether the app proves itself with a secret.
    pub client: Client,
    /// Where people sign in.
    pub authority: Authority,
    /// The permission on Exchange that is asked for: the end of its scope.
    pub permission: &'static str,
    /// The redirect address of the guide, with `<…>` where each customer has another word.
    pub redirect: Option<&'static str>,
    /// What to know while signing in to the product itself.
    pub remark: Option<&'static str>,
}

/// Whether an app can keep a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client {
    /// It has a secret and sends it.
    Confidential,
    /// It has none and must not send one.
    Public,
    /// Either; a configured secret decides.
    Either,
}

impl Profile {
    /// Returns how a tenant of this profile signs in where it acts for a person, also where the
    /// guide has it act for itself.
    pub fn delegation(&self) -> &'static Delegated {
        self.delegated.unwrap_or(&ANY_DELEGATED)
    }

    /// Returns the profile that a config calls by this word.
    pub fn by_id(id: &str) -> Option<&'static Self> {
        PROFILES.iter().copied().find(|profile| profile.id == id)
    }
}

/// The profile of a tenant that names none.
pub static APP_ONLY: Profile = Profile {
    id: "app-only",
    product: "the integration",
    ews_role: Some("full_access_as_app"),
    delegated: None,
    folder: Folder::Inbox,
    secret_goes_to: "wherever the integration keeps its client secret",
};

/// Eptura Workplace, by its guide "Exchange OAuth integration".
static EPTURA: Profile = Profile {
    id: "eptura",
    product: "Eptura Workplace",
    ews_role: Some("full_access_as_app"),
    delegated: None,
    folder: Folder::Calendar,
    secret_goes_to: "in Eptura Workplace: Admin > Reservations > Preferences > Enable Exchange \
                     OAuth Integration",
};

/// What holds for a person's sign-in where no guide says more.
static ANY_DELEGATED: Delegated = Delegated {
    client: Client::Either,
    authority: Authority::Tenant,
    permission: EWS_AS_USER,
    redirect: None,
    remark: None,
};

/// The delegated permission on Exchange that opens EWS.
const EWS_AS_USER: &str = "EWS.AccessAsUser.All";

/// Deskpro on-premise, by its guide for an Office 365 `OAuth2` application. The guide names no API
/// permission, so everything that was consented to is asked for.
static DESKPRO: Profile = Profile {
    id: "deskpro",
    product: "Deskpro",
    ews_role: None,
    delegated: Some(&Delegated {
        client: Client::Confidential,
        authority: Authority::Organizations,
        permission: ".default",
        redirect: Some("https://<helpdesk>/admin/office365/token"),
        remark: None,
    }),
    folder: Folder::Inbox,
    secret_goes_to: "in Deskpro's email account, and sign in there again",
};

/// Creatio 7.16, by its guide.
static CREATIO: Profile = Profile {
    id: "creatio",
    product: "Creatio",
    ews_role: None,
    delegated: Some(&Delegated {
        client: Client::Confidential,
        authority: Authority::Tenant,
        permission: EWS_AS_USER,
        redirect: Some(
            "https://<site>.creatio.com/0/rest/Microsoft365OAuthAuthenticator/ProcessAuthenticationCode",
        ),
        remark: None,
    }),
    folder: Folder::Inbox,
    secret_goes_to: "in Creatio's settings of the mail provider",
};

/// Creatio 7.17 and later, by its guide.
static CREATIO_OFFICE365: Profile = Profile {
    id: "creatio-office365",
    product: "Creatio",
    ews_role: None,
    delegated: Some(&Delegated {
        client: Client::Confidential,
        authority: Authority::Tenant,
        permission: EWS_AS_USER,
        redirect: Some(
            "https://<site>.creatio.com/0/rest/Office365OAuthAuthenticator/ProcessAuthenticationCode",
        ),
        remark: None,
    }),
    folder: Folder::Inbox,
    secret_goes_to: "in Creatio's settings of the mail provider",
};

/// Automation Anywhere Enterprise Client 11.3.5 and later, by its guide for EWS.
static AUTOMATION_ANYWHERE: Profile = Profile {
    id: "automation-anywhere",
    product: "Automation Anywhere",
    ews_role: None,
    delegated: Some(&Delegated {
        client: Client::Public,
        authority: Authority::Tenant,
        permission: EWS_AS_USER,
        redirect: None,
        remark: Some(
            "Automation Anywhere's own Connect ends after 2 minutes: have user and second factor \
             at hand before you press it there",
        ),
    }),
    folder: Folder::Inbox,
    secret_goes_to: "nowhere: Automation Anywhere holds no secret",
};

/// Any other integration that acts for a person.
static DELEGATED: Profile = Profile {
    id: "delegated",
    product: "the integration",
    ews_role: None,
    delegated: Some(&ANY_DELEGATED),
    folder: Folder::Inbox,
    secret_goes_to: "wherever the integration keeps its client secret",
};

/// Every known profile.
pub static PROFILES: &[&Profile] = &[
    &APP_ONLY,
    &EPTURA,
    &DESKPRO,
    &CREATIO,
    &CREATIO_OFFICE365,
    &AUTOMATION_ANYWHERE,
    &DELEGATED,
];
