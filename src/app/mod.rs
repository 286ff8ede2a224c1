//! The composition root: builds the clock, the HTTP clients and the sinks, and runs a command.
//!
//! The only room that knows all others; nobody but `main` imports it. Errors end here: what credwatch
//! itself could not do is said once, with its causes, and becomes exit code 3.

mod after;
mod check;
mod config;
mod courier;
#[cfg(feature = "demo")]
mod demo;
mod diagnose;
mod expiry;
mod explain;
mod gather;
mod init;
mod login;
mod manual;
mod notify;
mod parts;
mod probe;
#[cfg(all(feature = "exporter", unix))]
mod reload;
#[cfg(all(feature = "exporter", unix))]
mod serve;
mod snooze;
mod swap;
mod systemd;
mod telling;
mod turns;
mod usage;
mod watch;
mod watching;

use clap::CommandFactory as _;

pub use usage::refuse;

use crate::{
    cli::{Cli, Command, Global},
    clock::Clock,
    logging::{self, Log, Logging},
    output::{self, Output},
    report::{exit, text::Symbols},
};

/// What every command needs.
struct App {
    global: Global,
    clock: Clock,
    output: Output,
}

/// Runs one command and returns the exit code.
pub fn run(cli: Cli) -> u8 {
    let mut app = App {
        output: Output::new(cli.global.color),
        global: cli.global,
        clock: Clock,
    };
    let done = app.dispatch(cli.command.unwrap_or(Command::Watch));
    done.unwrap_or_else(|error| {
        app.output.error(&error);
        exit::UNKNOWN
    })
}

impl App {
    fn dispatch(&mut self, command: Command) -> anyhow::Result<u8> {
        match command {
            Command::Watch => self.watch(),
            Command::Check(arguments) => self.check(&arguments),
            Command::Init(arguments) => self.init(&arguments),
            Command::Login(arguments) => self.login(&arguments),
            Command::Expiry(arguments) => self.expiry(&arguments),
            #[cfg(all(feature = "exporter", unix))]
            Command::Serve(arguments) => self.serve(&arguments),
            Command::Systemd(arguments) => self.systemd(&arguments),
            Command::Diagnose(arguments) => self.diagnose(&arguments),
            Command::Explain(arguments) => self.explain(&arguments),
            #[cfg(feature = "demo")]
            Command::Demo(arguments) => self.demo(&arguments),
            Command::Config { command } => self.config(command),
            Command::Notify { command } => self.notify(command),
            Command::Snooze(arguments) => self.snooze(&arguments),
            Command::Completions { shell } => self.completions(shell),
            Command::Manual { topic } => self.manual(topic.as_deref()),
            Command::Man { page } => self.man(page.as_deref()),
        }
    }

    /// Starts logging for a command that owns no screen.
    fn log(&self) -> anyhow::Result<Logging> {
        Ok(logging::start(
            Log::to(self.global.log_file.as_deref(), Log::Stderr),
            self.global.verbose,
        )?)
    }

    fn completions(&mut self, shell: clap_complete::Shell) -> anyhow::Result<u8> {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut Cli::command(), "credwatch", &mut script);
        self.output.text(&String::from_utf8(script)?)?;
        Ok(exit::OK)
    }
}

/// The marks that this terminal can show.
fn symbols() -> Symbols {
    if output::speaks_unicode() {
        Symbols::UNICODE
    } else {
        Symbols::ASCII
    }
}
