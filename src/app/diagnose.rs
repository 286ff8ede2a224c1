//! `credwatch diagnose`: one tenant, step by step, on connections of its own.

use std::sync::Arc;

use anyhow::Context as _;
use chrono::{DateTime, Utc};

use super::{App, check, parts, probe::LiveProbe};
use crate::{
    cli::{self, DiagnoseFormat},
    clock::Clock,
    diagnosis,
    health::{self, Withheld},
    monitor::{self, Finding, Probe as _},
    observation::{Observation, Stage},
    registration::Reading,
    report::{
        diagnose::{self, Page, Step},
        exit,
    },
    tenant::{Mode, Tenant},
    verdict::Report,
};

/// The width of a page that nobody looks at on a terminal.
const PAGE_WIDTH: usize = 80;

/// What one look brought back.
pub(super) struct Look {
    /// `None` where only end dates are watched.
    observation: Option<Arc<Observation>>,
    pub(super) report: Report,
    /// What the directory told of the app.
    reading: Option<Reading>,
    /// The stages that were shown as they ended.
    shown: Vec<Stage>,
}

impl Look {
    /// Returns every step, with what the vendor's guide asks for as the last one.
    pub(super) fn steps(&self, tenant: &Tenant) -> Vec<Step> {
        let mut steps = diagnose::steps(tenant, self.observation.as_deref(), &self.report);
        steps.push(self.guide(tenant));
        steps
    }

    /// Returns the ticket about the tenant.
    pub(super) fn ticket(&self, tenant: &Tenant) -> String {
        let seen = self.observation.as_deref();
        diagnose::ticket(tenant, seen, &self.report, Some(&self.guide(tenant)))
    }

    fn guide(&self, tenant: &Tenant) -> Step {
        let seen = self.observation.as_deref();
        diagnose::guide(tenant, seen, &self.report, self.reading.as_ref())
    }
}

impl App {
    pub(super) fn diagnose(&mut self, arguments: &cli::Diagnose) -> anyhow::Result<u8> {
        let _log = self.log()?;
        let config = self.load()?;
        let tenant = check::named(&config, &arguments.tenant)?;
        let page = Page::new(super::symbols(), self.page_width());
        let is_text = arguments.format == DiagnoseFormat::Text;
        if is_text {
            self.output.text(&page.heading(&tenant))?;
        }
        // somebody who sets things right looks again at once: what was read hours ago would not do
        let probe = self.probe(&config, true);
        let look = parts::run(self.look(&probe, &tenant, is_text.then_some(page)))?;
        let rendered = match arguments.format {
            DiagnoseFormat::Text => rest(&look, &look.steps(&tenant), page),
            DiagnoseFormat::Json => diagnose::json(&look.report, &look.steps(&tenant))?,
            DiagnoseFormat::Markdown => look.ticket(&tenant),
        };
        self.output.text(&rendered)?;
        Ok(exit::code([look.report.status]))
    }

    fn page_width(&self) -> usize {
        let size = crossterm::terminal::size();
        match size {
            Ok((width, _)) if self.output.is_terminal() => width.into(),
            _ => PAGE_WIDTH,
        }
    }

    /// Looks at a tenant once, showing each step on a page as it ends.
    async fn look(
        &mut self,
        probe: &LiveProbe,
        tenant: &Arc<Tenant>,
        page: Option<Page>,
    ) -> anyhow::Result<Look> {
        let stop = parts::stop_on_signals()?;
        let clock = self.clock;
        let output = &mut self.output;
        let mut show = |steps: Vec<Step>| {
            let Some(page) = page else { return };
            output.progress("");
            for step in steps {
                output.text(&page.step(&step)).ok();
            }
            output.progress("…");
        };
        let looking = Box::pin(look(probe, tenant, clock, &mut show));
        let looked = stop.run_until_cancelled(looking).await;
        self.output.progress("");
        let mut look = looked.context("stopped before the check had ended")?;
        if page.is_none() {
            look.shown.clear();
        }
        Ok(look)
    }
}

/// Hears of the steps of a stage that has ended.
type Listener<'a> = dyn FnMut(Vec<Step>) + Send + Sync + 'a;

/// Looks at a tenant once, on connections of its own, and tells of each step as it ends.
pub(super) async fn look(
    probe: &LiveProbe,
    tenant: &Tenant,
    clock: Clock,
    tell: &mut Listener<'_>,
) -> Look {
    if tenant.mode == Mode::Dates {
        probe.learn_dates(tenant).await;
        return Look {
            observation: None,
            report: probe.assemble(tenant, None, clock.now()),
            reading: probe.reading(tenant),
            shown: Vec::new(),
        };
    }
    let mut shown = Vec::new();
    let mut watcher = |stage: Stage, seen: &Observation| {
        for stage in with_claims(stage) {
            tell(steps_so_far(tenant, seen, *stage));
            shown.push(*stage);
        }
    };
    let finding = probe.observe_fresh(tenant, &mut watcher).await;
    Look {
        report: verdict(probe, tenant, &finding, clock.now()),
        observation: Some(finding.observation),
        reading: probe.reading(tenant),
        shown,
    }
}

/// The claims come with the token, so they are shown with it.
const fn with_claims(stage: Stage) -> &'static [Stage] {
    match stage {
        Stage::Secret => &[Stage::Secret],
        Stage::Token => &[Stage::Token, Stage::Claims],
        Stage::Claims => &[Stage::Claims],
        Stage::Ews => &[Stage::Ews],
        Stage::Graph => &[Stage::Graph],
    }
}

fn steps_so_far(tenant: &Tenant, seen: &Observation, stage: Stage) -> Vec<Step> {
    let stages = diagnosis::judge(tenant, seen).stages;
    diagnose::of_stage(tenant, seen, &stages, stage)
}

/// The verdict of `check`, without its second try: this is a single look.
fn verdict(probe: &LiveProbe, tenant: &Tenant, finding: &Finding, now: DateTime<Utc>) -> Report {
    let report = probe.assemble(tenant, Some(finding), now);
    if monitor::found_offline(&finding.observation) {
        return health::withhold(&report, &Withheld::Offline);
    }
    report
}

/// What was not shown while it happened: stages that were not reached, the dates, the verdict.
fn rest(look: &Look, steps: &[Step], page: Page) -> String {
    let is_left = |step: &&Step| step.stage.is_none_or(|stage| !look.shown.contains(&stage));
    let left = steps.iter().filter(is_left);
    let mut out: String = left.map(|step| page.step(step)).collect();
    out.push_str(&diagnose::verdict(&look.report, page));
    out
}
