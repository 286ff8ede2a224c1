//! What can be typed: commands, flags, and their help. One definition drives the parser, the help,
//! the man page and the completions.

#![expect(
    clippy::doc_markdown,
    reason = "the help texts are shown as plain text"
)]

use std::{ffi::OsStr, net::SocketAddr, path::PathBuf, time::Duration};

use clap::{
    Args, CommandFactory as _, Parser, Subcommand, ValueEnum,
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser},
};

#[cfg(all(feature = "exporter", unix))]
use crate::serve::Listen;
use crate::{
    cloud::{CLOUDS, Cloud},
    config::{check_value, parse_duration},
    manual::{CHAPTERS, Chapter},
    observation::Stage,
    output::Color,
    profile::{PROFILES, Profile},
    shard::Shard,
    tenant::SecretSource,
};

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
    pub command: Option<Command>,
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
    /// Say more in the log; repeat for still more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Where to log [default: standard error; for the dashboard, a file in the state directory]
    #[arg(long, global = true, value_name = "FILE")]
    pub log_file: Option<PathBuf>,
    /// Where to keep what must outlive a run [default: $STATE_DIRECTORY, then $XDG_STATE_HOME/credwatch]
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
pub enum Command {
    /// Show the live dashboard (the default)
    Watch,
    /// Check all tenants, or the named ones, once, and exit with the worst verdict
    ///
    /// Exit codes: 0 everything ok, 1 warning, 2 critical, 3 unknown or bad usage.
    Check(Check),
    /// Write a first config, and say step by step what to set up by the vendor's guide
    ///
    /// On a terminal it asks for what no flag says; elsewhere, what is missing becomes a marked
    /// example. It never asks for a secret, only where one is kept. Exit codes: 0 written, 1 a value
    /// does not fit, 3 could not run.
    Init(Init),
    /// Sign in for a tenant that acts for a person, and keep that sign-in
    ///
    /// Exit codes: 0 signed in, 1 refused, 3 could not run.
    Login(Login),
    /// List every credential of all tenants and directories, or the named ones, soonest end first
    ///
    /// Exits as `check --only expiry`: 0 nothing ends soon, 1 warning, 2 critical, 3 unknown.
    Expiry(Expiry),
    /// Watch all tenants without a screen, as a service: alerts, metrics, health
    ///
    /// SIGHUP, or a change of the config file, reloads the config; one with problems changes nothing.
    /// SIGTERM ends it within a few seconds.
    #[cfg(all(feature = "exporter", unix))]
    Serve(Serve),
    /// Print a hardened systemd unit for this config
    Systemd(Systemd),
    /// Look at one tenant step by step, on connections of its own: what is sent, what comes back
    ///
    /// Shows each step with its time as it ends, then what is wrong and what to do. It is a single
    /// look: what may pass is not tried again. Exit codes as `check`: 0 ok, 1 warning, 2 critical,
    /// 3 unknown or bad usage.
    Diagnose(Diagnose),
    /// Say what error codes, or a pasted error text, mean; needs no config and no network
    Explain(Explain),
    /// Try everything on a simulated cloud inside this process: no account, no network
    #[cfg(feature = "demo")]
    Demo(Demo),
    /// Look at the config
    Config {
        /// What to look at.
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Look at the ways of telling somebody
    Notify {
        /// What to do with them.
        #[command(subcommand)]
        command: NotifyCommand,
    },
    /// Hold the alerts of a tenant until a set time; what is shown of it stays the same
    Snooze(Snooze),
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

/// `credwatch check`
#[derive(Debug, Default, Args)]
pub struct Check {
    /// Names of tenants; all if there are none
    #[arg(value_name = "TENANT")]
    pub tenants: Vec<String>,
    /// How to write the report
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub format: Format,
    /// Write the report to a file, replacing it whole
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Warn of credentials that end within this [default: from the config]
    #[arg(long, value_name = "DUR", value_parser = parse_duration)]
    pub warn: Option<Duration>,
    /// Sound the alarm for credentials that end within this [default: from the config]
    #[arg(long, value_name = "DUR", value_parser = parse_duration)]
    pub critical: Option<Duration>,
    /// How long the check of one tenant may take [default: from the config]
    #[arg(long, value_name = "DUR", value_parser = parse_duration)]
    pub timeout: Option<Duration>,
    /// How many tenants are checked at once [default: from the config]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub concurrency: Option<u16>,
    /// Only tenants with this tag; may be repeated
    #[arg(long, value_name = "TAG")]
    pub tag: Vec<String>,
    /// Judge, print and exit by one half of the verdict alone
    #[arg(long, value_enum, value_name = "HALF")]
    pub only: Option<Half>,
    /// Repeat a failure that may pass after this long before it counts; 0s: never [default: 5s]
    #[arg(long, value_name = "DUR", value_parser = parse_duration)]
    pub confirm: Option<Duration>,
    /// With one TENANT: try this secret instead of the configured one (env:NAME, file:PATH,
    /// credential:ID)
    #[arg(long, value_name = "SOURCE", value_parser = candidate)]
    pub candidate: Option<SecretSource>,
    /// Only the I-th of N parts of the tenants, for several processes that share the work
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
    /// Also send what is due through the configured channels
    #[arg(long)]
    pub notify: bool,
}

/// `credwatch serve`
#[cfg(all(feature = "exporter", unix))]
#[derive(Debug, Args)]
pub struct Serve {
    /// Where /metrics, /healthz and /report.json are served: ADDRESS:PORT or unix:PATH
    #[arg(long, value_name = "WHERE", default_value = "127.0.0.1:9482")]
    pub listen: Listen,
    /// Listen on an address that other machines reach; needs `--token`
    #[arg(long)]
    pub allow_remote: bool,
    /// Answer only who shows this bearer token (env:NAME, file:PATH, credential:ID)
    #[arg(long, value_name = "SOURCE", value_parser = candidate)]
    pub token: Option<SecretSource>,
    /// Also write the metrics to this file every minute, for node_exporter's textfile collector
    #[arg(long, value_name = "FILE")]
    pub textfile: Option<PathBuf>,
    /// Only the I-th of N parts of the tenants, for several processes that share the work
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
}

/// `credwatch systemd`
#[derive(Debug, Args)]
pub struct Systemd {
    /// Which unit: the service, one pass of `check`, or the timer that starts that
    #[arg(value_enum, value_name = "UNIT", default_value_t)]
    pub unit: Unit,
}

/// A unit of systemd.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Unit {
    /// credwatch.service: `credwatch serve`
    #[default]
    Serve,
    /// credwatch-check.service: `credwatch check`, for a timer
    Check,
    /// credwatch-check.timer: every hour
    Timer,
}

/// `credwatch snooze`
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(false).args(["duration", "ack", "list", "clear"]))]
pub struct Snooze {
    /// The tenant whose alerts are held
    #[arg(value_name = "TENANT", required_unless_present_any = ["list", "clear"], conflicts_with = "list")]
    pub tenant: Option<String>,
    /// For how long
    #[arg(long = "for", id = "duration", value_name = "DUR", value_parser = parse_duration, requires = "reason")]
    pub duration: Option<Duration>,
    /// Why
    #[arg(long, value_name = "TEXT", requires = "duration")]
    pub reason: Option<String>,
    /// Who says so [default: who is logged in]
    #[arg(long, value_name = "NAME", requires = "duration")]
    pub by: Option<String>,
    /// Say instead who is at the trouble of this tenant: nobody is reminded until it is well, and what
    /// is new is told all the same
    #[arg(long, value_name = "NAME")]
    pub ack: Option<String>,
    /// Show whose alerts are held, and who is at what
    #[arg(long)]
    pub list: bool,
    /// End the snooze of the tenant; nobody is at it any more either
    #[arg(long, value_name = "TENANT", num_args = 0..=1)]
    pub clear: Option<Option<String>>,
}

