//! The arguments of `credwatch check`.

use std::{path::PathBuf, time::Duration};

use clap::{Args, ValueEnum};

use super::values::secret_source;
use crate::{config::parse_duration, shard::Shard, tenant::SecretSource};

/// `credwatch check`
#[derive(Debug, Default, Args)]
pub struct CheckArgs {
    /// Names of tenants; all if there are none
    #[arg(value_name = "TENANT")]
    pub tenants: Vec<String>,
    /// How to write the report
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub format: CheckFormat,
    /// Write the report to a file, replacing it whole
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Warn of credentials that end within this [default: from the config]
    #[arg(long, value_name = "DUR", value_parser = parse_duration)]
    pub warn: Option<Duration>,
    /// Report credentials that end within this as critical [default: from the config]
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
    /// Judge, print and exit by one half of the verdict only
    #[arg(long, value_enum, value_name = "HALF")]
    pub only: Option<Half>,
    /// Check a failure that may pass again after this long; 0s: never [default: 5s]
    #[arg(long, value_name = "DUR", value_parser = parse_duration)]
    pub confirm: Option<Duration>,
    /// With one TENANT: try this secret instead of the configured one (env:NAME, file:PATH,
    /// credential:ID)
    #[arg(long, value_name = "SOURCE", value_parser = secret_source)]
    pub candidate: Option<SecretSource>,
    /// Check only shard I of N, for several processes that share the tenants
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
    /// Also send alerts that are due through the configured channels
    #[arg(long)]
    pub notify: bool,
}

/// How to write the report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// For people
    #[default]
    Text,
    /// For scripts
    Json,
    /// For Nagios and compatible systems: a status line, performance data, a line for each tenant not ok
    Nagios,
    /// For Prometheus: the text format, for the textfile collector
    Prometheus,
    /// For spreadsheets: one row a tenant
    Csv,
    /// For a ticket or a chat
    Markdown,
}

/// One half of a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Half {
    /// Does it work now? For paging
    Live,
    /// What ends when? For tickets; asks at most the directory
    Expiry,
}
