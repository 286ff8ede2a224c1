//! `credwatch diagnose`: one tenant, step by step, on connections of its own.

use std::{mem, sync::Arc};

use chrono::{DateTime, Utc};

use super::{
    App, check,
    parts::{self, LiveProbe},
};
use crate::{
    cli::{self, DiagnoseFormat},
    diagnosis,
    health::{self, Withheld},
    monitor::{self, Finding, Probe as _},
    observation::{Observation, Stage},
    registration::Reading,
    report::{
        Report, exit,
        walkthrough::{self, Page, Step},
    },
    tenant::{Mode, Tenant},
};

/// The width of a page that nobody looks at on a terminal.
const PAGE_WIDTH: usize = 80;

/// What one look brought back.
struct Look {
    /// `None` where only end dates are watched.
    observation: Option<Arc<Observation>>,
    report: Report,
    /// What the directory told of the app.
    reading: Option<Reading>,
    /// The stages that were shown as they ended.
    shown: Vec<Stage>,
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
        let look = parts::run(self.look(probe, &tenant, is_text.then_some(page)))?;
        let seen = look.observation.as_deref();
        let guide = walkthrough::guide(&tenant, seen, &look.report, look.reading.as_ref());
        let steps = || {
            let mut steps = walkthrough::steps(&tenant, seen, &look.report);
            steps.push(guide.clone());
            steps
        };
        let rendered = match arguments.format {
            DiagnoseFormat::Text => rest(&look, &steps(), page),
            DiagnoseFormat::Json => walkthrough::json(&look.report, &steps())?,
            DiagnoseFormat::Markdown => {
                walkthrough::ticket(&tenant, seen, &look.report, Some(&guide))
            }
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
        probe: LiveProbe,
        tenant: &Arc<Tenant>,
        page: Option<Page>,
    ) -> anyhow::Result<Look> {
        let stop = parts::stop_on_signals()?;
        if tenant.mode == Mode::Dates {
            let learned = Box::pin(probe.learn_dates(tenant));
            stop.run_until_cancelled(learned).await;
            return Ok(Look {
                observation: None,
                report: probe.assemble(tenant, None, self.clock.now()),
                reading: probe.reading(tenant),
                shown: Vec::new(),
            });
        }
        let mut shown = Vec::new();
        let output = &mut self.output;
        let mut watcher = |stage: Stage, seen: &Observation| {
            let Some(page) = page else { return };
            output.progress("");
            for stage in with_claims(stage) {
                for step in steps_so_far(tenant, seen, *stage) {
                    output.text(&page.step(&step)).ok();
                }
                shown.push(*stage);
            }
            output.progress("…");
        };
        let checking = Box::pin(probe.observe_fresh(tenant, &mut watcher));
        let checked = stop.run_until_cancelled(checking).await;
        self.output.progress("");
        let Some(finding) = checked else {
            anyhow::bail!("stopped before the check had ended");
        };
        let report = verdict(&probe, tenant, &finding, self.clock.now());
        Ok(Look {
            observation: Some(finding.observation),
            report,
            reading: probe.reading(tenant),
            shown: mem::take(&mut shown),
        })
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
    walkthrough::of_stage(tenant, seen, &stages, stage)
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
    out.push_str(&walkthrough::verdict(&look.report, page));
    out
}
