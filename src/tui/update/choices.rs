//! Modes in which something is chosen: a command to copy, an entry of the palette.

use tui_input::Input;

use super::{screens, snooze};
use crate::tui::{
    advice,
    message::{Action, Effect},
    model::{Mode, Model},
    palette::{self, PaletteChoice},
};

/// Offers the commands of the selected tenant's advice.
pub(super) fn offer_commands(model: &mut Model) {
    let Some(row) = model.selected_row().cloned() else {
        model.say("no tenant is selected");
        return;
    };
    if advice::all_commands(model, &row).is_empty() {
        let name = &row.tenant.name;
        model.say(format!("the advice on {name} has no command to copy"));
        return;
    }
    model.mode = Mode::Copy;
}

/// Takes a number in a mode that offers numbers.
pub(super) fn choose(model: &mut Model, number: u8) -> Vec<Effect> {
    match model.mode {
        Mode::Copy => copy_command(model, number),
        Mode::SnoozeLength => snooze::choose(model, number),
        Mode::Browse | Mode::Filter | Mode::SnoozeReason(_) | Mode::Palette => Vec::new(),
    }
}

fn copy_command(model: &mut Model, number: u8) -> Vec<Effect> {
    let row = model.selected_row();
    let commands = row.map_or_else(Vec::new, |row| advice::all_commands(model, row));
    let chosen = commands
        .into_iter()
        .find(|command| command.number == usize::from(number));
    let Some(command) = chosen else {
        return Vec::new();
    };
    model.mode = Mode::Browse;
    // the terminal does not say whether it took it
    model.say(format!("copied, if the terminal lets it: {}", command.line));
    vec![Effect::Copy(command.line)]
}

/// Opens the palette.
pub(super) fn open_palette(model: &mut Model) {
    model.input = Input::default();
    model.choice = 0;
    model.mode = Mode::Palette;
}

/// Moves the choice in the palette.
pub(super) fn move_choice(model: &mut Model, down: bool) {
    let last = palette::entries(model).len().saturating_sub(1);
    model.choice = if down {
        (model.choice + 1).min(last)
    } else {
        model.choice.saturating_sub(1)
    };
}

/// What Enter in the palette asks for.
pub(super) fn chosen(model: &mut Model) -> Option<Action> {
    let entry = palette::entries(model).into_iter().nth(model.choice)?;
    model.mode = Mode::Browse;
    match entry.choice {
        PaletteChoice::Act(action) => Some(action),
        PaletteChoice::Open(name) => {
            screens::open_tenant(model, &name);
            None
        }
    }
}
