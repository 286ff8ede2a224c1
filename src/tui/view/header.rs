//! The two lines on top and the banners below them.
//!
//! Draws the counts by status, the clock, the next poll, the active filter, the end of EWS; then one
//! banner a notice (offline, or what credwatch itself cannot do).

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Modifier,
    text::{Line, Span},
    widgets::Widget as _,
};

use super::text_layout::span;
use crate::{
    text,
    tui::{format, model::Model, row_status::RowStatus, theme},
};

/// From this width on the name of the program stands before the counts.
const ROOM_FOR_TITLE: u16 = 76;

/// When Exchange Online stops answering EWS for good.
const EWS_END: &str = "EWS ends by 1 Apr 2027, may be blocked earlier";

/// The same where there is little room.
const EWS_END_BRIEF: &str = "EWS ends 1 Apr 2027";

/// From this width on there is room for whole sentences, and for the offset of local time.
const WIDE: u16 = 100;

/// What is counted together, under the name of the last: most wanted first.
const COUNTS: [&[RowStatus]; 8] = [
    &[RowStatus::Failing],
    &[RowStatus::Urgent, RowStatus::Ending],
    &[RowStatus::Unknown],
    &[RowStatus::Ok],
    &[RowStatus::Expired],
    &[RowStatus::NoEndDate],
    &[RowStatus::TooLong],
    &[RowStatus::Loading],
];

/// How many of those are shown even when there are none.
const ALWAYS: usize = 4;

/// Draws the header.
pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let clock = clock(model, area.width);
    let room = usize::from(area.width).saturating_sub(clock.len() + 2);
    let mut items = Vec::new();
    if area.width >= ROOM_FOR_TITLE {
        items.push(Line::styled(
            text::line(&model.settings.title),
            theme::STRONG,
        ));
    }
    items.extend(counts(model));
    let first = flow(&mut items, room);
    items.extend(notes(model, area.width));
    let second = flow(&mut items, usize::from(area.width).saturating_sub(1));
    for (line, row) in [first, second].into_iter().zip(area.rows()) {
        line.render(row, buffer);
    }
    let column = area
        .right()
        .saturating_sub(u16::try_from(clock.len() + 1).unwrap_or(0));
    let place = Rect::new(column, area.y, area.right().saturating_sub(column), 1);
    Line::raw(clock).render(place.intersection(area), buffer);
}

fn clock(model: &Model, width: u16) -> String {
    let time = format::clock(model.now, model.settings.local_offset);
    if width >= WIDE {
        format!("{time} {}", model.settings.local_offset)
    } else {
        time
    }
}

/// Takes as many items as fit on a line; later ones may pass a longer one that does not fit.
fn flow(items: &mut Vec<Line<'static>>, room: usize) -> Line<'static> {
    let mut spans = vec![Span::raw(" ")];
    let mut used = 1;
    let mut left = Vec::new();
    for item in items.drain(..) {
        let gap = if used > 1 { 3 } else { 0 };
        // counts stay in their order: once one did not fit, the rest goes to the next line
        if !left.is_empty() || used + gap + item.width() > room {
            left.push(item);
            continue;
        }
        used += gap + item.width();
        spans.push(Span::raw(" ".repeat(gap)));
        spans.extend(
            item.spans
                .into_iter()
                .map(|span| span.patch_style(item.style)),
        );
    }
    *items = left;
    Line::from(spans)
}

fn counts(model: &Model) -> impl Iterator<Item = Line<'static>> {
    COUNTS.iter().enumerate().filter_map(|(nth, together)| {
        let row_status = *together.last()?;
        let count: usize = together.iter().map(|it| model.tally.count(*it)).sum();
        let worst = together.iter().find(|it| model.tally.count(**it) > 0);
        let style = worst.map_or(theme::QUIET, |worst| worst.style());
        let words = format!("{} {count} {}", row_status.symbol(), row_status.word());
        (count > 0 || nth < ALWAYS).then(|| Line::from(span(words, style)))
    })
}

/// What else is worth a glance, most important first.
fn notes(model: &Model, width: u16) -> Vec<Line<'static>> {
    let tally = &model.tally;
    let mut notes = Vec::new();
    if model.board.is_none() {
        notes.push(Line::raw("loading…"));
    }
    if tally.stale > 0 {
        let words = format!("! {} stale", tally.stale);
        notes.push(Line::styled(words, RowStatus::Unknown.style()));
    }
    // fixed in width, so that what follows stands still
    if let Some(at) = tally.next_at {
        let wait = format::short_wait(at - model.now);
        notes.push(Line::raw(format!("next poll {wait}")));
    }
    if !model.filter.value().is_empty() {
        let filter = text::line(model.filter.value());
        let words = format!("'{filter}': {} of {}", model.shown(), tally.total());
        notes.push(Line::styled(words, theme::KEY));
    }
    if tally.retiring {
        let words = if width >= WIDE {
            EWS_END
        } else {
            EWS_END_BRIEF
        };
        notes.push(Line::styled(words, theme::QUIET));
    }
    if tally.checking > 0 {
        notes.push(Line::styled(
            format!("↻ {} checking", tally.checking),
            theme::KEY,
        ));
    }
    notes
}

/// Draws what must not be overlooked.
pub(super) fn draw_banners(model: &Model, area: Rect, buffer: &mut Buffer) {
    let Some(board) = &model.board else { return };
    let offline = board.offline_since.map(|since| {
        let since = format::moment(since, model.now, model.settings.local_offset);
        format!("✖ this machine is offline since {since}: no tenant is judged meanwhile")
    });
    let alarm = RowStatus::Failing.style().add_modifier(Modifier::BOLD);
    let notices = board.notices.iter().map(|notice| {
        let words = format!("▲ {}", text::line(notice));
        (words, RowStatus::Ending.style())
    });
    let banners = offline
        .map(|words| (words, alarm))
        .into_iter()
        .chain(notices);
    let width = usize::from(area.width).saturating_sub(2);
    for ((words, style), row) in banners.zip(area.rows()) {
        let words = format!(" {}", text::fit(&words, width));
        Line::styled(words, style).render(row, buffer);
    }
}
