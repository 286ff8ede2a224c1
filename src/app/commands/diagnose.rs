//! `credwatch diagnose`: one tenant, step by step, on connections of its own.

use std::sync::Arc;

use anyhow::Context as _;

use crate::{
    app::{
        detailed_check::DetailedCheck,
        probe::LiveProbe,
        runtime::{self, AppContext, HangUp},
        selection::tenant_named,
    },
    cli::{DiagnoseArgs, DiagnoseFormat},
    report::{
        diagnose::{self, Page, Step},
        exit,
    },
    tenant::Tenant,
};

/// The width of a page in columns where the answer goes to no terminal.
const PAGE_WIDTH: usize = 80;

impl AppContext {
    pub(super) fn diagnose(&mut self, arguments: &DiagnoseArgs) -> anyhow::Result<u8> {
        let _log = self.log()?;
        let config = self.load()?;
        let mut tenant = tenant_named(&config, &arguments.tenant)?;
        if let Some(shell) = arguments.shell {
            Arc::make_mut(&mut tenant).support.shell = shell;
        }
        let page = Page::new(runtime::symbols(), self.page_width());
        let is_text = arguments.format == DiagnoseFormat::Text;
        if is_text {
            self.output.text(&page.heading(&tenant))?;
        }
        // always a fresh answer of the directory: a mended registration must show at once
        let probe = self.probe(&config, true);
        let shown_on = is_text.then_some(page);
        let run = runtime::run(self.run_and_show(&probe, &tenant, shown_on))?;
        let steps = run.steps(&tenant);
        let rendered = match arguments.format {
            DiagnoseFormat::Text => rest(&run, &steps, page),
            DiagnoseFormat::Json => diagnose::json(&run.report, &steps)?,
            DiagnoseFormat::Markdown => run.ticket(&tenant),
        };
        self.output.text(&rendered)?;
        Ok(exit::code([run.report.status]))
    }

    fn page_width(&self) -> usize {
        self.output.width().unwrap_or(PAGE_WIDTH)
    }

    /// Checks the tenant once, showing each step on a page as it ends.
    async fn run_and_show(
        &mut self,
        probe: &LiveProbe,
        tenant: &Arc<Tenant>,
        page: Option<Page>,
    ) -> anyhow::Result<DetailedCheck> {
        let stop = runtime::stop_on_signals(HangUp::Ends)?;
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
        let run = Box::pin(DetailedCheck::new(probe, tenant, clock, &mut show));
        let run = stop.run_until_cancelled(run).await;
        self.output.progress("");
        run.context("stopped before the check had ended")
    }
}

/// Returns what was not shown during the check: stages that were not reached, the dates, the verdict.
fn rest(run: &DetailedCheck, steps: &[Step], page: Page) -> String {
    let left = steps.iter().filter(|step| !run.was_shown(step));
    let mut out: String = left.map(|step| page.step(step)).collect();
    out.push_str(&diagnose::verdict(&run.report, page));
    out
}
