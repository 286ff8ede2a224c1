//! A look at one tenant as it happens: every step with what was sent and found, then the verdict.

use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Line};

use super::paper::{Lines, item, numbered, padded, right, rule, span, wrap, write};
use crate::{
    report::diagnose::{Fact, Mark, Step},
    text,
    tui::{
        look::{End, Look},
        model::Model,
        theme, words,
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
    let look = model.look.as_ref();
    look.map_or(0, |look| steps(look, usize::from(area.width)).len())
}

fn lines(model: &Model, width: usize) -> Lines {
    let Some(look) = &model.look else {
        return vec![Line::raw(" nobody was looked at yet")];
    };
    let mut lines = steps(look, width);
    match &look.end {
        None => lines.push(Line::styled(" …", theme::QUIET)),
        Some(End::NotMade(why)) => lines.extend(paragraph(&text::line(why), width, Style::new())),
        Some(End::Made { report, .. }) => lines.extend(verdict(look, report, width)),
    }
    lines
}

/// What was done so far, and with whom.
fn steps(look: &Look, width: usize) -> Lines {
    let name = text::line(look.tenant.as_str());
    let mut lines = vec![rule(&format!("diagnose {name}"), width)];
    for step in &look.steps {
        lines.extend(step_lines(step, width));
    }
    lines
}

fn step_lines(step: &Step, width: usize) -> Lines {
    let (symbol, style) = mark(step.mark);
    let took = step.ms.map_or_else(String::new, |ms| format!("{ms:.0} ms"));
    let head = format!(" {symbol} {} {}  ", padded(step.name, 12), right(&took, 9));
    let mut lines = item(&span(head, style), &step.result, width, Style::new());
    for fact in &step.facts {
        lines.extend(fact_lines(fact, width));
    }
    lines
}

fn fact_lines(fact: &Fact, width: usize) -> Lines {
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

fn verdict(look: &Look, report: &Report, width: usize) -> Lines {
    let mut lines = vec![rule("diagnosis", width)];
    let Some(diagnosis) = &report.diagnosis else {
        let name = text::line(look.tenant.as_str());
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
    if let Some(others) = words::alternatives(diagnosis) {
        lines.extend(paragraph(&others, width, theme::QUIET));
    }
    let steps: Vec<String> = diagnosis.fix.iter().map(|step| text::line(step)).collect();
    if !steps.is_empty() {
        lines.push(Line::raw(""));
        lines.push(rule("what to do", width));
        lines.extend(numbered(&steps, width));
    }
    lines
}

fn paragraph(content: &str, width: usize, style: Style) -> Lines {
    wrap(content, width.saturating_sub(2))
        .into_iter()
        .map(|part| Line::styled(format!(" {part}"), style))
        .collect()
}
