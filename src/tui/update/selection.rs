//! Moving the selection in lists, and the first line of pages that are read.

use ratatui::layout::Rect;

use crate::tui::{
    layout,
    message::Motion,
    model::{ListState, Model, Screen},
    order::TableEntry,
    view,
};

/// Moves the selection, or scrolls, whichever the screen has.
pub(super) fn travel(model: &mut Model, motion: Motion) {
    match model.screen() {
        Screen::Fleet | Screen::Timeline => {
            let page = isize::try_from(rows_area(model).height.max(2) - 1).unwrap_or(1);
            step(model, distance(motion, page));
        }
        Screen::Events => {
            let page = isize::try_from(rows_area(model).height.max(2) - 1).unwrap_or(1);
            step_events(model, distance(motion, page));
        }
        Screen::Detail | Screen::Diagnosis | Screen::Help => {
            let page = isize::try_from(body(model).height.max(2) - 1).unwrap_or(1);
            model.scroll = model.scroll.saturating_add_signed(distance(motion, page));
            clamp_scroll(model);
        }
    }
}

const fn distance(motion: Motion, page: isize) -> isize {
    match motion {
        Motion::Up => -1,
        Motion::Down => 1,
        Motion::PageUp => -page,
        Motion::PageDown => page,
        Motion::First => isize::MIN,
        Motion::Last => isize::MAX,
    }
}

/// Selects the row this many lines away, or the last one on the way; headings are stepped over.
pub(super) fn step(model: &mut Model, by: isize) {
    let list = current(model);
    let Some(last) = list.entries.len().checked_sub(1) else {
        return;
    };
    let target = list.cursor.saturating_add_signed(by).min(last);
    let is_row = |place: &usize| {
        let entry = list.entries.get(*place);
        entry.is_some_and(|entry| entry.row().is_some())
    };
    let place = if by >= 0 {
        (target..=last)
            .find(is_row)
            .or_else(|| (0..target).rev().find(is_row))
    } else {
        (0..=target)
            .rev()
            .find(is_row)
            .or_else(|| (target..=last).find(is_row))
    };
    if let Some(place) = place {
        select(model, place);
    }
}

/// Selects the event this many lines away.
pub(super) fn step_events(model: &mut Model, by: isize) {
    let cursor = model.events.cursor.saturating_add_signed(by);
    select_event(model, cursor);
}

/// Selects an event, counted from the newest, and brings it onto the screen.
pub(super) fn select_event(model: &mut Model, cursor: usize) {
    let count = model.board.as_ref().map_or(0, |board| board.events.len());
    let height = usize::from(layout::events(body(model)).rows.height);
    let events = &mut model.events;
    events.cursor = cursor.min(count.saturating_sub(1));
    let lowest = (events.cursor + 1).saturating_sub(height);
    let last = count.saturating_sub(height);
    events.offset = events.offset.min(events.cursor).max(lowest).min(last);
}

/// Selects the next or previous row that needs attention; past the last, the first.
pub(super) fn next_trouble(model: &mut Model, forward: bool) {
    let list = current(model);
    let count = list.entries.len();
    let is_trouble = |place: &usize| {
        let entry = list.entries.get(*place);
        let row = entry.and_then(|entry| model.row(entry.row()?));
        row.is_some_and(|row| model.row_status(row).is_trouble())
    };
    let mut places = (1..=count).map(|step| {
        if forward {
            (list.cursor + step) % count
        } else {
            (list.cursor + count - step) % count
        }
    });
    match places.find(is_trouble) {
        Some(place) => select(model, place),
        None => model.say("no tenant that is shown needs attention"),
    }
}

/// Selects the tenant at a place of the list that is shown.
pub(super) fn select(model: &mut Model, place: usize) {
    let entry = current(model).entries.get(place).cloned();
    select_entry(model, entry.as_ref());
}

/// Selects the tenant at a place of the table, whatever is shown.
pub(super) fn select_in_fleet(model: &mut Model, place: usize) {
    let entry = model.fleet.entries.get(place).cloned();
    select_entry(model, entry.as_ref());
}

fn select_entry(model: &mut Model, entry: Option<&TableEntry>) {
    let row = entry.and_then(|entry| model.row(entry.row()?));
    let Some(name) = row.map(|row| row.tenant.name.clone()) else {
        return;
    };
    model.fleet.cursor = model.place_of(&model.fleet, &name).unwrap_or(0);
    model.timeline.cursor = model.place_of(&model.timeline, &name).unwrap_or(0);
    model.selected = Some(name);
    reveal(model);
}

/// Brings the selection back onto the screen.
pub(super) fn reveal(model: &mut Model) {
    let parts = layout::frame(model, layout::screen(model));
    let fleet = usize::from(layout::fleet(parts.body).rows.height);
    let timeline = usize::from(layout::timeline(parts.body).1.height);
    let event = model.events.cursor;
    select_event(model, event);
    model.fleet.reveal(fleet);
    model.timeline.reveal(timeline);
}

impl ListState {
    /// Moves the shown part as little as possible so that the cursor is in it and no room is wasted.
    fn reveal(&mut self, height: usize) {
        let last_offset = self.entries.len().saturating_sub(height);
        // the heading above the first row is shown with it
        let top = if self.cursor <= 1 { 0 } else { self.cursor };
        let lowest = (self.cursor + 1).saturating_sub(height);
        self.offset = self.offset.min(top).max(lowest).min(last_offset);
    }
}

/// Keeps what is read on the screen.
pub(super) fn clamp_scroll(model: &mut Model) {
    model.scroll = model.scroll.min(last_scroll(model));
}

/// Whether the last line of what is read is on the screen.
pub(super) fn is_at_end(model: &Model) -> bool {
    model.scroll >= last_scroll(model)
}

/// Brings the verdict of a diagnose run to the top.
pub(super) fn scroll_to_verdict(model: &mut Model) {
    model.scroll = view::diagnose_view::verdict_at(model, body(model));
}

/// From where on the last line shows.
fn last_scroll(model: &Model) -> usize {
    let body = body(model);
    let lines = match model.screen() {
        Screen::Detail => view::detail::height(model, body),
        Screen::Diagnosis => view::diagnose_view::height(model, body),
        Screen::Help => view::help::height(body),
        Screen::Fleet | Screen::Timeline | Screen::Events => 0,
    };
    lines.saturating_sub(usize::from(body.height))
}

pub(super) fn current(model: &Model) -> &ListState {
    match model.screen() {
        Screen::Timeline => &model.timeline,
        Screen::Fleet | Screen::Detail | Screen::Events | Screen::Diagnosis | Screen::Help => {
            &model.fleet
        }
    }
}

fn body(model: &Model) -> Rect {
    layout::frame(model, layout::screen(model)).body
}

/// Where the rows of the list stand; nowhere on a screen without one.
pub(super) fn rows_area(model: &Model) -> Rect {
    match model.screen() {
        Screen::Fleet => layout::fleet(body(model)).rows,
        Screen::Timeline => layout::timeline(body(model)).1,
        Screen::Events => layout::events(body(model)).rows,
        Screen::Detail | Screen::Diagnosis | Screen::Help => Rect::ZERO,
    }
}
