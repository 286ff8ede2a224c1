//! From what was typed to what is meant: fills in defaults, profile and cloud, and checks what must
//! fit together.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::TimeDelta;
use url::{ParseError, Url};

use crate::{
    cloud::Cloud,
    profile::{APP_ONLY, Profile},
    stage::{Surface, SurfaceSet},
    tenant::{
        App, Credential, DirectoryUse, Endpoints, Mode, Network, Pace, Support, Target, Tenant,
        TenantName, Thresholds, is_loopback,
    },
};

use super::{
    credential, defaults, delegated,
    fields::{At, Fields},
    file::{Addresses, Common, TenantTable, Travel},
    problem::{Fault, Findings, Place},
    proof,
    source::Source,
    values,
};

/// What a tenant, or a reader of directories, has in common with the defaults.
#[derive(Debug)]
pub(super) struct Around {
    pub(super) endpoints: Endpoints,
    pub(super) network: Network,
    pub(super) pace: Pace,
    pub(super) thresholds: Thresholds,
    pub(super) support: Support,
}

/// Turns typed tenants into complete ones.
#[derive(Debug)]
pub(super) struct Resolver<'s> {
    defaults: Common,
    main: &'s Source,
    names: HashMap<TenantName, Place>,
    /// Where tenants go that name no address of their own: parsed once for all of them.
    usual_endpoints: Option<Endpoints>,
    /// Whether a too short default interval was reported: once is enough.
    interval_told: bool,
}

impl<'s> Resolver<'s> {
    /// Takes what `[defaults]` of the main file says.
    pub(super) fn new(defaults: Common, main: &'s Source, findings: &mut Findings) -> Self {
        let thresholds = thresholds(&defaults, &Common::default());
        if let (Some((key, at)), Some(fault)) = (threshold_at(&defaults), misfit(thresholds)) {
            let key = format!("[defaults]: {key}");
            findings.problem(fault.at(Some(main.place(at)), key));
        }
        Self {
            defaults,
            main,
            names: HashMap::new(),
            usual_endpoints: None,
            interval_told: false,
        }
    }

    /// Returns how requests travel that are about no single tenant.
    pub(super) fn network(&self) -> Network {
        network(Travel::default(), &self.defaults.travel)
    }

    /// Completes one tenant; `None` if it cannot be, which has then been reported.
    pub(super) fn tenant(
        &mut self,
        typed: TenantTable,
        fields: &mut Fields<'_, '_>,
    ) -> Option<Arc<Tenant>> {
        let own = &typed.common;
        let checks = own.checks.or(self.defaults.checks);
        let checks = checks.unwrap_or(SurfaceSet::of(Surface::Ews));
        let profile = typed.profile.unwrap_or(&APP_ONLY);
        let delegation = delegated::resolve(&typed, profile, fields);
        required(&typed, checks, profile, fields);
        warn_of_examples(&typed, fields);
        let asks = own.directory.or(self.defaults.directory).unwrap_or(true);
        let signs_in_alone = typed.mode == Mode::Live
            && (typed.secret.is_some() || typed.proof.is_some())
            && !(delegation.is_some() && is_anywhere(typed.tenant_id.as_ref()));
        let directory = directory(asks, signs_in_alone, typed.home_tenant_id);
        let folder = own.folder.or(self.defaults.folder);
        let around = self.around(typed.common, delegation.is_some(), fields)?;
        Some(Arc::new(Tenant {
            name: self.unique(&typed.name?, "tenant", fields)?,
            profile,
            app: App {
                tenant_id: typed.tenant_id?.value,
                client_id: typed.client_id?.value,
            },
            credential: match typed.secret {
                Some(secret) => Credential::Secret(secret.value),
                None => typed.proof.map_or(Credential::None, |proof| proof.value),
            },
            delegation,
            configured_end: typed.secret_expires,
            watch: typed.watch,
            directory,
            mode: typed.mode,
            target: Target {
                mailbox: typed.mailbox.map(|mailbox| mailbox.value),
                folder: folder.unwrap_or(profile.folder),
                surfaces: checks,
            },
            endpoints: around.endpoints,
            network: around.network,
            pace: around.pace,
            thresholds: around.thresholds,
            tags: typed.tags,
            support: around.support,
        }))
    }

    /// Completes what a tenant, or a reader of directories, has in common with the defaults.
    pub(super) fn around(
        &mut self,
        own: Common,
        is_delegated: bool,
        fields: &mut Fields<'_, '_>,
    ) -> Option<Around> {
        let thresholds = thresholds(&own, &self.defaults);
        if let (Some((key, at)), Some(fault)) = (threshold_at(&own), misfit(thresholds)) {
            fields.problem(at, key, fault);
        }
        let endpoints = self.endpoints(&own.addresses, fields)?;
        Some(Around {
            pace: self.pace(&own, &endpoints, is_delegated, fields),
            endpoints,
            network: network(own.travel, &self.defaults.travel),
            thresholds,
            support: support(own.support, &self.defaults.support),
        })
    }

