//! All apps of a directory with their credentials: the app that lists them, the filter on them, and the
//! result of a listing. Pure data, read by `directory`, judged and shown by `report`.
//!
//! An inventory is complete: a list of which a page is missing is a refusal, never a shorter inventory.

use chrono::{DateTime, TimeDelta, Utc};
use glob::{MatchOptions, Pattern};
use serde::{Deserialize, Serialize};

use crate::{
    registration::{self, Refusal, Registered},
    tenant::Tenant,
};

/// An app that may look at every app of a directory, or of many: a `[[directory]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// What people and scripts call it.
    pub name: String,
    /// The directories that it reads, each once.
    pub tenant_ids: Vec<String>,
    /// Which apps are shown.
    pub wanted: Wanted,
    /// How the reader signs in at the first of its directories.
    pub sign_in: Tenant,
}

impl Reader {
    /// Returns how the reader signs in at one of its directories.
    pub fn in_directory(&self, tenant_id: &str) -> Tenant {
        let mut sign_in = self.sign_in.clone();
        tenant_id.clone_into(&mut sign_in.app.tenant_id);
        sign_in
    }

    /// Returns whether the reader reads that directory; case does not matter.
    pub fn reads(&self, tenant_id: &str) -> bool {
        let mut own = self.tenant_ids.iter();
        own.any(|one| one.eq_ignore_ascii_case(tenant_id))
    }
}

/// Which apps of a directory are shown: those that pass every filter that is set, all where none is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Wanted {
    /// Patterns of display names, such as `contoso-*`, without regard to case.
    pub names: Vec<String>,
    /// Owners, by object id or user principal name.
    pub owners: Vec<String>,
    /// Tags of the app in the directory.
    pub tags: Vec<String>,
}

/// The facts about an app that the filter looks at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Traits {
    /// Its display names: the registration and the enterprise app may have different ones.
    pub names: Vec<String>,
    /// Its owners, as far as the directory listed them.
    pub owners: Vec<Owner>,
    /// Whether there may be more owners than were listed.
    pub more_owners: bool,
    /// Its tags.
    pub tags: Vec<String>,
}

/// An owner of an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// Object id.
    pub id: String,
    /// User principal name; absent for a reader that may not read users.
    pub name: Option<String>,
}

impl Traits {
    /// Adds the facts of another object of the same app.
    pub fn join(&mut self, other: Self) {
        self.names.extend(other.names);
        self.owners.extend(other.owners);
        self.more_owners |= other.more_owners;
        self.tags.extend(other.tags);
    }
}

impl Wanted {
    /// Returns whether the owners of apps are needed.
    pub fn needs_owners(&self) -> bool {
        !self.owners.is_empty()
    }

    /// Returns whether an app is shown. An app of which too little is known to decide is shown.
    pub fn wants(&self, app: &Traits) -> bool {
        self.fits_name(app) && self.fits_owner(app) && self.fits_tag(app)
    }

    fn fits_name(&self, app: &Traits) -> bool {
        let loosely = MatchOptions {
            case_sensitive: false,
            ..MatchOptions::default()
        };
        let fits = |pattern: &String| {
            let pattern = Pattern::new(pattern);
            pattern.is_ok_and(|it| app.names.iter().any(|name| it.matches_with(name, loosely)))
        };
        self.names.is_empty() || self.names.iter().any(fits)
    }

    fn fits_owner(&self, app: &Traits) -> bool {
        let fits = |owner: &Owner| {
            let name = owner.name.as_deref();
            let said = |wanted: &String| {
                wanted.eq_ignore_ascii_case(&owner.id)
                    || name.is_some_and(|name| wanted.eq_ignore_ascii_case(name))
            };
            // an owner without a name may be any of those that the filter names
            let by_name = || name.is_none() && self.owners.iter().any(|one| one.contains('@'));
            self.owners.iter().any(said) || by_name()
        };
        self.owners.is_empty() || app.more_owners || app.owners.iter().any(fits)
    }

    fn fits_tag(&self, app: &Traits) -> bool {
        let fits = |tag: &String| {
            self.tags
                .iter()
                .any(|wanted| wanted.eq_ignore_ascii_case(tag))
        };
        self.tags.is_empty() || app.tags.iter().any(fits)
    }
}

/// All apps of one directory that are wanted and have credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inventory {
    /// When the last page was read.
    pub read_at: DateTime<Utc>,
    /// How many apps the directory has, wanted or not.
    pub listed: usize,
    /// The apps, in the order of the directory.
    pub apps: Vec<ListedApp>,
}

