//! `credwatch check`: one pass without a screen.

use std::{collections::HashMap, fmt, path::Path, sync::Arc, time::Duration};

use anyhow::{Context as _, bail};
use tokio::time::Instant;

use super::{App, parts};
use crate::{
    alert::Holds,
    cli::{self, Format, Half},
    config::{Config, Overrides},
    monitor::Pass,
    notify, output,
    report::{self, exit, text::Layout},
    state,
    tenant::{Credential, Mode, Tenant, TenantName},
    text,
    verdict::{Fleet, Report, Status, cause::Cause},
};

impl App {
    /// Checks, and tells Nagios itself when that could not be done: it shows no standard error.
    pub(super) fn check(&mut self, arguments: &cli::Check) -> anyhow::Result<u8> {
        let done = self.check_all(arguments);
        if let (Err(error), Format::Nagios) = (&done, arguments.format) {
            let line = report::nagios::unknown_line(&format!("{error:#}"));
            self.deliver_data(&format_args!("{line}\n"), arguments.output.as_deref())?;
        }
        done
    }

    fn check_all(&mut self, arguments: &cli::Check) -> anyhow::Result<u8> {
        let _log = self.log()?;
        let config = self.load()?.with(&overrides(arguments))?;
        let tenants = select(&config, arguments)?;
        let after = self.after_pass(&config, arguments)?;
        after.ping(&notify::Ping::Start)?;
        let started = Instant::now();
        let mut pass = parts::run_alone(self.pass(&config, &tenants, arguments))?;
        self.remark(&pass);
        self.say_left_out(&config, arguments);
        self.doubt_candidate(&pass, arguments);
        let (reports, whole) = narrowed(std::mem::take(&mut pass.reports), arguments.only);
        let fleet = Fleet::new(reports, self.clock.now());
        let (took, to) = (started.elapsed(), arguments.output.as_deref());
        if arguments.format == Format::Text {
            let held = self.held(&fleet, &after.holds()?);
            let text = self.text(&fleet, arguments, took);
            self.deliver(&format_args!("{text}{held}"), to)?;
        } else {
            self.deliver_data(&rendered(&fleet, &config, arguments.format), to)?;
        }
        let code = if tenants.is_empty() {
            // an empty part has nothing that could be wrong
            exit::OK
        } else {
            exit::code(fleet.tenants.iter().map(|report| report.status))
        };
        let summary = report::text::summary(&fleet.summary, took);
        pass.reports = whole.unwrap_or(fleet.tenants);
        for line in after.finish(&config, pass, (code, summary))? {
            self.output.message(&line);
        }
        Ok(code)
    }

    /// Checks the tenants, showing rows or progress to a person who watches.
    async fn pass(
        &mut self,
        config: &Config,
        tenants: &[Arc<Tenant>],
        arguments: &cli::Check,
    ) -> anyhow::Result<Pass> {
        let engine = self.engine(config, parts::stop_on_signals()?);
        let rows = self
            .shows_rows(arguments)
            .then(|| layout(tenants.iter().map(|t| t.name.as_str())));
        let (clock, total, mut done) = (self.clock, tenants.len(), 0);
        let output = &mut self.output;
        let pass = engine.pass(tenants, |_, report| {
            done += 1;
            if let Some(layout) = &rows {
                output.progress("");
                let report = narrow(report.clone(), arguments.only);
                output.line(&legible(layout.row(&report, clock.now()))).ok();
            }
            output.progress(&format!("{done} of {total} checked"));
        });
        let pass = pass.await;
        output.progress("");
        Ok(pass)
    }

    /// Whether rows appear while checks run; else they come at the end, in the order of the config.
    fn shows_rows(&self, arguments: &cli::Check) -> bool {
        self.output.is_terminal() && arguments.format == Format::Text && arguments.output.is_none()
    }

    /// Says beside the report what concerns the pass as a whole.
    pub(super) fn remark(&mut self, pass: &Pass) {
        if pass.offline {
            self.output.message(
                "credwatch: this machine is offline: no address at all answers, so nothing can be \
                 said about any tenant",
            );
        }
        if pass.stopped {
            self.output
                .message("credwatch: stopped before every tenant was checked");
        }
    }

