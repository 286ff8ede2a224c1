//! The ends of all credentials of all tenants, and of all apps of whole directories, soonest first, in
//! every format of `credwatch expiry`.
//!
//! A row is one credential of one tenant or app. Ends that nobody knows come after those that are known, and
//! "never" comes last; none is left out of a list, so that no list looks better than the fleet is.

mod calendar;
mod inventory;
mod row;
mod table;
mod text;

use serde::Serialize;

pub use calendar::calendar;
pub use inventory::{AppReport, DirectoryReport};
pub use table::{csv, json, markdown};
pub use text::text;

use self::row::{Owner, Row, rows};
use super::exit;
use crate::verdict::{CredentialReport, Expiry, Fleet};

/// The ends of everything that was asked for.
#[derive(Debug, Clone)]
pub struct Endings {
    /// The tenants.
    pub fleet: Fleet,
    /// The directories that are listed whole.
    pub directories: Vec<DirectoryReport>,
}

impl Endings {
    /// Returns the exit code: the worst of all.
    pub fn exit_code(&self) -> u8 {
        let tenants = self.fleet.tenants.iter().map(|report| report.status);
        let directories = self.directories.iter().map(|one| one.status);
        exit::code(tenants.chain(directories))
    }

    /// Returns those directories of which something is not known.
    fn unread(&self) -> impl Iterator<Item = (&DirectoryReport, &str)> {
        let directories = self.directories.iter();
        directories.filter_map(|one| Some((one, one.problem.as_deref()?)))
    }
}

/// Returns how many of what there are, in words.
fn totals(rows: &[Row<'_>], endings: &Endings) -> String {
    let count = |state| {
        let those = rows.iter().filter(|row| row.counts());
        those.filter(|row| row.credential.state == state).count()
    };
    let plural = |number: usize, one: &str, many: &str| match number {
        1 => format!("1 {one}"),
        n => format!("{n} {many}"),
    };
    let (tenants, directories) = (endings.fleet.tenants.len(), endings.directories.len());
    let tenants = plural(tenants, "tenant", "tenants");
    let directories = plural(directories, "directory", "directories");
    let of = match (
        endings.fleet.tenants.is_empty(),
        endings.directories.is_empty(),
    ) {
        (_, true) => tenants,
        (true, false) => directories,
        (false, false) => format!("{tenants} and {directories}"),
    };
    format!(
        "{} of {of}; of those in use: {} ended, {} critical, {} warning, {} ok, {} never, {} unknown",
        plural(rows.len(), "credential", "credentials"),
        count(Expiry::Expired),
        count(Expiry::Critical),
        count(Expiry::Warning),
        count(Expiry::Ok),
        count(Expiry::Never),
        count(Expiry::Unknown),
    )
}

/// A row for scripts.
#[derive(Debug, Serialize)]
struct Entry<'a> {
    tenant: Option<&'a str>,
    profile: Option<&'a str>,
    tenant_id: &'a str,
    client_id: &'a str,
    tags: &'a [String],
    #[serde(flatten)]
    credential: &'a CredentialReport,
    directory: Option<&'a str>,
    app: Option<&'a str>,
    registered: Option<bool>,
}

impl<'a> From<&Row<'a>> for Entry<'a> {
    fn from(row: &Row<'a>) -> Self {
        let (owner, app) = (row.owner, row.owner.app());
        Self {
            tenant: owner.tenant().map(|report| report.name.as_str()),
            profile: owner.tenant().map(|report| report.profile),
            tenant_id: owner.tenant_id(),
            client_id: owner.client_id(),
            tags: owner.tags(),
            credential: row.credential,
            directory: app.map(|(directory, _)| directory.name.as_str()),
            app: app.map(|(_, app)| app.name.as_str()),
            registered: app.map(|(_, app)| app.registered),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::fixture;

    fn alone(fleet: Fleet) -> Endings {
        Endings {
            fleet,
            directories: Vec::new(),
        }
    }

    #[test]
    fn the_soonest_end_comes_first_and_what_nobody_knows_before_what_never_ends() {
        let mut never = fixture::ok();
        never.name = "never".into();
        never.credentials[0].state = Expiry::Never;
        never.credentials[0].expires_at = None;
        let fleet = fixture::of(vec![
            never,
            fixture::unknown(),
            fixture::ok(),
            fixture::failing(),
            fixture::warning(),
        ]);
        let endings = alone(fleet);
        let ends: Vec<_> = rows(&endings)
            .iter()
            .map(|row| row.end(fixture::now()))
            .collect();
        assert_eq!(
            ends,
            ["ended 3d ago", "in 12d", "in 212d", "unknown", "never"]
        );
    }

    #[test]
    fn every_format_shows_every_credential_and_none_hides_an_unknown_end() {
        let endings = alone(fixture::fleet());
        let now = crate::report::text::Symbols::ASCII;
        let shown = [
            text(&endings, now),
            json(&endings).to_string(),
            csv(&endings).to_string(),
            markdown(&endings).to_string(),
        ];
        for shown in shown {
            for report in &endings.fleet.tenants {
                assert!(shown.contains(report.name.as_str()), "{shown}");
            }
            assert!(shown.contains("unknown"), "{shown}");
        }
    }
}
