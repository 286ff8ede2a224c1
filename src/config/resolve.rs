//! Makes complete tenants from typed tables: fills in `[defaults]`, the profile and the cloud, and checks
//! values that must fit together.
//!
//! The order for every key: the tenant's own, then `[defaults]`, then the profile or the cloud, then the
//! built-in default.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::TimeDelta;
use url::{ParseError, Url};

use crate::{
    profile::APP_ONLY,
    stage::{Surface, SurfaceSet},
    tenant::{
        App, Credential, DirectoryUse, Endpoints, Mode, Network, Pace, PreferredShell, Support,
        Target, Tenant, TenantName, Thresholds, is_loopback,
    },
};

use super::{
    client_credential::{self, Named},
    defaults,
    delegation::SignIn,
    fields::{At, Fields, Layer as _},
    keys::{
        CloudKeys, ExchangeKeys, IdentityKeys, NetworkKeys, PaceKeys, SupportKeys, ThresholdKeys,
    },
    lookalike,
    problem::{Fault, Findings, Place},
    source::Source,
    tables::{Common, TenantTable},
    values::{self, DirectoryLookup},
};

/// The completed values that a tenant, or a reader of directories, shares with `[defaults]`.
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
    /// Addresses of tenants that name none of their own: parsed once for 10,000 tenants.
    usual_endpoints: Option<Endpoints>,
    /// Whether a too short default interval was reported, which is reported once.
    interval_reported: bool,
}

impl<'s> Resolver<'s> {
    /// Takes `[defaults]` of the main file.
    pub(super) fn new(defaults: Common, main: &'s Source, findings: &mut Findings) -> Self {
        let own = own_threshold(&defaults.thresholds);
        if let (Some((key, at)), Some(fault)) = (own, misfit(thresholds(&defaults.thresholds))) {
            let key = format!("[defaults]: {key}");
            findings.problem(fault.at(Some(main.place(at)), key));
        }
        Self {
            defaults,
            main,
            names: HashMap::new(),
            usual_endpoints: None,
            interval_reported: false,
        }
    }

    /// Returns how requests travel that are about no single tenant.
    pub(super) fn network(&self) -> Network {
        network(self.defaults.network.clone())
    }

    /// Completes one tenant; `None` if it cannot be, which was reported.
    pub(super) fn tenant(
        &mut self,
        typed: TenantTable,
        fields: &mut Fields<'_, '_>,
    ) -> Option<Arc<Tenant>> {
        let identity = typed.identity;
        let profile = identity
            .profile
            .as_ref()
            .map_or(&APP_ONLY, |found| found.value);
        let mode = typed.own.mode.map_or(Mode::Live, |found| found.value);
        let credential = typed.credential.resolve(fields);
        let sign_in = SignIn::of(&identity, profile, mode);
        let delegation = sign_in.delegation(typed.sign_in, credential.as_ref(), fields);
        let tests = typed.common.checks.clone().over(&self.defaults.checks);
        let surfaces = tests
            .checks
            .map_or(SurfaceSet::of(Surface::Ews), |found| found.value);
        required(surfaces, credential.as_ref(), sign_in, fields);
        warn_of_examples(&identity, fields);
        let asks = tests
            .directory
            .is_none_or(|found| found.value == DirectoryLookup::Own);
        let signs_in_alone = mode == Mode::Live
            && credential.is_some()
            && !(delegation.is_some() && is_anywhere(identity.tenant_id.as_ref()));
        let home = identity.home_tenant_id.map(|found| found.value);
        let around = self.around(typed.common, delegation.is_some(), fields)?;
        Some(Arc::new(Tenant {
            name: self.unique(&identity.name?, "tenant", fields)?,
            profile,
            app: App {
                tenant_id: identity.tenant_id?.value,
                client_id: identity.client_id?.value,
            },
            credential: credential.map_or(Credential::None, |named| named.credential),
            delegation,
            configured_end: typed.own.secret_expires.map(|found| found.value),
            watch: typed.own.watch.map(|found| found.value),
            directory: directory(asks, signs_in_alone, home),
            mode,
            target: Target {
                mailbox: identity.mailbox.map(|found| found.value),
                folder: tests.folder.map_or(profile.folder, |found| found.value),
                surfaces,
            },
            endpoints: around.endpoints,
            network: around.network,
            pace: around.pace,
            thresholds: around.thresholds,
            tags: typed.own.tags.map(|found| found.value).unwrap_or_default(),
            support: around.support,
        }))
    }

