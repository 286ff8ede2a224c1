//! `credwatch snooze`: holds the alerts of a tenant, and says whose are held.

use anyhow::{Context as _, bail, ensure};
use chrono::{DateTime, TimeDelta, Utc};

use super::App;
use crate::{
    alert::Snooze,
    cli,
    config::Config,
    history::{self, Store},
    report::exit,
    state,
    tenant::TenantName,
    text,
};

/// A snooze longer than this is a tenant that nobody watches.
const MOST: TimeDelta = TimeDelta::days(90);

/// As many characters of a reason are kept.
const REASON: usize = 200;

impl App {
    pub(super) fn snooze(&mut self, arguments: &cli::Snooze) -> anyhow::Result<u8> {
        let _log = self.log()?;
        let directory = state::directory(self.global.state_dir.as_deref())?;
        let mut store = Store::open(&directory.join(history::FILE))?;
        let now = self.clock.now();
        if arguments.list {
            return self.list_snoozes(&store, now);
        }
        if let Some(name) = &arguments.clear {
            let held = store.wake(&name.as_str().into())?;
            ensure!(held, "the alerts of '{}' are not held", text::line(name));
            self.output
                .line(&format!("{} speaks again", text::line(name)))?;
            return Ok(exit::OK);
        }
        let name = arguments.tenant.as_deref().unwrap_or_default();
        let tenant = known(&self.load()?, name)?;
        let length = arguments.duration.context("`--for` says for how long")?;
        let length = TimeDelta::from_std(length).unwrap_or(TimeDelta::MAX);
        ensure!(
            length > TimeDelta::zero() && length <= MOST,
            "`--for` takes up to {} days: a longer snooze is forgotten",
            MOST.num_days()
        );
        let reason = text::line(arguments.reason.as_deref().unwrap_or_default());
        ensure!(!reason.trim().is_empty(), "`--reason` must say why");
        let snooze = Snooze {
            until: now + length,
            reason: text::head(&text::redact(&reason), REASON).to_owned(),
        };
        store.snooze(&tenant, &snooze)?;
        let line = self.snooze_line(&tenant, &snooze);
        self.output.line(&line)?;
        Ok(exit::OK)
    }

    fn list_snoozes(&mut self, store: &Store, now: DateTime<Utc>) -> anyhow::Result<u8> {
        let snoozes = store.snoozes(now)?;
        if snoozes.is_empty() {
            self.output.line("no alerts are held")?;
        }
        for (tenant, snooze) in &snoozes {
            let line = self.snooze_line(tenant, snooze);
            self.output.line(&line)?;
        }
        Ok(exit::OK)
    }

    /// Returns what is said of a snooze.
    pub(super) fn snooze_line(&self, tenant: &TenantName, snooze: &Snooze) -> String {
        let until = snooze.until.with_timezone(&self.clock.local_offset());
        format!(
            "{}: alerts held until {}: {}",
            text::line(tenant.as_str()),
            until.format("%-d %B %Y %H:%M %:z"),
            text::line(&snooze.reason)
        )
    }
}

fn known(config: &Config, name: &str) -> anyhow::Result<TenantName> {
    let found = config.tenants.iter().find(|it| it.name.as_str() == name);
    match found {
        Some(tenant) => Ok(tenant.name.clone()),
        None => bail!("no tenant is called '{}'", text::line(name)),
    }
}
