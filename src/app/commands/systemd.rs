//! `credwatch systemd`: prints hardened units of systemd for this config.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use crate::{
    app::{probe, runtime::AppContext},
    cli::{SystemdArgs, Unit},
    config::Config,
    notify::{ChannelSettings, Way},
    report::exit,
    systemd::{self, Installed},
    tenant::Tenant,
};

impl AppContext {
    pub(super) fn systemd(&mut self, arguments: &SystemdArgs) -> anyhow::Result<u8> {
        if arguments.unit == Unit::Timer {
            self.output.text(systemd::TIMER)?;
            return Ok(exit::OK);
        }
        let config = self.load()?;
        let mut sources: Vec<_> = signing_in(&config).flat_map(probe::sources).collect();
        let mut files = files(&config)?;
        if arguments.unit == Unit::Serve {
            // `check` without `--notify` uses no channel
            let channels = &config.notify.channels;
            sources.extend(
                channels
                    .iter()
                    .flat_map(|it| it.sources().into_iter().cloned()),
            );
            files.extend(channels.iter().filter_map(program));
        } else {
            // only `check` pings
            sources.extend(config.ping.clone());
        }
        let installed = Installed {
            program: env::current_exe().context("the path of this program is not known")?,
            config: absolute(&config.path)?,
            sources,
            files,
        };
        let unit = match arguments.unit {
            Unit::Serve => systemd::serve(&installed),
            Unit::Check | Unit::Timer => systemd::check(&installed),
        };
        self.output.text(&unit)?;
        Ok(exit::OK)
    }
}

/// Returns everything that signs in: the tenants and the readers of directories.
fn signing_in(config: &Config) -> impl Iterator<Item = &Tenant> {
    let readers = config.readers.iter().map(|reader| &reader.sign_in);
    config.tenants.iter().map(|tenant| &**tenant).chain(readers)
}

/// Returns the files that are read beside secrets: every file of the config, and trust roots.
fn files(config: &Config) -> anyhow::Result<Vec<PathBuf>> {
    let networks = signing_in(config).map(|tenant| &tenant.network);
    let roots = networks
        .chain([&config.network])
        .filter_map(|it| it.ca_file.as_ref());
    config
        .files
        .iter()
        .chain(roots)
        .map(|file| absolute(file))
        .collect()
}

fn program(channel: &ChannelSettings) -> Option<PathBuf> {
    match &channel.way {
        Way::Command(line) => line.first().map(PathBuf::from),
        Way::Desktop | Way::Terminal(_) | Way::Web { .. } | Way::Mail(_) => None,
    }
}

fn absolute(path: &Path) -> anyhow::Result<PathBuf> {
    std::path::absolute(path)
        .with_context(|| format!("the place of '{}' is not known", path.display()))
}
