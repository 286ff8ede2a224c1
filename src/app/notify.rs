//! `credwatch notify`: whether somebody would be told.

use super::{App, parts};
use crate::{alert, cli::NotifyCommand, config, notify, report::exit, tenant::Network};

impl App {
    pub(super) fn notify(&mut self, command: NotifyCommand) -> anyhow::Result<u8> {
        let _log = self.log()?;
        match command {
            NotifyCommand::Test => self.notify_test(),
        }
    }

    /// Sends a message in every way; one that fails is a clean no.
    fn notify_test(&mut self) -> anyhow::Result<u8> {
        let (settings, network) = self.notify_settings()?;
        let tools = self.tools(network);
        let now = self.clock.now().with_timezone(&self.clock.local_offset());
        let results =
            parts::run(async { Ok(notify::test(&settings, &tools, &alert::test(now)).await) })?;
        let mut code = exit::OK;
        for (way, result) in results {
            match result {
                Ok(()) => self.output.line(&format!("{way}: sent"))?,
                Err(error) => {
                    self.output.line(&format!("{way}: {error}"))?;
                    code = exit::WARNING;
                }
            }
        }
        Ok(code)
    }

    /// A test needs no config: without one, the defaults are tried.
    fn notify_settings(&self) -> anyhow::Result<(notify::Settings, Network)> {
        if self.global.config.is_none() && config::locate(None).is_err() {
            return Ok((notify::Settings::default(), config::usual_network()));
        }
        let config = self.load()?;
        Ok((config.notify, config.network))
    }
}
