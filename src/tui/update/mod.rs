//! The one place where the model changes: pure, total, without a clock.

mod diagnose;
mod pointer;
mod screens;
mod selection;
mod snooze;
#[cfg(test)]
mod tests;

use chrono::{DateTime, TimeDelta, Utc};
use tui_input::InputRequest;

use super::{
    command::OperatorCommand,
    format,
    message::{Action, Effect, Message},
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

/// Takes in a message, and returns the effects that the loop has to perform.
pub fn update(model: &mut Model, message: Message) -> Vec<Effect> {
    match message {
        Message::Board(board) => {
            model.board = Some(board);
            model.rearrange();
            selection::reveal(model);
        }
        Message::Tick(now) => tick(model, now),
        Message::Resize(width, height) => {
            model.size = (width, height);
            selection::reveal(model);
            selection::clamp_scroll(model);
        }
        Message::Act(action) => {
            model.following = false;
            model.clicked = None;
            return act(model, action);
        }
        Message::Edit(request) => edit(model, request),
        Message::Click(column, row) => pointer::click(model, column, row),
        Message::Wheel(lines) => pointer::wheel(model, lines),
        Message::DiagnoseProgress(run) => diagnose::progress(model, run),
        Message::Refused(command) => refused(model, &command),
    }
    Vec::new()
}

/// Takes back what sending a command has changed: it was not sent.
fn refused(model: &mut Model, command: &OperatorCommand) {
    match command {
        OperatorCommand::Check(name) => drop(model.asked.remove(name)),
        OperatorCommand::CheckAll => model.asked.clear(),
        OperatorCommand::Diagnose(name) => diagnose::refused(model, name),
        OperatorCommand::Snooze(name, _) => snooze::refused(model, name),
        OperatorCommand::Reload | OperatorCommand::Acknowledge(..) => {}
    }
    model.say("the monitor is busy: not asked, try again in a moment");
}

fn tick(model: &mut Model, now: DateTime<Utc>) {
    model.now = now;
    if model.feedback.as_ref().is_some_and(|it| it.until <= now) {
        model.feedback = None;
    }
    // order and counts change with time only where an answer turns stale or a credential ends
    if model.tally.next_change_at.is_some_and(|at| at <= now) {
        model.rearrange();
        selection::reveal(model);
    }
}

fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Quit => return vec![Effect::Quit],
        Action::Check => return check(model),
        Action::Diagnose => return diagnose::begin(model),
        Action::Copy => return diagnose::copy(model),
        Action::CheckAll => return check_all(model),
        Action::Snooze => return snooze::press(model),
        Action::Acknowledge => return snooze::acknowledge(model),
        Action::Reload => {
            model.say("reading the config again…");
            return vec![Effect::Send(OperatorCommand::Reload)];
        }
        Action::Move(motion) => selection::travel(model, motion),
        Action::Open => {
            if model.selected_row().is_some() {
                screens::open(model, Screen::Detail);
            }
        }
        Action::Back => screens::back(model),
        Action::Show(screen) if model.screen() == screen => screens::back(model),
        Action::Show(screen) => screens::open(model, screen),
        Action::Filter => model.editing = true,
        Action::KeepFilter => model.editing = false,
        Action::ClearFilter => screens::clear_filter(model),
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

fn edit(model: &mut Model, request: InputRequest) {
    let grows = matches!(request, InputRequest::InsertChar(_));
    if grows && model.filter.value().chars().count() >= FILTER_LENGTH {
        return;
    }
    let changed = model.filter.handle(request);
    if changed.is_some_and(|changed| changed.value) {
        model.rearrange();
        selection::reveal(model);
    }
}

fn rearranged(model: &mut Model) {
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
        let left = format::age(left);
        model.say(format!("{name} was checked just now: wait {left} more"));
        return Vec::new();
    }
    model.say(format!("checking {name}…"));
    model.asked.insert(name.clone(), model.now);
    vec![Effect::Send(OperatorCommand::Check(name))]
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
        format::count(tenants, "tenant")
    ));
    vec![Effect::Send(OperatorCommand::CheckAll)]
}
