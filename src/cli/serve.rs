//! The arguments of `credwatch serve`.

use std::path::PathBuf;

use clap::Args;

use super::values::secret_source;
use crate::{serve::Listen, shard::Shard, tenant::SecretSource};

/// `credwatch serve`
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Where /metrics, /healthz and /report.json are served: ADDRESS:PORT or unix:PATH
    #[arg(long, value_name = "WHERE", default_value = "127.0.0.1:9482")]
    pub listen: Listen,
    /// Allow an address that other machines can reach; needs `--token`
    #[arg(long)]
    pub allow_remote: bool,
    /// Answer only requests with this bearer token (env:NAME, file:PATH, credential:ID)
    #[arg(long, value_name = "SOURCE", value_parser = secret_source)]
    pub token: Option<SecretSource>,
    /// Also write the metrics to this file every minute, for node_exporter's textfile collector
    #[arg(long, value_name = "FILE")]
    pub textfile: Option<PathBuf>,
    /// Watch only shard I of N, for several processes that share the tenants
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
}
