//! The live dashboard over a running monitor: for the commands `watch` and `demo`.

use std::{
    panic::AssertUnwindSafe,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, bail};
use futures_util::FutureExt as _;
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use super::{
    delivery::{AlertStore, MonitorHandles, OpenedHistory, start_background_tasks},
    detailed_check::DetailedCheck,
    probe::LiveProbe,
    reload::{Reloader, tenant_names},
    runtime::{self, AppContext, HangUp},
};
use crate::{
    alert::{Ack, Snooze},
    board::Board,
    clock::Clock,
    config::{self, Config},
    monitor,
    notify::Terminal,
    output,
    report::exit,
    tenant::{Tenant, TenantName},
    tui,
};

/// How many commands of the operator wait; when the queue is full, the dashboard says so.
const COMMANDS: usize = 16;

/// How many escape sequences wait for the terminal; when the queue is full, the notification channel
/// tries again.
const SEQUENCES: usize = 16;

/// How long the dashboard may take to end. The last results are kept within 3 s.
const STUCK_AFTER: Duration = Duration::from_secs(4);

/// The key of the notice about the config.
const CONFIG: &str = "config";

impl AppContext {
    /// Fails where standard output or standard error is no terminal.
    pub(super) fn needs_terminal(&self) -> anyhow::Result<()> {
        if !self.output.is_terminal() {
            bail!(
                "the dashboard needs a terminal; `credwatch check` does the same work without one"
            );
        }
        Ok(())
    }

    /// Starts a monitor and shows the dashboard over it until one of them ends; the history is kept in
    /// the directory `state`.
    pub(super) async fn dashboard(
        &self,
        config: Config,
        state: &Path,
        settings: tui::DashboardSettings,
    ) -> anyhow::Result<()> {
        let stop = runtime::stop_on_signals(HangUp::Ends)?;
        let opened = OpenedHistory::open(state, self.clock)?;
        let mut engine = self.engine(&config, stop.clone(), false);
        engine.leases = opened.leases();
        let probe = Arc::clone(&engine.probe);
        let monitor = engine.watch(&config.tenants);
        let ends = MonitorHandles {
            results: monitor.results,
            board: monitor.board.clone(),
            commands: monitor.commands.clone(),
        };
        let (terminal, bells) = queued_terminal();
        let beside = start_background_tasks(
            &config,
            opened,
            (ends, Some(terminal.clone())),
            self.clock,
            &stop,
        );
        let alerts = beside.alerts;
        let (command, commands) = mpsc::channel(COMMANDS);
        let (told, runs) = watch::channel(None);
        // always a fresh answer of the directory: a mended registration must show at once
        let diagnose_probe = Arc::new(self.probe(&config, true));
        let diagnose = DiagnoseRunner::new(&diagnose_probe, &monitor.board, told, self.clock);
        let handler = CommandHandler {
            monitor: monitor.commands.clone(),
            diagnose,
            memory: alerts.store.clone(),
            reloader: Reloader {
                commands: monitor.commands,
                probes: vec![probe, diagnose_probe],
                alerts,
                terminal: Some(terminal),
                clock: self.clock,
                stop: stop.clone(),
                names: tenant_names(&config),
            },
            config: config.path,
            clock: self.clock,
        };
        let handled = tokio::spawn(handler.run(commands));
        let channels = tui::DashboardChannels {
            board: monitor.board,
            diagnose_runs: runs,
            bells,
            commands: command,
        };
        let ended = CancellationToken::new();
        tokio::spawn(end_stuck_dashboard(stop.clone(), ended.clone()));
        let shown = tui::run(settings, channels, self.clock, stop.clone()).await;
        ended.cancel();
        stop.cancel();
        monitor.join.await.context("the monitor ended badly")?;
        beside.writer.finish().await;
        handled.await.ok();
        Ok(shown?)
    }

    /// Returns how the dashboard is shown on this terminal.
    pub(super) fn dashboard_settings(
        &self,
        title: &str,
        theme: tui::Theme,
    ) -> tui::DashboardSettings {
        tui::DashboardSettings {
            local_offset: self.clock.local_offset(),
            colour: self.output.is_coloured(),
            theme,
            background: self.background(theme),
            ascii: !output::speaks_unicode(),
            mouse: true,
            clipboard: if output::in_tmux() {
                tui::Clipboard::ThroughTmux
            } else {
                tui::Clipboard::Direct
            },
            title: title.to_owned(),
            filter: String::new(),
            operator: output::operator(),
        }
    }
}

