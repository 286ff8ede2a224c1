//! The tables of a config file as they were typed: each key read and valid by itself, nothing filled
//! in. What they mean together is `resolve`'s business.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use chrono::TimeDelta;
use toml::de::DeValue;
use url::Url;

use crate::{
    alert,
    cloud::Cloud,
    monitor, notify,
    profile::Profile,
    stage::{Surface, SurfaceSet},
    tenant::{Authority, Credential, EndDate, Folder, Mode, SecretSource, Support, Watch},
};

use super::{
    addresses, channel, credential, defaults,
    fields::{At, Elsewhere, Fields, strings, wrong_type},
    problem::Fault,
    proof, reader,
    values::{self, Bounds},
};

/// Keys that only a tenant has; a test holds this to what is read.
pub(super) const TENANT_KEYS: &[&str] = &[
    "name",
    "profile",
    "grant",
    "tenant_id",
    "home_tenant_id",
    "client_id",
    "mailbox",
    "secret",
    "certificate",
    "federated_token",
    "refresh_token",
    "authority",
    "secret_expires",
    "watch",
    "mode",
    "tags",
    "alerts",
];

/// Keys that `[defaults]` and a tenant have in common; a test holds this to what is read.
pub(super) const COMMON_KEYS: &[&str] = &[
    "interval",
    "timeout",
    "secret_ttl",
    "warn",
    "critical",
    "max_lifetime",
    "checks",
    "directory",
    "folder",
    "proxy",
    "ca_file",
    "user_agent",
    "connect_timeout",
    "cloud",
    "login_url",
    "ews_url",
    "graph_url",
    "ews_resource",
    "contact",
    "vendor_support",
    "runbook",
    "note",
];

/// Keys of sections, to tell where one belongs.
pub(super) const SECTIONS: &[Elsewhere] = &[
    Elsewhere {
        keys: COMMON_KEYS,
        place: "`[defaults]` or a `[[tenant]]`",
    },
    Elsewhere {
        keys: TENANT_KEYS,
        place: "a `[[tenant]]`",
    },
    Elsewhere {
        keys: &["concurrency", "confirm", "token_rate"],
        place: "`[monitor]`",
    },
    Elsewhere {
        keys: &[
            "days",
            "failing_after",
            "remind",
            "flapping",
            "quiet",
            "ping",
        ],
        place: "`[alerts]`",
    },
    Elsewhere {
        keys: &["desktop", "channel"],
        place: "`[notify]`",
    },
    Elsewhere {
        keys: reader::KEYS,
        place: "a `[[directory]]`",
    },
];

/// What `[defaults]` and a tenant have in common.
#[derive(Debug, Default)]
pub(super) struct Common {
    pub(super) interval: Option<At<Duration>>,
    pub(super) timeout: Option<At<Duration>>,
    pub(super) secret_ttl: Option<At<Duration>>,
    pub(super) warn: Option<At<TimeDelta>>,
    pub(super) critical: Option<At<TimeDelta>>,
    /// Zero: no limit.
    pub(super) max_lifetime: Option<At<TimeDelta>>,
    pub(super) checks: Option<SurfaceSet>,
    /// Whether the directory is asked for end dates.
    pub(super) directory: Option<bool>,
    pub(super) folder: Option<Folder>,
    pub(super) travel: Travel,
    pub(super) addresses: Addresses,
    pub(super) support: Support,
}

/// How requests travel, as typed.
#[derive(Debug, Default)]
pub(super) struct Travel {
    pub(super) proxy: Option<Url>,
    pub(super) ca_file: Option<PathBuf>,
    pub(super) user_agent: Option<String>,
    pub(super) connect_timeout: Option<Duration>,
}

/// Where requests go, as typed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Addresses {
    pub(super) cloud: Option<&'static Cloud>,
    pub(super) login: Option<Url>,
    pub(super) ews: Option<Url>,
    pub(super) graph: Option<Url>,
    pub(super) ews_resource: Option<String>,
}

/// A `[[tenant]]`.
#[derive(Debug)]
pub(super) struct TenantTable {
    pub(super) name: Option<At<String>>,
    pub(super) profile: Option<&'static Profile>,
    pub(super) tenant_id: Option<At<String>>,
    pub(super) home_tenant_id: Option<String>,
    pub(super) client_id: Option<At<String>>,
    pub(super) mailbox: Option<At<String>>,
    pub(super) grant: Option<values::Grant>,
    pub(super) authority: Option<At<Authority>>,
    pub(super) secret: Option<At<SecretSource>>,
    pub(super) refresh_token: Option<At<SecretSource>>,
    /// What else proves the app: `certificate` or `federated_token`.
    pub(super) proof: Option<At<Credential>>,
    pub(super) secret_expires: Option<EndDate>,
    pub(super) watch: Option<Watch>,
    pub(super) mode: Mode,
    pub(super) tags: Vec<String>,
    pub(super) alerts: Option<OwnRules>,
    pub(super) common: Common,
}

