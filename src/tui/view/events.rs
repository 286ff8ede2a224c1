//! The events screen: one line an event, newest first, with time, status, tenant and text.

use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Line};

use super::text_layout::{TextLines, padded, rule, span, wrap, write};
use crate::{
    board::Event,
    text,
    tui::{format, model::Model, theme},
};

/// Draws the log.
pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    write(
        &lines(model, usize::from(area.width)),
        model.scroll,
        area,
        buffer,
    );
}

/// Returns how many lines there are.
pub(crate) fn height(model: &Model, area: Rect) -> usize {
    lines(model, usize::from(area.width)).len()
}

fn lines(model: &Model, width: usize) -> TextLines {
    let mut lines = vec![rule("events, newest first", width)];
    let Some(board) = &model.board else {
        lines.push(Line::raw(" loading…"));
        return lines;
    };
    if board.events.is_empty() {
        lines.push(Line::raw(" nothing has changed yet"));
    }
    let names = model
        .tally
        .tenant_width
        .clamp(9, width.saturating_sub(40).clamp(9, 24));
    for event in board.events.iter().rev() {
        lines.extend(event_lines(model, event, names, width));
    }
    lines
}

fn event_lines(model: &Model, event: &Event, names: usize, width: usize) -> TextLines {
    let at = format::moment(event.at, model.now, model.settings.local_offset);
    let (symbol, style) = theme::status(event.status);
    let name = event
        .tenant
        .as_ref()
        .map_or("credwatch", |name| name.as_str());
    let name = padded(&text::line(name), names);
    let when = format!(" {at:>12}  ");
    let indent = when.len() + 2 + names + 1;
    let parts = wrap(&text::line(&event.text), width.saturating_sub(indent + 1));
    let further = |part: &String| Line::raw(format!("{}{part}", " ".repeat(indent)));
    let mut lines: TextLines = parts.iter().map(further).collect();
    if let (Some(first), Some(part)) = (lines.first_mut(), parts.first()) {
        *first = Line::from(vec![
            span(when, theme::QUIET),
            span(format!("{symbol} "), style),
            span(format!("{name} "), theme::STRONG),
            span(part.clone(), Style::new()),
        ]);
    }
    lines
}
