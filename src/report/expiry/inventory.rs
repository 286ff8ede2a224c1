//! What is said of the directories that are listed whole: their apps with their credentials, and what
//! could not be read.
//!
//! Nobody knows which credentials of such an app are used. So every one counts that has not ended, and
//! an ended one where it is the app's last, for as long as `warn`: an app that stopped working last
//! week is news, a registration that was forgotten years ago is not.

use crate::text::duration;
use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{
    assessment::lifetime,
    expiry,
    inventory::{ListedApp, Reader, Surveyed},
    registration::Registered,
    report::exit,
    tenant::{EndDate, Support, Thresholds},
    text,
    verdict::{CredentialReport, DateSource, Status, status},
};

/// A tenant id longer than this is shortened in a label.
const SHORT_ID: usize = 8;

/// What is known of one directory.
#[derive(Debug, Clone, Serialize)]
pub struct DirectoryReport {
    /// Name of its reader in the config.
    pub name: String,
    /// Which directory.
    pub tenant_id: String,
    /// The worst of its credentials; unknown where the last attempt to list it failed.
    pub status: Status,
    /// When it was last listed whole.
    #[serde(serialize_with = "crate::verdict::seconds::optional::serialize")]
    pub read_at: Option<DateTime<Utc>>,
    /// How many apps it has.
    pub apps: Option<usize>,
    /// Why it could not be listed since, or at all.
    pub problem: Option<String>,
    /// What tells it from the other directories of the same reader, where there are any.
    #[serde(skip)]
    pub label: String,
    /// When a coming end turns into a warning.
    #[serde(skip)]
    pub thresholds: Thresholds,
    /// What a person wants to read beside it.
    #[serde(skip)]
    pub support: Support,
    /// Its apps that have credentials.
    #[serde(skip)]
    pub listed: Vec<AppReport>,
}

/// One app of a directory.
#[derive(Debug, Clone)]
pub struct AppReport {
    /// The application (client) id.
    pub client_id: String,
    /// What the directory calls it.
    pub name: String,
    /// Whether it is registered there, or is the enterprise app of one from elsewhere.
    pub registered: bool,
    /// Its credentials.
    pub credentials: Vec<CredentialReport>,
}

impl DirectoryReport {
    /// Judges what a reader brought back from one of its directories; what `is_shown` elsewhere, with
    /// the tenant whose app this is, is left out.
    pub fn of(
        (reader, surveyed): (&Reader, &Surveyed),
        is_shown: impl Fn(&str, &Registered) -> bool,
        now: DateTime<Utc>,
    ) -> Self {
        let thresholds = reader.sign_in.thresholds;
        let listing = &surveyed.listing;
        let mut listed = Vec::new();
        let read_at = listing.inventory.as_ref().map(|one| one.read_at);
        for app in listing.inventory.iter().flat_map(|one| &one.apps) {
            let mut report = judged((app, read_at), thresholds, now);
            lifetime::flag(&mut report.credentials, thresholds, now);
            let mut rest = app.credentials.iter();
            report
                .credentials
                .retain(|_| !rest.next().is_some_and(|one| is_shown(&app.client_id, one)));
            listed.push(report);
        }
        let problem = problem(surveyed, now);
        let all = listed.iter().flat_map(|app| &app.credentials);
        let counting = all.filter(|one| one.watched != Some(false));
        let statuses = counting.map(|one| status(None, Some(expiry::half(one))));
        let unread = problem.as_ref().map(|_| Status::Unknown);
        Self {
            name: reader.name.clone(),
            status: exit::worst(statuses.chain(unread)).unwrap_or(Status::Ok),
            label: label(reader, &surveyed.tenant_id),
            tenant_id: surveyed.tenant_id.clone(),
            read_at,
            apps: listing.inventory.as_ref().map(|one| one.listed),
            problem,
            thresholds,
            support: reader.sign_in.support.clone(),
            listed,
        }
    }
}

/// Why what is known of a directory is not what it has now; `None` where it is.
fn problem(surveyed: &Surveyed, now: DateTime<Utc>) -> Option<String> {
    let Surveyed { listing, .. } = surveyed;
    match (&listing.refusal, &listing.inventory) {
        (None, Some(_)) => None,
        (Some(refusal), Some(inventory)) => {
            let ago = duration::age(now - inventory.read_at);
            Some(format!("listed {ago} ago; since then: {}", refusal.reason))
        }
        (Some(refusal), None) => Some(format!("its apps are not known: {}", refusal.reason)),
        (None, None) => Some("its apps are not known: stopped before it was listed".to_owned()),
    }
}

/// The name of the reader, and of several directories which one.
fn label(reader: &Reader, tenant_id: &str) -> String {
    if reader.tenant_ids.len() < 2 {
        return reader.name.clone();
    }
    let is_domain = tenant_id.contains('.');
    let which = if is_domain {
        tenant_id
    } else {
        text::head(tenant_id, SHORT_ID)
    };
    format!("{} {which}", reader.name)
}

