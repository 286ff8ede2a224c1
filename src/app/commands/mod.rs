//! One file for each subcommand: reads its arguments, has the work done, writes the answer and
//! returns the exit code. No command uses another one.

mod check;
mod completions;
mod config;
#[cfg(feature = "demo")]
mod demo;
mod diagnose;
mod expiry;
mod explain;
mod init;
mod login;
mod manual;
mod notify;
#[cfg(all(feature = "exporter", unix))]
mod serve;
mod snooze;
mod systemd;
mod watch;

use super::runtime::AppContext;
use crate::cli::CliCommand;

/// Runs a command and returns its exit code.
pub(super) fn dispatch(app: &mut AppContext, command: CliCommand) -> anyhow::Result<u8> {
    match command {
        CliCommand::Watch(arguments) => app.watch(&arguments),
        CliCommand::Check(arguments) => app.check(&arguments),
        CliCommand::Init(arguments) => app.init(&arguments),
        CliCommand::Login(arguments) => app.login(&arguments),
        CliCommand::Expiry(arguments) => app.expiry(&arguments),
        #[cfg(all(feature = "exporter", unix))]
        CliCommand::Serve(arguments) => app.serve(&arguments),
        CliCommand::Systemd(arguments) => app.systemd(&arguments),
        CliCommand::Diagnose(arguments) => app.diagnose(&arguments),
        CliCommand::Explain(arguments) => app.explain(&arguments),
        #[cfg(feature = "demo")]
        CliCommand::Demo(arguments) => app.demo(&arguments),
        CliCommand::Config { command } => app.config(command),
        CliCommand::Notify { command } => app.notify(command),
        CliCommand::Snooze(arguments) => app.snooze(&arguments),
        CliCommand::Completions { shell } => app.completions(shell),
        CliCommand::Manual { topic } => app.manual(topic.as_deref()),
        CliCommand::Man { page } => app.man(page.as_deref()),
    }
}
