//! Locates, reads, parses and resolves the config: from TOML to complete [`Tenant`]s.
//!
//! Every problem of every file is reported together, with file, line, key and what to do. A
//! [`Config`] cannot exist unresolved, and no secret is opened here.
//!
//! `source` reads a file, `fields` walks its tables, `values`, `addresses` and `credential` say
//! what single values mean, `file` is what was typed, `resolve` what is meant.

mod addresses;
mod channel;
mod credential;
mod defaults;
mod delegated;
mod fields;
mod file;
mod include;
mod load;
mod locate;
mod overrides;
mod problem;
mod proof;
mod reader;
mod resolve;
mod source;
#[cfg(test)]
mod tests;
mod values;

use std::{fmt::Write as _, path::PathBuf, sync::Arc};

use crate::{
    alert,
    inventory::Reader,
    monitor, notify,
    tenant::{Network, SecretSource, Tenant},
};

pub use self::{
    load::{load, load_text},
    locate::{destination, locate},
    overrides::{Overrides, parse_duration},
    problem::{ConfigError, Looked, Place, Problem},
    resolve::usual_network,
    values::check_value,
};

/// A commented config that shows every key with its default.
pub const EXAMPLE: &str = include_str!("../../config.example.toml");

/// A whole, valid config.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file that was read.
    pub path: PathBuf,
    /// That file and all that it includes.
    pub files: Vec<PathBuf>,
    /// What is watched, in the order of the files.
    pub tenants: Vec<Arc<Tenant>>,
    /// Who may look at whole directories: every `[[directory]]`, in the order of the file.
    pub readers: Vec<Arc<Reader>>,
    /// How the engine works: `[monitor]`.
    pub monitor: monitor::Settings,
    /// When somebody is told: `[alerts]`.
    pub alerts: alert::Rules,
    /// How somebody is told: `[notify]`.
    pub notify: notify::Settings,
    /// Whom every pass tells that it is alive: `ping` of `[alerts]`.
    pub ping: Option<SecretSource>,
    /// How requests travel that are about no single tenant.
    pub network: Network,
    /// What is valid, but hardly meant.
    pub warnings: Vec<Problem>,
}

/// Returns what `credwatch config check` says about a valid config.
pub fn check_text(config: &Config) -> String {
    let mut out = String::new();
    for warning in &config.warnings {
        // writing to a String cannot fail
        let _ok = writeln!(out, "warning: {warning}");
    }
    let _ok = write!(
        out,
        "'{}' is valid: {}",
        problem::shown(&config.path),
        counted(config.tenants.len(), "tenant")
    );
    let directories = config.readers.iter().map(|one| one.tenant_ids.len()).sum();
    match directories {
        0 => {}
        1 => out.push_str(", 1 directory"),
        // writing to a String cannot fail
        n => _ = write!(out, ", {n} directories"),
    }
    if let Some(included @ 1..) = config.files.len().checked_sub(1) {
        let _ok = write!(out, ", {} included", counted(included, "file"));
    }
    if !config.warnings.is_empty() {
        let _ok = write!(out, ", {}", counted(config.warnings.len(), "warning"));
    }
    out.push('\n');
    out
}

fn counted(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        n => format!("{n} {noun}s"),
    }
}
