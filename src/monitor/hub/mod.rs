//! The hub: starts and stops the workers, receives their results, and publishes the board.

mod interface;
mod polling;

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
    time::Duration,
};

use tokio::{
    sync::{mpsc, watch},
    task::{self, JoinError, JoinSet},
    time::{Instant, MissedTickBehavior},
};
use tokio_util::sync::CancellationToken;

pub use self::interface::{Command, Monitor};
use super::{
    backpressure::CanaryPolling,
    board_state::BoardState,
    engine::{Engine, Settings},
    probe::{self, Probe},
    tenant_state::TenantState,
    worker::{CheckOrder, Worker, WorkerEvent, WorkerMessage},
    worker_settings::WorkerSettings,
};
use crate::{
    board::Board,
    health::{self, Withheld},
    schedule,
    tenant::{Mode, Tenant, TenantName},
    verdict::{Report, Status},
};

/// Interval at which one tenant is checked while this machine is offline.
const OFFLINE_PROBE_INTERVAL: Duration = Duration::from_secs(15);

/// Time that workers get to stop before they are dropped.
const GRACE: Duration = Duration::from_millis(800);

/// Capacity of the workers' messages; while it is full, workers wait.
const MESSAGES: usize = 1024;

/// Capacity of the commands; see [`Monitor::commands`].
const COMMANDS: usize = 64;

/// Capacity of the results; see [`Monitor::results`].
const RESULTS: usize = 4096;

/// Key of the notice about dropped results.
const DROPPED_NOTICE: &str = "unkept";

impl<P: Probe> Engine<P> {
    /// Starts to poll the tenants. Must be called inside a tokio runtime.
    pub fn watch(self, tenants: &[Arc<Tenant>]) -> Monitor {
        let (messages, inbox) = mpsc::channel(MESSAGES);
        let (board, latest_board) = watch::channel(Arc::default());
        let (command, commands) = mpsc::channel(COMMANDS);
        let (result, results) = mpsc::channel(RESULTS);
        let settings = self.settings.clone();
        let mut hub = Hub {
            worker_settings: watch::Sender::new(Arc::new(WorkerSettings::of(&settings))),
            settings,
            engine: Arc::new(self),
            board: BoardState::new(),
            handles: Vec::new(),
            places: HashMap::new(),
            last_worker_id: 0,
            workers: JoinSet::new(),
            messages,
            last_demand: HashMap::new(),
            offline_probe: OfflineProbe::default(),
            canary_polling: CanaryPolling::new(),
        };
        hub.reload(tenants);
        board.send_replace(Arc::new(hub.board.board()));
        let channels = HubChannels {
            inbox,
            commands,
            board,
            result,
        };
        Monitor {
            board: latest_board,
            commands: command,
            results,
            join: tokio::spawn(hub.run(channels)),
        }
    }
}

/// The hub's ends of its channels.
struct HubChannels {
    inbox: mpsc::Receiver<WorkerMessage>,
    commands: mpsc::Receiver<Command>,
    board: watch::Sender<Arc<Board>>,
    result: mpsc::Sender<Arc<Report>>,
}

/// The hub's handle on one worker.
struct WorkerHandle {
    worker: u64,
    task: task::Id,
    orders: watch::Sender<Option<CheckOrder>>,
    /// Time of the check that its last order asked for.
    ordered: Option<Instant>,
    stop: CancellationToken,
}

/// The rotation of tenants that test whether this machine is still offline.
#[derive(Default)]
struct OfflineProbe {
    due: Option<Instant>,
    next: usize,
}

struct Hub<P> {
    engine: Arc<Engine<P>>,
    settings: Settings,
    worker_settings: watch::Sender<Arc<WorkerSettings>>,
    board: BoardState,
    /// One handle per row, in the order of the rows.
    handles: Vec<WorkerHandle>,
    /// Index of the row, by worker.
    places: HashMap<u64, usize>,
    last_worker_id: u64,
    workers: JoinSet<()>,
    messages: mpsc::Sender<WorkerMessage>,
    /// Time of the last check on demand, by credential.
    last_demand: HashMap<String, Instant>,
    offline_probe: OfflineProbe,
    canary_polling: CanaryPolling,
}

