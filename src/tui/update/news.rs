//! Taking in a new board: what changed is marked for a while, and the latest event comes up in the
//! header. Freezing holds boards back.

use std::sync::Arc;

use super::{screens, selection};
use crate::{
    board::Board,
    tui::{
        message::Effect,
        model::{CHANGE_MARK, FLASH, Flash, Model, Screen},
        row_status::RowStatus,
        view::header,
    },
};

/// Takes in a board, or keeps it for later while the picture stands still.
pub(super) fn take(model: &mut Model, board: Arc<Board>) {
    if model.frozen_since.is_some() {
        model.held_board = Some(board);
        return;
    }
    if let Some(before) = model.board.clone() {
        mark_changes(model, &before, &board);
        flash(model, &before, &board);
    } else {
        // what happened before the dashboard was opened is no news
        model.events_seen_at = board.events.back().map_or(model.now, |event| event.at);
    }
    let unseen = board.events.iter().rev();
    let unseen = unseen.take_while(|event| event.at > model.events_seen_at);
    model.unread = unseen.count();
    // the selected event stays selected when newer ones come; the newest place shows the newest
    if model.events.cursor > 0 {
        let before = model.board.as_ref().map_or(0, |board| board.events.len());
        model.events.cursor += board.events.len().saturating_sub(before);
    }
    model.board = Some(board);
    if model.screen() == Screen::Events {
        screens::see_events(model);
    }
    model.rearrange();
    selection::reveal(model);
}

/// Notes the tenants whose status is another one now. Rows keep their order between boards unless the
/// config changed; then nothing is marked.
fn mark_changes(model: &mut Model, before: &Board, after: &Board) {
    let now = model.now;
    for (old, new) in before.rows.iter().zip(&after.rows) {
        if Arc::ptr_eq(old, new) {
            continue;
        }
        let same = old.tenant.name == new.tenant.name && old.report.is_some();
        if same && RowStatus::of(old, now) != RowStatus::of(new, now) {
            model.changed.insert(new.tenant.name.clone(), now);
        }
    }
}

/// Brings the newest event about a tenant up in the header, if it is new.
fn flash(model: &mut Model, before: &Board, after: &Board) {
    let last_at = before.events.back().map(|event| event.at);
    let fresh = after.events.iter().rev();
    let mut fresh = fresh.take_while(|event| last_at.is_none_or(|last| event.at > last));
    if let Some(event) = fresh.find(|event| event.tenant.is_some()) {
        model.flash = Some(Flash {
            event: Arc::clone(event),
            at: model.now,
        });
    }
}

/// Takes marks away that have stood long enough.
pub(super) fn fade(model: &mut Model) {
    let now = model.now;
    if model.flash.as_ref().is_some_and(|it| now - it.at >= FLASH) {
        model.flash = None;
    }
    model.changed.retain(|_, at| now - *at < CHANGE_MARK);
}

/// Lets the picture stand still, or shows the newest board again.
pub(super) fn freeze(model: &mut Model) {
    if model.frozen_since.take().is_none() {
        model.frozen_since = Some(model.now);
        model.say("the picture stands still; f lets it go on, checks go on meanwhile");
        return;
    }
    model.say("the picture goes on");
    if let Some(board) = model.held_board.take() {
        take(model, board);
    }
}

/// Returns the new title of the window, if it is another one than before.
pub(super) fn title(model: &mut Model) -> Option<Effect> {
    let title = header::window_title(model);
    if model.board.is_none() || title == model.title {
        return None;
    }
    model.title.clone_from(&title);
    Some(Effect::SetTitle(title))
}