/// `credwatch expiry`
#[derive(Debug, Args)]
pub struct Expiry {
    /// Names of tenants and directories; all if there are none
    #[arg(value_name = "TENANT")]
    pub tenants: Vec<String>,
    /// How to write the list
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub format: ExpiryFormat,
    /// Write the list to a file, replacing it whole
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Only tenants with this tag, and no directories; may be repeated
    #[arg(long, value_name = "TAG")]
    pub tag: Vec<String>,
    /// Ask every directory now, however fresh what it said last is
    #[arg(long)]
    pub refresh: bool,
    /// Warn of credentials that end within this [default: from the config]
    #[arg(long, value_name = "DUR", value_parser = parse_duration)]
    pub warn: Option<Duration>,
    /// Sound the alarm for credentials that end within this [default: from the config]
    #[arg(long, value_name = "DUR", value_parser = parse_duration)]
    pub critical: Option<Duration>,
}

/// How to write the list of ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ExpiryFormat {
    /// For people
    #[default]
    Text,
    /// For scripts
    Json,
    /// For spreadsheets: one row a credential
    Csv,
    /// For a ticket or a chat
    Markdown,
    /// For a calendar: one event for each credential in use, with reminders
    Ics,
}

/// How to write the report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Text,
    /// For scripts
    Json,
    /// For Nagios and its kin: a status line, performance data, a line for each tenant not ok
    Nagios,
    /// For Prometheus: the text format, for the textfile collector
    Prometheus,
    /// For spreadsheets: one row a tenant
    Csv,
    /// For a ticket or a chat
    Markdown,
}

