//! Opening and leaving screens.

use super::selection;
use crate::tui::model::{Model, Screen};

/// Puts a screen on top; one that is open already is gone back to.
pub(super) fn open(model: &mut Model, screen: Screen) {
    match model.opened.iter().position(|opened| *opened == screen) {
        Some(place) => model.opened.truncate(place + 1),
        None if screen == Screen::Fleet => model.opened.clear(),
        None => model.opened.push(screen),
    }
    turned(model);
}

/// Leaves a screen; on the fleet, clears the filter.
pub(super) fn back(model: &mut Model) {
    if model.opened.pop().is_none() {
        clear_filter(model);
    }
    turned(model);
}

pub(super) fn clear_filter(model: &mut Model) {
    model.filter.reset();
    model.editing = false;
    model.rearrange();
    selection::reveal(model);
}

/// Makes what another screen needs.
fn turned(model: &mut Model) {
    model.scroll = 0;
    if model.screen() == Screen::Timeline {
        model.rearrange();
    }
    selection::reveal(model);
}
