//! Locates, reads, parses and resolves the config: from TOML to complete [`Tenant`]s.
//!
//! Every problem of every file is reported together, with file, line, key and what to do. A
//! [`Config`] cannot exist unresolved, and no secret is opened here.
//!
//! The way of a key: `source` reads the file, `fields` walks its tables, `keys` is the table of all keys
//! with their readers (`types`, `values` and the files of single values), `tables` holds a section as it
//! was typed, `resolve` and `settings` make complete values of it. `example` prints the same table of
//! keys as a commented config. Called by `app`, and by `init` for a config that is about to be written.

mod addresses;
mod certificate;
mod channel;
mod channel_values;
mod client_credential;
mod credential;
mod defaults;
mod delegation;
mod directory;
mod directory_values;
mod example;
mod exposed;
mod fields;
mod include;
mod keys;
mod load;
mod locate;
mod lookalike;
mod overrides;
mod problem;
mod resolve;
mod secret_source;
mod settings;
mod source;
mod suggest;
mod tables;
#[cfg(test)]
mod tests;
mod typed;
mod types;
mod values;

use std::{fmt::Write as _, path::PathBuf, sync::Arc};

use crate::{
    alert,
    inventory::Reader,
    monitor, notify,
    tenant::{Network, SecretSource, Tenant},
    tui::Theme,
};

pub use self::{
    example::example,
    exposed::exposed_files,
    load::{load, load_text},
    locate::{destination, locate},
    overrides::Overrides,
    problem::{ConfigError, Looked, Place, Problem},
    resolve::usual_network,
    source::MAX_BYTES,
    typed::{check_value, parse_duration},
};

/// A whole, valid config.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file that was read.
    pub path: PathBuf,
    /// That file, the files that it includes, and lists of directory ids.
    pub files: Vec<PathBuf>,
    /// The tenants, in the order of the files.
    pub tenants: Vec<Arc<Tenant>>,
    /// The apps that read whole directories: every `[[directory]]`, in the order of the file.
    pub readers: Vec<Arc<Reader>>,
    /// `[monitor]`: limits of the engine.
    pub monitor: monitor::Settings,
    /// `theme` of `[dashboard]`.
    pub theme: Theme,
    /// `[alerts]`: when an alert is sent.
    pub alerts: alert::Rules,
    /// `[notify]`: the channels of alerts.
    pub notify: notify::Settings,
    /// `ping` of `[alerts]`: the address that gets a sign of life from every pass.
    pub ping: Option<SecretSource>,
    /// How requests travel that belong to no single tenant.
    pub network: Network,
    /// Values that are valid, but probably a mistake.
    pub warnings: Vec<Problem>,
}

/// Returns the output of `credwatch config check` for a valid config.
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
