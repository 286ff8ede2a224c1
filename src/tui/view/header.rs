//! The lines on top, and the banners below them.
//!
//! Draws tabs and clock; the counts by status, each with a bar of its share; the latest change of a
//! tenant, which fades, or what else is worth a glance; then one banner a notice.
//!
//! ```text
//!  credwatch  1 fleet  2 timeline  3 events ³                 28 tenants · poll 00:07 · 14:03:22
//!  ✖ 11 failing █████▌   ◆ 1 urgent ▌   ▲ 4 ending ██   ? 2 unknown █   ● 10 works █████
//!  14:02 ▲ contoso-rooms crossed 7 days                               EWS ends in 124 d
//! ```

use chrono::{NaiveDate, TimeDelta};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
    text::{Line, Span},
    widgets::Widget as _,
};
use unicode_width::UnicodeWidthStr as _;

use super::text_layout::span;
use crate::{
    text,
    tui::{
        format, layout,
        model::{Flash, Model, Screen},
        row_status::RowStatus,
        theme,
    },
};

/// From this width on the words of the counts are written out.
const ROOM_FOR_WORDS: u16 = 64;

/// The least columns that a bar needs to show a share.
const LEAST_BAR: usize = 3;

/// The day on which Exchange Online stops answering EWS for good.
const EWS_END: Option<NaiveDate> = NaiveDate::from_ymd_opt(2027, 4, 1);

/// What is counted together, under the symbol and word of the first.
const COUNTS: [&[RowStatus]; 5] = [
    &[RowStatus::Failing, RowStatus::Expired],
    &[RowStatus::Urgent],
    &[RowStatus::Ending, RowStatus::TooLong, RowStatus::NoEndDate],
    &[RowStatus::Unknown, RowStatus::Loading],
    &[RowStatus::Ok],
];

/// Draws the header.
pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let mut rows = area.rows();
    if let Some(row) = rows.next() {
        draw_first(model, row, buffer);
    }
    if let Some(row) = rows.next() {
        counts(model, usize::from(row.width)).render(row, buffer);
    }
    if let Some(row) = rows.next() {
        draw_last(model, row, buffer);
    }
}

/// The title with the tabs, and the clock at the right; without tabs, the name of the screen.
fn draw_first(model: &Model, area: Rect, buffer: &mut Buffer) {
    let tabs = layout::tabs(model, area);
    let title = text::line(&model.settings.title);
    Line::styled(format!(" {title}"), theme::STRONG).render(area, buffer);
    let open = layout::tab_of(model);
    for (tab, place) in &tabs {
        let style = if tab.screen == open {
            theme::REVERSE.add_modifier(Modifier::BOLD)
        } else {
            Style::new()
        };
        let is_unread = tab.screen == Screen::Events && model.unread > 0;
        let mut spans = vec![span(format!(" {}", tab.label), style)];
        if is_unread {
            spans.push(span(
                format!(" {}", model.unread),
                style.patch(theme::STRONG),
            ));
        }
        spans.push(span(" ", style));
        Line::from(spans).render(*place, buffer);
    }
    let left = tabs.last().map_or_else(
        || area.x + u16::try_from(title.width() + 3).unwrap_or(0),
        |(_, place)| place.right() + 1,
    );
    let room = usize::from(area.right().saturating_sub(left));
    draw_right(&facts(model, room), area, buffer);
}

/// How many tenants there are, when the next poll is due, and the time: as much of it as there is room.
fn facts(model: &Model, room: usize) -> Line<'static> {
    let clock = format::clock(model.now, model.settings.local_offset);
    let mut parts = Vec::new();
    if let Some(since) = model.frozen_since {
        let since = format::clock(since, model.settings.local_offset);
        parts.push(span(
            format!("frozen since {since}, f goes on"),
            theme::ALARM,
        ));
    }
    // a low screen has no third line to say that most tenants are filtered out
    let filter = model.filter.value();
    if model.size.1 < layout::LOW && !filter.is_empty() {
        let filter = text::line(filter);
        parts.push(span(format!("'{filter}': {}", model.shown()), theme::KEY));
    }
    let tenants = u32::try_from(model.tally.total()).unwrap_or(u32::MAX);
    if tenants > 0 {
        parts.push(Span::raw(format::count(tenants, "tenant")));
    }
    // fixed in width, so that nothing moves while it ticks
    if let Some(at) = model.tally.next_at {
        let wait = format::short_wait(at - model.now);
        parts.push(Span::raw(format!("poll {wait}")));
    }
    parts.push(Span::raw(clock));
    loop {
        let wide: usize = parts.iter().map(|part| part.width() + 3).sum();
        if parts.len() <= 1 || wide <= room {
            break;
        }
        parts.remove(0);
    }
    let mut line = Line::default();
    for (nth, part) in parts.into_iter().enumerate() {
        if nth > 0 {
            line.push_span(span(" · ", theme::QUIET));
        }
        line.push_span(part);
    }
    line
}

fn draw_right(line: &Line<'_>, area: Rect, buffer: &mut Buffer) {
    let wide = u16::try_from(line.width() + 1).unwrap_or(u16::MAX);
    let x = area.right().saturating_sub(wide).max(area.x);
    let place = Rect::new(x, area.y, area.right() - x, area.height);
    line.render(place, buffer);
}

