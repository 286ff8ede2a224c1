//! The tables of a config: which groups of keys each one takes, as typed. Nothing is filled in here.

use super::{
    channel_values,
    fields::{At, Fields, Key, Layer, Section},
    keys::{
        AlertKeys, AlertRuleKeys, ChannelKeys, ChannelKindKeys, CheckKeys, CloudKeys,
        CredentialKeys, DashboardKeys, DirectoryKeys, ExchangeKeys, IdentityKeys, MailKeys,
        MonitorKeys, NetworkKeys, NotifyKeys, PaceKeys, SignInKeys, SupportKeys, TenantKeys,
        ThresholdKeys,
    },
    values,
};

/// Keys that open a table of their own.
const OWN_ALERTS: &[Key] = &[Key::table("alerts")];
const CHANNEL: &[Key] = &[Key::table("channel")];

/// Every section, in the order in which a hint names one.
pub(super) const SECTIONS: &[Section] = &[
    Section {
        place: "`[defaults]` or a `[[tenant]]`",
        groups: &[
            PaceKeys::KEYS,
            CheckKeys::KEYS,
            ThresholdKeys::KEYS,
            CloudKeys::KEYS,
            ExchangeKeys::KEYS,
            NetworkKeys::KEYS,
            SupportKeys::KEYS,
        ],
    },
    Section {
        place: "a `[[tenant]]`",
        groups: &[
            IdentityKeys::KEYS,
            CredentialKeys::KEYS,
            TenantKeys::KEYS,
            SignInKeys::KEYS,
            OWN_ALERTS,
        ],
    },
    Section {
        place: "`[monitor]`",
        groups: &[MonitorKeys::KEYS],
    },
    Section {
        place: "`[dashboard]`",
        groups: &[DashboardKeys::KEYS],
    },
    Section {
        place: "`[alerts]`",
        groups: &[AlertRuleKeys::KEYS, AlertKeys::KEYS],
    },
    Section {
        place: "`[notify]`",
        groups: &[NotifyKeys::KEYS, CHANNEL],
    },
    Section {
        place: "a `[[directory]]`",
        groups: &[DirectoryKeys::KEYS],
    },
    Section {
        place: "a `[[notify.channel]]`",
        groups: &[ChannelKeys::KEYS, ChannelKindKeys::KEYS, MailKeys::KEYS],
    },
];

/// The keys that `[defaults]` and a tenant share; a `[[directory]]` takes some of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Common {
    pub(super) pace: PaceKeys,
    pub(super) checks: CheckKeys,
    pub(super) thresholds: ThresholdKeys,
    pub(super) cloud: CloudKeys,
    pub(super) exchange: ExchangeKeys,
    pub(super) network: NetworkKeys,
    pub(super) support: SupportKeys,
}

impl Common {
    pub(super) fn read(fields: &mut Fields<'_, '_>) -> Self {
        Self {
            pace: PaceKeys::read(fields),
            checks: CheckKeys::read(fields),
            thresholds: ThresholdKeys::read(fields),
            cloud: CloudKeys::read(fields),
            exchange: ExchangeKeys::read(fields),
            network: NetworkKeys::read(fields),
            support: SupportKeys::read(fields).without_empty(),
        }
    }

    /// Reads those that a `[[directory]]` takes: nothing is checked there, and no mailbox opened.
    fn of_directory(fields: &mut Fields<'_, '_>) -> Self {
        Self {
            thresholds: ThresholdKeys::read(fields),
            cloud: CloudKeys::read(fields),
            network: NetworkKeys::read(fields),
            support: SupportKeys::read(fields).without_empty(),
            ..Self::default()
        }
    }
}

impl Layer for Common {
    fn over(self, defaults: &Self) -> Self {
        Self {
            pace: self.pace.over(&defaults.pace),
            checks: self.checks.over(&defaults.checks),
            thresholds: self.thresholds.over(&defaults.thresholds),
            cloud: self.cloud.over(&defaults.cloud),
            exchange: self.exchange.over(&defaults.exchange),
            network: self.network.over(&defaults.network),
            support: self.support.over(&defaults.support),
        }
    }
}

impl SupportKeys {
    /// Drops empty texts, so that one in a tenant does not hide the text of `[defaults]`.
    fn without_empty(self) -> Self {
        let text = |found: Option<At<String>>| found.filter(|found| !found.value.is_empty());
        Self {
            contact: text(self.contact),
            vendor_support: text(self.vendor_support),
            runbook: text(self.runbook),
            note: text(self.note),
            shell: self.shell,
        }
    }
}

/// Names the owner of a table's keys in messages by its `name`, where that is rightly written.
fn belongs_to(what: &str, fields: &mut Fields<'_, '_>) {
    if let Some(name) = fields.peek("name", values::name) {
        fields.belong_to(format!("{what} '{name}'"));
    }
}

/// A `[[tenant]]`.
#[derive(Debug)]
pub(super) struct TenantTable {
    pub(super) identity: IdentityKeys,
    pub(super) credential: CredentialKeys,
    pub(super) own: TenantKeys,
    pub(super) sign_in: SignInKeys,
    pub(super) alerts: Option<AlertRuleKeys>,
    pub(super) common: Common,
}

impl TenantTable {
    pub(super) fn read(fields: &mut Fields<'_, '_>) -> Self {
        belongs_to("tenant", fields);
        Self {
            identity: IdentityKeys::read(fields),
            credential: CredentialKeys::read(fields),
            own: TenantKeys::read(fields),
            sign_in: SignInKeys::read(fields),
            alerts: own_alerts(fields),
            common: Common::read(fields),
        }
    }
}

/// Reads `alerts` of a tenant.
fn own_alerts(fields: &mut Fields<'_, '_>) -> Option<AlertRuleKeys> {
    let mut fields = fields.table("alerts")?;
    let rules = AlertRuleKeys::read(&mut fields);
    fields.finish(SECTIONS);
    Some(rules)
}

/// A `[[directory]]`.
#[derive(Debug)]
pub(super) struct DirectoryTable {
    pub(super) own: DirectoryKeys,
    pub(super) credential: CredentialKeys,
    pub(super) common: Common,
}

impl DirectoryTable {
    pub(super) fn read(fields: &mut Fields<'_, '_>) -> Self {
        belongs_to("directory", fields);
        Self {
            own: DirectoryKeys::read(fields),
            credential: CredentialKeys::read(fields),
            common: Common::of_directory(fields),
        }
    }
}

/// `[alerts]`.
#[derive(Debug, Default)]
pub(super) struct AlertTable {
    pub(super) rules: AlertRuleKeys,
    pub(super) own: AlertKeys,
}

impl AlertTable {
    pub(super) fn read(fields: &mut Fields<'_, '_>) -> Self {
        Self {
            rules: AlertRuleKeys::read(fields),
            own: AlertKeys::read(fields),
        }
    }
}

/// A `[[notify.channel]]`.
#[derive(Debug)]
pub(super) struct ChannelTable {
    pub(super) own: ChannelKeys,
    pub(super) of_kind: ChannelKindKeys,
    pub(super) mail: MailKeys,
}

impl ChannelTable {
    pub(super) fn read(fields: &mut Fields<'_, '_>) -> Self {
        let name = fields.peek("name", values::name);
        let kind = || fields.peek("kind", channel_values::kind).map(str::to_owned);
        if let Some(name) = name.or_else(kind) {
            fields.belong_to(format!("channel '{name}'"));
        }
        Self {
            own: ChannelKeys::read(fields),
            of_kind: ChannelKindKeys::read(fields),
            mail: MailKeys::read(fields),
        }
    }
}
