//! `credwatch expiry`: every credential with its end date, soonest first.

use std::{collections::HashSet, sync::Arc};

use chrono::{DateTime, Utc};

use super::{App, check, parts};
use crate::{
    cli::{self, ExpiryFormat, Half},
    config::Config,
    directory::Progress,
    inventory::{Reader, Surveyed},
    monitor::Pass,
    registration::Registered,
    report::expiry::{self, DirectoryReport, Endings},
    tenant::{Tenant, TenantName},
    text,
    verdict::{Fleet, Report},
};

impl App {
    pub(super) fn expiry(&mut self, arguments: &cli::Expiry) -> anyhow::Result<u8> {
        let _log = self.log()?;
        let config = self.load()?.with(&check::overrides(&as_check(arguments)))?;
        let (tenants, readers) = select(&config, arguments)?;
        let looked_up = self.look_up(&config, (&tenants, &readers), arguments.refresh);
        let (pass, surveys) = parts::run_alone(looked_up)?;
        self.remark(&pass);
        let now = self.clock.now();
        let reports: Vec<_> = pass.reports.into_iter().map(Report::without_live).collect();
        let directories = directories(&readers, &surveys, &reports, now);
        let endings = Endings {
            fleet: Fleet::new(reports, now),
            directories,
        };
        let rendered = rendered(&endings, &config, arguments.format);
        self.deliver(&rendered, arguments.output.as_deref())?;
        Ok(endings.exit_code())
    }

    /// Asks the directories that are due, showing progress to a person who watches.
    async fn look_up(
        &mut self,
        config: &Config,
        (tenants, readers): (&[Arc<Tenant>], &[Arc<Reader>]),
        refresh: bool,
    ) -> anyhow::Result<(Pass, Vec<Vec<Surveyed>>)> {
        let stop = parts::stop_on_signals()?;
        let engine = self.engine_with(config, stop.clone(), refresh);
        let (total, mut done) = (tenants.len(), 0);
        let output = &mut self.output;
        let pass = engine
            .pass(tenants, |_, _| {
                done += 1;
                output.progress(&format!("{done} of {total} looked up"));
            })
            .await;
        let mut surveys = Vec::with_capacity(readers.len());
        for reader in readers {
            let survey = engine.probe.survey(reader, |progress| {
                let Progress { done, total, seen } = progress;
                let name = text::line(&reader.name);
                output.progress(&format!(
                    "{name}: {done} of {total} directories, {seen} apps read"
                ));
            });
            let survey = stop.run_until_cancelled(survey).await;
            surveys.push(survey.unwrap_or_else(|| Surveyed::nothing_of(reader)));
        }
        self.output.progress("");
        Ok((pass, surveys))
    }
}

/// Returns the tenants and the directories that were asked for.
fn select(config: &Config, arguments: &cli::Expiry) -> anyhow::Result<Selected> {
    let named = |reader: &&Arc<Reader>| arguments.tenants.contains(&reader.name);
    let readers = config.readers.iter();
    let readers: Vec<_> = match (arguments.tenants.is_empty(), arguments.tag.is_empty()) {
        (false, _) => readers.filter(named).cloned().collect(),
        (true, true) => readers.cloned().collect(),
        // a directory has no tag
        (true, false) => Vec::new(),
    };
    let mut wanted = as_check(arguments);
    wanted
        .tenants
        .retain(|name| !readers.iter().any(|reader| reader.name == *name));
    let names_only_readers = !arguments.tenants.is_empty() && wanted.tenants.is_empty();
    let tenants = if !readers.is_empty() && (config.tenants.is_empty() || names_only_readers) {
        Vec::new()
    } else {
        check::select(config, &wanted)?
    };
    Ok((tenants, readers))
}

type Selected = (Vec<Arc<Tenant>>, Vec<Arc<Reader>>);

/// Puts together what the readers brought back, without what stands with a tenant already.
fn directories(
    readers: &[Arc<Reader>],
    surveys: &[Vec<Surveyed>],
    reports: &[Report],
    now: DateTime<Utc>,
) -> Vec<DirectoryReport> {
    let with_a_tenant: HashSet<(String, &str)> = reports
        .iter()
        .flat_map(|report| report.credentials.iter().map(move |one| (report, one)))
        .filter_map(|(report, one)| {
            Some((
                report.client_id.to_ascii_lowercase(),
                one.key_id.as_deref()?,
            ))
        })
        .collect();
    let is_shown = |client_id: &str, one: &Registered| {
        let key_id = one.key_id.as_deref();
        key_id.is_some_and(|key| with_a_tenant.contains(&(client_id.to_ascii_lowercase(), key)))
    };
    let surveyed = readers.iter().zip(surveys);
    surveyed
        .flat_map(|(reader, survey)| survey.iter().map(move |one| (&**reader, one)))
        .map(|found| DirectoryReport::of(found, is_shown, now))
        .collect()
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

fn rendered(endings: &Endings, config: &Config, format: ExpiryFormat) -> String {
    match format {
        ExpiryFormat::Text => expiry::text(endings, super::symbols()),
        ExpiryFormat::Json => expiry::json(endings).to_string(),
        ExpiryFormat::Csv => expiry::csv(endings).to_string(),
        ExpiryFormat::Markdown => expiry::markdown(endings).to_string(),
        ExpiryFormat::Ics => {
            let thresholds = |name: &TenantName| {
                let mut tenants = config.tenants.iter();
                tenants
                    .find(|tenant| tenant.name == *name)
                    .map(|tenant| tenant.thresholds)
            };
            expiry::calendar(endings, thresholds).to_string()
        }
    }
}
