//! Makes the settings of other modules from `[monitor]`, `[dashboard]`, `[alerts]` and `[notify]`: what is absent keeps
//! the default of that module.

use std::collections::BTreeMap;

use crate::{alert, monitor, notify, tenant::SecretSource, tui::Theme};

use super::{
    channel,
    fields::Fields,
    keys::{AlertRuleKeys, DashboardKeys, MonitorKeys, NotifyKeys},
    tables::AlertTable,
    values,
};

/// Reads `[monitor]`.
pub(super) fn monitor(fields: &mut Fields<'_, '_>) -> monitor::Settings {
    let typed = MonitorKeys::read(fields);
    let built_in = monitor::Settings::default();
    monitor::Settings {
        concurrency: typed
            .concurrency
            .and_then(|found| usize::try_from(found.value).ok())
            .unwrap_or(built_in.concurrency),
        confirm: typed.confirm.map_or(built_in.confirm, |found| found.value),
        token_rate: match typed.token_rate {
            None => built_in.token_rate,
            Some(found) => Some(found.value).filter(|rate| *rate > 0),
        },
    }
}

/// Reads the theme of `[dashboard]`.
pub(super) fn theme(fields: &mut Fields<'_, '_>) -> Theme {
    let typed = DashboardKeys::read(fields);
    typed.theme.map_or_else(Theme::default, |found| found.value)
}

/// The settings of `[alerts]`.
#[derive(Debug, Default)]
pub(super) struct Alerts {
    pub(super) rules: alert::Rules,
    pub(super) ping: Option<SecretSource>,
}

/// Reads `[alerts]`.
pub(super) fn alerts(fields: &mut Fields<'_, '_>) -> Alerts {
    let typed = AlertTable::read(fields);
    Alerts {
        rules: alert::Rules {
            quiet: typed.own.quiet.map(|found| found.value),
            ..typed.rules.rules(&alert::Rules::default())
        },
        ping: typed.own.ping.map(|found| found.value),
    }
}

impl AlertRuleKeys {
    /// Returns the rules that these keys and the rest of `base` make.
    pub(super) fn rules(self, base: &alert::Rules) -> alert::Rules {
        alert::Rules {
            days: self
                .days
                .map_or_else(|| base.days.clone(), |found| found.value),
            failing_after: self
                .failing_after
                .map_or(base.failing_after, |found| found.value),
            remind: match self.remind {
                None => base.remind,
                Some(found) => Some(values::delta(found.value)).filter(|every| !every.is_zero()),
            },
            flapping: self.flapping.map_or(base.flapping, |found| found.value),
            quiet: base.quiet,
            own: BTreeMap::new(),
        }
    }
}

/// Reads `[notify]`.
pub(super) fn notify(fields: &mut Fields<'_, '_>) -> notify::Settings {
    let typed = NotifyKeys::read(fields);
    let built_in = notify::Settings::default();
    notify::Settings {
        desktop: typed.desktop.map_or(built_in.desktop, |found| found.value),
        channels: channel::channels(fields),
    }
}
