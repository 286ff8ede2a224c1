//! Vendor profiles: what each kind of integration needs, taken from the vendor's guide, as data.
//!
//! A profile fills in defaults and gives advice its last step ("enter it in Eptura: Admin > …"). It
//! decides nothing: rooms that behave differently by profile read its fields, never its id.

use crate::tenant::Folder;

/// What one kind of integration needs.
#[derive(Debug, PartialEq, Eq)]
pub struct Profile {
    /// The word used in the config.
    pub id: &'static str,
    /// The product, as people call it.
    pub product: &'static str,
    /// The application permission on Exchange that its EWS calls need, if its guide says.
    pub ews_role: Option<&'static str>,
    /// What the test call opens unless the config says otherwise.
    pub folder: Folder,
    /// Where a renewed secret is entered, as the end of a sentence: "Enter the new secret …".
    pub secret_goes_to: &'static str,
}

impl Profile {
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
    folder: Folder::Inbox,
    secret_goes_to: "wherever the integration keeps its client secret",
};

/// Eptura Workplace, by its guide "Exchange OAuth integration".
static EPTURA: Profile = Profile {
    id: "eptura",
    product: "Eptura Workplace",
    ews_role: Some("full_access_as_app"),
    folder: Folder::Calendar,
    secret_goes_to: "in Eptura Workplace: Admin > Reservations > Preferences > Enable Exchange \
                     OAuth Integration",
};

/// Every known profile.
pub static PROFILES: &[&Profile] = &[&APP_ONLY, &EPTURA];
