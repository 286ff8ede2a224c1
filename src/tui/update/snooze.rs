//! Snoozing alerts, which asks how long and why, and acknowledging trouble. Both can be undone.

use tui_input::Input;

use crate::{
    board::Row,
    tenant::TenantName,
    text,
    tui::{
        command::{OperatorCommand, SnoozeRequest},
        format,
        message::Effect,
        model::{Mode, Model, Undo},
        snooze_choice::{self, NO_REASON},
    },
    verdict::Status,
};

/// Asks how long the alerts of the selected tenant are to be snoozed.
pub(super) fn ask(model: &mut Model) {
    if model.selected_row().is_none() {
        model.say("no tenant is selected");
        return;
    }
    model.mode = Mode::SnoozeLength;
}

/// Takes the number of a length, and asks for the reason; 0 ends the snooze.
pub(super) fn choose(model: &mut Model, number: u8) -> Vec<Effect> {
    if number == 0 {
        model.mode = Mode::Browse;
        return end(model);
    }
    let choices = snooze_choice::choices(model.now, model.settings.local_offset);
    if let Some(choice) = choices.iter().find(|choice| choice.number == number) {
        model.input = Input::default();
        model.mode = Mode::SnoozeReason(choice.length);
    }
    Vec::new()
}

/// Snoozes with the reason that was typed.
pub(super) fn confirm(model: &mut Model) -> Vec<Effect> {
    let Mode::SnoozeReason(length) = model.mode else {
        return Vec::new();
    };
    model.mode = Mode::Browse;
    let Some(tenant) = selected(model) else {
        return Vec::new();
    };
    let typed = text::line(model.input.value());
    let reason = if typed.is_empty() {
        NO_REASON.to_owned()
    } else {
        typed
    };
    let until = format::moment(model.now + length, model.now, model.settings.local_offset);
    model.say(format!(
        "alerts of {tenant} are snoozed until {until}; u undoes that"
    ));
    let before = earlier(model, &tenant);
    model.undo = Some(Undo {
        text: format!("the snooze of {tenant} is taken back"),
        command: OperatorCommand::Snooze(tenant.clone(), before),
    });
    let request = SnoozeRequest { length, reason };
    vec![Effect::Send(OperatorCommand::Snooze(tenant, Some(request)))]
}

/// Ends the snooze of the selected tenant.
fn end(model: &mut Model) -> Vec<Effect> {
    let Some(tenant) = selected(model) else {
        return Vec::new();
    };
    let Some(before) = earlier(model, &tenant) else {
        model.say(format!("alerts of {tenant} are not snoozed"));
        return Vec::new();
    };
    model.say(format!("alerts of {tenant} go out again; u undoes that"));
    model.undo = Some(Undo {
        text: format!("alerts of {tenant} are snoozed again"),
        command: OperatorCommand::Snooze(tenant.clone(), Some(before)),
    });
    vec![Effect::Send(OperatorCommand::Snooze(tenant, None))]
}

/// The snooze that a tenant has now, as a request for what is left of it.
fn earlier(model: &Model, tenant: &TenantName) -> Option<SnoozeRequest> {
    let snooze = model.snooze(tenant)?;
    Some(SnoozeRequest {
        length: snooze.until - model.now,
        reason: snooze.reason.clone(),
    })
}

fn selected(model: &mut Model) -> Option<TenantName> {
    let name = model.selected_row().map(|row| row.tenant.name.clone());
    if name.is_none() {
        model.say("no tenant is selected");
    }
    name
}

/// Takes the last snooze or acknowledgement back.
pub(super) fn undo(model: &mut Model) -> Vec<Effect> {
    let Some(undo) = model.undo.take() else {
        model.say("there is nothing to undo");
        return Vec::new();
    };
    model.say(undo.text);
    vec![Effect::Send(undo.command)]
}

/// Acknowledges the selected tenant's trouble, or takes that back.
pub(super) fn acknowledge(model: &mut Model) -> Vec<Effect> {
    let Some(row) = model.selected_row().cloned() else {
        model.say("no tenant is selected");
        return Vec::new();
    };
    let tenant = row.tenant.name.clone();
    if let Some(before) = model.ack(&tenant).map(|ack| ack.by.clone()) {
        model.say(format!(
            "{tenant} is not acknowledged any more; u undoes that"
        ));
        model.undo = Some(Undo {
            text: format!("{tenant} is acknowledged again"),
            command: OperatorCommand::Acknowledge(tenant.clone(), Some(before)),
        });
        return vec![Effect::Send(OperatorCommand::Acknowledge(tenant, None))];
    }
    if is_ok(&row) {
        model.say(format!("{tenant} works: there is nothing to acknowledge"));
        return Vec::new();
    }
    let by = model.settings.operator.clone();
    model.say(format!(
        "{tenant} acknowledged by {by}: no reminders until it works; u undoes that"
    ));
    model.undo = Some(Undo {
        text: format!("{tenant} is not acknowledged any more"),
        command: OperatorCommand::Acknowledge(tenant.clone(), None),
    });
    vec![Effect::Send(OperatorCommand::Acknowledge(tenant, Some(by)))]
}

fn is_ok(row: &Row) -> bool {
    let report = row.report.as_ref();
    report.is_some_and(|report| report.status == Status::Ok)
}