    /// Returns the name, if nobody before had it: no other tenant, and no directory.
    pub(super) fn unique(
        &mut self,
        name: &At<String>,
        what: &str,
        fields: &mut Fields<'_, '_>,
    ) -> Option<TenantName> {
        let unique = TenantName::from(name.value.as_str());
        let place = fields.source().place(name.at);
        if let Some(first) = self.names.get(&unique) {
            let fault = Fault::new(format!("'{unique}' is already the name of {first}"));
            let hint = format!("give every {what} its own name");
            fields.problem(name.at, "name", fault.hint(hint));
            return None;
        }
        self.names.insert(unique.clone(), place);
        Some(unique)
    }

    fn endpoints(&mut self, own: &Addresses, fields: &mut Fields<'_, '_>) -> Option<Endpoints> {
        let usual = *own == Addresses::default();
        if let (true, Some(usual)) = (usual, &self.usual_endpoints) {
            return Some(usual.clone());
        }
        let endpoints = endpoints(own, &self.defaults.addresses)
            .inspect_err(|error| {
                let what = format!("the cloud's own addresses are unusable: {error}");
                fields.problem(fields.start(), "cloud", Fault::new(what));
            })
            .ok()?;
        if usual {
            self.usual_endpoints = Some(endpoints.clone());
        }
        Some(endpoints)
    }

    fn pace(
        &mut self,
        own: &Common,
        to: &Endpoints,
        is_delegated: bool,
        fields: &mut Fields<'_, '_>,
    ) -> Pace {
        let usual = if is_delegated {
            defaults::DELEGATED_INTERVAL
        } else {
            defaults::INTERVAL
        };
        let chosen = own.interval.or(self.defaults.interval);
        let interval = chosen.map_or(usual, |found| found.value);
        if interval < defaults::POLITE_INTERVAL && !is_loopback(&to.login) {
            self.too_short(interval, own, fields);
        }
        let pick = |own: Option<At<Duration>>, default: Option<At<Duration>>, last| {
            own.or(default).map_or(last, |found| found.value)
        };
        Pace {
            interval,
            timeout: pick(own.timeout, self.defaults.timeout, defaults::TIMEOUT),
            secret_ttl: pick(
                own.secret_ttl,
                self.defaults.secret_ttl,
                defaults::SECRET_TTL,
            ),
        }
    }

    fn too_short(&mut self, interval: Duration, own: &Common, fields: &mut Fields<'_, '_>) {
        let fault = Fault::new(format!(
            "must be at least {}, not '{}'",
            values::spelled(defaults::POLITE_INTERVAL),
            values::spelled(interval)
        ))
        .hint("every poll is a sign-in; less is for a `login_url` on a loopback address");
        match (own.interval, self.defaults.interval) {
            (Some(own), _) => fields.problem(own.at, "interval", fault),
            (None, Some(default)) if !self.interval_told => {
                self.interval_told = true;
                let place = Some(self.main.place(default.at));
                fields
                    .findings()
                    .problem(fault.at(place, "[defaults]: interval"));
            }
            (None, _) => {}
        }
    }
}

/// Reports what a tenant cannot do without.
fn required(
    typed: &TenantTable,
    checks: SurfaceSet,
    profile: &'static Profile,
    fields: &mut Fields<'_, '_>,
) {
    fields.require("name", "give the tenant a name of its own: `name = \"…\"`");
    let ids = "both ids stand on the overview page of the app registration";
    fields.require("tenant_id", ids);
    fields.require("client_id", ids);
    proof::exactly_one(typed.secret.as_ref(), typed.proof.as_ref(), fields);
    if typed.mode == Mode::Dates {
        if let Some(secret) = &typed.secret {
            let unread = Fault::new("is never read with `mode = \"dates\"`");
            fields.warning(secret.at, "secret", unread.hint("leave it out"));
        }
        return;
    }
    if delegated::needs_secret(typed, profile) && !proof::stands_in(fields) {
        fields.require("secret", credential::how_to());
    }
    if !checks.is_empty() {
        fields.require(
            "mailbox",
            "name the mailbox that the test call opens; with `checks = []` none is needed",
        );
    }
}

fn thresholds(own: &Common, default: &Common) -> Thresholds {
    let pick = |own: Option<At<TimeDelta>>, default: Option<At<TimeDelta>>, last| {
        own.or(default)
            .map_or_else(|| values::delta(last), |found| found.value)
    };
    Thresholds {
        warn: pick(own.warn, default.warn, defaults::WARN),
        critical: pick(own.critical, default.critical, defaults::CRITICAL),
        max_lifetime: own
            .max_lifetime
            .or(default.max_lifetime)
            .map(|found| found.value)
            .filter(|most| !most.is_zero()),
    }
}

