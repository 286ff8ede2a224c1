//! `credwatch systemd`: units for this config.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use super::App;
use crate::{
    cli::{self, Unit},
    report::exit,
    unit::{self, Installed},
};

impl App {
    pub(super) fn systemd(&mut self, arguments: &cli::Systemd) -> anyhow::Result<u8> {
        if arguments.unit == Unit::Timer {
            self.output.text(unit::TIMER)?;
            return Ok(exit::OK);
        }
        let config = self.load()?;
        let readers = config.readers.iter().map(|reader| &reader.sign_in);
        let sources = config
            .tenants
            .iter()
            .map(|tenant| &**tenant)
            .chain(readers)
            .filter_map(|tenant| tenant.secret_source());
        let installed = Installed {
            program: env::current_exe().context("the path of this program is not known")?,
            config: absolute(&config.path)?,
            sources: sources.cloned().collect(),
        };
        let unit = match arguments.unit {
            Unit::Serve => unit::serve(&installed),
            Unit::Check | Unit::Timer => unit::check(&installed),
        };
        self.output.text(&unit)?;
        Ok(exit::OK)
    }
}

fn absolute(path: &Path) -> anyhow::Result<PathBuf> {
    std::path::absolute(path)
        .with_context(|| format!("the place of '{}' is not known", path.display()))
}
