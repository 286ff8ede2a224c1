//! The arguments of `credwatch init`.

use clap::Args;

use super::values::{cloud, config_value, profile, secret_source};
use crate::{cloud::Cloud, profile::Profile, tenant::SecretSource};

/// `credwatch init`
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub struct InitArgs {
    /// Which guide: eptura, deskpro, creatio (7.16), creatio-office365 (7.17 and later),
    /// automation-anywhere; app-only or delegated for any other [default: app-only]
    #[arg(long, value_name = "P", value_parser = profile)]
    pub profile: Option<&'static Profile>,
    /// The name of the integration [default: my-PROFILE]
    #[arg(long, value_name = "NAME", value_parser = |text: &str| config_value("name", text))]
    pub name: Option<String>,
    /// Directory (tenant) ID, or a verified domain
    #[arg(long, value_name = "ID", value_parser = |text: &str| config_value("tenant_id", text))]
    pub tenant_id: Option<String>,
    /// Application (client) ID, if the app is registered already
    #[arg(long, value_name = "ID", value_parser = |text: &str| config_value("client_id", text))]
    pub client_id: Option<String>,
    /// The mailbox that the test call opens
    #[arg(long, value_name = "ADDRESS", value_parser = |text: &str| config_value("mailbox", text))]
    pub mailbox: Option<String>,
    /// Where the client secret is kept, never the secret itself: env:NAME, file:PATH, credential:ID
    /// [default: a variable named after the integration]
    #[arg(long, value_name = "SOURCE", value_parser = secret_source, conflicts_with = "dates")]
    pub secret: Option<SecretSource>,
    /// When the secret ends: a date such as 2027-03-31, or never
    #[arg(long, value_name = "DATE", value_parser = |text: &str| config_value("secret_expires", text))]
    pub secret_expires: Option<String>,
    /// Keep no secret here; only watch the end date of the vendor's (`mode = "dates"`)
    #[arg(long)]
    pub dates: bool,
    /// Which cloud: worldwide, gcc-high, dod, china, bleu, delos [default: worldwide]
    #[arg(long, value_name = "CLOUD", value_parser = cloud)]
    pub cloud: Option<&'static Cloud>,
    /// Add the integration to an existing config
    #[arg(long, conflicts_with = "force")]
    pub append: bool,
    /// Rename an existing config to FILE.old and write a new one
    #[arg(long)]
    pub force: bool,
    /// Ask nothing, even on a terminal
    #[arg(long)]
    pub no_input: bool,
}
