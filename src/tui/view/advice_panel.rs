//! Below the table: what is wrong with the selected tenant, and the first commands to type.
//!
//! ```text
//! ╭ contoso-rooms ── app owner must act ── failing since 11:41 (6 checks) ──────────╮
//! │ ✖ The client secret has expired (AADSTS7000222, certain)                        │
//! │   Do: Create a second secret beside the old one                                 │
//! │   2  az ad app credential reset --id 2222… --append                             │
//! ╰──────────────────────────────────────────────────────────── y copy  Enter all ──╯
//! ```
//!
//! A step that only signs in to a command line comes last: the fixing command is seen first. Commands
//! keep the numbers of the whole advice, by which they are copied.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};
use unicode_width::UnicodeWidthStr as _;

use super::text_layout::{TextLines, boxed, item, pairs, span};
use crate::{
    board::Row,
    text,
    tui::{
        advice::{self, AdviceStep},
        model::Model,
        sentences, theme,
    },
};

/// Draws the panel.
pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let Some(row) = model.selected_row().filter(|_| area.height > 0) else {
        return;
    };
    let width = usize::from(area.width.saturating_sub(4));
    let height = usize::from(area.height.saturating_sub(2));
    let lines = content(model, row, width);
    let more = if lines.len() > height {
        "y copy  Enter all …"
    } else {
        "y copy  Enter all"
    };
    boxed(&title(model, row), &lines, more, area, buffer);
}

fn title(model: &Model, row: &Row) -> String {
    let diagnosis = row
        .report
        .as_ref()
        .and_then(|report| report.diagnosis.as_ref());
    let parts = [
        Some(text::line(row.tenant.name.as_str())),
        diagnosis.map(|diagnosis| format!("{} must act", diagnosis.owner.words())),
        sentences::streak(model, row),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ── ")
}

fn content(model: &Model, row: &Row, width: usize) -> TextLines {
    let row_status = model.row_status(row);
    let mark = span(format!("{} ", row_status.symbol()), row_status.style());
    let mut lines = item(&mark, &headline(model, row), width, theme::STRONG);
    let held = [
        sentences::acknowledgement(model, row),
        sentences::snooze(model, row),
    ];
    for sentence in held.into_iter().flatten() {
        lines.extend(item(&Span::raw("  "), &sentence, width, theme::KEY));
    }
    let steps = advice::steps(model, row);
    let (sign_ins, steps): (Vec<_>, Vec<_>) = steps.iter().partition(|step| step.is_sign_in());
    for (nth, step) in steps.iter().enumerate() {
        let lead = if nth == 0 { "  Do: " } else { "      " };
        lines.extend(step_lines(step, lead, width));
    }
    for step in sign_ins {
        for command in &step.commands {
            let sentence = format!("sign in first: {}", command.line);
            let mark = span(format!("   {}  ", command.number), theme::KEY);
            lines.extend(item(&mark, &sentence, width, theme::QUIET));
        }
    }
    lines.extend(pairs(
        &sentences::support(row.report.as_deref(), row),
        width,
    ));
    lines
}

/// The headline, with the code and the confidence of the diagnosis.
fn headline(model: &Model, row: &Row) -> String {
    let headline = sentences::headline(model, row);
    let diagnosis = row
        .report
        .as_ref()
        .and_then(|report| report.diagnosis.as_ref());
    let Some(diagnosis) = diagnosis else {
        return headline;
    };
    let code = diagnosis.code.as_deref().map(text::line);
    let facts = [code, Some(diagnosis.confidence.to_string())];
    let facts: Vec<String> = facts.into_iter().flatten().collect();
    format!("{} ({})", headline.trim_end_matches('.'), facts.join(", "))
}

/// A step as one sentence, then its commands, each whole: a command that is cut cannot be typed.
fn step_lines(step: &AdviceStep, lead: &str, width: usize) -> TextLines {
    let words = text::first_sentence(step.lead());
    let mut lines = item(&Span::raw(lead.to_owned()), words, width, Style::new());
    for command in &step.commands {
        let mark = span(format!("   {}  ", command.number), theme::KEY);
        lines.extend(command_lines(&mark, &command.line, width));
    }
    lines
}

fn command_lines(mark: &Span<'static>, line: &str, width: usize) -> TextLines {
    if mark.width() + line.width() <= width {
        return vec![Line::from(vec![
            mark.clone(),
            span(line.to_owned(), theme::STRONG),
        ])];
    }
    item(mark, line, width, theme::STRONG)
}
