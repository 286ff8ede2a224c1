//! The arguments of `credwatch diagnose`.

use clap::{
    Args, ValueEnum,
    builder::{PossibleValuesParser, TypedValueParser},
};
use strum::VariantNames as _;

use crate::tenant::PreferredShell;

/// `credwatch diagnose`
#[derive(Debug, Args)]
pub struct DiagnoseArgs {
    /// Name of the tenant
    #[arg(value_name = "TENANT")]
    pub tenant: String,
    /// How to write what was found
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub format: DiagnoseFormat,
    /// Which way to follow a step is shown first [default: as the config says]
    #[arg(long, value_name = "SHELL", value_parser = shell())]
    pub shell: Option<PreferredShell>,
}

fn shell() -> impl TypedValueParser<Value = PreferredShell> {
    let words = PossibleValuesParser::new(PreferredShell::VARIANTS);
    // the parser takes no other word
    words.map(|word| word.parse().unwrap_or_default())
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
