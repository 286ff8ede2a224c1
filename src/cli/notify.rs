//! The subcommands of `credwatch notify`.

use clap::Subcommand;

/// `credwatch notify`
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum NotifyCommand {
    /// Send a test message through every configured channel and print each result
    Test,
}
