//! The one place where the model changes: pure, total, without a clock.

mod choices;
mod diagnose;
mod news;
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
    model::{Mode, Model, Screen},
};
use crate::{
    board::{Activity, Row},
    tenant::TenantName,
    text,
};

/// A tenant that was checked this recently is not checked again: every check is a sign-in in the
/// customer's log.
const RECHECK: TimeDelta = TimeDelta::seconds(30);

/// Characters that a filter, or another typed text, may have.
const TYPED_LENGTH: usize = 200;

/// Takes in a message, and returns the effects that the loop has to perform.
pub fn update(model: &mut Model, message: Message) -> Vec<Effect> {
    match message {
        Message::Board(board) => news::take(model, board),
        Message::Tick(now) => tick(model, now),
        Message::Background(background) => model.background = background,
        Message::Paste(text) => paste(model, &text),
        Message::Resize(width, height) => {
            model.size = (width, height);
            selection::reveal(model);
            selection::clamp_scroll(model);
        }
        Message::Act(action) => {
            model.following = false;
            model.clicked = None;
            let mut effects = act(model, action);
            effects.extend(news::title(model));
            return effects;
        }
        Message::Edit(request) => edit(model, request),
        Message::Click(column, row) => pointer::click(model, column, row),
        Message::Wheel(lines) => pointer::wheel(model, lines),
        Message::DiagnoseProgress(run) => diagnose::progress(model, run),
        Message::Refused(command) => refused(model, &command),
    }
    news::title(model).into_iter().collect()
}

/// Takes back what sending a command has changed: it was not sent.
fn refused(model: &mut Model, command: &OperatorCommand) {
    match command {
        OperatorCommand::Check(name) => drop(model.asked.remove(name)),
        OperatorCommand::CheckAll => model.asked.clear(),
        OperatorCommand::Diagnose(name) => diagnose::refused(model, name),
        OperatorCommand::Snooze(..) | OperatorCommand::Acknowledge(..) => model.undo = None,
        OperatorCommand::Reload => {}
    }
    model.say("the monitor is busy: not asked, try again in a moment");
}

fn tick(model: &mut Model, now: DateTime<Utc>) {
    model.now = now;
    if model.feedback.as_ref().is_some_and(|it| it.until <= now) {
        model.feedback = None;
    }
    news::fade(model);
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
        Action::Snooze => snooze::ask(model),
        Action::Undo => return snooze::undo(model),
        Action::OfferCommands => choices::offer_commands(model),
        Action::OpenPalette => choices::open_palette(model),
        Action::Choose(number) => return choices::choose(model, number),
        Action::ChoiceUp => choices::move_choice(model, false),
        Action::ChoiceDown => choices::move_choice(model, true),
        Action::Confirm => return confirm(model),
        Action::NextTrouble => selection::next_trouble(model, true),
        Action::PreviousTrouble => selection::next_trouble(model, false),
        Action::Freeze => news::freeze(model),
        Action::Acknowledge => return snooze::acknowledge(model),
        Action::Reload => {
            model.say("reading the config again…");
            return vec![Effect::Send(OperatorCommand::Reload)];
        }
        Action::Move(motion) => selection::travel(model, motion),
        Action::Open if model.screen() == Screen::Events => screens::open_event(model),
        Action::Open => {
            if model.selected_row().is_some() {
                screens::open(model, Screen::Detail);
            }
        }
        Action::Back => screens::back(model),
        // the fleet is the ground: nothing is left by going to it again
        Action::Show(Screen::Fleet) => screens::open(model, Screen::Fleet),
        Action::Show(screen) if model.screen() == screen => screens::back(model),
        Action::Show(screen) => screens::open(model, screen),
        Action::Filter => model.mode = Mode::Filter,
        Action::KeepFilter | Action::Cancel => model.mode = Mode::Browse,
        Action::ClearFilter => screens::clear_filter(model),
        Action::SortNext => {
            model.arrangement.by = model.arrangement.by.next();
            model.arrangement.reversed = false;
            screens::rearranged(model);
        }
        Action::SortReverse => {
            model.arrangement.reversed = !model.arrangement.reversed;
            screens::rearranged(model);
        }
        Action::Group => {
            model.arrangement.grouped = !model.arrangement.grouped;
            screens::rearranged(model);
        }
        Action::Axis => model.axis = model.axis.next(),
    }
    Vec::new()
}

/// Does what was typed or chosen.
fn confirm(model: &mut Model) -> Vec<Effect> {
    match model.mode {
        Mode::SnoozeReason(_) => snooze::confirm(model),
        Mode::Palette => choices::chosen(model).map_or_else(Vec::new, |action| act(model, action)),
        Mode::Browse | Mode::Filter | Mode::Copy | Mode::SnoozeLength => Vec::new(),
    }
}

/// Edits the text that is being typed.
fn edit(model: &mut Model, request: InputRequest) {
    let input = match model.mode {
        Mode::SnoozeReason(_) | Mode::Palette => &mut model.input,
        Mode::Browse | Mode::Filter | Mode::Copy | Mode::SnoozeLength => &mut model.filter,
    };
    let grows = matches!(request, InputRequest::InsertChar(_));
    if grows && input.value().chars().count() >= TYPED_LENGTH {
        return;
    }
    let changed = input.handle(request).is_some_and(|changed| changed.value);
    match model.mode {
        Mode::SnoozeReason(_) | Mode::Palette => model.choice = 0,
        Mode::Browse | Mode::Filter | Mode::Copy | Mode::SnoozeLength if changed => {
            model.rearrange();
            selection::reveal(model);
        }
        Mode::Browse | Mode::Filter | Mode::Copy | Mode::SnoozeLength => {}
    }
}

/// Takes a pasted text for typed where a text is being typed; elsewhere it would press keys.
fn paste(model: &mut Model, text: &str) {
    if model.mode.is_typing() {
        for c in text::line(text).chars().take(TYPED_LENGTH) {
            edit(model, InputRequest::InsertChar(c));
        }
    } else {
        model.say("a pasted text presses no keys here");
    }
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
