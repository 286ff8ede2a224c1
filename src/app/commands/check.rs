//! `credwatch check`: one pass over the tenants, without a screen.

use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

use anyhow::bail;
use tokio::time::Instant;

use crate::{
    alert::Holds,
    app::{
        hold_text::hold_lines,
        post_check::PassSummary,
        runtime::{self, AppContext, HangUp},
        selection::{Selection, in_shard},
    },
    cli::{CheckArgs, CheckFormat, Half},
    config::{Config, Overrides},
    monitor::Pass,
    notify, output,
    report::{self, exit, text::Layout},
    tenant::{Credential, Mode, Tenant, TenantName},
    text,
    verdict::{Fleet, Report, Status, cause::Cause},
};

impl AppContext {
    /// Checks; with the Nagios format an error is also written to standard output, because Nagios
    /// shows no standard error.
    pub(super) fn check(&mut self, arguments: &CheckArgs) -> anyhow::Result<u8> {
        let done = self.check_all(arguments);
        if let (Err(error), CheckFormat::Nagios) = (&done, arguments.format) {
            let line = report::nagios::unknown_line(&format!("{error:#}"));
            self.deliver_data(&format_args!("{line}\n"), arguments.output.as_deref())?;
        }
        done
    }

    fn check_all(&mut self, arguments: &CheckArgs) -> anyhow::Result<u8> {
        let _log = self.log()?;
        let config = self.load()?.with(&overrides(arguments))?;
        let tenants = tenants(&config, arguments)?;
        let post_check = self.post_check(&config, arguments)?;
        post_check.ping(&notify::Ping::Start)?;
        let started = Instant::now();
        let mut pass = runtime::run_on_this_thread(self.pass(&config, &tenants, arguments))?;
        self.remark_on_pass(&pass);
        self.remark_on_tenants_without_live_half(&config, arguments);
        self.remark_on_new_candidate(&pass, arguments);
        let (reports, whole) = narrowed(std::mem::take(&mut pass.reports), arguments.only);
        let fleet = Fleet::new(reports, self.clock.now());
        let took = started.elapsed();
        let to = arguments.output.as_deref();
        if arguments.format == CheckFormat::Text {
            let held = self.held(&fleet, &post_check.holds()?);
            let text = self.text(&fleet, arguments, took);
            self.deliver(&format_args!("{text}{held}"), to)?;
        } else {
            self.deliver_data(&rendered(&fleet, &config, arguments.format), to)?;
        }
        let code = if tenants.is_empty() {
            // an empty shard has no tenant that could fail
            exit::OK
        } else {
            exit::code(fleet.tenants.iter().map(|report| report.status))
        };
        let summary = PassSummary {
            code,
            text: report::text::summary(&fleet.summary, took),
        };
        // the history and the alerts take whole reports, whatever half was shown
        pass.reports = whole.unwrap_or(fleet.tenants);
        for line in post_check.finish(&config, pass, summary)? {
            self.output.message(&line);
        }
        Ok(code)
    }

