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
mod detailed_check;
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
    process,
    report::exit,
};
use runtime::AppContext;

/// Runs one command and returns the exit code.
pub fn run(cli: Cli) -> u8 {
    // first: it may start this program anew, which undoes the rest
    process::fit_address_space();
    process::forbid_core_dumps();
    runtime::silence_thread_limit();
    let mut app = AppContext::new(cli.global);
    let usual = || CliCommand::Watch(WatchArgs::default());
    let command = cli.command.unwrap_or_else(usual);
    let done = runtime::with_thread_limit_as_error(|| commands::dispatch(&mut app, command));
    done.unwrap_or_else(|error| {
        app.output.error(&error);
        exit::UNKNOWN
    })
}
