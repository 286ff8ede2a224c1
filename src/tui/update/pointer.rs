//! The mouse: clicks select and open, the wheel moves what the arrows move.

use ratatui::layout::Position;

use super::{screens, selection};
use crate::tui::model::{Model, Screen};

/// A click selects; a second one on the same tenant opens it.
pub(super) fn click(model: &mut Model, column: u16, row: u16) {
    model.following = false;
    let area = selection::rows_area(model);
    if !area.contains(Position::new(column, row)) {
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
        Screen::Detail | Screen::Events | Screen::Diagnosis | Screen::Help => {
            model.scroll = model.scroll.saturating_add_signed(isize::from(lines));
            selection::clamp_scroll(model);
        }
    }
}
