//! Below the table: the selected tenant's diagnosis in words, and what to do first.

use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Line};

use super::paper::{Lines, item, numbered, pairs, rule, span, wrap, write};
use crate::{
    board::Row,
    text,
    tui::{model::Model, theme, words},
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

fn content(model: &Model, row: &Row, width: usize) -> Lines {
    let condition = model.condition(row);
    let mark = span(format!(" {} ", condition.symbol()), condition.style());
    let mut lines = item(&mark, &words::headline(model, row), width, theme::STRONG);
    let facts = words::facts(model, row);
    if !facts.is_empty() {
        let parts = wrap(&facts, width.saturating_sub(3));
        lines.extend(
            parts
                .into_iter()
                .map(|part| Line::styled(format!("   {part}"), Style::new())),
        );
    }
    lines.extend(numbered(&words::steps(model, row), width));
    lines.extend(pairs(&words::support(row.report.as_deref(), row), width));
    lines
}
