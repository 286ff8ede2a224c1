//! The composition root: builds the clock, the HTTP clients and the sinks, and runs a command.
//!
//! The only module that knows all others; only `main` imports it. `commands` holds one file for each
//! subcommand; what several commands share stands beside it. Errors end here: an error of credwatch
//! itself is printed once, with its causes, and becomes exit code 3.

mod commands;
#[cfg(all(feature = "exporter", unix))]
mod config_watcher;
mod dashboard;
mod delivery;
mod diagnose_run;
mod hold_text;
mod pass_output;
mod post_check;
mod probe;
mod reload;
mod runtime;
mod selection;
mod usage_error;

pub use usage_error::report_usage_error;

use crate::{
    cli::{Cli, CliCommand, WatchArgs},
    report::exit,
};
use runtime::App;

/// Runs one command and returns the exit code.
pub fn run(cli: Cli) -> u8 {
    let mut app = App::new(cli.global);
    let done = commands::dispatch(
        &mut app,
        cli.command
            .unwrap_or_else(|| CliCommand::Watch(WatchArgs::default())),
    );
    done.unwrap_or_else(|error| {
        app.output.error(&error);
        exit::UNKNOWN
    })
}