impl AppContext {
    /// Returns how the background of this terminal becomes known. Only the theme `auto` asks; the Linux
    /// console and dumb terminals do not answer.
    fn background(&self, theme: tui::Theme) -> tui::BackgroundSource {
        let assumed = if output::has_light_background() {
            tui::Background::Light
        } else {
            tui::Background::Dark
        };
        let kind = output::terminal_kind();
        let answers = !matches!(kind.as_str(), "" | "linux" | "dumb");
        if theme == tui::Theme::Auto && answers && self.output.is_coloured() {
            tui::BackgroundSource::Asked(assumed)
        } else {
            tui::BackgroundSource::Assumed(assumed)
        }
    }
}

/// Returns a terminal for the notification channel, and the escape sequences sent to it: only the
/// dashboard writes to the terminal it draws on.
fn queued_terminal() -> (Terminal, mpsc::Receiver<String>) {
    let (queue, sequences) = mpsc::channel(SEQUENCES);
    let write = move |bytes| {
        let sent = queue.try_send(bytes);
        sent.map_err(|_full| "it is busy".to_owned())
    };
    let terminal = Terminal {
        write: Arc::new(write),
        in_tmux: output::in_tmux(),
        kind: output::terminal_kind(),
    };
    (terminal, sequences)
}

/// Ends the process where the dashboard does not end although it was told to: its thread is blocked in
/// a write to a terminal that takes no more output (flow control, a stopped multiplexer).
///
/// Only another thread can act then. The results found last are kept by tasks of their own meanwhile.
async fn end_stuck_dashboard(stop: CancellationToken, ended: CancellationToken) {
    stop.cancelled().await;
    if tokio::time::timeout(STUCK_AFTER, ended.cancelled())
        .await
        .is_ok()
    {
        return;
    }
    tracing::warn!("the terminal takes no output; the dashboard is ended without restoring it");
    // sets the mode without writing anything, so it cannot block
    crossterm::terminal::disable_raw_mode().ok();
    // the log is written by a thread of its own
    tokio::time::sleep(Duration::from_millis(100)).await;
    #[expect(
        clippy::exit,
        reason = "the main thread is blocked in a system call and cannot return"
    )]
    std::process::exit(exit::OK.into());
}

/// Carries out the commands of the operator.
struct CommandHandler {
    monitor: mpsc::Sender<monitor::Command>,
    diagnose: DiagnoseRunner,
    config: PathBuf,
    reloader: Reloader,
    memory: AlertStore,
    clock: Clock,
}

impl CommandHandler {
    /// Carries out commands until the dashboard or the monitor has ended.
    async fn run(mut self, mut asked: mpsc::Receiver<tui::OperatorCommand>) {
        while let Some(command) = asked.recv().await {
            let commands = match command {
                tui::OperatorCommand::Check(name) => vec![monitor::Command::Check(name)],
                tui::OperatorCommand::CheckAll => vec![monitor::Command::CheckAll],
                tui::OperatorCommand::Diagnose(name) => {
                    self.diagnose.start(name);
                    Vec::new()
                }
                tui::OperatorCommand::Reload => self.reload().await,
                tui::OperatorCommand::Snooze(name, request) => {
                    vec![self.snooze(name, request).await]
                }
                tui::OperatorCommand::Acknowledge(name, by) => {
                    vec![self.acknowledge(name, by).await]
                }
            };
            for command in commands {
                if self.monitor.send(command).await.is_err() {
                    return;
                }
            }
        }
    }

    /// Reads the config again; one with problems changes nothing but the notice.
    async fn reload(&mut self) -> Vec<monitor::Command> {
        let path = self.config.clone();
        let loaded = tokio::task::spawn_blocking(move || config::load(&path)).await;
        let text = match loaded {
            Ok(Ok(config)) => {
                self.reloader.reload(&config, config.tenants.clone()).await;
                None
            }
            Ok(Err(problems)) => {
                tracing::error!("the changed config is not used: {problems}");
                Some("the changed config is not used: `credwatch config check`".to_owned())
            }
            Err(ended) => {
                tracing::error!("the changed config is not used: reading it failed: {ended}");
                Some("the changed config is not used: see the log".to_owned())
            }
        };
        vec![monitor::Command::Notice {
            about: CONFIG,
            text,
        }]
    }

