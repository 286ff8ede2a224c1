//! `credwatch notify`: sends a test message through every configured channel.

use crate::{
    alert,
    app::{
        delivery::tools,
        runtime::{self, AppContext},
    },
    cli::NotifyCommand,
    config, notify,
    report::exit,
    tenant::Network,
};

impl AppContext {
    pub(super) fn notify(&mut self, command: NotifyCommand) -> anyhow::Result<u8> {
        let _log = self.log()?;
        match command {
            NotifyCommand::Test => self.notify_test(),
        }
    }

    /// Sends a message through every channel; a failure is a definite negative answer (1).
    fn notify_test(&mut self) -> anyhow::Result<u8> {
        let (settings, network) = self.notify_settings()?;
        let tools = tools(self.clock, network);
        let now = self.clock.now().with_timezone(&self.clock.local_offset());
        let results =
            runtime::run(async { Ok(notify::test(&settings, &tools, &alert::test(now)).await) })?;
        let mut code = exit::OK;
        for (channel, result) in results {
            match result {
                Ok(()) => self.output.line(&format!("{channel}: sent"))?,
                Err(error) => {
                    self.output.line(&format!("{channel}: {error}"))?;
                    code = exit::WARNING;
                }
            }
        }
        Ok(code)
    }

    /// Returns the settings of the channels; without a config, the defaults.
    fn notify_settings(&self) -> anyhow::Result<(notify::Settings, Network)> {
        if self.global.config.is_none() && config::locate(None).is_err() {
            return Ok((notify::Settings::default(), config::usual_network()));
        }
        let config = self.load()?;
        Ok((config.notify, config.network))
    }
}
