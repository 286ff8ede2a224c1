//! What runs beside a monitor: its results are remembered, what is due is carried, and the board is
//! told what only the history knows.

use std::{path::Path, sync::Arc, time::Duration};

use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
    time::MissedTickBehavior,
};
use tokio_util::sync::CancellationToken;

use super::{
    channels::channels,
    gather::Gather,
    telling::{Memory, Teller},
    turns::Rota,
};
use crate::{
    alert::Survey,
    board::Board,
    clock::Clock,
    config::Config,
    history::HistoryError,
    monitor::{Command, PollLeases},
    notify::Terminal,
    tenant::TenantName,
    verdict::Report,
};

/// What the notice about the history is filed under.
const HISTORY: &str = "history";

/// What the notice about messages that do not get through is filed under.
const NOTIFICATIONS: &str = "notifications";

/// How often the board learns of snoozes, and of who is at what, from elsewhere.
const HOLDS_EVERY: Duration = Duration::from_secs(5);

/// How often the history forgets what is old.
const FORGET_EVERY: Duration = Duration::from_hours(24);

/// How often everything together is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(20);

/// How long what was found last may take to be kept, when everything ends.
const LAST: Duration = Duration::from_secs(3);

/// A monitor's ends, as far as they concern remembering and telling.
pub(in crate::app) struct Ends {
    pub(in crate::app) results: mpsc::Receiver<Arc<Report>>,
    pub(in crate::app) board: watch::Receiver<Arc<Board>>,
    pub(in crate::app) commands: mpsc::Sender<Command>,
}

/// What runs beside a monitor.
pub(in crate::app) struct Beside {
    pub(in crate::app) teller: Teller,
    /// Why messages do not get through, while they do not.
    #[cfg_attr(
        not(all(feature = "exporter", unix)),
        expect(
            dead_code,
            reason = "the dashboard has it as a notice; `serve` asks for it"
        )
    )]
    pub(in crate::app) trouble: watch::Receiver<Option<String>>,
    pub(in crate::app) kept: Kept,
}

/// What keeps results, as whoever waits for its end holds it.
pub(in crate::app) struct Kept(JoinHandle<()>);

impl Kept {
    /// Waits until everything is kept that was found by a monitor which has ended.
    pub(in crate::app) async fn last(self) {
        if tokio::time::timeout(LAST, self.0).await.is_err() {
            tracing::warn!("the last results were not kept in time");
        }
    }
}

/// The history as a monitor was started with it.
pub(in crate::app) struct Past {
    memory: Memory,
    /// Why there is no file at all, if so.
    problem: Option<HistoryError>,
    turns: Option<Rota>,
}

impl Past {
    /// Opens the history in a directory.
    pub(in crate::app) fn open(state: &Path, clock: Clock) -> anyhow::Result<Self> {
        let (memory, problem) = Memory::open(state)?;
        Ok(Self {
            turns: memory.turns(clock),
            memory,
            problem,
        })
    }

    /// Returns who keeps the turns, for the engine.
    pub(in crate::app) fn turns(&self) -> Option<Arc<dyn PollLeases>> {
        let turns = self.turns.clone()?;
        Some(Arc::new(turns))
    }
}

/// Starts everything that runs beside a monitor.
pub(in crate::app) fn remember_and_tell(
    config: &Config,
    past: Past,
    (ends, terminal): (Ends, Option<Terminal>),
    clock: Clock,
    stop: &CancellationToken,
) -> Beside {
    let Past {
        memory,
        problem,
        turns,
    } = past;
    let channels = channels(config, terminal, clock);
    let fleet = ends.board.borrow().rows.len();
    let teller = Teller::new(memory, (config, fleet), &channels, clock);
    let trouble = teller.trouble();
    teller.carry(channels, stop);
    let tenants = config.tenants.iter().map(|it| it.name.clone()).collect();
    let Ends {
        results,
        board,
        commands,
    } = ends;
    let keeper = Keeper {
        teller: teller.clone(),
        commands: commands.clone(),
        lasting: problem.map(|problem| words(&problem)),
        turns,
    };
    tokio::spawn(show_trouble(trouble.clone(), commands.clone()));
    tokio::spawn(look_around(teller.clone(), board, commands.clone()));
    tokio::spawn(show_holds(teller.clone(), clock, commands, stop.clone()));
    let keeper = tokio::spawn(keeper.run(tenants, results, clock));
    Beside {
        teller,
        trouble,
        kept: Kept(keeper),
    }
}

