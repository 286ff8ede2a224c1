//! The arguments of `credwatch expiry`.

use std::{path::PathBuf, time::Duration};

use clap::{Args, ValueEnum};

use crate::config::parse_duration;

/// `credwatch expiry`
#[derive(Debug, Args)]
pub struct ExpiryArgs {
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
    /// Ask every directory now, even if its last answer is still fresh
    #[arg(long)]
    pub refresh: bool,
    /// Warn of credentials that end within this [default: from the config]
    #[arg(long, value_name = "DUR", value_parser = parse_duration)]
    pub warn: Option<Duration>,
    /// Report credentials that end within this as critical [default: from the config]
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
