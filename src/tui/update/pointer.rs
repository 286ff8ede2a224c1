//! The mouse: clicks open tabs, sort by a title, select and open rows; the wheel moves what the arrows
//! move.

use ratatui::layout::{Position, Rect};

use super::{screens, selection};
use crate::tui::{
    layout,
    model::{Model, Screen},
    view::{columns, fleet},
};

/// A click selects; a second one on the same tenant opens it.
pub(super) fn click(model: &mut Model, column: u16, row: u16) {
    model.following = false;
    let at = Position::new(column, row);
    let frame = layout::frame(model, layout::screen(model));
    let tabs = layout::tabs(model, frame.header);
    if let Some((tab, _)) = tabs.iter().find(|(_, place)| place.contains(at)) {
        screens::open(model, tab.screen);
        return;
    }
    if model.screen() == Screen::Fleet && sort_by_title(model, frame.body, at) {
        return;
    }
    let area = selection::rows_area(model);
    if !area.contains(at) {
        return;
    }
    if model.screen() == Screen::Events {
        click_event(model, usize::from(row - area.y));
        return;
    }
    let list = selection::current(model);
    let place = list.offset + usize::from(row - area.y);
    let entry = list.entries.get(place);
    let name = entry
        .and_then(|entry| model.row(entry.row()?))
        .map(|row| row.tenant.name.clone());
    if name.is_none() {
        return;
    }
    selection::select(model, place);
    if model.clicked == name {
        model.clicked = None;
        screens::open(model, Screen::Detail);
    } else {
        model.clicked = name;
    }
}

/// The wheel moves what the arrows move.
pub(super) fn wheel(model: &mut Model, lines: i8) {
    model.following = false;
    match model.screen() {
        Screen::Fleet | Screen::Timeline => selection::step(model, isize::from(lines)),
        Screen::Events => selection::step_events(model, isize::from(lines)),
        Screen::Detail | Screen::Diagnosis | Screen::Help => {
            model.scroll = model.scroll.saturating_add_signed(isize::from(lines));
            selection::clamp_scroll(model);
        }
    }
}

/// Selects an event; a click on the selected one opens its tenant.
fn click_event(model: &mut Model, line: usize) {
    let place = model.events.offset + line;
    if place == model.events.cursor {
        screens::open_event(model);
    } else {
        selection::select_event(model, place);
    }
}

/// Sorts by the column whose title was clicked; a second click turns the order round.
fn sort_by_title(model: &mut Model, body: Rect, at: Position) -> bool {
    let titles = layout::fleet(body).titles;
    if !titles.contains(at) {
        return false;
    }
    let width = usize::from(titles.width).saturating_sub(fleet::LEAD);
    let mut start = fleet::LEAD;
    for placed in columns::plan(width, &model.tally) {
        let columns = start..=start + placed.width;
        if columns.contains(&usize::from(at.x - titles.x))
            && let Some(by) = placed.column.order()
        {
            model.arrangement.reversed = model.arrangement.by == by && !model.arrangement.reversed;
            model.arrangement.by = by;
            screens::rearranged(model);
            return true;
        }
        start += placed.width + 1;
    }
    true
}