/// The counts, each with a bar of its share where there is room for bars.
fn counts(model: &Model, width: usize) -> Line<'static> {
    let words = width >= usize::from(ROOM_FOR_WORDS);
    let shown: Vec<(RowStatus, usize, String)> = COUNTS
        .iter()
        .filter_map(|together| {
            let first = *together.first()?;
            let count: usize = together.iter().map(|it| model.tally.count(*it)).sum();
            let name = together.iter().find(|it| model.tally.count(**it) > 0);
            let name = name.copied().unwrap_or(first);
            let text = if words {
                format!("{} {count} {}", name.symbol(), name.word())
            } else {
                format!("{} {count}", name.symbol())
            };
            (count > 0 || first != RowStatus::Urgent).then_some((name, count, text))
        })
        .collect();
    let texts: usize = shown.iter().map(|(_, _, text)| text.width() + 3).sum();
    let room = width.saturating_sub(texts + shown.len() + 1);
    let total = model.tally.total().max(1);
    let mut line = Line::raw(" ");
    for (row_status, count, text) in shown {
        let style = if count > 0 {
            row_status.style()
        } else {
            theme::QUIET
        };
        line.push_span(span(text, style));
        if room >= LEAST_BAR * COUNTS.len() && count > 0 {
            let bar = theme::bar(count as f64 / total as f64, room);
            line.push_span(span(format!(" {bar}"), row_status.style()));
        }
        line.push_span(Span::raw("   "));
    }
    line
}

/// The latest change while it is fresh, else notes; the end of EWS at the right.
fn draw_last(model: &Model, area: Rect, buffer: &mut Buffer) {
    let ews = ews(model);
    let room = usize::from(area.width).saturating_sub(ews.width() + 3);
    let left = match &model.flash {
        Some(flash) => flash_line(model, flash, room),
        None => notes(model),
    };
    let both = left.width() + ews.width() + 3;
    left.render(area, buffer);
    if both <= usize::from(area.width) {
        draw_right(&ews, area, buffer);
    }
}

/// A change: bold at first, dim at last.
fn flash_line(model: &Model, flash: &Flash, room: usize) -> Line<'static> {
    let age = model.now - flash.at;
    let event = &flash.event;
    let (symbol, style) = theme::status(event.status);
    let at = format::moment(event.at, model.now, model.settings.local_offset);
    let name = event
        .tenant
        .as_ref()
        .map_or("credwatch", |name| name.as_str());
    let words = format!(
        "{at} {symbol} {}: {}",
        text::line(name),
        text::line(&event.text)
    );
    let words = text::fit(&words, room.saturating_sub(3)).into_owned();
    let style = if age < TimeDelta::seconds(10) {
        style.add_modifier(Modifier::BOLD)
    } else if age < TimeDelta::seconds(20) {
        style
    } else {
        theme::QUIET
    };
    Line::from(vec![span(" ▎ ", style), span(words, style)])
}

/// What else is worth a glance, most important first.
fn notes(model: &Model) -> Line<'static> {
    let tally = &model.tally;
    let mut notes = Vec::new();
    if model.board.is_none() {
        notes.push(Span::raw("loading…"));
    }
    if tally.stale > 0 {
        let words = format!("! {} stale", tally.stale);
        notes.push(span(words, RowStatus::Unknown.style()));
    }
    if !model.filter.value().is_empty() {
        let filter = text::line(model.filter.value());
        let words = format!("'{filter}': {} of {}", model.shown(), tally.total());
        notes.push(span(words, theme::KEY));
    }
    if tally.checking > 0 {
        let words = format!("↻ {} checking", tally.checking);
        notes.push(span(words, theme::KEY));
    }
    let mut line = Line::raw(" ");
    for note in notes {
        line.push_span(note);
        line.push_span(Span::raw("   "));
    }
    line
}

/// When EWS ends, if any tenant here is on it.
fn ews(model: &Model) -> Line<'static> {
    let end = EWS_END.and_then(|day| Some(day.and_hms_opt(0, 0, 0)?.and_utc()));
    let Some(end) = end.filter(|_| model.tally.retiring) else {
        return Line::default();
    };
    let left = end - model.now;
    let words = if left > TimeDelta::zero() {
        format!("EWS ends in {} d (1 Apr 2027)", left.num_days())
    } else {
        "EWS ended on 1 Apr 2027".to_owned()
    };
    Line::styled(words, theme::QUIET)
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

/// Returns the title of the terminal's window: the counts, worst first.
pub(crate) fn window_title(model: &Model) -> String {
    let counts = COUNTS.iter().filter_map(|together| {
        let first = together.first()?;
        let count: usize = together.iter().map(|it| model.tally.count(*it)).sum();
        (count > 0).then(|| format!("{} {count}", first.symbol()))
    });
    let counts: Vec<String> = counts.collect();
    let title = text::line(&model.settings.title);
    let whole = format!("{title} {}", counts.join(" "));
    if model.settings.ascii {
        text::ascii(&whole).into_owned()
    } else {
        whole
    }
}
