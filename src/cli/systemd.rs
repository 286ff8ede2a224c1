//! The arguments of `credwatch systemd`.

use clap::{Args, ValueEnum};

/// `credwatch systemd`
#[derive(Debug, Args)]
pub struct SystemdArgs {
    /// Which unit: the service, one run of `check`, or the timer that starts it
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
