//! The arguments of `credwatch watch`.

use clap::Args;

use crate::tui::Theme;

/// `credwatch watch`
#[derive(Debug, Default, Args)]
pub struct WatchArgs {
    /// The theme of the dashboard [default: from the config]
    #[arg(long, value_enum, value_name = "NAME")]
    pub theme: Option<Theme>,
    /// Show only the tenants that fit this filter, as `/` takes it; Esc clears it
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
}
