//! Goes through all apps of a directory, page by page, for a reader that may see them.

use std::{
    collections::{HashMap, HashSet},
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use chrono::{DateTime, Utc};
use tokio::time::{Instant, sleep, timeout};
use url::Url;

use super::{
    page::{self, PageApp},
    walk::{Asking, Refused, good, neighbour, unreadable},
};
use crate::{
    check::GraphAccess,
    clock::Clock,
    http::BODY_KEPT,
    inventory::{Inventory, ListedApp, Traits, Wanted},
    observation::{Exchange, FaultKind, Outcome},
    registration::Registered,
    tenant::Endpoints,
};

/// The fields of an application; certificates among it limit this to 150 requests a minute
/// and directory.
const OF_APPLICATIONS: &str = "appId,displayName,tags,passwordCredentials,keyCredentials";

/// The fields of a service principal.
const OF_PRINCIPALS: &str =
    "appId,displayName,tags,servicePrincipalType,passwordCredentials,keyCredentials";

/// The owners, where a filter needs them.
const WITH_OWNERS: &str = "owners($select=id,userPrincipalName)";

/// So many objects are asked for at once; fewer where an answer was too long to be read to its end.
const PAGE_SIZES: [usize; 3] = [100, 20, 4];

/// A list with more pages is not read to its end, and so not shown.
const MOST_PAGES: usize = 10_000;

/// A list with more bytes in all its pages is not read to its end: a hostile or broken server could fill
/// the memory. An app takes about 1 KiB, so this is far above the largest directories.
const MOST_BYTES: usize = 256 * 1024 * 1024;

/// No answer takes longer.
pub(super) const PAGE_LIMIT: Duration = Duration::from_secs(30);

/// A directory that asks for a pause of no more than this gets it.
const PAUSE_MOST: Duration = Duration::from_mins(1);

/// So many pauses in one list are no pauses any more.
const MOST_PAUSES: usize = 10;

/// Lists one directory.
pub(super) struct DirectoryLister<'a> {
    pub(super) graph: &'a GraphAccess<'a>,
    pub(super) endpoints: &'a Endpoints,
    pub(super) wanted: &'a Wanted,
    /// When all must be over.
    pub(super) deadline: Instant,
    /// How many objects were read, for callers that show progress.
    pub(super) seen: &'a AtomicUsize,
    pub(super) clock: Clock,
}

/// Why a list ended early.
enum Broken {
    /// The directory, or the way to it.
    Refused(Refused),
    /// A page was longer than is kept of an answer.
    TooLong,
}

impl From<Refused> for Broken {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl DirectoryLister<'_> {
    /// Lists the applications, then the service principals, and puts together what belongs to one app.
    pub(super) async fn inventory(&self) -> Result<Inventory, Refused> {
        let mut gathered = GatheredApps::default();
        for (set, select) in [
            ("applications", OF_APPLICATIONS),
            ("servicePrincipals", OF_PRINCIPALS),
        ] {
            let list = self.list(set, select).await;
            let list = list.map_err(|refused| Refused {
                reason: format!("{set}: {}", refused.reason),
                ..refused
            })?;
            gathered.take(list, set == "applications");
        }
        Ok(gathered.inventory(self.wanted, self.clock.now()))
    }

    /// Reads one list whole, in pages as large as can be read.
    async fn list(&self, set: &str, select: &str) -> Result<Vec<PageApp>, Refused> {
        for size in PAGE_SIZES {
            match self.list_by(set, select, size).await {
                Ok(list) => return Ok(list),
                Err(Broken::Refused(refused)) => return Err(refused),
                Err(Broken::TooLong) => {}
            }
        }
        Err(Refused::because(
            "an app of it has more credentials than can be read".to_owned(),
        ))
    }

    async fn list_by(&self, set: &str, select: &str, size: usize) -> Result<Vec<PageApp>, Broken> {
        let first = self.first_page(set, select, size);
        let (mut url, mut list, mut bytes) = (first.clone(), Vec::new(), 0);
        let mut visited = HashSet::new();
        while visited.len() < MOST_PAGES {
            if !visited.insert(url.clone()) {
                let circle = "the pages of its list go round in a circle";
                return Err(Refused::because(circle.to_owned()).into());
            }
            let body = self.page(&url).await?;
            bytes += body.len();
            if bytes > MOST_BYTES {
                let mib = MOST_BYTES / 1024 / 1024;
                let why = format!("its list is larger than {mib} MiB");
                return Err(Refused::because(why).into());
            }
            let page = page::apps(&body, self.wanted.needs_owners());
            let page = match page {
                Some(page) => page,
                // a character may have been cut in the middle
                None if body.len() + 4 > BODY_KEPT => return Err(Broken::TooLong),
                None => return Err(unreadable().into()),
            };
            self.seen.fetch_add(page.apps.len(), Ordering::Relaxed);
            list.extend(page.apps);
            match page.next {
                Some(next) => url = neighbour(&first, &next)?,
                None => return Ok(list),
            }
        }
        let endless = format!("its list has more than {MOST_PAGES} pages");
        Err(Refused::because(endless).into())
    }

