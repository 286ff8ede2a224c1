//! Flags of the command line that replace keys of the config.

use std::{sync::Arc, time::Duration};

use crate::tenant::Tenant;

use super::{
    Config, defaults,
    problem::{ConfigError, Fault, Findings},
    resolve, values,
};

/// Settings of the command line; `None` keeps the config's value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--warn`, for every tenant.
    pub warn: Option<Duration>,
    /// `--critical`, for every tenant.
    pub critical: Option<Duration>,
    /// `--timeout`, for every tenant.
    pub timeout: Option<Duration>,
    /// `--concurrency`.
    pub concurrency: Option<usize>,
    /// `--confirm`.
    pub confirm: Option<Duration>,
}

impl Config {
    /// Applies flags, under the rules of the keys that they replace.
    pub fn with(mut self, flags: &Overrides) -> Result<Self, ConfigError> {
        let mut findings = Findings::default();
        within_bounds(flags, &mut findings);
        self.monitor.concurrency = flags.concurrency.unwrap_or(self.monitor.concurrency);
        self.monitor.confirm = flags.confirm.unwrap_or(self.monitor.confirm);
        if flags.warn.or(flags.critical).or(flags.timeout).is_some() {
            for tenant in &mut self.tenants {
                apply(flags, Arc::make_mut(tenant));
            }
        }
        self.report_misfits(&mut findings);
        findings.into_warnings()?;
        Ok(self)
    }

    /// Reports thresholds that contradict each other: once for all tenants, which mostly share theirs.
    fn report_misfits(&self, findings: &mut Findings) {
        let mut misfits = self
            .tenants
            .iter()
            .filter_map(|tenant| Some((&tenant.name, resolve::misfit(tenant.thresholds)?)));
        let Some((name, fault)) = misfits.next() else {
            return;
        };
        let key = match misfits.count() {
            0 => format!("tenant '{name}'"),
            others => format!("tenant '{name}' and {others} more"),
        };
        findings.problem(
            fault
                .hint("give both `--warn` and `--critical`")
                .at(None, key),
        );
    }
}

fn apply(flags: &Overrides, tenant: &mut Tenant) {
    let thresholds = &mut tenant.thresholds;
    thresholds.warn = flags.warn.map_or(thresholds.warn, values::delta);
    thresholds.critical = flags.critical.map_or(thresholds.critical, values::delta);
    tenant.pace.timeout = flags.timeout.unwrap_or(tenant.pace.timeout);
}

fn within_bounds(flags: &Overrides, findings: &mut Findings) {
    for (flag, value, bounds) in [
        ("--warn", flags.warn, defaults::THRESHOLD_BOUNDS),
        ("--critical", flags.critical, defaults::THRESHOLD_BOUNDS),
        ("--timeout", flags.timeout, defaults::TIMEOUT_BOUNDS),
        ("--confirm", flags.confirm, defaults::CONFIRM_BOUNDS),
    ] {
        let Some(value) = value else { continue };
        if let Err(fault) = values::duration(&values::spelled(value), bounds) {
            findings.problem(fault.at(None, flag));
        }
    }
    let most = defaults::CONCURRENCY_MOST as usize;
    if let Some(found) = flags.concurrency
        && !(1..=most).contains(&found)
    {
        let what = format!("must be from 1 to {most}, not {found}");
        findings.problem(Fault::new(what).at(None, "--concurrency"));
    }
}