/// One app of a directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedApp {
    /// The application (client) id.
    pub client_id: String,
    /// What the directory calls it.
    pub name: Option<String>,
    /// Whether it is registered in this directory; else it is the enterprise app of an app that is
    /// registered elsewhere.
    pub registered: bool,
    /// Its credentials.
    pub credentials: Vec<Registered>,
}

/// What is known of one directory.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// The last whole inventory, however old.
    pub inventory: Option<Inventory>,
    /// Why a later attempt failed.
    pub refusal: Option<Refusal>,
}

impl Listing {
    /// Returns whether the directory should be listed again.
    pub fn is_due(&self, now: DateTime<Utc>) -> bool {
        if let Some(refusal) = &self.refusal {
            return refusal.is_over(now);
        }
        let fresh = |one: &Inventory| registration::is_fresh(one.read_at, now);
        !self.inventory.as_ref().is_some_and(fresh)
    }

    /// Takes in a whole inventory.
    pub fn take(&mut self, inventory: Inventory) {
        self.refusal = None;
        self.inventory = Some(inventory);
    }

    /// Takes in a failed attempt; the earlier inventory stays. `wait` is the pause that the service asked
    /// for.
    pub fn refuse(&mut self, reason: String, wait: TimeDelta, now: DateTime<Utc>) {
        self.refusal = Some(Refusal::new(reason, wait, now));
    }
}

/// One directory of a reader, with what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surveyed {
    /// Which directory.
    pub tenant_id: String,
    /// What is known of it.
    pub listing: Listing,
}

impl Surveyed {
    /// Returns an empty listing for each directory of a reader.
    pub fn nothing_of(reader: &Reader) -> Vec<Self> {
        let nothing = |tenant_id: &String| Self {
            tenant_id: tenant_id.clone(),
            listing: Listing::default(),
        };
        reader.tenant_ids.iter().map(nothing).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app() -> Traits {
        let owner = |id: &str, name: Option<&str>| Owner {
            id: id.into(),
            name: name.map(str::to_owned),
        };
        Traits {
            names: vec!["Payroll Sync".into(), "payroll (test)".into()],
            owners: vec![owner("11", Some("alice@contoso.com"))],
            more_owners: false,
            tags: vec!["Prod".into()],
        }
    }

    fn wanted(names: &[&str], owners: &[&str], tags: &[&str]) -> Wanted {
        let list = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        Wanted {
            names: list(names),
            owners: list(owners),
            tags: list(tags),
        }
    }

    #[test]
    fn an_app_is_shown_where_it_passes_every_filter_that_is_set() {
        for (filter, shown) in [
            (wanted(&[], &[], &[]), true),
            (wanted(&["payroll*"], &[], &[]), true),
            (wanted(&["*(TEST)"], &[], &[]), true),
            (wanted(&["payroll"], &[], &[]), false),
            (wanted(&["hr-*", "pay*"], &[], &[]), true),
            (wanted(&[], &["ALICE@contoso.com"], &[]), true),
            (wanted(&[], &["11"], &[]), true),
            (wanted(&[], &["bob@contoso.com"], &[]), false),
            (wanted(&[], &[], &["prod"]), true),
            (wanted(&[], &[], &["test"]), false),
            (wanted(&["pay*"], &["11"], &["prod"]), true),
            (wanted(&["pay*"], &["11"], &["test"]), false),
        ] {
            assert_eq!(filter.wants(&app()), shown, "{filter:?}");
        }
    }

    #[test]
    fn what_cannot_be_told_of_owners_hides_nothing() {
        let mut nameless = app();
        nameless.owners[0].name = None;
        assert!(wanted(&[], &["bob@contoso.com"], &[]).wants(&nameless));
        assert!(
            !wanted(&[], &["22"], &[]).wants(&nameless),
            "its id is told"
        );
        let many = Traits {
            more_owners: true,
            ..app()
        };
        assert!(wanted(&[], &["22"], &[]).wants(&many));
    }

    #[test]
    fn a_listing_is_fresh_for_six_hours_and_outlives_a_failure() {
        let at = |minutes| DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes);
        let mut listing = Listing::default();
        assert!(listing.is_due(at(0)));
        listing.take(Inventory {
            read_at: at(0),
            listed: 3,
            apps: Vec::new(),
        });
        assert!(!listing.is_due(at(359)) && listing.is_due(at(360)));
        listing.refuse("throttled".into(), TimeDelta::hours(1), at(360));
        assert!(!listing.is_due(at(419)) && listing.is_due(at(420)));
        assert!(listing.inventory.is_some());
    }
}