impl TenantTable {
    pub(super) fn read(fields: &mut Fields<'_, '_>) -> Self {
        let name = fields.text("name", values::name);
        if let Some(name) = &name {
            fields.belong_to(format!("tenant '{}'", name.value));
        }
        Self {
            name,
            profile: plain(fields.text("profile", values::profile)),
            tenant_id: fields.text("tenant_id", values::tenant_id),
            home_tenant_id: plain(fields.text("home_tenant_id", values::tenant_id)),
            client_id: fields.text("client_id", values::guid),
            mailbox: fields.text("mailbox", values::mailbox),
            grant: plain(fields.text("grant", values::grant)),
            authority: fields.text("authority", values::authority),
            secret: fields.read("secret", credential::secret),
            refresh_token: fields.read("refresh_token", credential::secret),
            proof: proof::read(fields),
            secret_expires: plain(fields.read("secret_expires", credential::end)),
            watch: plain(fields.read("watch", credential::watch)),
            mode: plain(fields.text("mode", values::mode)).unwrap_or(Mode::Live),
            tags: plain(fields.read("tags", |value, _| tags(value))).unwrap_or_default(),
            alerts: OwnRules::of_tenant(fields),
            common: Common::read(fields),
        }
    }
}

impl Common {
    pub(super) fn read(fields: &mut Fields<'_, '_>) -> Self {
        Self {
            interval: span(fields, "interval", defaults::INTERVAL_BOUNDS),
            timeout: span(fields, "timeout", defaults::TIMEOUT_BOUNDS),
            secret_ttl: span(fields, "secret_ttl", defaults::TTL_BOUNDS),
            warn: threshold(fields, "warn"),
            critical: threshold(fields, "critical"),
            max_lifetime: lifetime(fields),
            checks: plain(fields.read("checks", |value, _| checks(value))),
            directory: plain(fields.text("directory", values::directory)),
            folder: plain(fields.text("folder", values::folder)),
            travel: Travel::read(fields),
            addresses: Addresses::read(fields),
            support: support(fields),
        }
    }
}

impl Travel {
    pub(super) fn read(fields: &mut Fields<'_, '_>) -> Self {
        Self {
            proxy: plain(fields.text("proxy", addresses::proxy)),
            ca_file: plain(fields.read("ca_file", |value, source| {
                source.resolve(super::fields::string(value)?)
            })),
            user_agent: plain(fields.text("user_agent", addresses::user_agent)),
            connect_timeout: plain(span(fields, "connect_timeout", defaults::TIMEOUT_BOUNDS)),
        }
    }
}

impl Addresses {
    fn read(fields: &mut Fields<'_, '_>) -> Self {
        Self {
            cloud: plain(fields.text("cloud", values::cloud)),
            login: plain(fields.text("login_url", addresses::service_url)),
            ews: plain(fields.text("ews_url", addresses::service_url)),
            graph: plain(fields.text("graph_url", addresses::service_url)),
            ews_resource: plain(fields.text("ews_resource", addresses::resource)),
        }
    }

    /// Reads those that lead to a directory.
    pub(super) fn of_directory(fields: &mut Fields<'_, '_>) -> Self {
        Self {
            cloud: plain(fields.text("cloud", values::cloud)),
            login: plain(fields.text("login_url", addresses::service_url)),
            graph: plain(fields.text("graph_url", addresses::service_url)),
            ..Self::default()
        }
    }
}

pub(super) fn support(fields: &mut Fields<'_, '_>) -> Support {
    let mut prose = |key| plain(fields.text(key, values::prose)).filter(|text| !text.is_empty());
    Support {
        contact: prose("contact"),
        vendor_support: prose("vendor_support"),
        runbook: prose("runbook"),
        note: prose("note"),
    }
}

/// Reads `[monitor]`.
pub(super) fn monitor(fields: &mut Fields<'_, '_>) -> monitor::Settings {
    let built_in = monitor::Settings::default();
    let concurrency = number(fields, "concurrency", 1, defaults::CONCURRENCY_MOST);
    let rate = number(fields, "token_rate", 0, defaults::TOKEN_RATE_MOST);
    monitor::Settings {
        concurrency: concurrency
            .and_then(|n| usize::try_from(n).ok())
            .unwrap_or(built_in.concurrency),
        confirm: plain(span(fields, "confirm", defaults::CONFIRM_BOUNDS))
            .unwrap_or(built_in.confirm),
        token_rate: match rate {
            None => built_in.token_rate,
            Some(n) => u32::try_from(n).ok().filter(|n| *n > 0),
        },
    }
}

/// What `[alerts]` says.
#[derive(Debug, Default)]
pub(super) struct Alerts {
    pub(super) rules: alert::Rules,
    pub(super) ping: Option<SecretSource>,
}

/// Reads `[alerts]`.
pub(super) fn alerts(fields: &mut Fields<'_, '_>) -> Alerts {
    let own = OwnRules::read(fields);
    Alerts {
        ping: plain(fields.read("ping", credential::secret)),
        rules: alert::Rules {
            quiet: plain(fields.text("quiet", values::quiet)),
            ..own.over(&alert::Rules::default())
        },
    }
}