    /// Checks the tenants, with rows or progress on a terminal.
    async fn pass(
        &mut self,
        config: &Config,
        tenants: &[Arc<Tenant>],
        arguments: &CheckArgs,
    ) -> anyhow::Result<Pass> {
        let engine = self.engine(config, runtime::stop_on_signals(HangUp::Ends)?, false);
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

    /// Returns whether rows appear while checks run; otherwise the report has them, in the order of
    /// the config.
    fn shows_rows(&self, arguments: &CheckArgs) -> bool {
        self.output.is_terminal()
            && arguments.format == CheckFormat::Text
            && arguments.output.is_none()
    }

    /// Says which tenants that were named are left out because they have no live half.
    fn remark_on_tenants_without_live_half(&mut self, config: &Config, arguments: &CheckArgs) {
        if arguments.only != Some(Half::Live) {
            return;
        }
        let is_left_out = |tenant: &&Arc<Tenant>| {
            let mut names = arguments.tenants.iter();
            tenant.mode == Mode::Dates && names.any(|name| tenant.name.as_str() == name)
        };
        for tenant in config.tenants.iter().filter(is_left_out) {
            self.output.message(&format!(
                "credwatch: '{}' is left out: it has `mode = \"dates\"`, and so no live half",
                tenant.name
            ));
        }
    }

    /// Says that a refused candidate may be too new: Entra takes minutes to spread a secret.
    fn remark_on_new_candidate(&mut self, pass: &Pass, arguments: &CheckArgs) {
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

    /// Returns the report for people, without the rows that were shown already.
    fn text(&self, fleet: &Fleet, arguments: &CheckArgs, took: Duration) -> String {
        let names = fleet.tenants.iter().map(|report| report.name.as_str());
        let shown = self.shows_rows(arguments);
        let rows = (!shown).then(|| layout(names));
        // no wrapping in a pipe: the width of its far end is not known
        let width = shown.then(|| self.output.width()).flatten();
        legible(report::text::render(fleet, rows, width, took))
    }

    /// Returns a line for each snooze and acknowledgement of the tenants that were checked.
    fn held(&self, fleet: &Fleet, holds: &Holds) -> String {
        let names = fleet.tenants.iter().map(|report| &report.name);
        let lines = names.flat_map(|name| hold_lines(name, holds, self.clock));
        lines.flat_map(|line| [line, "\n".to_owned()]).collect()
    }
}

/// Returns the report in a format for programs, rendered while it is written: that of a large fleet
/// is not held in memory. [`AppContext::text`] makes the text for people, which depends on the terminal.
fn rendered<'a>(
    fleet: &'a Fleet,
    config: &'a Config,
    format: CheckFormat,
) -> Box<dyn fmt::Display + 'a> {
    match format {
        CheckFormat::Text | CheckFormat::Json => Box::new(report::json::render(fleet)),
        CheckFormat::Nagios if fleet.tenants.is_empty() => {
            let line = "no tenant belongs to this part";
            Box::new(report::nagios::status_line(Status::Ok, line) + "\n")
        }
        CheckFormat::Nagios => {
            let tenants = config.tenants.iter();
            let thresholds: HashMap<_, _> = tenants.map(|it| (&it.name, it.thresholds)).collect();
            let thresholds = move |name: &TenantName| thresholds.get(name).copied();
            Box::new(report::nagios::render(fleet, thresholds))
        }
        CheckFormat::Prometheus => Box::new(report::prometheus::render(fleet)),
        CheckFormat::Csv => Box::new(report::csv::render(fleet)),
        CheckFormat::Markdown => Box::new(report::markdown::render(fleet)),
    }
}

/// Replaces the characters that the terminal or the locale cannot show.
fn legible(text: String) -> String {
    if output::speaks_unicode() {
        text
    } else {
        text::ascii(&text).into_owned()
    }
}

fn layout<'a>(names: impl IntoIterator<Item = &'a str>) -> Layout {
    Layout::new(runtime::symbols(), names)
}

fn overrides(arguments: &CheckArgs) -> Overrides {
    Overrides {
        warn: arguments.warn,
        critical: arguments.critical,
        timeout: arguments.timeout,
        concurrency: arguments.concurrency.map(usize::from),
        confirm: arguments.confirm,
    }
}

/// Returns the tenants that are to be checked, with the candidate in place of the configured secret.
fn tenants(config: &Config, arguments: &CheckArgs) -> anyhow::Result<Vec<Arc<Tenant>>> {
    let selection = Selection {
        names: &arguments.tenants,
        tags: &arguments.tag,
        half: arguments.only,
    };
    let mut tenants = selection.tenants(config)?;
    if arguments.candidate.is_some() {
        present_candidate(&mut tenants, arguments)?;
    }
    // last: a shard may be empty, a selection may not
    Ok(in_shard(&tenants, arguments.shard))
}

/// Puts another secret in the place of the configured one.
fn present_candidate(tenants: &mut [Arc<Tenant>], arguments: &CheckArgs) -> anyhow::Result<()> {
    let (Some(source), [tenant], [_name]) =
        (&arguments.candidate, tenants, arguments.tenants.as_slice())
    else {
        bail!("`--candidate` tries one secret: name exactly one TENANT with it");
    };
    if arguments.only == Some(Half::Expiry) {
        bail!("`--only expiry` does not sign in, so `--candidate` would not be tried");
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

/// Returns the reports to show; the whole ones too, where only a half of them is shown.
fn narrowed(reports: Vec<Report>, only: Option<Half>) -> (Vec<Report>, Option<Vec<Report>>) {
    if only.is_none() {
        return (reports, None);
    }
    let halves = reports.iter().cloned().map(|whole| narrow(whole, only));
    (halves.collect(), Some(reports))
}

/// Keeps one half of a verdict, if only that was asked for.
fn narrow(report: Report, only: Option<Half>) -> Report {
    match only {
        None => report,
        Some(Half::Live) => report.without_expiry(),
        Some(Half::Expiry) => report.without_live(),
    }
}