/// Returns which threshold is its own, and where it stands.
fn threshold_at(own: &Common) -> Option<(&'static str, usize)> {
    let critical = own.critical.map(|found| ("critical", found.at));
    critical.or(own.warn.map(|found| ("warn", found.at)))
}

/// Says what is wrong with thresholds, if anything.
pub(super) fn misfit(thresholds: Thresholds) -> Option<Fault> {
    let Thresholds { warn, critical, .. } = thresholds;
    let spelled = |delta: TimeDelta| values::spelled(delta.to_std().unwrap_or_default());
    (critical > warn).then(|| {
        Fault::new(format!(
            "`critical` ({}) must not be longer than `warn` ({})",
            spelled(critical),
            spelled(warn)
        ))
        .hint("set both: the warning comes first, so `warn` is the longer one")
    })
}

fn endpoints(own: &Addresses, default: &Addresses) -> Result<Endpoints, ParseError> {
    let cloud: &Cloud = own.cloud.or(default.cloud).unwrap_or(defaults::CLOUD);
    let pick = |own: &Option<Url>, default: &Option<Url>, cloud: &str| match own.as_ref() {
        Some(url) => Ok(url.clone()),
        None => default.clone().map_or_else(|| Url::parse(cloud), Ok),
    };
    let resource = own.ews_resource.as_ref().or(default.ews_resource.as_ref());
    Ok(Endpoints {
        login: pick(&own.login, &default.login, cloud.login)?,
        ews: pick(&own.ews, &default.ews, &cloud.ews_url())?,
        graph: pick(&own.graph, &default.graph, cloud.graph)?,
        ews_resource: resource.map_or(cloud.exchange, String::as_str).to_owned(),
        graph_resource: cloud.graph.to_owned(),
    })
}

/// Returns how requests travel where no config says so.
pub fn usual_network() -> Network {
    network(Travel::default(), &Travel::default())
}

/// An app asks about itself as itself. With `mode = "dates"` nobody signs in, a public client has
/// nothing to prove itself with, and an app of any organisation has no directory to ask: there a reader
/// of its directory has to look.
fn directory(asks: bool, signs_in: bool, home_tenant_id: Option<String>) -> DirectoryUse {
    match (asks, signs_in) {
        (false, _) => DirectoryUse::Off,
        (true, true) => DirectoryUse::Own { home_tenant_id },
        (true, false) => DirectoryUse::Reader { home_tenant_id },
    }
}

fn network(own: Travel, default: &Travel) -> Network {
    Network {
        proxy: own.proxy.or_else(|| default.proxy.clone()),
        ca_file: own.ca_file.or_else(|| default.ca_file.clone()),
        user_agent: own
            .user_agent
            .or_else(|| default.user_agent.clone())
            .unwrap_or_else(|| defaults::USER_AGENT.to_owned()),
        connect_timeout: own
            .connect_timeout
            .or(default.connect_timeout)
            .unwrap_or(defaults::CONNECT_TIMEOUT),
    }
}

/// Whether a tenant id stands for every directory.
fn is_anywhere(tenant_id: Option<&At<String>>) -> bool {
    tenant_id.is_some_and(|id| values::is_any_directory(&id.value))
}

fn support(own: Support, default: &Support) -> Support {
    Support {
        contact: own.contact.or_else(|| default.contact.clone()),
        vendor_support: own
            .vendor_support
            .or_else(|| default.vendor_support.clone()),
        runbook: own.runbook.or_else(|| default.runbook.clone()),
        note: own.note.or_else(|| default.note.clone()),
    }
}

/// Warns of values that only stand in for real ones.
fn warn_of_examples(typed: &TenantTable, fields: &mut Fields<'_, '_>) {
    for (key, found) in [
        ("tenant_id", &typed.tenant_id),
        ("client_id", &typed.client_id),
        ("mailbox", &typed.mailbox),
    ] {
        let Some(found) = found else { continue };
        warn_of_example(key, found, fields);
        if key == "tenant_id" && values::is_any_directory(&found.value) {
            let fault = Fault::new(format!("'{}' names no directory of its own", found.value))
                .hint("an app-only sign-in needs the customer's tenant id or domain");
            fields.warning(found.at, key, fault);
        }
    }
}

/// Warns of a value that only stands in for a real one.
pub(super) fn warn_of_example(key: &str, found: &At<String>, fields: &mut Fields<'_, '_>) {
    if values::is_example(&found.value) {
        let fault = Fault::new(format!("'{}' is still an example value", found.value));
        fields.warning(found.at, key, fault.hint("put the real one there"));
    }
}
