//! Locates, reads, parses and resolves the config: from TOML to complete [`Tenant`]s.
//!
//! Every problem of every file is reported together, with file, line, key and what to do. A
//! [`Config`] cannot exist unresolved, and no secret is opened here.

use std::{path::PathBuf, sync::Arc};

use crate::{alert, monitor, notify, tenant::Tenant};

/// A whole, valid config.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file that was read.
    pub path: PathBuf,
    /// What is watched, in the order of the files.
    pub tenants: Vec<Arc<Tenant>>,
    /// How the engine works: `[monitor]`.
    pub monitor: monitor::Settings,
    /// When somebody is told: `[alerts]`.
    pub alerts: alert::Rules,
    /// How somebody is told: `[notify]`.
    pub notify: notify::Settings,
}
