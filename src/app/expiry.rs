//! `credwatch expiry`: every credential with its end date, soonest first.

use std::sync::Arc;

use super::{App, check, parts};
use crate::{
    cli::{self, ExpiryFormat, Half},
    config::Config,
    monitor::Pass,
    report::{Fleet, Report, endings, exit},
    tenant::{Tenant, TenantName},
};

impl App {
    pub(super) fn expiry(&mut self, arguments: &cli::Expiry) -> anyhow::Result<u8> {
        let _log = self.log()?;
        let wanted = as_check(arguments);
        let config = self.load()?.with(&check::overrides(&wanted))?;
        let tenants = check::select(&config, &wanted)?;
        let pass = parts::run_alone(self.look_up(&config, &tenants, arguments.refresh))?;
        self.remark(&pass);
        let reports = pass.reports.into_iter().map(Report::without_live);
        let fleet = Fleet::new(reports.collect(), self.clock.now());
        let rendered = rendered(&fleet, &config, arguments.format);
        self.deliver(&rendered, arguments.output.as_deref())?;
        Ok(exit::code(fleet.tenants.iter().map(|report| report.status)))
    }

    /// Asks the directories that are due, showing progress to a person who watches.
    async fn look_up(
        &mut self,
        config: &Config,
        tenants: &[Arc<Tenant>],
        refresh: bool,
    ) -> anyhow::Result<Pass> {
        let stop = parts::stop_on_signals()?;
        let engine = self.engine_with(config.monitor.clone(), stop, refresh);
        let (total, mut done) = (tenants.len(), 0);
        let output = &mut self.output;
        let pass = engine
            .pass(tenants, |_, _| {
                done += 1;
                output.progress(&format!("{done} of {total} looked up"));
            })
            .await;
        self.output.progress("");
        Ok(pass)
    }
}

/// The same tenants and exit code as `check --only expiry` with these flags.
fn as_check(arguments: &cli::Expiry) -> cli::Check {
    cli::Check {
        tenants: arguments.tenants.clone(),
        tag: arguments.tag.clone(),
        warn: arguments.warn,
        critical: arguments.critical,
        only: Some(Half::Expiry),
        ..cli::Check::default()
    }
}

fn rendered(fleet: &Fleet, config: &Config, format: ExpiryFormat) -> String {
    match format {
        ExpiryFormat::Text => endings::text(fleet, super::symbols()),
        ExpiryFormat::Json => endings::json(fleet).to_string(),
        ExpiryFormat::Csv => endings::csv(fleet).to_string(),
        ExpiryFormat::Markdown => endings::markdown(fleet).to_string(),
        ExpiryFormat::Ics => {
            let thresholds = |name: &TenantName| {
                let mut tenants = config.tenants.iter();
                tenants
                    .find(|tenant| tenant.name == *name)
                    .map(|tenant| tenant.thresholds)
            };
            endings::calendar(fleet, thresholds).to_string()
        }
    }
}
