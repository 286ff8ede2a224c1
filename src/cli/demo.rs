//! The arguments of `credwatch demo`.

use std::net::SocketAddr;

use clap::Args;

use crate::tui::Theme;

/// `credwatch demo`
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Run only the simulated cloud, in the foreground, and print where a ready config is
    #[arg(long)]
    pub serve: bool,
    /// Where the simulated cloud listens; loopback addresses only
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// The theme of the dashboard [default: auto]
    #[arg(long, value_enum, value_name = "NAME")]
    pub theme: Option<Theme>,
}