    /// Whoever was asked for by name and has no live half is missed in the report.
    fn say_left_out(&mut self, config: &Config, arguments: &cli::Check) {
        let asked = |tenant: &&Arc<Tenant>| {
            let names = &arguments.tenants;
            names.iter().any(|name| tenant.name.as_str() == name) && tenant.mode == Mode::Dates
        };
        if arguments.only == Some(Half::Live) {
            for tenant in config.tenants.iter().filter(asked) {
                self.output.message(&format!(
                    "credwatch: '{}' is left out: it has `mode = \"dates\"`, and so no live half",
                    tenant.name
                ));
            }
        }
    }

    /// A candidate may be minutes old, also where nothing proves it.
    fn doubt_candidate(&mut self, pass: &Pass, arguments: &cli::Check) {
        let refused = pass.reports.iter().any(|report| {
            let cause = report.diagnosis.as_ref().map(|found| found.cause);
            cause == Some(Cause::SecretInvalid)
        });
        if arguments.candidate.is_some() && refused {
            self.output.message(
                "credwatch: a secret that was made minutes ago may not have spread yet: if this \
                 one is new, try it again in a few minutes before you doubt it",
            );
        }
    }

    /// The report for people, without the rows that were shown already.
    fn text(&self, fleet: &Fleet, arguments: &cli::Check, took: Duration) -> String {
        let names = fleet.tenants.iter().map(|report| report.name.as_str());
        let shown = self.shows_rows(arguments);
        let rows = (!shown).then(|| layout(names));
        // in a pipe lines stay whole: who knows how wide the far end is
        let width = shown.then(|| self.output.width()).flatten();
        legible(report::text::render(fleet, rows, width, took))
    }

    /// Says whose alerts are held and who is at what, of those that were checked.
    fn held(&self, fleet: &Fleet, holds: &Holds) -> String {
        let names = fleet.tenants.iter().map(|report| &report.name);
        let lines = names.flat_map(|name| self.hold_lines(name, holds));
        lines.flat_map(|line| [line, "\n".to_owned()]).collect()
    }

    /// Writes what is for people; a file gets it without styles.
    pub(super) fn deliver(
        &mut self,
        text: &impl fmt::Display,
        to: Option<&Path>,
    ) -> anyhow::Result<()> {
        match to {
            None => self.output.stream(text).context(UNWRITTEN),
            Some(path) => {
                let text = text.to_string();
                replace(path, &anstream::adapter::strip_str(&text).to_string())
            }
        }
    }

    /// Writes what is for programs, and has no styles.
    pub(super) fn deliver_data(
        &mut self,
        data: &impl fmt::Display,
        to: Option<&Path>,
    ) -> anyhow::Result<()> {
        match to {
            None => self.output.data(data).context(UNWRITTEN),
            Some(path) => replace(path, &data.to_string()),
        }
    }
}

const UNWRITTEN: &str = "the report cannot be written";

fn replace(path: &Path, text: &str) -> anyhow::Result<()> {
    state::replace_file(path, text.as_bytes())
        .with_context(|| format!("{UNWRITTEN} to '{}'", path.display()))
}

/// Returns the report in a format for programs, rendered when it is written; people's text is made
/// where it is known who looks on.
fn rendered<'a>(
    fleet: &'a Fleet,
    config: &'a Config,
    format: Format,
) -> Box<dyn fmt::Display + 'a> {
    match format {
        Format::Text | Format::Json => Box::new(report::json::render(fleet)),
        Format::Nagios if fleet.tenants.is_empty() => {
            let line = "no tenant belongs to this part";
            Box::new(report::nagios::status_line(Status::Ok, line) + "\n")
        }
        Format::Nagios => {
            let tenants = config.tenants.iter();
            let thresholds: HashMap<_, _> = tenants.map(|it| (&it.name, it.thresholds)).collect();
            let thresholds = move |name: &TenantName| thresholds.get(name).copied();
            Box::new(report::nagios::render(fleet, thresholds))
        }
        Format::Prometheus => Box::new(report::prometheus::render(fleet)),
        Format::Csv => Box::new(report::csv::render(fleet)),
        Format::Markdown => Box::new(report::markdown::render(fleet)),
    }
}

/// Leaves of a text what the terminal and the locale can show.
fn legible(text: String) -> String {
    if output::speaks_unicode() {
        text
    } else {
        text::ascii(&text).into_owned()
    }
}

