//! The tasks beside a running monitor: one keeps its results and notes alerts, others show on the board
//! what only the history knows.

use std::{error::Error as _, path::Path, sync::Arc, time::Duration};

use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
    time::MissedTickBehavior,
};
use tokio_util::sync::CancellationToken;

use super::{
    alert_store::AlertStore, batch::BatchReceiver, channels::channels, leases::LeaseClient,
    service::AlertService,
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

/// Key of the notice about the history.
const HISTORY: &str = "history";

/// Key of the notice about channels that fail.
const NOTIFICATIONS: &str = "notifications";

/// Interval at which snoozes and acknowledgements of other processes are read.
const HOLDS_INTERVAL: Duration = Duration::from_secs(5);

/// Interval at which old entries of the history are deleted.
const RETENTION_INTERVAL: Duration = Duration::from_hours(24);

/// Interval at which the state of the whole fleet is judged.
const SURVEY_INTERVAL: Duration = Duration::from_secs(20);

/// Time that the last results get to be kept at the end.
const LAST_RESULTS: Duration = Duration::from_secs(3);

/// The handles of a monitor that its background tasks use.
pub(in crate::app) struct MonitorHandles {
    pub(in crate::app) results: mpsc::Receiver<Arc<Report>>,
    pub(in crate::app) board: watch::Receiver<Arc<Board>>,
    pub(in crate::app) commands: mpsc::Sender<Command>,
}

/// The tasks beside a monitor.
pub(in crate::app) struct BackgroundTasks {
    pub(in crate::app) alerts: AlertService,
    /// The text about channels that fail.
    #[cfg_attr(
        not(all(feature = "exporter", unix)),
        expect(
            dead_code,
            reason = "the dashboard shows it as a notice; only `serve` reads it"
        )
    )]
    pub(in crate::app) trouble: watch::Receiver<Option<String>>,
    pub(in crate::app) writer: HistoryWriterTask,
}

/// The task that keeps results.
pub(in crate::app) struct HistoryWriterTask(JoinHandle<()>);

impl HistoryWriterTask {
    /// Waits until every result of a monitor that has ended is kept.
    pub(in crate::app) async fn finish(self) {
        if tokio::time::timeout(LAST_RESULTS, self.0).await.is_err() {
            tracing::warn!("the last results were not kept in time");
        }
    }
}

/// The history that a monitor is started with.
pub(in crate::app) struct OpenedHistory {
    store: AlertStore,
    /// Why there is no file, if there is none.
    problem: Option<HistoryError>,
    leases: Option<LeaseClient>,
}

impl OpenedHistory {
    /// Opens the history in a directory.
    pub(in crate::app) fn open(state: &Path, clock: Clock) -> anyhow::Result<Self> {
        let (store, problem) = AlertStore::open(state)?;
        Ok(Self {
            leases: store.leases(clock),
            store,
            problem,
        })
    }

    /// Returns the poll leases for the engine.
    pub(in crate::app) fn leases(&self) -> Option<Arc<dyn PollLeases>> {
        let leases = self.leases.clone()?;
        Some(Arc::new(leases))
    }
}

/// Starts the tasks beside a monitor.
pub(in crate::app) fn start_background_tasks(
    config: &Config,
    opened: OpenedHistory,
    (handles, terminal): (MonitorHandles, Option<Terminal>),
    clock: Clock,
    stop: &CancellationToken,
) -> BackgroundTasks {
    let MonitorHandles {
        results,
        board,
        commands,
    } = handles;
    let channels = channels(config, terminal, clock);
    let fleet = board.borrow().rows.len();
    let alerts = AlertService::new(opened.store, (config, fleet), &channels, clock);
    let trouble = alerts.troubles();
    alerts.deliver(channels, stop);
    let tenants = config.tenants.iter().map(|it| it.name.clone()).collect();
    let writer = HistoryWriter {
        alerts: alerts.clone(),
        commands: commands.clone(),
        lasting: opened.problem.map(|problem| logged(&problem)),
        leases: opened.leases,
    };
    tokio::spawn(show_trouble(trouble.clone(), commands.clone()));
    tokio::spawn(survey_fleet(alerts.clone(), board, commands.clone()));
    tokio::spawn(show_holds(alerts.clone(), clock, commands, stop.clone()));
    let writer = tokio::spawn(writer.run(tenants, results, clock));
    BackgroundTasks {
        alerts,
        trouble,
        writer: HistoryWriterTask(writer),
    }
}

