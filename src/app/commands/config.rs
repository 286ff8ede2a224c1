//! `credwatch config`: validates the config, prints an example, names the file.

use crate::{
    app::runtime::AppContext,
    cli::ConfigCommand,
    config::{self, ConfigError},
    report::exit,
    state,
};

impl AppContext {
    pub(super) fn config(&mut self, command: ConfigCommand) -> anyhow::Result<u8> {
        match command {
            ConfigCommand::Example => self.output.text(&config::example())?,
            ConfigCommand::Path => {
                let path = config::locate(self.global.config.as_deref())?;
                self.output.line(&path.display().to_string())?;
            }
            ConfigCommand::Check => return self.config_check(),
        }
        Ok(exit::OK)
    }

    /// A config with problems is a definite negative answer (1); a missing one cannot be checked (3).
    fn config_check(&mut self) -> anyhow::Result<u8> {
        let path = config::locate(self.global.config.as_deref())?;
        match config::load(&path) {
            Ok(mut config) => {
                let state = state::place(self.global.state_dir.as_deref()).ok();
                let exposed = config::exposed_files(&config, state.as_deref());
                config.warnings.extend(exposed);
                self.output.text(&config::check_text(&config))?;
                Ok(exit::OK)
            }
            Err(problems @ ConfigError::Invalid { .. }) => {
                self.output.message(&problems.to_string());
                Ok(exit::WARNING)
            }
            Err(other) => Err(other.into()),
        }
    }
}
