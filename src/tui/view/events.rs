//! The events screen: one line an event, newest first, with time, status, tenant and text; below, the
//! selected event whole.
//!
//! ```text
//!      14:02:11  ✖ contoso-rooms    works → secret-expired
//!  20 Nov 03:14  ● adatum-rooms     works again after 2h
//! ```

use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Line, widgets::Widget as _};

use super::text_layout::{boxed, padded, span, wrap};
use crate::{
    board::Event,
    text,
    tui::{format, layout, model::Model, theme},
};

/// Draws the list, and the selected event below it.
pub(super) fn draw(model: &Model, body: Rect, buffer: &mut Buffer) {
    let parts = layout::events(body);
    let events = model.board.as_ref().map(|board| &board.events);
    let Some(events) = events.filter(|events| !events.is_empty()) else {
        let empty = if model.board.is_none() {
            " loading…"
        } else {
            " nothing has changed yet"
        };
        Line::raw(empty).render(body, buffer);
        return;
    };
    let names = model
        .tally
        .tenant_width
        .clamp(9, usize::from(body.width / 3).clamp(9, 28));
    let shown = events.iter().rev().enumerate().skip(model.events.offset);
    for ((nth, event), area) in shown.zip(parts.rows.rows()) {
        event_line(model, event, names).render(area, buffer);
        if nth == model.events.cursor {
            theme::select(area, buffer);
        }
    }
    if let Some(event) = events.iter().rev().nth(model.events.cursor) {
        draw_selected(model, event, parts.panel, buffer);
    }
}

fn event_line(model: &Model, event: &Event, names: usize) -> Line<'static> {
    let at = format::moment_seconds(event.at, model.now, model.settings.local_offset);
    let (symbol, style) = theme::status(event.status);
    Line::from(vec![
        span(format!(" {at:>15}  "), theme::QUIET),
        span(format!("{symbol} "), style),
        span(format!("{} ", padded(&name(event), names)), theme::STRONG),
        span(text::line(&event.text), Style::new()),
    ])
}

fn name(event: &Event) -> String {
    let name = event.tenant.as_ref();
    text::line(name.map_or("credwatch", |name| name.as_str()))
}

fn draw_selected(model: &Model, event: &Event, area: Rect, buffer: &mut Buffer) {
    if area.height == 0 {
        return;
    }
    let at = format::date_time(event.at, model.settings.local_offset);
    let width = usize::from(area.width.saturating_sub(4));
    let lines = wrap(&text::line(&event.text), width);
    let lines: Vec<Line<'static>> = lines.into_iter().map(Line::raw).collect();
    let hint = if event.tenant.is_some() {
        "Enter opens the tenant"
    } else {
        "about credwatch itself"
    };
    boxed(
        &format!("{} ── {at}", name(event)),
        &lines,
        hint,
        area,
        buffer,
    );
}