    fn first_page(&self, set: &str, select: &str, size: usize) -> Url {
        let mut url = self.endpoints.graph_v1(&[set]);
        let mut query = format!("$select={select}&$top={size}");
        if self.wanted.needs_owners() {
            query.push_str("&$expand=");
            query.push_str(WITH_OWNERS);
        }
        url.set_query(Some(&query));
        url
    }

    /// Reads one page; waits where the directory asks for a short pause, and there is time for it.
    async fn page(&self, url: &Url) -> Result<String, Broken> {
        let mut pauses = 0;
        loop {
            let answer = timeout(PAGE_LIMIT, self.graph.get(url.clone())).await;
            let exchange = answer.map_err(|_elapsed| silent())?;
            if is_too_large(&exchange) {
                return Err(Broken::TooLong);
            }
            let refused = match good(exchange, Asking::Reader) {
                Ok(body) => return Ok(body),
                Err(refused) => refused,
            };
            let pause = refused.retry_after;
            let bearable = !pause.is_zero() && pause <= PAUSE_MOST && pauses < MOST_PAUSES;
            if !bearable || self.clock.instant() + pause >= self.deadline {
                return Err(refused.into());
            }
            pauses += 1;
            sleep(pause).await;
        }
    }
}

/// Says that no answer came in time.
pub(super) fn silent() -> Refused {
    let seconds = PAGE_LIMIT.as_secs();
    Refused::because(format!("no answer came within {seconds} s"))
}

fn is_too_large(exchange: &Exchange) -> bool {
    matches!(&exchange.outcome, Outcome::Fault(fault) if fault.kind == FaultKind::TooLarge)
}

/// Apps by their client id, in the order in which they came.
#[derive(Debug, Default)]
struct GatheredApps {
    apps: Vec<(ListedApp, Traits)>,
    places: HashMap<String, usize>,
}

impl GatheredApps {
    fn take(&mut self, list: Vec<PageApp>, registered: bool) {
        for one in list {
            // Azure renews these by itself
            let credentials = if one.managed {
                Vec::new()
            } else {
                one.credentials
            };
            let place = *self
                .places
                .entry(one.client_id.to_ascii_lowercase())
                .or_insert(self.apps.len());
            match self.apps.get_mut(place) {
                Some((app, traits)) => {
                    app.credentials.extend(credentials);
                    traits.join(one.traits);
                }
                None => self.apps.push((
                    ListedApp {
                        client_id: one.client_id,
                        name: one.traits.names.first().cloned(),
                        registered,
                        credentials,
                    },
                    one.traits,
                )),
            }
        }
    }

    /// Returns those that are wanted and have credentials, each credential once.
    fn inventory(self, wanted: &Wanted, read_at: DateTime<Utc>) -> Inventory {
        let listed = self.apps.len();
        let shown = self.apps.into_iter().filter_map(|(mut app, traits)| {
            let credentials: Vec<Registered> = page::joined(app.credentials);
            app.credentials = credentials;
            (!app.credentials.is_empty() && wanted.wants(&traits)).then_some(app)
        });
        Inventory {
            read_at,
            listed,
            apps: shown.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::{registration::Kind, tenant::EndDate};

    fn credential(key: &str, kind: Kind, print: Option<&str>) -> Registered {
        Registered {
            kind,
            key_id: Some(key.into()),
            name: None,
            hint: None,
            thumbprint: print.map(str::to_owned),
            starts_at: None,
            end: Some(EndDate::At(DateTime::UNIX_EPOCH + TimeDelta::days(20_000))),
        }
    }

    fn app(id: &str, name: &str, credentials: Vec<Registered>) -> PageApp {
        PageApp {
            client_id: id.into(),
            traits: Traits {
                names: vec![name.into()],
                ..Traits::default()
            },
            managed: false,
            credentials,
        }
    }

    #[test]
    fn a_registration_and_its_enterprise_app_are_one_app_with_each_credential_once() {
        let mut gathered = GatheredApps::default();
        let secret = || credential("1", Kind::Secret, None);
        gathered.take(
            vec![
                app("AA", "payroll", vec![secret()]),
                app("bb", "bare", vec![]),
            ],
            true,
        );
        let signing = vec![
            credential("2", Kind::Certificate, Some("print")),
            credential("3", Kind::Certificate, Some("print")),
            credential("4", Kind::Secret, Some("print")),
        ];
        let managed = PageApp {
            managed: true,
            ..app("dd", "vm", vec![secret()])
        };
        gathered.take(
            vec![
                app("aa", "Payroll (SAML)", signing),
                app("cc", "guest", vec![secret()]),
                managed,
            ],
            false,
        );
        let wanted = Wanted {
            names: vec!["*saml*".into(), "guest".into(), "vm".into()],
            ..Wanted::default()
        };
        let inventory = gathered.inventory(&wanted, DateTime::UNIX_EPOCH);
        assert_eq!(inventory.listed, 4);
        let shown: Vec<_> = inventory
            .apps
            .iter()
            .map(|app| (app.name.as_deref(), app.registered, app.credentials.len()))
            .collect();
        assert_eq!(
            shown,
            [(Some("payroll"), true, 2), (Some("guest"), false, 1)]
        );
    }
}
