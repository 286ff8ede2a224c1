//! The process as a command sees it: flags, clock, output, and the parts built from the config.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    thread,
};

use tokio_util::sync::CancellationToken;

use crate::{
    app::probe::LiveProbe,
    cli::Global,
    clock::Clock,
    config::{self, Config},
    directory::Directory,
    logging::{self, Log, Logging},
    monitor::{Engine, Environment, PUBLISH_EVERY},
    output::{self, Output},
    report::text::Symbols,
    secret::tokens::TokenStore,
    state::{self, StateError},
};

/// The flags, the clock and the output that every command uses.
pub(in crate::app) struct AppContext {
    pub(in crate::app) global: Global,
    pub(in crate::app) clock: Clock,
    pub(in crate::app) output: Output,
}

impl AppContext {
    /// Returns the context of this process with the flags that every command takes.
    pub(in crate::app) fn new(global: Global) -> Self {
        Self {
            output: Output::new(global.color),
            global,
            clock: Clock,
        }
    }

    /// Starts logging for a command that owns no screen.
    pub(in crate::app) fn log(&self) -> anyhow::Result<Logging> {
        Ok(logging::start(
            Log::to(self.global.log_file.as_deref(), Log::Stderr),
            self.global.verbose,
        )?)
    }

    /// Loads the config that the flags and the environment point to.
    pub(in crate::app) fn load(&self) -> anyhow::Result<Config> {
        let path = config::locate(self.global.config.as_deref())?;
        Ok(config::load(&path)?)
    }

    /// Returns the state directory, created where it is missing.
    pub(in crate::app) fn state_directory(&self) -> Result<PathBuf, StateError> {
        state::directory(self.global.state_dir.as_deref())
    }

    /// Returns where sign-ins of people are kept.
    pub(in crate::app) fn token_store(&self) -> TokenStore {
        TokenStore::new(self.global.state_dir.clone())
    }

    /// Returns what checks real tenants; with `refresh`, a directory is asked again although its last
    /// answer is still fresh.
    ///
    /// Without a state directory the answers of directories are kept in memory only.
    pub(in crate::app) fn probe(&self, config: &Config, refresh: bool) -> LiveProbe {
        let state = self
            .state_directory()
            .inspect_err(|error| tracing::info!("directories are read anew each time: {error}"))
            .ok();
        let directory = Directory::new(state.as_deref(), refresh, self.clock)
            .with_readers(config.readers.clone());
        LiveProbe::new(self.clock, directory, self.token_store())
    }

    /// Returns the engine over real tenants; `refresh` as for [`AppContext::probe`].
    pub(in crate::app) fn engine(
        &self,
        config: &Config,
        stop: CancellationToken,
        refresh: bool,
    ) -> Engine<LiveProbe> {
        Engine {
            probe: Arc::new(self.probe(config, refresh)),
            settings: config.monitor.clone(),
            environment: Environment::real(self.clock),
            leases: None,
            publish_every: PUBLISH_EVERY,
            stop,
        }
    }
}

/// Returns the symbols that this terminal can show.
pub(in crate::app) fn symbols() -> Symbols {
    if output::speaks_unicode() {
        Symbols::UNICODE
    } else {
        Symbols::ASCII
    }
}

/// Warns in the log of files that other users of the machine may read or change.
///
/// The files are looked at on a thread that the process does not wait for: a mount may not answer.
pub(in crate::app) fn warn_of_exposed_files(config: &Config, state: &Path) {
    let (config, state) = (config.clone(), state.to_owned());
    let look = move || {
        for warning in config::exposed_files(&config, Some(&state)) {
            tracing::warn!("{}", warning.to_string().replace("\n  ", "; "));
        }
    };
    let started = thread::Builder::new()
        .name("exposed".to_owned())
        .spawn(look);
    if let Err(error) = started {
        tracing::warn!("the modes of secret files were not looked at: {error}");
    }
}
