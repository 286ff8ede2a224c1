//! The subcommands of `credwatch config`.

use clap::Subcommand;

/// `credwatch config`
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum ConfigCommand {
    /// Validate the config and print every problem
    Check,
    /// Print a commented example with every key and its default
    Example,
    /// Print which file is used
    Path,
}