/// `credwatch diagnose`
#[derive(Debug, Args)]
pub struct Diagnose {
    /// Name of the tenant
    #[arg(value_name = "TENANT")]
    pub tenant: String,
    /// How to write what was found
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub format: DiagnoseFormat,
}

/// How to write a walk-through.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum DiagnoseFormat {
    /// For people
    #[default]
    Text,
    /// For scripts: the report of `check`, with a list of steps
    Json,
    /// For a ticket to the vendor or to Microsoft: nothing secret, every id
    Markdown,
}

/// How to write an explanation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ExplainFormat {
    /// For people
    #[default]
    Text,
    /// For scripts
    Json,
}

/// One half of a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Half {
    /// Does it work now? For paging
    Live,
    /// What ends when? For tickets; asks at most the directory
    Expiry,
}

/// `credwatch init`
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub struct Init {
    /// Which guide: eptura, deskpro, creatio (7.16), creatio-office365 (7.17 and later),
    /// automation-anywhere; app-only or delegated for any other [default: app-only]
    #[arg(long, value_name = "P", value_parser = profile)]
    pub profile: Option<&'static Profile>,
    /// What the integration is called [default: my-PROFILE]
    #[arg(long, value_name = "NAME", value_parser = |text: &str| valid("name", text))]
    pub name: Option<String>,
    /// Directory (tenant) ID, or a verified domain
    #[arg(long, value_name = "ID", value_parser = |text: &str| valid("tenant_id", text))]
    pub tenant_id: Option<String>,
    /// Application (client) ID, if the app is registered already
    #[arg(long, value_name = "ID", value_parser = |text: &str| valid("client_id", text))]
    pub client_id: Option<String>,
    /// The mailbox that the test call opens
    #[arg(long, value_name = "ADDRESS", value_parser = |text: &str| valid("mailbox", text))]
    pub mailbox: Option<String>,
    /// Where the client secret is kept, never the secret itself: env:NAME, file:PATH, credential:ID
    /// [default: a variable named after the integration]
    #[arg(long, value_name = "SOURCE", value_parser = candidate, conflicts_with = "dates")]
    pub secret: Option<SecretSource>,
    /// When the secret ends: a date such as 2027-03-31, or never
    #[arg(long, value_name = "DATE", value_parser = |text: &str| valid("secret_expires", text))]
    pub secret_expires: Option<String>,
    /// Hold no secret here: only watch when the vendor's ends (`mode = "dates"`)
    #[arg(long)]
    pub dates: bool,
    /// Which cloud: worldwide, gcc-high, dod, china, bleu, delos [default: worldwide]
    #[arg(long, value_name = "CLOUD", value_parser = cloud)]
    pub cloud: Option<&'static Cloud>,
    /// Add the integration to a config that is there
    #[arg(long, conflicts_with = "force")]
    pub append: bool,
    /// Move a config that is there aside (to FILE.old) and write a new one
    #[arg(long)]
    pub force: bool,
    /// Ask nothing, also on a terminal
    #[arg(long)]
    pub no_input: bool,
}