fn layout<'a>(names: impl IntoIterator<Item = &'a str>) -> Layout {
    Layout::new(super::symbols(), names)
}

pub(super) fn overrides(arguments: &cli::Check) -> Overrides {
    Overrides {
        warn: arguments.warn,
        critical: arguments.critical,
        timeout: arguments.timeout,
        concurrency: arguments.concurrency.map(usize::from),
        confirm: arguments.confirm,
    }
}

/// Returns the tenant of that name.
pub(super) fn named(config: &Config, name: &str) -> anyhow::Result<Arc<Tenant>> {
    let found = config.tenants.iter().find(|it| it.name.as_str() == name);
    if let Some(tenant) = found {
        return Ok(Arc::clone(tenant));
    }
    let known: Vec<_> = config
        .tenants
        .iter()
        .take(10)
        .map(|t| t.name.as_str())
        .collect();
    let more = if config.tenants.len() > known.len() {
        ", …"
    } else {
        ""
    };
    bail!(
        "no tenant is called '{}'; the config has {}{more}",
        text::line(name),
        known.join(", ")
    );
}

/// Returns the tenants that were asked for, as they are to be checked.
pub(super) fn select(config: &Config, arguments: &cli::Check) -> anyhow::Result<Vec<Arc<Tenant>>> {
    for name in &arguments.tenants {
        named(config, name)?;
    }
    let wanted = |tenant: &&Arc<Tenant>| {
        let named = arguments.tenants.is_empty()
            || arguments
                .tenants
                .iter()
                .any(|name| tenant.name.as_str() == name);
        let tagged =
            arguments.tag.is_empty() || arguments.tag.iter().any(|tag| tenant.tags.contains(tag));
        let has_half = arguments.only != Some(Half::Live) || tenant.mode == Mode::Live;
        named && tagged && has_half
    };
    let mut tenants: Vec<_> = config.tenants.iter().filter(wanted).cloned().collect();
    if tenants.is_empty() {
        bail!("nothing to check: {}", why_nothing(arguments));
    }
    if arguments.candidate.is_some() {
        present_candidate(&mut tenants, arguments)?;
    }
    if let Some(shard) = arguments.shard {
        tenants.retain(|tenant| shard.contains(&tenant.name));
    }
    if arguments.only == Some(Half::Expiry) {
        // end dates alone need nobody to sign in
        for tenant in &mut tenants {
            Arc::make_mut(tenant).mode = Mode::Dates;
        }
    }
    Ok(tenants)
}

fn why_nothing(arguments: &cli::Check) -> String {
    if !arguments.tag.is_empty() {
        return format!(
            "no tenant is tagged '{}'",
            text::line(&arguments.tag.join("' or '"))
        );
    }
    match arguments.only {
        Some(Half::Live) => "every tenant has `mode = \"dates\"`, and so no live half".to_owned(),
        _ => "the config names no tenant".to_owned(),
    }
}

/// Puts another secret in the place of the configured one.
fn present_candidate(tenants: &mut [Arc<Tenant>], arguments: &cli::Check) -> anyhow::Result<()> {
    let (Some(source), [tenant], [_name]) =
        (&arguments.candidate, tenants, arguments.tenants.as_slice())
    else {
        bail!("`--candidate` tries one secret: name exactly one TENANT with it");
    };
    if arguments.only == Some(Half::Expiry) {
        bail!("`--only expiry` signs nobody in, so `--candidate` would not be tried");
    }
    if tenant.mode == Mode::Dates {
        bail!(
            "tenant '{}' has `mode = \"dates\"`: it does not sign in, so no secret can be tried",
            tenant.name
        );
    }
    Arc::make_mut(tenant).credential = Credential::Secret(source.clone());
    Ok(())
}

/// Returns what is shown of the reports; the whole ones too, where that is only a half of them.
fn narrowed(reports: Vec<Report>, only: Option<Half>) -> (Vec<Report>, Option<Vec<Report>>) {
    if only.is_none() {
        return (reports, None);
    }
    let halves = reports.iter().cloned().map(|whole| narrow(whole, only));
    (halves.collect(), Some(reports))
}

/// Leaves one half of a verdict, if only that was asked for.
fn narrow(report: Report, only: Option<Half>) -> Report {
    match only {
        None => report,
        Some(Half::Live) => report.without_expiry(),
        Some(Half::Expiry) => report.without_live(),
    }
}