fn judged(
    (app, read_at): (&ListedApp, Option<DateTime<Utc>>),
    thresholds: Thresholds,
    now: DateTime<Utc>,
) -> AppReport {
    let ends_at = |one: &Registered| match one.end {
        Some(EndDate::At(at)) => Some(at),
        Some(EndDate::Never) | None => None,
    };
    let ended = |one: &Registered| ends_at(one).is_some_and(|at| at <= now);
    let last = app.credentials.iter().all(ended);
    let newest = app.credentials.iter().filter_map(ends_at).max();
    let counts = |one: &Registered| {
        !ended(one)
            || (last
                && ends_at(one) == newest
                && newest.is_some_and(|at| now - at <= thresholds.warn))
    };
    let credentials = app.credentials.iter().map(|one| CredentialReport {
        kind: one.kind.into(),
        source: DateSource::Directory,
        key_id: one.key_id.clone(),
        name: one.name.clone(),
        hint: one.hint.clone(),
        note: one
            .end
            .is_none()
            .then(|| "the directory gives no end date".to_owned()),
        // what has ended is used by nobody; of the rest nobody knows
        presented: ended(one).then_some(false),
        watched: (!counts(one)).then_some(false),
        read_at,
        starts_at: one.starts_at,
        expires_at: ends_at(one),
        days_left: ends_at(one).map(|at| expiry::days_left(at, now)),
        state: expiry::state(one.end, thresholds, now),
        too_long: false,
    });
    AppReport {
        name: app.name.clone().unwrap_or_else(|| app.client_id.clone()),
        client_id: app.client_id.clone(),
        registered: app.registered,
        credentials: credentials.collect(),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::{
        inventory::{Inventory, Listing},
        registration::Kind,
        verdict::Expiry,
        verdict::fixture,
    };

    fn now() -> DateTime<Utc> {
        fixture::now()
    }

    /// A secret that ends in so many days.
    fn secret(key: &str, days: i64) -> Registered {
        Registered {
            kind: Kind::Secret,
            key_id: Some(key.into()),
            name: None,
            hint: None,
            thumbprint: None,
            starts_at: None,
            end: Some(EndDate::At(now() + TimeDelta::days(days))),
        }
    }

    /// The states of those that count, of an app with secrets that end in so many days.
    fn counting(days: &[i64]) -> Vec<Expiry> {
        let app = ListedApp {
            client_id: "22".into(),
            name: Some("payroll".into()),
            registered: true,
            credentials: days
                .iter()
                .map(|days| secret(&days.to_string(), *days))
                .collect(),
        };
        let judged = judged((&app, Some(now())), fixture::THRESHOLDS, now());
        assert_eq!(judged.credentials.len(), days.len(), "every one is shown");
        let counting = judged
            .credentials
            .iter()
            .filter(|one| one.watched != Some(false));
        counting.map(|one| one.state).collect()
    }

    #[test]
    fn an_ended_credential_counts_only_as_the_last_of_its_app_and_for_a_while() {
        use Expiry::{Critical, Expired, Ok, Warning};
        for (days, expected) in [
            (vec![200], vec![Ok]),
            (vec![20, 2], vec![Warning, Critical]),
            (vec![-1, 200], vec![Ok]),
            (vec![-400, -1], vec![Expired]),
            (vec![-30], vec![Expired]),
            (vec![-31], vec![]),
            (vec![], vec![]),
        ] {
            assert_eq!(counting(&days), expected, "{days:?}");
        }
    }

    #[test]
    fn a_directory_that_could_not_be_listed_is_unknown_whatever_was_known() {
        let reader = fixture::reader();
        let listed = |read: bool, refused: bool| {
            let mut listing = Listing::default();
            if read {
                listing.take(Inventory {
                    read_at: now() - TimeDelta::days(3),
                    listed: 7,
                    apps: Vec::new(),
                });
            }
            if refused {
                listing.refuse(
                    "it is throttling (HTTP 429)".into(),
                    TimeDelta::zero(),
                    now(),
                );
            }
            let surveyed = Surveyed {
                tenant_id: "11111111-1111-1111-1111-111111111111".into(),
                listing,
            };
            let report = DirectoryReport::of((&reader, &surveyed), |_, _| false, now());
            (report.status, report.problem.unwrap_or_default())
        };
        assert_eq!(listed(true, false), (Status::Ok, String::new()));
        for (read, refused, why) in [
            (true, true, "listed 3d ago; since then: it is throttling"),
            (false, true, "its apps are not known: it is throttling"),
            (false, false, "stopped before it was listed"),
        ] {
            let (status, problem) = listed(read, refused);
            assert_eq!(status, Status::Unknown, "{problem}");
            assert!(problem.contains(why), "{problem}");
        }
    }
}
