//! The arguments of `credwatch snooze`.

use std::time::Duration;

use clap::Args;

use crate::config::parse_duration;

/// `credwatch snooze`
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(false).args(["duration", "ack", "list", "clear"]))]
pub struct SnoozeArgs {
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
