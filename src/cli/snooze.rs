//! The arguments of `credwatch snooze`.

use std::time::Duration;

use clap::Args;

use crate::config::parse_duration;

/// `credwatch snooze`
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(false).args(["duration", "ack", "list", "clear"]))]
pub struct SnoozeArgs {
    /// The tenant whose alerts are snoozed
    #[arg(value_name = "TENANT", required_unless_present_any = ["list", "clear"], conflicts_with = "list")]
    pub tenant: Option<String>,
    /// How long to hold the alerts, up to 90d
    #[arg(long = "for", id = "duration", value_name = "DUR", value_parser = parse_duration, requires = "reason")]
    pub duration: Option<Duration>,
    /// Why the alerts are held
    #[arg(long, value_name = "TEXT", requires = "duration")]
    pub reason: Option<String>,
    /// Your name [default: the user who is logged in]
    #[arg(long, value_name = "NAME", requires = "duration")]
    pub by: Option<String>,
    /// Acknowledge the failure of this tenant instead: no reminders until it works again, but other
    /// failures are still reported
    #[arg(long, value_name = "NAME")]
    pub ack: Option<String>,
    /// List the tenants whose alerts are snoozed or acknowledged
    #[arg(long)]
    pub list: bool,
    /// End the snooze and the acknowledgement of the tenant
    #[arg(long, value_name = "TENANT", num_args = 0..=1)]
    pub clear: Option<Option<String>>,
}
