//! The arguments of `credwatch diagnose`.

use clap::{Args, ValueEnum};

/// `credwatch diagnose`
#[derive(Debug, Args)]
pub struct DiagnoseArgs {
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
