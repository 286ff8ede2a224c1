//! Opening and leaving screens.

use super::selection;
use crate::{
    tenant::TenantName,
    tui::model::{Mode, Model, Screen},
};

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

/// Drops the filter.
pub(super) fn clear_filter(model: &mut Model) {
    model.filter.reset();
    model.mode = Mode::Browse;
    model.rearrange();
    selection::reveal(model);
}

/// Makes what another screen needs.
fn turned(model: &mut Model) {
    model.scroll = 0;
    if model.screen() == Screen::Events {
        see_events(model);
    }
    if model.screen() == Screen::Timeline {
        model.rearrange();
    }
    selection::reveal(model);
}

/// Opens the tenant of the selected event.
pub(super) fn open_event(model: &mut Model) {
    let name = model
        .selected_event()
        .and_then(|event| event.tenant.clone());
    match name {
        Some(name) => open_tenant(model, &name),
        None => model.say("this event is about credwatch itself"),
    }
}

/// Opens the page of a tenant; a filter that hides it is dropped.
pub(super) fn open_tenant(model: &mut Model, name: &TenantName) {
    if model.place_of(&model.fleet, name).is_none() {
        clear_filter(model);
    }
    let Some(place) = model.place_of(&model.fleet, name) else {
        model.say(format!("{name} is not on the board any more"));
        return;
    };
    selection::select_in_fleet(model, place);
    open(model, Screen::Detail);
}

/// Takes all events for seen.
pub(super) fn see_events(model: &mut Model) {
    let newest = model.board.as_ref().and_then(|board| board.events.back());
    model.events_seen_at = newest.map_or(model.events_seen_at, |event| event.at);
    model.unread = 0;
}

/// Works the lists out anew after a change of the order, and says what it is now.
pub(super) fn rearranged(model: &mut Model) {
    model.rearrange();
    selection::reveal(model);
    let how = model.arrangement;
    let reversed = if how.reversed { ", reversed" } else { "" };
    let grouped = if how.grouped {
        ", grouped by cause"
    } else {
        ""
    };
    model.say(format!("sorted {}{reversed}{grouped}", how.by.words()));
}
