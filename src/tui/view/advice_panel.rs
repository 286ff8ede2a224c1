//! Below the table: the selected tenant's diagnosis and the first steps.
//!
//! Draws the name, status and headline, the facts (cause, code, confidence, owner), numbered steps and
//! the support contacts; a last line says so where there is more.

use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Line};

use super::text_layout::{TextLines, item, numbered, pairs, rule, span, wrap, write};
use crate::{
    board::Row,
    text,
    tui::{model::Model, sentences, theme},
};

/// Draws the panel, with a last line that says so where there is more.
pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let Some(row) = model.selected_row() else {
        return;
    };
    let width = usize::from(area.width);
    let height = usize::from(area.height);
    let mut lines = vec![rule(&text::line(row.tenant.name.as_str()), width)];
    lines.extend(content(model, row, width));
    if lines.len() > height && height > 2 {
        lines.truncate(height - 1);
        lines.push(Line::styled(" … Enter shows all", theme::QUIET));
    }
    write(&lines, 0, area, buffer);
}

fn content(model: &Model, row: &Row, width: usize) -> TextLines {
    let row_status = model.row_status(row);
    let mark = span(format!(" {} ", row_status.symbol()), row_status.style());
    let mut lines = item(
        &mark,
        &sentences::headline(model, row),
        width,
        theme::STRONG,
    );
    let facts = sentences::facts(model, row);
    if !facts.is_empty() {
        let parts = wrap(&facts, width.saturating_sub(3));
        lines.extend(
            parts
                .into_iter()
                .map(|part| Line::styled(format!("   {part}"), Style::new())),
        );
    }
    lines.extend(numbered(&sentences::steps(model, row), width));
    lines.extend(pairs(
        &sentences::support(row.report.as_deref(), row),
        width,
    ));
    lines
}