/// Keeps what is found.
struct Keeper {
    teller: Teller,
    commands: mpsc::Sender<Command>,
    /// Why there is no file at all, if so.
    lasting: Option<String>,
    turns: Option<Rota>,
}

impl Keeper {
    async fn run(
        self,
        tenants: Vec<TenantName>,
        results: mpsc::Receiver<Arc<Report>>,
        clock: Clock,
    ) {
        let pasts = self.teller.memory.pasts(tenants, clock).await;
        self.commands.send(Command::Recall(pasts)).await.ok();
        if let Some(turns) = self.turns.clone() {
            tokio::spawn(turns.follow(self.commands.clone()));
        }
        self.say(None).await;
        let mut forget = tokio::time::interval(FORGET_EVERY);
        let mut results = Gather::new(results);
        loop {
            tokio::select! {
                found = results.next() => {
                    let Some(found) = found else {
                        return;
                    };
                    let (told, problem) = self.teller.take(found).await;
                    if !told.is_empty() {
                        self.commands.send(Command::Alerted(told)).await.ok();
                    }
                    self.say(problem).await;
                }
                _ = forget.tick() => {
                    if let Some(problem) = self.teller.memory.forget(clock).await {
                        self.say(Some(problem)).await;
                    }
                }
            }
        }
    }

    /// Shows why nothing is remembered, while that is so.
    async fn say(&self, problem: Option<HistoryError>) {
        let why = self.lasting.clone().or(problem.as_ref().map(words));
        let text = why.map(|why| format!("{why}; alerts still go out, but nothing is kept"));
        let notice = Command::Notice {
            about: HISTORY,
            text,
        };
        self.commands.send(notice).await.ok();
    }
}

fn words(problem: &HistoryError) -> String {
    tracing::error!("{problem}: {:?}", std::error::Error::source(problem));
    problem.to_string()
}

/// Looks at everything now and then, and at once when this machine goes offline or comes back: what
/// concerns no single tenant is noted by that.
async fn look_around(
    teller: Teller,
    mut board: watch::Receiver<Arc<Board>>,
    commands: mpsc::Sender<Command>,
) {
    let mut was_offline = false;
    let mut due = tokio::time::interval(LOOK_EVERY);
    due.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let in_time = tokio::select! {
            changed = board.changed() => match changed {
                Ok(()) => false,
                Err(_ended) => return,
            },
            _ = due.tick() => true,
        };
        let board = Arc::clone(&board.borrow_and_update());
        let offline = board.offline_since.is_some();
        if !in_time && offline == was_offline {
            continue;
        }
        let survey = survey(&board);
        // before the first result there is nothing to say, not even that all is well
        if survey == Survey::default() {
            continue;
        }
        was_offline = offline;
        let (told, problem) = teller.survey(survey).await;
        if let Some(problem) = problem {
            words(&problem);
        }
        if !told.is_empty() && commands.send(Command::Alerted(told)).await.is_err() {
            return;
        }
    }
}

fn survey(board: &Board) -> Survey {
    let reports = || board.rows.iter().filter_map(|row| row.report.as_deref());
    let complete = reports().count() == board.rows.len();
    Survey::of(reports(), board.offline_since.is_some(), complete)
}

/// Shows on the board whose alerts are held, whoever holds them.
async fn show_holds(
    teller: Teller,
    clock: Clock,
    commands: mpsc::Sender<Command>,
    stop: CancellationToken,
) {
    let mut tick = tokio::time::interval(HOLDS_EVERY);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = tick.tick() => {}
        }
        let holds = teller.memory.holds(clock).await;
        if commands.send(Command::Holds(holds)).await.is_err() {
            return;
        }
    }
}

/// Shows on the board why messages do not get through, while they do not.
async fn show_trouble(
    mut trouble: watch::Receiver<Option<String>>,
    monitor: mpsc::Sender<Command>,
) {
    while trouble.changed().await.is_ok() {
        let text = trouble.borrow_and_update().clone();
        let notice = Command::Notice {
            about: NOTIFICATIONS,
            text,
        };
        if monitor.send(notice).await.is_err() {
            return;
        }
    }
}
