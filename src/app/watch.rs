//! `credwatch watch`: the live dashboard.

use std::{
    panic::AssertUnwindSafe,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, bail};
use chrono::TimeDelta;
use futures_util::FutureExt as _;
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
};

use super::{
    App, diagnose, parts,
    probe::LiveProbe,
    swap::{InUse, Swapper},
    telling::Memory,
    watching::{Ends, Past},
};
use crate::{
    alert::{Ack, Snooze},
    board::Board,
    clock::Clock,
    config::{self, Config},
    logging::{self, Log},
    monitor,
    notify::Terminal,
    output,
    report::exit,
    state,
    tenant::{Tenant, TenantName},
    tui,
};

/// How many wishes of the operator wait; when full, the dashboard says so.
const WISHES: usize = 16;

/// How many sequences wait for the terminal; when full, their channel tries again.
const BELLS: usize = 16;

/// What the notice about the config is filed under.
const CONFIG: &str = "config";

impl App {
    pub(super) fn watch(&mut self) -> anyhow::Result<u8> {
        self.needs_terminal()?;
        let config = self.load()?;
        let state = state::directory(self.global.state_dir.as_deref())?;
        let usual = state.join("credwatch.log");
        let log = Log::to(self.global.log_file.as_deref(), Log::Daily(&usual));
        let _log = logging::start(log, self.global.verbose)?;
        parts::run(self.dashboard(config, &state, "credwatch"))?;
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
    ///
    /// What it remembers is kept in the directory `state`.
    pub(super) async fn dashboard(
        &self,
        config: Config,
        state: &Path,
        title: &str,
    ) -> anyhow::Result<()> {
        let stop = parts::stop_on_signals()?;
        let past = Past::open(state, self.clock)?;
        let mut engine = self.engine(&config, stop.clone());
        engine.turns = past.turns();
        let probe = Arc::clone(&engine.probe);
        let monitor = engine.watch(&config.tenants);
        let ends = Ends {
            results: monitor.results,
            board: monitor.board.clone(),
            commands: monitor.commands.clone(),
        };
        let (terminal, bells) = bells();
        let beside = self.remember_and_tell(&config, past, (ends, Some(terminal.clone())), &stop);
        let teller = beside.teller;
        let (wish, wishes) = mpsc::channel(WISHES);
        let (told, looks) = watch::channel(None);
        // somebody who sets things right looks again at once: the directory is asked anew
        let looking = Arc::new(self.probe(&config, true));
        let servant = Servant {
            monitor: monitor.commands.clone(),
            looker: Looker {
                probe: Arc::clone(&looking),
                board: monitor.board.clone(),
                told,
                looks: JoinSet::new(),
                clock: self.clock,
            },
            memory: teller.memory.clone(),
            swapper: Swapper {
                commands: monitor.commands,
                probes: vec![probe, looking],
                teller,
                terminal: Some(terminal),
                clock: self.clock,
                stop: stop.clone(),
                used: InUse::of(&config),
            },
            config: config.path,
            clock: self.clock,
        };
        let carried = tokio::spawn(servant.carry_out(wishes));
        let channels = tui::DashboardChannels {
            board: monitor.board,
            diagnose_runs: looks,
            bells,
            commands: wish,
        };
        let shown = tui::run(self.looks(title), channels, self.clock, stop.clone()).await;
        stop.cancel();
        monitor.join.await.context("the monitor ended badly")?;
        beside.kept.last().await;
        carried.await.ok();
        Ok(shown?)
    }

    /// Returns how the dashboard looks on this terminal.
    fn looks(&self, title: &str) -> tui::DashboardSettings {
        tui::DashboardSettings {
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
            operator: output::operator(),
        }
    }
}

/// Returns the terminal for messages, and what comes out there: the dashboard has it to itself, so it
/// writes them.
fn bells() -> (Terminal, mpsc::Receiver<String>) {
    let (bell, bells) = mpsc::channel(BELLS);
    let write = move |bytes| {
        let sent = bell.try_send(bytes);
        sent.map_err(|_full| "it is busy".to_owned())
    };
    let terminal = Terminal {
        write: Arc::new(write),
        in_tmux: output::in_tmux(),
        kind: output::terminal_kind(),
    };
    (terminal, bells)
}

/// Hands the operator's wishes to whom they concern.
struct Servant {
    monitor: mpsc::Sender<monitor::Command>,
    looker: Looker,
    config: PathBuf,
    swapper: Swapper,
    memory: Memory,
    clock: Clock,
}

impl Servant {
    async fn carry_out(mut self, mut wishes: mpsc::Receiver<tui::OperatorCommand>) {
        while let Some(wish) = wishes.recv().await {
            let commands = match wish {
                tui::OperatorCommand::Check(name) => vec![monitor::Command::Check(name)],
                tui::OperatorCommand::CheckAll => vec![monitor::Command::CheckAll],
                tui::OperatorCommand::Diagnose(name) => {
                    self.looker.look(name);
                    Vec::new()
                }
                tui::OperatorCommand::Reload => self.reload().await,
                tui::OperatorCommand::Snooze(name, length) => vec![self.snooze(name, length).await],
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

    /// Reads the config again; a bad one changes nothing but what the notice says.
    async fn reload(&mut self) -> Vec<monitor::Command> {
        let path = self.config.clone();
        let loaded = tokio::task::spawn_blocking(move || config::load(&path)).await;
        let text = match loaded {
            Ok(Ok(config)) => {
                self.swapper.swap(&config, config.tenants.clone()).await;
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

    /// Holds the alerts of a tenant for so long, or no longer.
    async fn snooze(&self, name: TenantName, length: Option<TimeDelta>) -> monitor::Command {
        let snooze = length.map(|length| Snooze {
            until: self.clock.now() + length,
            reason: "from the dashboard".into(),
            by: Some(output::operator()),
        });
        if let Some(problem) = self.memory.snooze(name, snooze).await {
            tracing::error!("the snooze holds in this process alone: {problem}");
        }
        monitor::Command::Holds(self.memory.holds(self.clock).await)
    }

    /// Notes who is at the trouble of a tenant, or that nobody is.
    async fn acknowledge(&self, name: TenantName, by: Option<String>) -> monitor::Command {
        let at = self.clock.now();
        let ack = by.map(|by| Ack { by, at });
        if let Some(problem) = self.memory.acknowledge(name, ack).await {
            tracing::error!("this is known to this process alone: {problem}");
        }
        monitor::Command::Holds(self.memory.holds(self.clock).await)
    }
}

/// Looks at single tenants, and tells the dashboard of each step as it ends.
struct Looker {
    probe: Arc<LiveProbe>,
    board: watch::Receiver<Arc<Board>>,
    told: watch::Sender<Option<Arc<tui::DiagnoseRun>>>,
    /// The looks that go on; they end with the dashboard.
    looks: JoinSet<()>,
    clock: Clock,
}

impl Looker {
    fn look(&mut self, name: TenantName) {
        while self.looks.try_join_next().is_some() {}
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
        let looked = look(tenant, probe, self.clock, so_far.clone(), told.clone());
        self.looks.spawn(ended(looked, so_far, told));
    }
}

/// Waits for the end of a look; where it panics, says that there is none. Who heard nothing would wait
/// for a verdict for ever, and could ask for no other look.
async fn ended(
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

async fn look(
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
    let found = Box::pin(diagnose::look(&probe, &tenant, clock, &mut tell)).await;
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
    async fn a_look_that_panics_ends_all_the_same() {
        let (told, looks) = watch::channel(None);
        let asked = tui::DiagnoseRun::started("contoso".into());
        ended(async { panic!("planted") }, asked, told).await;
        let heard = looks.borrow().clone().unwrap();
        assert_eq!(heard.tenant, "contoso".into());
        assert!(matches!(
            heard.outcome,
            Some(tui::DiagnoseOutcome::Failed(_))
        ));
    }
}
