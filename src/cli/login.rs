//! The arguments of `credwatch login`.

use clap::Args;

/// `credwatch login`
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub struct LoginArgs {
    /// Name of the tenant
    #[arg(value_name = "TENANT")]
    pub tenant: String,
    /// Sign in with a code that is entered on any device; the default for public clients
    #[arg(long, conflicts_with = "browser")]
    pub device_code: bool,
    /// Sign in with a browser on this machine; the default for clients with a secret
    #[arg(long)]
    pub browser: bool,
    /// Do not open a browser; only print the address
    #[arg(long)]
    pub no_open: bool,
    /// The loopback port that the browser returns to [default: any free one]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub port: u16,
    /// Remove the kept sign-in instead
    #[arg(long, conflicts_with_all = ["device_code", "browser", "no_open", "port"])]
    pub forget: bool,
}