/// Keeps results and notes alerts.
struct HistoryWriter {
    alerts: AlertService,
    commands: mpsc::Sender<Command>,
    /// Why there is no file, if there is none.
    lasting: Option<String>,
    leases: Option<LeaseClient>,
}

impl HistoryWriter {
    async fn run(
        self,
        tenants: Vec<TenantName>,
        results: mpsc::Receiver<Arc<Report>>,
        clock: Clock,
    ) {
        let pasts = self.alerts.store.pasts(tenants, clock).await;
        self.commands.send(Command::Recall(pasts)).await.ok();
        if let Some(leases) = self.leases.clone() {
            tokio::spawn(leases.follow(self.commands.clone()));
        }
        self.show_problem(None).await;
        let mut forget = tokio::time::interval(RETENTION_INTERVAL);
        let mut results = BatchReceiver::new(results);
        loop {
            tokio::select! {
                found = results.next() => {
                    let Some(found) = found else {
                        return;
                    };
                    let (sent, problem) = self.alerts.take(found).await;
                    if !sent.is_empty() {
                        self.commands.send(Command::Alerted(sent)).await.ok();
                    }
                    self.show_problem(problem).await;
                }
                _ = forget.tick() => {
                    if let Some(problem) = self.alerts.store.forget(clock).await {
                        self.show_problem(Some(problem)).await;
                    }
                }
            }
        }
    }

    /// Shows on the board why results are not kept, while they are not.
    async fn show_problem(&self, problem: Option<HistoryError>) {
        let why = self.lasting.clone().or(problem.as_ref().map(logged));
        let text = why.map(|why| format!("{why}; alerts still go out, but nothing is kept"));
        let notice = Command::Notice {
            about: HISTORY,
            text,
        };
        self.commands.send(notice).await.ok();
    }
}

/// Logs a problem of the history with its cause, and returns its text.
fn logged(problem: &HistoryError) -> String {
    let cause = problem.source().map(|source| format!(": {source}"));
    tracing::error!("{problem}{}", cause.unwrap_or_default());
    problem.to_string()
}

/// Notes alerts about the whole fleet: at intervals, and at once when this machine goes offline or
/// comes back.
async fn survey_fleet(
    alerts: AlertService,
    mut board: watch::Receiver<Arc<Board>>,
    commands: mpsc::Sender<Command>,
) {
    let mut was_offline = false;
    let mut due = tokio::time::interval(SURVEY_INTERVAL);
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
        // before the first result there is no state to judge
        if survey == Survey::default() {
            continue;
        }
        was_offline = offline;
        let (sent, problem) = alerts.survey(survey).await;
        if let Some(problem) = problem {
            logged(&problem);
        }
        if !sent.is_empty() && commands.send(Command::Alerted(sent)).await.is_err() {
            return;
        }
    }
}

fn survey(board: &Board) -> Survey {
    let reports = || board.rows.iter().filter_map(|row| row.report.as_deref());
    let complete = reports().count() == board.rows.len();
    Survey::of(reports(), board.offline_since.is_some(), complete)
}

/// Shows snoozes and acknowledgements on the board, also those of other processes.
async fn show_holds(
    alerts: AlertService,
    clock: Clock,
    commands: mpsc::Sender<Command>,
    stop: CancellationToken,
) {
    let mut tick = tokio::time::interval(HOLDS_INTERVAL);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = tick.tick() => {}
        }
        let holds = alerts.store.holds(clock).await;
        if commands.send(Command::Holds(holds)).await.is_err() {
            return;
        }
    }
}

/// Shows on the board which channels fail.
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
