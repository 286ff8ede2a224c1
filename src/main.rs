//! The binary: reads the command line, runs it, and turns the answer into an exit code.

use std::process::ExitCode;

use clap::Parser as _;
use credwatch::{app, cli::Cli};

fn main() -> ExitCode {
    match Cli::try_parse() {
        Ok(cli) => ExitCode::from(app::run(cli)),
        Err(error) => ExitCode::from(app::report_usage_error(error, std::env::args_os())),
    }
}
