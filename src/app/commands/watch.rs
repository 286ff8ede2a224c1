//! `credwatch watch`: the live dashboard.

use crate::{
    app::runtime::{self, AppContext},
    cli::WatchArgs,
    logging::{self, Log},
    report::exit,
};

impl AppContext {
    pub(super) fn watch(&mut self, arguments: &WatchArgs) -> anyhow::Result<u8> {
        self.needs_terminal()?;
        let config = self.load()?;
        let state = self.state_directory()?;
        let usual = state.join("credwatch.log");
        let log = Log::to(self.global.log_file.as_deref(), Log::Daily(&usual));
        let _log = logging::start(log, self.global.verbose)?;
        runtime::warn_of_exposed_files(&config, &state);
        let theme = arguments.theme.unwrap_or(config.theme);
        let mut settings = self.dashboard_settings("credwatch", theme);
        settings.filter = arguments.filter.clone().unwrap_or_default();
        runtime::run(self.dashboard(config, &state, settings))?;
        Ok(exit::OK)
    }
}
