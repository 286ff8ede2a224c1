//! The subcommands of `credwatch notify`.

use clap::Subcommand;

/// `credwatch notify`
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum NotifyCommand {
    /// Send a test message in every configured way and report each result
    Test,
}
