//! The one place where the model changes: pure, total, without a clock.

mod lists;
mod look;
mod snooze;
#[cfg(test)]
mod tests;

use chrono::{DateTime, TimeDelta, Utc};
use tui_input::InputRequest;

use super::{
    Command, figures,
    message::{Action, Effect, Message, Motion},
    model::{Model, Screen},
};
use crate::{
    board::{Activity, Row},
    tenant::TenantName,
};

/// A tenant that was checked this recently is not checked again: every check is a sign-in in the
/// customer's log.
const RECHECK: TimeDelta = TimeDelta::seconds(30);

/// Characters that a filter may have.
const FILTER_LENGTH: usize = 200;

/// Takes in what happened, and returns what is to be done about it.
pub fn update(model: &mut Model, message: Message) -> Vec<Effect> {
    match message {
        Message::Board(board) => {
            model.board = Some(board);
            model.rearrange();
            lists::reveal(model);
        }
        Message::Tick(now) => tick(model, now),
        Message::Resize(width, height) => {
            model.size = (width, height);
            lists::reveal(model);
            lists::clamp_scroll(model);
        }
        Message::Act(action) => {
            model.following = false;
            model.clicked = None;
            return act(model, action);
        }
        Message::Edit(request) => edit(model, request),
        Message::Click(column, row) => lists::click(model, column, row),
        Message::Wheel(lines) => lists::wheel(model, lines),
        Message::Look(heard) => look::heard(model, heard),
        Message::Refused(command) => refused(model, &command),
    }
    Vec::new()
}

/// Takes back what sending a command has changed: it was not sent.
fn refused(model: &mut Model, command: &Command) {
    match command {
        Command::Check(name) => drop(model.asked.remove(name)),
        Command::CheckAll => model.asked.clear(),
        Command::Diagnose(name) => look::refused(model, name),
        Command::Snooze(name, _) => snooze::refused(model, name),
        Command::Reload | Command::Acknowledge(..) => {}
    }
    model.say("the monitor is busy: not asked, try again in a moment");
}

fn tick(model: &mut Model, now: DateTime<Utc>) {
    model.now = now;
    if model.feedback.as_ref().is_some_and(|it| it.until <= now) {
        model.feedback = None;
    }
    // order and counts change with time only where an answer turns stale or a credential ends
    if model.tally.turns_at.is_some_and(|at| at <= now) {
        model.rearrange();
        lists::reveal(model);
    }
}

fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Quit => return vec![Effect::Quit],
        Action::Check => return check(model),
        Action::Diagnose => return look::begin(model),
        Action::Copy => return look::copy(model),
        Action::CheckAll => return check_all(model),
        Action::Snooze => return snooze::press(model),
        Action::Acknowledge => return snooze::acknowledge(model),
        Action::Reload => {
            model.say("reading the config again…");
            return vec![Effect::Send(Command::Reload)];
        }
        Action::Move(motion) => lists::travel(model, motion),
        Action::Open => {
            if model.selected_row().is_some() {
                open(model, Screen::Detail);
            }
        }
        Action::Back => back(model),
        Action::Show(screen) if model.screen() == screen => back(model),
        Action::Show(screen) => open(model, screen),
        Action::Filter => model.editing = true,
        Action::KeepFilter => model.editing = false,
        Action::ClearFilter => clear_filter(model),
        Action::SortNext => {
            model.arrangement.by = model.arrangement.by.next();
            model.arrangement.reversed = false;
            rearranged(model);
        }
        Action::SortReverse => {
            model.arrangement.reversed = !model.arrangement.reversed;
            rearranged(model);
        }
        Action::Group => {
            model.arrangement.grouped = !model.arrangement.grouped;
            rearranged(model);
        }
        Action::Axis => model.axis = model.axis.next(),
    }
    Vec::new()
}

/// Puts a screen on top; one that is open already is gone back to.
fn open(model: &mut Model, screen: Screen) {
    match model.opened.iter().position(|opened| *opened == screen) {
        Some(place) => model.opened.truncate(place + 1),
        None if screen == Screen::Fleet => model.opened.clear(),
        None => model.opened.push(screen),
    }
    turned(model);
}

/// Makes what another screen needs.
fn turned(model: &mut Model) {
    model.scroll = 0;
    if model.screen() == Screen::Timeline {
        model.rearrange();
    }
    lists::reveal(model);
}

/// Leaves a screen; on the fleet, clears the filter.
fn back(model: &mut Model) {
    if model.opened.pop().is_none() {
        clear_filter(model);
    }
    turned(model);
}

fn clear_filter(model: &mut Model) {
    model.filter.reset();
    model.editing = false;
    model.rearrange();
    lists::reveal(model);
}

fn edit(model: &mut Model, request: InputRequest) {
    let grows = matches!(request, InputRequest::InsertChar(_));
    if grows && model.filter.value().chars().count() >= FILTER_LENGTH {
        return;
    }
    let changed = model.filter.handle(request);
    if changed.is_some_and(|changed| changed.value) {
        model.rearrange();
        lists::reveal(model);
    }
}

fn rearranged(model: &mut Model) {
    model.rearrange();
    lists::reveal(model);
    let how = model.arrangement;
    let reversed = if how.reversed { ", reversed" } else { "" };
    let grouped = if how.grouped {
        ", grouped by cause"
    } else {
        ""
    };
    model.say(format!("sorted {}{reversed}{grouped}", how.by.words()));
}

fn check(model: &mut Model) -> Vec<Effect> {
    let Some(row) = model.selected_row().cloned() else {
        model.say("no tenant is selected");
        return Vec::new();
    };
    let name = row.tenant.name.clone();
    if row.activity != Activity::Waiting {
        model.say(format!("{name} is being checked already"));
        return Vec::new();
    }
    if let Some(left) = wait_left(&row, model.asked.get(&name).copied(), model.now) {
        let left = figures::age(left);
        model.say(format!("{name} was checked just now: wait {left} more"));
        return Vec::new();
    }
    model.say(format!("checking {name}…"));
    model.asked.insert(name.clone(), model.now);
    vec![Effect::Send(Command::Check(name))]
}

/// How long a tenant must still be left alone, if it must.
fn wait_left(row: &Row, asked: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<TimeDelta> {
    let checked = row.report.as_ref().map(|report| report.checked_at);
    let last = checked.max(asked)?;
    let left = last + RECHECK - now;
    (left > TimeDelta::zero()).then_some(left.min(RECHECK))
}

fn check_all(model: &mut Model) -> Vec<Effect> {
    let Some(board) = model.board.clone().filter(|board| !board.rows.is_empty()) else {
        model.say("there is nothing to check yet");
        return Vec::new();
    };
    let names = board.rows.iter().map(|row| row.tenant.name.clone());
    let now = model.now;
    model.asked = names.map(|name: TenantName| (name, now)).collect();
    let tenants = u32::try_from(board.rows.len()).unwrap_or(u32::MAX);
    model.say(format!(
        "checking all {}…",
        figures::count(tenants, "tenant")
    ));
    vec![Effect::Send(Command::CheckAll)]
}
