//! Vendor profiles: what each kind of integration needs, taken from the vendor's guide, as data.
//!
//! A profile fills in defaults, gives advice its last step ("enter it in Eptura: Admin > …"), and
//! holds the steps of the guide. It decides nothing: modules that behave differently by profile read
//! its fields, never its id. A new profile is one entry of [`PROFILES`].

pub mod guide;
#[cfg(test)]
mod tests;
mod vendors;

use strum::{EnumString, IntoStaticStr, VariantNames};

pub use self::{
    guide::Guide,
    vendors::{APP_ONLY, PROFILES},
};

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
    /// How it is set up.
    pub guide: &'static Guide,
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

/// In which directory people sign in: the authorize, device code and code redemption addresses.
/// Everything later goes to the tenant's own address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum Authority {
    /// The tenant's own.
    Tenant,
    /// That of any organisation.
    Organizations,
    /// That of any organisation, or a personal account.
    Common,
}

impl Authority {
    /// Returns the word used in the config.
    pub fn id(self) -> &'static str {
        self.into()
    }
}

/// A distinguished folder of a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum Folder {
    /// Mail.
    Inbox,
    /// Rooms and appointments.
    Calendar,
}

impl Folder {
    /// Returns the word used in the config, which is also the `DistinguishedFolderId` of EWS.
    pub fn id(self) -> &'static str {
        self.into()
    }
}

impl Profile {
    /// Returns how a tenant of this profile signs in where it acts for a person, also where the
    /// guide has it act for itself.
    pub fn delegation(&self) -> &'static Delegated {
        self.delegated.unwrap_or(&vendors::ANY_DELEGATED)
    }

    /// Returns the profile that a config calls by this word.
    pub fn by_id(id: &str) -> Option<&'static Self> {
        PROFILES.iter().copied().find(|profile| profile.id == id)
    }
}
