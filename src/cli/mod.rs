//! What can be typed: commands, flags, and their help. One definition drives the parser, the help,
//! the man page and the completions.

#![expect(
    clippy::doc_markdown,
    reason = "the help texts are shown as plain text"
)]

mod check;
mod config;
mod demo;
mod diagnose;
mod expiry;
mod explain;
mod init;
mod login;
mod notify;
#[cfg(all(feature = "exporter", unix))]
mod serve;
mod snooze;
mod systemd;
mod values;
mod watch;

use std::{ffi::OsStr, path::PathBuf};

use clap::{
    Args, CommandFactory as _, Parser, Subcommand,
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser},
};

#[cfg(all(feature = "exporter", unix))]
pub use self::serve::ServeArgs;
use self::values::topics;
pub use self::{
    check::{CheckArgs, CheckFormat, Half},
    config::ConfigCommand,
    demo::DemoArgs,
    diagnose::{DiagnoseArgs, DiagnoseFormat},
    expiry::{ExpiryArgs, ExpiryFormat},
    explain::{ExplainArgs, ExplainFormat, TalkingStage},
    init::InitArgs,
    login::LoginArgs,
    notify::NotifyCommand,
    snooze::SnoozeArgs,
    systemd::{SystemdArgs, Unit},
    watch::WatchArgs,
};
use crate::{manual::CHAPTERS, output::Color};

/// Tells, for every Microsoft 365 integration, which credential it uses, when that ends, whether it
/// works right now, and if not, why and who must act.
#[derive(Debug, Parser)]
#[command(
    name = "credwatch",
    version,
    max_term_width = 100,
    subcommand_required = false
)]
pub struct Cli {
    /// Flags that every command takes.
    #[command(flatten)]
    pub global: Global,
    /// What to do; without one, the dashboard is shown.
    #[command(subcommand)]
    pub command: Option<CliCommand>,
}

/// Flags that every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// The config file [default: $CREDWATCH_CONFIG, then $XDG_CONFIG_HOME/credwatch/config.toml, then
    /// ./credwatch.toml]
    #[arg(short, long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// When to use colours; NO_COLOR is honoured
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t)]
    pub color: Color,
    /// Log more; repeat for still more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Where to log [default: standard error; for the dashboard, a file in the state directory]
    #[arg(long, global = true, value_name = "FILE")]
    pub log_file: Option<PathBuf>,
    /// Where to keep history, sign-ins and alert state [default: $STATE_DIRECTORY, then $XDG_STATE_HOME/credwatch]
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "CREDWATCH_STATE_DIR",
        hide_env_values = true
    )]
    pub state_dir: Option<PathBuf>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum CliCommand {
    /// Show the live dashboard (the default)
    Watch(WatchArgs),
    /// Check all tenants, or the named ones, once, and exit with the worst verdict
    ///
    /// Exit codes: 0 everything ok, 1 warning, 2 critical, 3 unknown or bad usage.
    Check(CheckArgs),
    /// Write a first config, and print the steps of the vendor's guide
    ///
    /// On a terminal it asks for missing values; elsewhere they become marked examples. It never asks
    /// for a secret, only where the secret is kept. Exit codes: 0 written, 1 invalid value, 3 could
    /// not run.
    Init(InitArgs),
    /// Sign in as the person whose mailbox a tenant opens, and keep the sign-in
    ///
    /// Exit codes: 0 signed in, 1 refused, 3 could not run.
    Login(LoginArgs),
    /// List every credential of all tenants and directories, or the named ones, soonest end first
    ///
    /// Exits as `check --only expiry`: 0 nothing ends soon, 1 warning, 2 critical, 3 unknown.
    Expiry(ExpiryArgs),
    /// Watch all tenants as a service: alerts, metrics, health
    ///
    /// SIGHUP, or a change of the config file, reloads the config; a config with problems changes
    /// nothing. SIGTERM ends the service within a few seconds.
    #[cfg(all(feature = "exporter", unix))]
    Serve(ServeArgs),
    /// Print a hardened systemd unit for this config
    Systemd(SystemdArgs),
    /// Check one tenant step by step, on new connections, and show what was sent and answered
    ///
    /// Shows each step with its time as it ends, then what is wrong and what to do. A failure is not
    /// tried again. Exit codes as `check`: 0 ok, 1 warning, 2 critical,
    /// 3 unknown or bad usage.
    Diagnose(DiagnoseArgs),
    /// Explain error codes or a pasted error text; needs no config and no network
    Explain(ExplainArgs),
    /// Try everything on a simulated cloud: no account, no network
    #[cfg(feature = "demo")]
    Demo(DemoArgs),
    /// Validate the config, print an example, or find the file
    Config {
        /// What to do with the config.
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Test the channels for alerts
    Notify {
        /// What to do with the channels.
        #[command(subcommand)]
        command: NotifyCommand,
    },
    /// Snooze or acknowledge the alerts of a tenant; the dashboard and reports do not change
    Snooze(SnoozeArgs),
    /// Print completions for a shell
    Completions {
        /// Which shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Print a chapter of the manual, or list the chapters
    Manual {
        /// Which chapter
        #[arg(value_name = "TOPIC", value_parser = topics())]
        topic: Option<String>,
    },
    /// Print the man page of credwatch, of a command or of a chapter of the manual
    ///
    /// A nested command is written with hyphens: `config-check`. The prefix `credwatch-` is optional.
    Man {
        /// Which page [default: the page of credwatch]
        #[arg(value_name = "COMMAND|TOPIC", value_parser = PageNames, hide_possible_values = true)]
        page: Option<String>,
    },
}

/// Reads the name of a man page: a command, a nested command, or a chapter.
///
/// The names come from the definition of the command line itself, so they are collected when a value
/// is read: while the definition is being built, that would never end.
#[derive(Debug, Clone)]
struct PageNames;

impl PageNames {
    fn all() -> Vec<PossibleValue> {
        let mut names = Vec::new();
        add_commands(&Cli::command(), "", &mut names);
        for chapter in CHAPTERS {
            let is_command = names.iter().any(|name| name == chapter.topic);
            let prefix = if is_command { "manual-" } else { "" };
            names.push(format!("{prefix}{}", chapter.topic));
        }
        names.into_iter().map(PossibleValue::new).collect()
    }
}

fn add_commands(command: &clap::Command, prefix: &str, names: &mut Vec<String>) {
    for command in command.get_subcommands() {
        let name = format!("{prefix}{}", command.get_name());
        add_commands(command, &format!("{name}-"), names);
        names.push(name);
    }
}

impl TypedValueParser for PageNames {
    type Value = String;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        let name = value
            .to_str()
            .and_then(|name| name.strip_prefix("credwatch-"));
        let parser = PossibleValuesParser::new(Self::all());
        parser.parse_ref(command, argument, name.map_or(value, OsStr::new))
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(Self::all().into_iter()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }
}
