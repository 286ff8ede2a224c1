//! Diagnose runs: asking for one, taking in its progress, copying its ticket.

use std::sync::Arc;

use super::{screens, selection};
use crate::{
    report::diagnose,
    tenant::TenantName,
    tui::{
        command::OperatorCommand,
        diagnose_run::{DiagnoseOutcome, DiagnoseRun},
        message::Effect,
        model::{Model, Screen},
    },
};

/// Asks for a diagnose run over the selected tenant and shows it; one under way is only shown.
pub(super) fn begin(model: &mut Model) -> Vec<Effect> {
    let Some(row) = model.selected_row() else {
        model.say("no tenant is selected");
        return Vec::new();
    };
    let name = row.tenant.name.clone();
    let under_way = model
        .diagnose_run
        .as_ref()
        .filter(|run| run.outcome.is_none());
    if let Some(other) = under_way.map(|run| run.tenant.clone()) {
        if other != name {
            model.say(format!("{other} is being diagnosed: wait for its verdict"));
            return Vec::new();
        }
        screens::open(model, Screen::Diagnosis);
        return Vec::new();
    }
    model.diagnose_run = Some(Arc::new(DiagnoseRun::started(name.clone())));
    screens::open(model, Screen::Diagnosis);
    vec![Effect::Send(OperatorCommand::Diagnose(name))]
}

/// Takes in the progress of a run. A page scrolled to its end stays at its end, until the verdict comes
/// to the top.
pub(super) fn progress(model: &mut Model, run: Arc<DiagnoseRun>) {
    let expected = model.diagnose_run.as_ref().map(|known| &known.tenant);
    if expected != Some(&run.tenant) {
        return;
    }
    let follows = model.screen() == Screen::Diagnosis && selection::is_at_end(model);
    let ended = run.outcome.is_some();
    model.diagnose_run = Some(run);
    if follows && ended {
        selection::scroll_to_verdict(model);
    } else if follows {
        model.scroll = usize::MAX;
    }
    selection::clamp_scroll(model);
}

/// Forgets a run that the monitor refused to start.
pub(super) fn refused(model: &mut Model, name: &TenantName) {
    let waits = |run: &Arc<DiagnoseRun>| {
        run.tenant == *name && run.steps.is_empty() && run.outcome.is_none()
    };
    if model.diagnose_run.as_ref().is_some_and(waits) {
        model.diagnose_run = None;
    }
}

/// Puts the ticket of the diagnose run, or of the latest check, into the clipboard.
pub(super) fn copy(model: &mut Model) -> Vec<Effect> {
    let on_run = model.screen() == Screen::Diagnosis;
    let found = if on_run {
        ticket_of_run(model)
    } else {
        ticket_of_check(model)
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

fn ticket_of_run(model: &Model) -> Result<(String, String), String> {
    let Some(run) = &model.diagnose_run else {
        return Err("there is nothing to copy".to_owned());
    };
    let name = &run.tenant;
    match &run.outcome {
        Some(DiagnoseOutcome::Finished { ticket, .. }) => Ok((name.to_string(), ticket.clone())),
        Some(DiagnoseOutcome::Failed(_)) => {
            Err(format!("{name} could not be diagnosed: nothing to copy"))
        }
        None => Err(format!(
            "{name} is still being diagnosed: copy when it has ended"
        )),
    }
}

/// The ticket that `credwatch diagnose` would write, from the latest check.
fn ticket_of_check(model: &Model) -> Result<(String, String), String> {
    let row = model.selected_row().ok_or("no tenant is selected")?;
    let name = &row.tenant.name;
    let report = row
        .report
        .as_ref()
        .ok_or_else(|| format!("{name} has not been checked yet: there is nothing to copy"))?;
    let ticket = diagnose::ticket(&row.tenant, row.observation.as_deref(), report, None);
    Ok((name.to_string(), ticket))
}