impl<P: Probe> Hub<P> {
    async fn run(mut self, mut channels: HubChannels) {
        let mut second = tokio::time::interval(Duration::from_secs(1));
        second.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut publish_at = Instant::now();
        let stop = self.engine.stop.clone();
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                Some(message) = channels.inbox.recv() => {
                    self.receive(message);
                    self.forward_results(&channels.result);
                }
                Some(command) = channels.commands.recv() => self.command(command),
                () = tokio::time::sleep_until(publish_at), if self.board.dirty => {
                    channels.board.send_replace(Arc::new(self.board.board()));
                    publish_at = Instant::now() + self.engine.publish_every;
                }
                _ = second.tick() => self.second(),
                Some(ended) = self.workers.join_next() => if let Err(error) = ended {
                    self.replace_failed_worker(&error);
                },
            }
        }
        drop(channels.inbox);
        let ended = async { while self.workers.join_next().await.is_some() {} };
        if tokio::time::timeout(GRACE, ended).await.is_err() {
            tracing::warn!("workers did not stop in time");
        }
        if let Some(leases) = &self.engine.leases {
            let released = tokio::time::timeout(GRACE, leases.release_all()).await;
            released.unwrap_or_else(|_slow| tracing::warn!("leases were not released in time"));
        }
        channels.board.send_replace(Arc::new(self.board.board()));
    }

    fn receive(&mut self, message: WorkerMessage) {
        let Some(&place) = self.places.get(&message.worker) else {
            return;
        };
        match message.event {
            WorkerEvent::Activity(activity) => self.board.activity(place, activity),
            WorkerEvent::Finished(finished) => {
                let now = self.engine.environment.now().to_utc();
                let offline = self.board.offline_since.is_some();
                let probe = &self.engine.probe;
                let blank = |tenant: &Tenant| probe.assemble(tenant, None, now);
                let cause = health::cause(&finished.report);
                self.board.finish(place, *finished, now, &blank);
                self.record_pressure(place, cause);
                if offline && self.board.offline_since.is_none() {
                    self.check_all();
                }
            }
        }
    }

    /// Forwards reports to the history. Reports that the history is too slow for are dropped, counted
    /// and shown.
    fn forward_results(&mut self, results: &mpsc::Sender<Arc<Report>>) {
        for report in std::mem::take(&mut self.board.confirmed_reports) {
            if let Err(mpsc::error::TrySendError::Full(_)) = results.try_send(report) {
                self.board.unkept += 1;
                let count = self.board.unkept;
                let text = format!("the history is slow: {count} results were not kept");
                let now = self.engine.environment.now().to_utc();
                self.board.notice(DROPPED_NOTICE, Some(text), now);
            }
        }
    }

    fn command(&mut self, command: Command) {
        let now = self.engine.environment.now();
        match command {
            Command::Check(name) => {
                let named = |state: &TenantState| state.row.tenant.name == name;
                if let Some(place) = self.board.tenants.iter().position(named) {
                    self.check_on_demand(place, true);
                }
            }
            Command::CheckAll => {
                // during canary polling, checks of all tenants at once would add to the load
                let forced = !self.canary_polling.is_active();
                (0..self.handles.len()).for_each(|place| self.check_on_demand(place, forced));
            }
            Command::Reload { tenants, settings } => {
                self.apply_settings(settings);
                self.reload(&tenants);
                let text = format!("config reloaded: {} tenants", tenants.len());
                self.board.event(now.to_utc(), None, Status::Ok, &text);
            }
            Command::Notice { about, text } => self.board.notice(about, text, now.to_utc()),
            Command::Recall(pasts) => self.board.recall(pasts),
            Command::Holds(holds) => self.board.hold(&holds, now),
            Command::PeerResults(results) => self.show_peer_results(results),
            Command::Alerted(alerts) => self.board.alerted(&alerts),
            Command::Stop => self.engine.stop.cancel(),
        }
    }

    fn second(&mut self) {
        self.board.age(self.engine.environment.now().to_utc());
        let now = Instant::now();
        let due = &mut self.offline_probe.due;
        if self.board.offline_since.is_none() {
            *due = None;
            self.end_overdue_canary_polling(now);
        } else if *due.get_or_insert(now + OFFLINE_PROBE_INTERVAL) <= now {
            *due = Some(now + OFFLINE_PROBE_INTERVAL);
            self.send_offline_probe(now);
        }
    }

    /// Orders a check of one tenant, a different one each time.
    fn send_offline_probe(&mut self, now: Instant) {
        let live = |state: &TenantState| state.row.tenant.mode == Mode::Live;
        let tenants = self.board.tenants.iter().enumerate();
        let places = tenants.filter(|(_, state)| live(state));
        let places: Vec<usize> = places.map(|(place, _)| place).collect();
        let next = self.offline_probe.next.checked_rem(places.len());
        let next = next.unwrap_or_default();
        self.offline_probe.next = next + 1;
        if let Some(&place) = places.get(next) {
            self.order(place, now, true);
        }
    }

    /// Orders a check of every tenant, spread as at the start.
    fn check_all(&mut self) {
        let now = Instant::now();
        for place in 0..self.handles.len() {
            let wait = schedule::first(place, self.handles.len(), Duration::MAX);
            self.order(place, now + wait, false);
        }
    }

    /// Orders a check on demand of the operator: at once, or as soon as the credential may be tried.
    fn check_on_demand(&mut self, place: usize, forced: bool) {
        let now = Instant::now();
        let state = self.board.tenants.get(place);
        let (Some(state), Some(handle)) = (state, self.handles.get_mut(place)) else {
            return;
        };
        if handle.ordered.is_some_and(|at| at > now) {
            return;
        }
        let last = self.last_demand.entry(credential(&state.row.tenant));
        let at = match &last {
            Entry::Vacant(_) => now,
            Entry::Occupied(last) => {
                let base = now.max(*last.get());
                base + schedule::on_demand(Some(base - *last.get()))
            }
        };
        last.insert_entry(at);
        handle.ordered = Some(at);
        self.order(place, at, forced);
    }

    fn order(&self, place: usize, at: Instant, forced: bool) {
        if let Some(handle) = self.handles.get(place) {
            handle.orders.send_replace(Some(CheckOrder { at, forced }));
        }
    }

    /// Applies settings from the next checks on.
    fn apply_settings(&mut self, settings: Settings) {
        if self.settings != settings {
            let shared = WorkerSettings::of(&settings);
            self.worker_settings.send_replace(Arc::new(shared));
            self.settings = settings;
        }
    }

    /// Replaces the tenants.
    fn reload(&mut self, tenants: &[Arc<Tenant>]) {
        let states = std::mem::take(&mut self.board.tenants);
        let handles = std::mem::take(&mut self.handles);
        let mut known: HashMap<TenantName, (TenantState, WorkerHandle)> = states
            .into_iter()
            .zip(handles)
            .map(|(state, handle)| (state.row.tenant.name.clone(), (state, handle)))
            .collect();
        self.places.clear();
        for (place, tenant) in tenants.iter().enumerate() {
            let wait = schedule::first(place, tenants.len(), tenant.pace.interval);
            let (state, handle) = match known.remove(&tenant.name) {
                Some((state, handle)) if state.row.tenant == *tenant => (state, handle),
                Some((state, handle)) => {
                    handle.stop.cancel();
                    let state = state.reconfigured(Arc::clone(tenant));
                    (state, self.start_worker(tenant, wait))
                }
                None => {
                    let state = TenantState::new(Arc::clone(tenant));
                    (state, self.start_worker(tenant, wait))
                }
            };
            self.places.insert(handle.worker, place);
            self.board.tenants.push(state);
            self.handles.push(handle);
        }
        for (_, handle) in known.into_values() {
            handle.stop.cancel();
        }
        self.forget_removed_tenants();
        self.board.dirty = true;
    }

    /// Starts a worker whose first check is due after `first`.
    fn start_worker(&mut self, tenant: &Arc<Tenant>, first: Duration) -> WorkerHandle {
        self.last_worker_id += 1;
        let (orders, received) = watch::channel(None);
        let stop = self.engine.stop.child_token();
        let worker = Worker {
            id: self.last_worker_id,
            tenant: Arc::clone(tenant),
            engine: Arc::clone(&self.engine),
            settings: self.worker_settings.subscribe(),
            messages: self.messages.clone(),
            orders: received,
            canaries: self.canary_polling.subscribe(),
            stop: stop.clone(),
        };
        let task = self.workers.spawn(worker.run(first));
        WorkerHandle {
            worker: self.last_worker_id,
            task: task.id(),
            orders,
            ordered: None,
            stop,
        }
    }

    /// Shows that a worker has failed, and starts another one. A panic inside a check never gets here:
    /// it becomes that check's verdict. Without this the row would keep its last verdict until it is
    /// stale, and the tenant would never be checked again.
    fn replace_failed_worker(&mut self, error: &JoinError) {
        let failed = |handle: &WorkerHandle| handle.task == error.id();
        let Some(place) = self.handles.iter().position(failed) else {
            return; // the worker of a tenant that was removed or reloaded
        };
        let Some(tenant) = self.board.tenants.get(place) else {
            return;
        };
        let tenant = Arc::clone(&tenant.row.tenant);
        let trace_id = uuid::Uuid::new_v4().to_string();
        tracing::error!(tenant = %tenant.name, trace_id, "a worker ended: {error}");
        let now = self.engine.environment.now().to_utc();
        let reason = Withheld::Crashed { trace_id };
        let report = probe::withheld(&*self.engine.probe, &tenant, now, &reason);
        self.board
            .worker_failed(place, report, now, tenant.pace.interval);
        let handle = self.start_worker(&tenant, tenant.pace.interval);
        self.places.insert(handle.worker, place);
        if let Some(old) = self.handles.get_mut(place) {
            self.places.remove(&old.worker);
            *old = handle;
        }
        self.forget_removed_tenants();
    }
}

/// Returns the key of a credential; two tenants with the same key share it.
fn credential(tenant: &Tenant) -> String {
    let login = tenant.endpoints.login.authority();
    format!("{login}/{}/{}", tenant.app.tenant_id, tenant.app.client_id)
}

#[cfg(test)]
mod tests;