    /// Completes the values that a tenant, or a reader of directories, shares with `[defaults]`.
    pub(super) fn around(
        &mut self,
        own: Common,
        is_delegated: bool,
        fields: &mut Fields<'_, '_>,
    ) -> Option<Around> {
        let has_usual_addresses =
            own.cloud == CloudKeys::default() && own.exchange == ExchangeKeys::default();
        let own_threshold = own_threshold(&own.thresholds);
        let own_interval = own.pace.interval.map(|found| found.at);
        let all = own.over(&self.defaults);
        let thresholds = thresholds(&all.thresholds);
        if let (Some((key, at)), Some(fault)) = (own_threshold, misfit(thresholds)) {
            fields.problem(at, key, fault);
        }
        let endpoints = if has_usual_addresses {
            self.usual_endpoints(&all, fields)?
        } else {
            reported(endpoints(&all.cloud, &all.exchange), fields)?
        };
        let pace = pace(&all.pace, is_delegated);
        if pace.interval < defaults::POLITE_INTERVAL && !is_loopback(&endpoints.login) {
            self.report_short_interval(pace.interval, own_interval, fields);
        }
        Some(Around {
            pace,
            endpoints,
            network: network(all.network),
            thresholds,
            support: support(all.support),
        })
    }

    /// Returns the name, unless another tenant or a directory has it.
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

    /// Warns of names that look alike, once all files were read.
    pub(super) fn warn_of_lookalikes(&self, findings: &mut Findings) {
        lookalike::warn(&self.names, findings);
    }

    /// Returns the addresses of a tenant that names none of its own.
    fn usual_endpoints(&mut self, all: &Common, fields: &mut Fields<'_, '_>) -> Option<Endpoints> {
        if self.usual_endpoints.is_none() {
            self.usual_endpoints = Some(reported(endpoints(&all.cloud, &all.exchange), fields)?);
        }
        self.usual_endpoints.clone()
    }

    /// Reports an interval below the polite one: at the tenant's own key, else once at `[defaults]`.
    fn report_short_interval(
        &mut self,
        interval: Duration,
        own_at: Option<usize>,
        fields: &mut Fields<'_, '_>,
    ) {
        let fault = Fault::new(format!(
            "must be at least {}, not '{}'",
            values::spelled(defaults::POLITE_INTERVAL),
            values::spelled(interval)
        ))
        .hint("every poll is a sign-in; less is for a `login_url` on a loopback address");
        match (own_at, &self.defaults.pace.interval) {
            (Some(at), _) => fields.problem(at, "interval", fault),
            (None, Some(default)) if !self.interval_reported => {
                self.interval_reported = true;
                let place = Some(self.main.place(default.at));
                fields
                    .findings()
                    .problem(fault.at(place, "[defaults]: interval"));
            }
            (None, _) => {}
        }
    }
}

/// Reports the keys that a tenant cannot do without.
fn required(
    surfaces: SurfaceSet,
    credential: Option<&Named>,
    sign_in: SignIn,
    fields: &mut Fields<'_, '_>,
) {
    fields.require("name", "give the tenant a name of its own: `name = \"…\"`");
    let ids = "both ids stand on the overview page of the app registration";
    fields.require("tenant_id", ids);
    fields.require("client_id", ids);
    if sign_in.mode == Mode::Dates {
        if let Some(secret) = credential.filter(|named| named.key == "secret") {
            let unread = Fault::new("is never read with `mode = \"dates\"`");
            fields.warning(secret.at, "secret", unread.hint("leave it out"));
        }
        return;
    }
    if sign_in.needs_credential() {
        client_credential::require_one(fields);
    }
    if !surfaces.is_empty() {
        fields.require(
            "mailbox",
            "name the mailbox that the test call opens; with `checks = []` none is needed",
        );
    }
}

fn pace(keys: &PaceKeys, is_delegated: bool) -> Pace {
    let usual = if is_delegated {
        defaults::DELEGATED_INTERVAL
    } else {
        defaults::INTERVAL
    };
    Pace {
        interval: keys.interval.map_or(usual, |found| found.value),
        timeout: keys.timeout.map_or(defaults::TIMEOUT, |found| found.value),
        secret_ttl: keys
            .secret_ttl
            .map_or(defaults::SECRET_TTL, |found| found.value),
    }
}

