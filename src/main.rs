//! The binary: reads the command line, runs it, and turns the answer into an exit code.

use std::process::ExitCode;

use clap::Parser as _;
use credwatch::{app, cli::Cli, report::exit};

fn main() -> ExitCode {
    match Cli::try_parse() {
        Ok(cli) => ExitCode::from(app::run(cli)),
        Err(error) => {
            // nobody is left to tell if even this cannot be written
            error.print().ok();
            // bad usage is `3` everywhere; help and version are answers
            ExitCode::from(if error.use_stderr() {
                exit::UNKNOWN
            } else {
                exit::OK
            })
        }
    }
}