/// `credwatch login`
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub struct Login {
    /// Name of the tenant
    #[arg(value_name = "TENANT")]
    pub tenant: String,
    /// Sign in by a code that is entered on any device; for public clients, and their default
    #[arg(long, conflicts_with = "browser")]
    pub device_code: bool,
    /// Sign in with a browser that comes back to this machine; the default where there is a secret
    #[arg(long)]
    pub browser: bool,
    /// Do not open a browser; only print the address
    #[arg(long)]
    pub no_open: bool,
    /// The loopback port that the browser comes back to [default: any free one]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub port: u16,
    /// Remove the kept sign-in instead
    #[arg(long, conflicts_with_all = ["device_code", "browser", "no_open", "port"])]
    pub forget: bool,
}

/// `credwatch explain`
#[derive(Debug, Args)]
pub struct Explain {
    /// Codes in any spelling (AADSTS7000222, 7000222, ErrorAccessDenied …), or - to read pasted text
    /// from standard input
    #[arg(value_name = "CODE")]
    pub codes: Vec<String>,
    /// How to write the answer
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub format: ExplainFormat,
    /// Where the text was met, if that is known
    #[arg(long, value_enum, value_name = "STAGE")]
    pub stage: Option<TalkingStage>,
    /// The HTTP status it came with, if that is known
    #[arg(long, value_name = "STATUS", value_parser = clap::value_parser!(u16).range(100..=599))]
    pub status: Option<u16>,
}

/// The stages at which a service answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TalkingStage {
    /// The token endpoint
    Token,
    /// The access token
    Claims,
    /// Exchange Web Services
    Ews,
    /// Microsoft Graph
    Graph,
}

impl From<TalkingStage> for Stage {
    fn from(stage: TalkingStage) -> Self {
        match stage {
            TalkingStage::Token => Self::Token,
            TalkingStage::Claims => Self::Claims,
            TalkingStage::Ews => Self::Ews,
            TalkingStage::Graph => Self::Graph,
        }
    }
}

/// `credwatch demo`
#[derive(Debug, Args)]
pub struct Demo {
    /// Run only the simulated cloud, in the foreground, and print where a ready config is
    #[arg(long)]
    pub serve: bool,
    /// Where the simulated cloud listens; loopback addresses only
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
}

/// `credwatch config`
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum ConfigCommand {
    /// Validate the config and say every problem
    Check,
    /// Print a commented example with every key and its default
    Example,
    /// Say which file is used
    Path,
}

/// `credwatch notify`
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum NotifyCommand {
    /// Send a test message in every configured way and report each result
    Test,
}

/// Returns the parser of a chapter's name.
fn topics() -> PossibleValuesParser {
    let value = |chapter: &Chapter| PossibleValue::new(chapter.topic).help(chapter.summary);
    PossibleValuesParser::new(CHAPTERS.iter().map(value))
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

/// Reads where a candidate secret is; never the secret itself.
fn candidate(text: &str) -> Result<SecretSource, String> {
    SecretSource::from_word(text).ok_or_else(|| {
        "name a source: env:NAME, file:PATH or credential:ID (a secret never goes on a command line)"
            .to_owned()
    })
}

/// Reads the word for a profile.
fn profile(word: &str) -> Result<&'static Profile, String> {
    Profile::by_id(word).ok_or_else(|| {
        let known: Vec<_> = PROFILES.iter().map(|profile| profile.id).collect();
        format!("name one of {}", known.join(", "))
    })
}

/// Reads the word for a cloud.
fn cloud(word: &str) -> Result<&'static Cloud, String> {
    Cloud::by_id(word).ok_or_else(|| {
        let known: Vec<_> = CLOUDS.iter().map(|cloud| cloud.id).collect();
        format!("name one of {}", known.join(", "))
    })
}

/// Reads a value that goes into a config.
fn valid(key: &str, value: &str) -> Result<String, String> {
    check_value(key, value).map(|()| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_candidate_is_a_source_and_never_a_secret() {
        assert_eq!(candidate("env:NEW"), Ok(SecretSource::Env("NEW".into())));
        assert_eq!(
            candidate("file:/a:b"),
            Ok(SecretSource::File("/a:b".into()))
        );
        for bad in ["abc8Q~x", "env:", "pass:x", ""] {
            assert!(candidate(bad).unwrap_err().contains("env:NAME"));
        }
    }
}