    /// Snoozes a tenant for a length of time; without a request, ends its snooze.
    async fn snooze(
        &self,
        name: TenantName,
        request: Option<tui::SnoozeRequest>,
    ) -> monitor::Command {
        let snooze = request.map(|request| Snooze {
            until: self.clock.now() + request.length,
            reason: request.reason,
            by: Some(output::operator()),
        });
        if let Some(problem) = self.memory.snooze(name, snooze).await {
            tracing::error!("the snooze holds in this process alone: {problem}");
        }
        monitor::Command::Holds(self.memory.holds(self.clock).await)
    }

    /// Acknowledges the failure of a tenant; without a name, takes the acknowledgement back.
    async fn acknowledge(&self, name: TenantName, by: Option<String>) -> monitor::Command {
        let at = self.clock.now();
        let ack = by.map(|by| Ack { by, at });
        if let Some(problem) = self.memory.acknowledge(name, ack).await {
            tracing::error!("this is known to this process alone: {problem}");
        }
        monitor::Command::Holds(self.memory.holds(self.clock).await)
    }
}

/// Runs detailed checks of single tenants, and shows each step on the dashboard as it ends.
struct DiagnoseRunner {
    probe: Arc<LiveProbe>,
    board: watch::Receiver<Arc<Board>>,
    told: watch::Sender<Option<Arc<tui::DiagnoseRun>>>,
    /// The checks that are running; they end with the dashboard.
    running: JoinSet<()>,
    clock: Clock,
}

impl DiagnoseRunner {
    fn new(
        probe: &Arc<LiveProbe>,
        board: &watch::Receiver<Arc<Board>>,
        told: watch::Sender<Option<Arc<tui::DiagnoseRun>>>,
        clock: Clock,
    ) -> Self {
        Self {
            probe: Arc::clone(probe),
            board: board.clone(),
            told,
            running: JoinSet::new(),
            clock,
        }
    }

    fn start(&mut self, name: TenantName) {
        while self.running.try_join_next().is_some() {}
        let rows = &self.board.borrow().rows;
        let row = rows.iter().find(|row| row.tenant.name == name);
        let mut so_far = tui::DiagnoseRun::started(name);
        let Some(row) = row else {
            let why = "this tenant is not in the config any more".to_owned();
            so_far.outcome = Some(tui::DiagnoseOutcome::Failed(why));
            self.told.send_replace(Some(Arc::new(so_far)));
            return;
        };
        let tenant = Arc::clone(&row.tenant);
        let (probe, told) = (Arc::clone(&self.probe), self.told.clone());
        let looked = run_and_show(tenant, probe, self.clock, so_far.clone(), told.clone());
        self.running.spawn(supervised(looked, so_far, told));
    }
}

/// Waits for the end of a detailed check; where it panics, tells the dashboard so. Without this the
/// panel would wait for a verdict for ever, and allow no other detailed check.
async fn supervised(
    look: impl Future<Output = ()>,
    mut asked: tui::DiagnoseRun,
    told: watch::Sender<Option<Arc<tui::DiagnoseRun>>>,
) {
    if AssertUnwindSafe(look).catch_unwind().await.is_err() {
        let why = "credwatch itself failed during this look; its log has the particulars";
        asked.outcome = Some(tui::DiagnoseOutcome::Failed(why.to_owned()));
        told.send_replace(Some(Arc::new(asked)));
    }
}

async fn run_and_show(
    tenant: Arc<Tenant>,
    probe: Arc<LiveProbe>,
    clock: Clock,
    mut so_far: tui::DiagnoseRun,
    told: watch::Sender<Option<Arc<tui::DiagnoseRun>>>,
) {
    let mut tell = |steps| {
        so_far.steps.extend(steps);
        told.send_replace(Some(Arc::new(so_far.clone())));
    };
    let found = Box::pin(DetailedCheck::new(&probe, &tenant, clock, &mut tell)).await;
    so_far.steps = found.steps(&tenant);
    so_far.outcome = Some(tui::DiagnoseOutcome::Finished {
        ticket: found.ticket(&tenant),
        report: Arc::new(found.report),
    });
    told.send_replace(Some(Arc::new(so_far)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_detailed_check_that_panics_is_reported_as_ended() {
        let (told, looks) = watch::channel(None);
        let asked = tui::DiagnoseRun::started("contoso".into());
        supervised(async { panic!("planted") }, asked, told).await;
        let heard = looks.borrow().clone().unwrap();
        assert_eq!(heard.tenant, "contoso".into());
        assert!(matches!(
            heard.outcome,
            Some(tui::DiagnoseOutcome::Failed(_))
        ));
    }
}
