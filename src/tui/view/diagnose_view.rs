//! The page of a diagnose run as it happens: every step with its facts, then the verdict.
//!
//! ```text
//!  ✔ token          388 ms  got an access token
//!      host                 login.microsoftonline.com
//! ```

use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Line};

use super::text_layout::{TextLines, item, numbered, padded, right, rule, span, wrap, write};
use crate::{
    report::diagnose::{Fact, Mark, Step},
    text,
    tui::{
        advice,
        diagnose_run::{DiagnoseOutcome, DiagnoseRun},
        model::Model,
        sentences, theme,
    },
    verdict::Report,
};

/// Results and values begin at this column, as `credwatch diagnose` has them.
const VALUES: usize = 27;

/// Draws the page.
pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let lines = lines(model, usize::from(area.width));
    write(&lines, model.scroll, area, buffer);
}

/// Returns how many lines there are.
pub(crate) fn height(model: &Model, area: Rect) -> usize {
    lines(model, usize::from(area.width)).len()
}

/// Returns where the verdict begins.
pub(crate) fn verdict_at(model: &Model, area: Rect) -> usize {
    let run = model.diagnose_run.as_ref();
    run.map_or(0, |run| steps(run, usize::from(area.width)).len())
}

fn lines(model: &Model, width: usize) -> TextLines {
    let Some(run) = &model.diagnose_run else {
        return vec![Line::raw(" no tenant was diagnosed yet")];
    };
    let mut lines = steps(run, width);
    match &run.outcome {
        None => lines.push(Line::styled(" …", theme::QUIET)),
        Some(DiagnoseOutcome::Failed(why)) => {
            lines.extend(paragraph(&text::line(why), width, Style::new()));
        }
        Some(DiagnoseOutcome::Finished { report, .. }) => lines.extend(verdict(run, report, width)),
    }
    lines
}

/// The title and the steps so far.
fn steps(run: &DiagnoseRun, width: usize) -> TextLines {
    let name = text::line(run.tenant.as_str());
    let mut lines = vec![rule(&format!("diagnose {name}"), width)];
    for step in &run.steps {
        lines.extend(step_lines(step, width));
    }
    lines
}

fn step_lines(step: &Step, width: usize) -> TextLines {
    let (symbol, style) = mark(step.mark);
    let took = step.ms.map_or_else(String::new, |ms| format!("{ms:.0} ms"));
    let head = format!(" {symbol} {} {}  ", padded(step.name, 12), right(&took, 9));
    let mut lines = item(&span(head, style), &step.result, width, Style::new());
    for fact in &step.facts {
        lines.extend(fact_lines(fact, width));
    }
    lines
}

fn fact_lines(fact: &Fact, width: usize) -> TextLines {
    let (symbol, style) = fact.mark.map_or((" ", theme::QUIET), mark);
    let style = if fact.mark.is_some_and(|mark| mark != Mark::Ok) {
        style
    } else {
        theme::QUIET
    };
    let head = format!("   {} {symbol} ", padded(fact.label, VALUES - 6));
    let mut lines = item(&span(head, style), &fact.value, width, Style::new());
    if let Some(due) = &fact.due {
        let indent = span(" ".repeat(VALUES), Style::new());
        lines.extend(item(
            &indent,
            &format!("should be: {due}"),
            width,
            theme::STRONG,
        ));
    }
    lines
}

/// The same marks as those of the stages.
fn mark(mark: Mark) -> (&'static str, Style) {
    use crate::verdict::{StageStatus, Status};
    match mark {
        Mark::Ok => (theme::stage(StageStatus::Ok).0, theme::status(Status::Ok).1),
        Mark::Failed => (
            theme::stage(StageStatus::Failed).0,
            theme::status(Status::Critical).1,
        ),
        Mark::Unknown => ("?", theme::status(Status::Unknown).1),
        Mark::Skipped => (theme::stage(StageStatus::Skipped).0, theme::QUIET),
    }
}

fn verdict(run: &DiagnoseRun, report: &Report, width: usize) -> TextLines {
    let mut lines = vec![rule("diagnosis", width)];
    let Some(diagnosis) = &report.diagnosis else {
        let name = text::line(run.tenant.as_str());
        let works = format!("{name} works from here.");
        lines.extend(paragraph(&works, width, theme::STRONG));
        return lines;
    };
    let title = format!("{}: {}", diagnosis.cause.id(), text::line(&diagnosis.title));
    lines.extend(paragraph(&title, width, theme::STRONG));
    lines.extend(paragraph(
        &text::line(&diagnosis.detail),
        width,
        Style::new(),
    ));
    if let Some(others) = sentences::alternatives(diagnosis) {
        lines.extend(paragraph(&others, width, theme::QUIET));
    }
    let steps = advice::of_diagnosis(diagnosis);
    if !steps.is_empty() {
        lines.push(Line::raw(""));
        lines.push(rule("what to do", width));
        lines.extend(numbered(&steps, width));
    }
    lines
}

fn paragraph(content: &str, width: usize, style: Style) -> TextLines {
    wrap(content, width.saturating_sub(2))
        .into_iter()
        .map(|part| Line::styled(format!(" {part}"), style))
        .collect()
}