fn thresholds(keys: &ThresholdKeys) -> Thresholds {
    let or = |found: Option<At<TimeDelta>>, usual| {
        found.map_or_else(|| values::delta(usual), |found| found.value)
    };
    Thresholds {
        warn: or(keys.warn, defaults::WARN),
        critical: or(keys.critical, defaults::CRITICAL),
        max_lifetime: keys
            .max_lifetime
            .map(|found| found.value)
            .filter(|most| !most.is_zero()),
    }
}

/// Returns the threshold that a table sets itself, and its place.
fn own_threshold(own: &ThresholdKeys) -> Option<(&'static str, usize)> {
    let critical = own.critical.map(|found| ("critical", found.at));
    critical.or(own.warn.map(|found| ("warn", found.at)))
}

/// Returns the fault of thresholds that contradict each other.
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

fn endpoints(keys: &CloudKeys, exchange: &ExchangeKeys) -> Result<Endpoints, ParseError> {
    let cloud = keys.cloud.map_or(defaults::CLOUD, |found| found.value);
    let or = |own: &Option<At<Url>>, usual: &str| match own {
        Some(url) => Ok(url.value.clone()),
        None => Url::parse(usual),
    };
    let resource = exchange.ews_resource.as_ref();
    Ok(Endpoints {
        login: or(&keys.login_url, cloud.login)?,
        ews: or(&exchange.ews_url, &cloud.ews_url())?,
        graph: or(&keys.graph_url, cloud.graph)?,
        ews_resource: resource
            .map_or(cloud.exchange, |found| found.value.as_str())
            .to_owned(),
        graph_resource: cloud.graph.to_owned(),
    })
}

/// Reports addresses of a cloud that cannot be parsed.
fn reported(
    endpoints: Result<Endpoints, ParseError>,
    fields: &mut Fields<'_, '_>,
) -> Option<Endpoints> {
    endpoints
        .inspect_err(|error| {
            let what = format!("the cloud's own addresses are unusable: {error}");
            fields.problem(fields.start(), "cloud", Fault::new(what));
        })
        .ok()
}

/// Returns how requests travel where no config says so.
pub fn usual_network() -> Network {
    network(NetworkKeys::default())
}

/// Returns who asks the directory for end dates.
///
/// An app can ask about itself if it signs in alone. With `mode = "dates"` there is no sign-in, a public
/// client has no credential, and an app of any organisation has no directory to ask: a reader of its
/// directory has to ask instead.
fn directory(asks: bool, signs_in: bool, home_tenant_id: Option<String>) -> DirectoryUse {
    match (asks, signs_in) {
        (false, _) => DirectoryUse::Off,
        (true, true) => DirectoryUse::Own { home_tenant_id },
        (true, false) => DirectoryUse::Reader { home_tenant_id },
    }
}

fn network(keys: NetworkKeys) -> Network {
    Network {
        proxy: keys.proxy.map(|found| found.value),
        ca_file: keys.ca_file.map(|found| found.value),
        user_agent: keys
            .user_agent
            .map_or_else(|| defaults::USER_AGENT.to_owned(), |found| found.value),
        connect_timeout: keys
            .connect_timeout
            .map_or(defaults::CONNECT_TIMEOUT, |found| found.value),
    }
}

/// Whether a tenant id stands for every directory.
fn is_anywhere(tenant_id: Option<&At<String>>) -> bool {
    tenant_id.is_some_and(|id| values::is_any_directory(&id.value))
}

fn support(keys: SupportKeys) -> Support {
    let text = |found: Option<At<String>>| found.map(|found| found.value);
    Support {
        contact: text(keys.contact),
        vendor_support: text(keys.vendor_support),
        runbook: text(keys.runbook),
        note: text(keys.note),
        shell: keys
            .shell
            .map_or_else(PreferredShell::default, |found| found.value),
    }
}

/// Warns of example values in the place of real ones.
fn warn_of_examples(typed: &IdentityKeys, fields: &mut Fields<'_, '_>) {
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

/// Warns of an example value in the place of a real one.
pub(super) fn warn_of_example(key: &str, found: &At<String>, fields: &mut Fields<'_, '_>) {
    if values::is_example(&found.value) {
        let fault = Fault::new(format!("'{}' is still an example value", found.value));
        fields.warning(found.at, key, fault.hint("put the real one there"));
    }
}
