//! Looking at the selected tenant step by step: asking for it, taking in its steps, its ticket.

use std::sync::Arc;

use super::{lists, open};
use crate::{
    report::diagnose,
    tenant::TenantName,
    tui::{
        Command,
        look::{End, Look},
        message::Effect,
        model::{Model, Screen},
    },
};

/// Asks for a look at the selected tenant, and shows it; one that goes on is only shown.
pub(super) fn begin(model: &mut Model) -> Vec<Effect> {
    let Some(row) = model.selected_row() else {
        model.say("no tenant is selected");
        return Vec::new();
    };
    let name = row.tenant.name.clone();
    let under_way = model.look.as_ref().filter(|look| look.end.is_none());
    if let Some(other) = under_way.map(|look| look.tenant.clone()) {
        if other != name {
            model.say(format!(
                "{other} is looked at just now: wait for its verdict"
            ));
            return Vec::new();
        }
        open(model, Screen::Diagnosis);
        return Vec::new();
    }
    model.look = Some(Arc::new(Look::begun(name.clone())));
    open(model, Screen::Diagnosis);
    vec![Effect::Send(Command::Diagnose(name))]
}

/// Takes in how far a look has come; whoever reads the end of the page stays there, until the verdict
/// comes to the top.
pub(super) fn heard(model: &mut Model, look: Arc<Look>) {
    let expected = model.look.as_ref().map(|known| &known.tenant);
    if expected != Some(&look.tenant) {
        return;
    }
    let follows = model.screen() == Screen::Diagnosis && lists::is_at_end(model);
    let ended = look.end.is_some();
    model.look = Some(look);
    if follows && ended {
        lists::scroll_to_verdict(model);
    } else if follows {
        model.scroll = usize::MAX;
    }
    lists::clamp_scroll(model);
}

/// Forgets a look that nobody has begun.
pub(super) fn refused(model: &mut Model, name: &TenantName) {
    let waits =
        |look: &Arc<Look>| look.tenant == *name && look.steps.is_empty() && look.end.is_none();
    if model.look.as_ref().is_some_and(waits) {
        model.look = None;
    }
}

/// Puts the ticket of the look, or of the latest check, into the clipboard.
pub(super) fn copy(model: &mut Model) -> Vec<Effect> {
    let on_look = model.screen() == Screen::Diagnosis;
    let found = if on_look {
        of_look(model)
    } else {
        of_check(model)
    };
    match found {
        Ok((name, ticket)) => {
            // the terminal does not say whether it took it
            model.say(format!(
                "a ticket about {name} went to the clipboard, if the terminal lets it"
            ));
            vec![Effect::Copy(ticket)]
        }
        Err(why) => {
            model.say(why);
            Vec::new()
        }
    }
}

fn of_look(model: &Model) -> Result<(String, String), String> {
    let Some(look) = &model.look else {
        return Err("there is nothing to copy".to_owned());
    };
    let name = &look.tenant;
    match &look.end {
        Some(End::Made { ticket, .. }) => Ok((name.to_string(), ticket.clone())),
        Some(End::NotMade(_)) => Err(format!("{name} could not be looked at: nothing to copy")),
        None => Err(format!(
            "{name} is still being looked at: copy when it has ended"
        )),
    }
}

/// The ticket that `credwatch diagnose` would write, from the latest check.
fn of_check(model: &Model) -> Result<(String, String), String> {
    let row = model.selected_row().ok_or("no tenant is selected")?;
    let name = &row.tenant.name;
    let report = row
        .report
        .as_ref()
        .ok_or_else(|| format!("{name} has not been checked yet: there is nothing to copy"))?;
    let ticket = diagnose::ticket(&row.tenant, row.observation.as_deref(), report, None);
    Ok((name.to_string(), ticket))
}
