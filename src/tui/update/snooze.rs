//! The keys that snooze alerts (each press makes the snooze longer, then ends it) and acknowledge
//! trouble.

use chrono::TimeDelta;

use crate::{
    tenant::TenantName,
    tui::{
        command::OperatorCommand,
        message::Effect,
        model::{Model, Snoozing},
    },
    verdict::Status,
};

/// The length that each press stands for; the press after the last ends the snooze.
const LENGTHS: [(TimeDelta, &str); 3] = [
    (TimeDelta::hours(1), "1 h"),
    (TimeDelta::hours(4), "4 h"),
    (TimeDelta::days(1), "1 d"),
];

/// Presses that follow each other within this belong together.
const TOGETHER: TimeDelta = TimeDelta::seconds(5);

/// Snoozes the alerts of the selected tenant: for longer at each press, then not at all.
pub(super) fn press(model: &mut Model) -> Vec<Effect> {
    let Some(row) = model.selected_row() else {
        model.say("no tenant is selected");
        return Vec::new();
    };
    let tenant = row.tenant.name.clone();
    let going_on = model
        .snoozing
        .as_ref()
        .filter(|last| last.tenant == tenant && last.until > model.now);
    let presses = match going_on {
        Some(last) => last.presses + 1,
        // a snooze from before is ended first
        None if model.snooze(&tenant).is_some() => LENGTHS.len(),
        None => 0,
    };
    let length = LENGTHS.get(presses);
    let text = match (length, LENGTHS.get(presses + 1)) {
        (Some((_, now)), Some((_, next))) => {
            format!("alerts of {tenant} snoozed for {now}; z again: {next}")
        }
        (Some((_, now)), None) => {
            format!("alerts of {tenant} snoozed for {now}; z again: not snoozed")
        }
        (None, _) => format!("alerts of {tenant} go out again"),
    };
    model.say(text);
    model.snoozing = length.map(|_| Snoozing {
        tenant: tenant.clone(),
        presses,
        until: model.now + TOGETHER,
    });
    let length = length.map(|(length, _)| *length);
    vec![Effect::Send(OperatorCommand::Snooze(tenant, length))]
}

/// Goes one press back: the next one means again what this one meant.
pub(super) fn refused(model: &mut Model, name: &TenantName) {
    let last = model.snoozing.take().filter(|last| last.tenant == *name);
    model.snoozing = last.and_then(|last| {
        let presses = last.presses.checked_sub(1)?;
        Some(Snoozing { presses, ..last })
    });
}

/// Says that the operator is at the trouble of the selected tenant, or no longer is.
pub(super) fn acknowledge(model: &mut Model) -> Vec<Effect> {
    let Some(row) = model.selected_row().cloned() else {
        model.say("no tenant is selected");
        return Vec::new();
    };
    let tenant = row.tenant.name.clone();
    if model.ack(&tenant).is_some() {
        model.say(format!("{tenant} is not acknowledged any more"));
        return vec![Effect::Send(OperatorCommand::Acknowledge(tenant, None))];
    }
    if row
        .report
        .as_ref()
        .is_some_and(|report| report.status == Status::Ok)
    {
        model.say(format!("{tenant} works: there is nothing to acknowledge"));
        return Vec::new();
    }
    let by = model.settings.operator.clone();
    model.say(format!(
        "{tenant} acknowledged by {by}: no reminders until it works"
    ));
    vec![Effect::Send(OperatorCommand::Acknowledge(tenant, Some(by)))]
}