/// Those rules that a tenant may have for itself, as typed.
#[derive(Debug, Default)]
pub(super) struct OwnRules {
    days: Option<Vec<u32>>,
    failing_after: Option<u32>,
    /// Zero: never.
    remind: Option<Duration>,
    flapping: Option<u32>,
}

impl OwnRules {
    fn read(fields: &mut Fields<'_, '_>) -> Self {
        let mut count = |key, least| {
            let number = number(fields, key, least, 1000);
            number.and_then(|n| u32::try_from(n).ok())
        };
        Self {
            failing_after: count("failing_after", 1),
            flapping: count("flapping", 0),
            days: plain(fields.read("days", |value, _| days(value))),
            remind: plain(span(fields, "remind", defaults::REMIND_BOUNDS)),
        }
    }

    /// Reads `alerts` of a tenant.
    fn of_tenant(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let mut fields = fields.table("alerts")?;
        let own = Self::read(&mut fields);
        fields.finish(SECTIONS);
        Some(own)
    }

    /// Returns the rules that these make of others.
    pub(super) fn over(self, base: &alert::Rules) -> alert::Rules {
        alert::Rules {
            days: self.days.unwrap_or_else(|| base.days.clone()),
            failing_after: self.failing_after.unwrap_or(base.failing_after),
            remind: match self.remind {
                None => base.remind,
                Some(every) => Some(values::delta(every)).filter(|every| !every.is_zero()),
            },
            flapping: self.flapping.unwrap_or(base.flapping),
            quiet: base.quiet,
            own: BTreeMap::new(),
        }
    }
}

/// Reads `[notify]`.
pub(super) fn notify(fields: &mut Fields<'_, '_>) -> notify::Settings {
    let desktop = fields.read("desktop", |value, _| {
        value
            .as_bool()
            .ok_or_else(|| wrong_type(value, "`true` or `false`"))
    });
    let desktop = plain(desktop).unwrap_or(notify::Settings::default().desktop);
    notify::Settings {
        desktop,
        channels: channel::channels(fields),
    }
}

fn plain<T>(found: Option<At<T>>) -> Option<T> {
    found.map(|found| found.value)
}

fn span(fields: &mut Fields<'_, '_>, key: &'static str, bounds: Bounds) -> Option<At<Duration>> {
    fields.read(key, |value, _| match value.as_str() {
        Some(text) => values::duration(text, bounds),
        None => Err(wrong_type(value, "a duration")
            .hint("write it as a string with its unit, like \"90s\", \"5m\" or \"30d\"")),
    })
}

pub(super) fn threshold(fields: &mut Fields<'_, '_>, key: &'static str) -> Option<At<TimeDelta>> {
    within(fields, key, defaults::THRESHOLD_BOUNDS)
}

/// Reads how long a credential may live.
pub(super) fn lifetime(fields: &mut Fields<'_, '_>) -> Option<At<TimeDelta>> {
    within(fields, "max_lifetime", defaults::LIFETIME_BOUNDS)
}

fn within(fields: &mut Fields<'_, '_>, key: &'static str, bounds: Bounds) -> Option<At<TimeDelta>> {
    span(fields, key, bounds).map(|found| At {
        value: values::delta(found.value),
        at: found.at,
    })
}

fn number(fields: &mut Fields<'_, '_>, key: &'static str, least: u64, most: u64) -> Option<u64> {
    plain(fields.read(key, |value, _| whole(value, least, most)))
}

fn whole(value: &DeValue<'_>, least: u64, most: u64) -> Result<u64, Fault> {
    let DeValue::Integer(written) = value else {
        return Err(wrong_type(value, "a whole number"));
    };
    u64::from_str_radix(written.as_str(), written.radix())
        .ok()
        .filter(|n| (least..=most).contains(n))
        .ok_or_else(|| Fault::new(format!("must be from {least} to {most}, not {written}")))
}

fn checks(value: &DeValue<'_>) -> Result<SurfaceSet, Fault> {
    let surface = |word| {
        let words = Surface::ALL.map(Surface::word);
        Surface::from_word(word).ok_or_else(|| values::not_one_of(word, &words))
    };
    strings(value)?.into_iter().map(surface).collect()
}

pub(super) fn tags(value: &DeValue<'_>) -> Result<Vec<String>, Fault> {
    let mut tags = Vec::new();
    for word in strings(value)? {
        let tag = values::tag(word)?;
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    Ok(tags)
}

fn days(value: &DeValue<'_>) -> Result<Vec<u32>, Fault> {
    let hint = "write it like [30, 14, 7, 3, 1, 0]; 0 is the end itself";
    let wrong = || wrong_type(value, "a list of whole numbers").hint(hint);
    let mut days = value
        .as_array()
        .ok_or_else(wrong)?
        .iter()
        .map(|item| whole(item.get_ref(), 0, 3650))
        .map(|day| day.map(|day| u32::try_from(day).unwrap_or(u32::MAX)))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|fault| fault.hint(hint))?;
    days.sort_unstable_by(|a, b| b.cmp(a));
    days.dedup();
    Ok(days)
}
