//! `credwatch watch`: the live dashboard.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use tokio::sync::{mpsc, watch};

use super::{App, parts};
use crate::{
    config::{self, Config},
    logging, monitor,
    notify::Notifier,
    output,
    report::exit,
    state, tui,
};

/// How many wishes of the operator wait; when full, the dashboard says so.
const WISHES: usize = 16;

/// What the notice about the config is filed under.
const CONFIG: &str = "config";

/// What the notice about messages that do not get through is filed under.
const NOTIFICATIONS: &str = "notifications";

impl App {
    pub(super) fn watch(&mut self) -> anyhow::Result<u8> {
        self.needs_terminal()?;
        let config = self.load()?;
        let log_file = match &self.global.log_file {
            Some(path) => path.clone(),
            None => state::directory(self.global.state_dir.as_deref())?.join("credwatch.log"),
        };
        let _log = logging::start(Some(&log_file), self.global.verbose)?;
        parts::run(self.dashboard(config, "credwatch"))?;
        Ok(exit::OK)
    }

    /// Refuses to draw where nobody looks.
    pub(super) fn needs_terminal(&self) -> anyhow::Result<()> {
        if !self.output.is_terminal() {
            bail!(
                "the dashboard needs a terminal; `credwatch check` does the same work without one"
            );
        }
        Ok(())
    }

    /// Shows the dashboard over a running monitor until one of them ends.
    pub(super) async fn dashboard(&self, config: Config, title: &str) -> anyhow::Result<()> {
        let stop = parts::stop_on_signals()?;
        let engine = self.engine(config.monitor.clone(), stop.clone());
        let monitor = engine.watch(&config.tenants, config.alerts.clone());
        let (notifier, trouble) = Notifier::new(config.notify.clone());
        tokio::spawn(notifier.run(monitor.alerts, stop.clone()));
        tokio::spawn(show_trouble(trouble, monitor.commands.clone()));
        let (wish, wishes) = mpsc::channel(WISHES);
        let carried = tokio::spawn(carry_out(wishes, monitor.commands.clone(), config.path));
        let settings = tui::Settings {
            local_offset: self.clock.local_offset(),
            colour: self.output.is_coloured(),
            ascii: !output::speaks_unicode(),
            mouse: true,
            clipboard: if output::in_tmux() {
                tui::Clipboard::ThroughTmux
            } else {
                tui::Clipboard::Direct
            },
            title: title.to_owned(),
        };
        let shown = tui::run(settings, monitor.board, wish, self.clock, stop.clone()).await;
        stop.cancel();
        monitor.join.await.context("the monitor ended badly")?;
        carried.await.ok();
        Ok(shown?)
    }
}

/// Shows on the board why messages do not get through, while they do not.
async fn show_trouble(
    mut trouble: watch::Receiver<Option<String>>,
    monitor: mpsc::Sender<monitor::Command>,
) {
    while trouble.changed().await.is_ok() {
        let text = trouble.borrow_and_update().clone();
        let notice = monitor::Command::Notice {
            about: NOTIFICATIONS,
            text,
        };
        if monitor.send(notice).await.is_err() {
            return;
        }
    }
}

/// Hands the operator's wishes to the monitor.
async fn carry_out(
    mut wishes: mpsc::Receiver<tui::Command>,
    monitor: mpsc::Sender<monitor::Command>,
    config: PathBuf,
) {
    while let Some(wish) = wishes.recv().await {
        let commands = match wish {
            tui::Command::Check(name) => vec![monitor::Command::Check(name)],
            tui::Command::CheckAll => vec![monitor::Command::CheckAll],
            tui::Command::Reload => reload(config.clone()).await,
        };
        for command in commands {
            if monitor.send(command).await.is_err() {
                return;
            }
        }
    }
}

/// Reads the config again; a bad one changes nothing but what the notice says.
async fn reload(path: PathBuf) -> Vec<monitor::Command> {
    let loaded = tokio::task::spawn_blocking(move || config::load(&path)).await;
    let notice = |text| monitor::Command::Notice {
        about: CONFIG,
        text,
    };
    match loaded {
        Ok(Ok(config)) => vec![notice(None), monitor::Command::Reload(config.tenants)],
        Ok(Err(problems)) => {
            tracing::error!("the changed config is not used: {problems}");
            vec![notice(Some(
                "the changed config is not used: `credwatch config check`".to_owned(),
            ))]
        }
        Err(_ended) => Vec::new(),
    }
}
