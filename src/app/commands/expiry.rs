//! `credwatch expiry`: every credential with its end date, soonest first.

use std::{collections::HashSet, sync::Arc};

use chrono::{DateTime, Utc};

use crate::{
    app::{
        runtime::{self, AppContext, HangUp},
        selection::Selection,
    },
    cli::{ExpiryArgs, ExpiryFormat, Half},
    config::{Config, Overrides},
    directory::Progress,
    inventory::{Reader, Surveyed},
    monitor::Pass,
    registration::Registered,
    report::expiry::{self, DirectoryReport, Endings},
    tenant::{Tenant, TenantName},
    text,
    verdict::{Fleet, Report},
};

impl AppContext {
    pub(super) fn expiry(&mut self, arguments: &ExpiryArgs) -> anyhow::Result<u8> {
        let _log = self.log()?;
        let config = self.load()?.with(&overrides(arguments))?;
        let selected = Selected::of(&config, arguments)?;
        let looked_up = self.look_up(&config, &selected, arguments.refresh);
        let (pass, surveys) = runtime::run_on_this_thread(looked_up)?;
        self.remark_on_pass(&pass);
        let now = self.clock.now();
        let reports: Vec<_> = pass.reports.into_iter().map(Report::without_live).collect();
        let directories = directories(&selected.readers, &surveys, &reports, now);
        let endings = Endings {
            fleet: Fleet::new(reports, now),
            directories,
        };
        let rendered = rendered(&endings, &config, arguments.format);
        self.deliver(&rendered, arguments.output.as_deref())?;
        Ok(endings.exit_code())
    }

    /// Asks the directories that are due, with progress on a terminal.
    async fn look_up(
        &mut self,
        config: &Config,
        selected: &Selected,
        refresh: bool,
    ) -> anyhow::Result<(Pass, Vec<Vec<Surveyed>>)> {
        let stop = runtime::stop_on_signals(HangUp::Ends)?;
        let engine = self.engine(config, stop.clone(), refresh);
        let (total, mut done) = (selected.tenants.len(), 0);
        let output = &mut self.output;
        let pass = engine
            .pass(&selected.tenants, |_, _| {
                done += 1;
                output.progress(&format!("{done} of {total} looked up"));
            })
            .await;
        let mut surveys = Vec::with_capacity(selected.readers.len());
        for reader in &selected.readers {
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

/// The tenants and directories that the command line asks for.
struct Selected {
    tenants: Vec<Arc<Tenant>>,
    readers: Vec<Arc<Reader>>,
}

impl Selected {
    fn of(config: &Config, arguments: &ExpiryArgs) -> anyhow::Result<Self> {
        let readers = readers(config, arguments);
        let is_reader = |name: &&String| readers.iter().any(|reader| reader.name == **name);
        let names = arguments.tenants.iter().filter(|name| !is_reader(name));
        let names: Vec<String> = names.cloned().collect();
        let only_readers_are_named = !arguments.tenants.is_empty() && names.is_empty();
        let has_no_tenant = config.tenants.is_empty() || only_readers_are_named;
        let tenants = if !readers.is_empty() && has_no_tenant {
            Vec::new()
        } else {
            let selection = Selection {
                names: &names,
                tags: &arguments.tag,
                half: Some(Half::Expiry),
            };
            selection.tenants(config)?
        };
        Ok(Self { tenants, readers })
    }
}

fn readers(config: &Config, arguments: &ExpiryArgs) -> Vec<Arc<Reader>> {
    let is_named = |reader: &&Arc<Reader>| arguments.tenants.contains(&reader.name);
    let readers = config.readers.iter();
    match (arguments.tenants.is_empty(), arguments.tag.is_empty()) {
        (false, _) => readers.filter(is_named).cloned().collect(),
        (true, true) => readers.cloned().collect(),
        // a directory has no tag
        (true, false) => Vec::new(),
    }
}

/// Returns a report for each directory that was read, without the credentials that are listed with a
/// tenant already.
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

fn overrides(arguments: &ExpiryArgs) -> Overrides {
    Overrides {
        warn: arguments.warn,
        critical: arguments.critical,
        ..Overrides::default()
    }
}

fn rendered(endings: &Endings, config: &Config, format: ExpiryFormat) -> String {
    match format {
        ExpiryFormat::Text => expiry::text(endings, runtime::symbols()),
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
