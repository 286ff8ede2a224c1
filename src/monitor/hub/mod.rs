//! The hub: starts and stops the workers, takes in what they find, and publishes the board.

mod weather;

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::{
    sync::{mpsc, watch},
    task::{JoinHandle, JoinSet},
    time::{Instant, MissedTickBehavior},
};
use tokio_util::sync::CancellationToken;

use super::{
    Elsewhere, Engine, Settings,
    probe::Probe,
    rows::Rows,
    slot::Slot,
    storm::Storm,
    terms::Terms,
    worker::{Canaries, News, Note, Order, Worker},
};
use crate::{
    alert::{Alert, Holds},
    board::{Board, Past},
    health, schedule,
    tenant::{Mode, Tenant, TenantName},
    verdict::{Report, Status},
};

/// How often one tenant is tried while the machine is offline.
const SCOUT_EVERY: Duration = Duration::from_secs(15);

/// How long workers may take to stop before they are dropped.
const GRACE: Duration = Duration::from_millis(800);

/// How many notes of workers wait; when full, workers do.
const NOTES: usize = 1024;

/// How many commands wait; when full, whoever sends one decides.
const COMMANDS: usize = 64;

/// How many reports wait for whoever keeps them.
const RESULTS: usize = 4096;

/// What somebody asks of the monitor.
#[derive(Debug)]
pub enum Command {
    /// Check this tenant now (or 30 s after the last time somebody asked for its credential).
    Check(TenantName),
    /// Check every tenant now, with the same limit.
    CheckAll,
    /// Watch these tenants instead, and so; those that are the same go on undisturbed.
    Reload {
        /// Whom to watch.
        tenants: Vec<Arc<Tenant>>,
        /// How to work from the next checks on.
        settings: Settings,
    },
    /// Show (or no longer show) what a part of credwatch cannot do.
    Notice {
        /// Which part; each has one notice.
        about: &'static str,
        /// What it cannot do; `None` when it can again.
        text: Option<String>,
    },
    /// Show what is remembered of tenants from before this process began.
    Recall(Vec<Past>),
    /// Show whose alerts are held and who is at what: these, and no others.
    Holds(Holds),
    /// Show what other processes found, whose turn it was.
    Elsewhere(Vec<Elsewhere>),
    /// Show among the events what people were told of.
    Told(Vec<Alert>),
    /// Stop.
    Stop,
}

/// A running monitor, as its owner holds it.
#[derive(Debug)]
pub struct Monitor {
    /// The latest board; readers may skip any.
    pub board: watch::Receiver<Arc<Board>>,
    /// Takes commands.
    pub commands: mpsc::Sender<Command>,
    /// Every report that counts, for whoever keeps them; what comes while this machine is offline
    /// does not. While the channel is full, they are dropped: the next check brings another.
    pub results: mpsc::Receiver<Arc<Report>>,
    /// Ends within a second after the engine was stopped.
    pub join: JoinHandle<()>,
}

impl<P: Probe> Engine<P> {
    /// Starts to poll the tenants; needs a tokio runtime around it.
    pub fn watch(self, tenants: &[Arc<Tenant>]) -> Monitor {
        let (notes, inbox) = mpsc::channel(NOTES);
        let (board, picture) = watch::channel(Arc::default());
        let (command, commands) = mpsc::channel(COMMANDS);
        let (result, results) = mpsc::channel(RESULTS);
        let settings = self.settings.clone();
        let mut hub = Hub {
            terms: watch::Sender::new(Arc::new(Terms::of(&settings))),
            settings,
            engine: Arc::new(self),
            rows: Rows::new(),
            hands: Vec::new(),
            places: HashMap::new(),
            hired: 0,
            workers: JoinSet::new(),
            notes,
            asked: HashMap::new(),
            scout: Scout::default(),
            storm: Storm::default(),
            canaries: watch::Sender::new(None),
            canaries_until: None,
        };
        hub.reload(tenants);
        board.send_replace(Arc::new(hub.rows.board()));
        let channels = Channels {
            inbox,
            commands,
            board,
            result,
        };
        Monitor {
            board: picture,
            commands: command,
            results,
            join: tokio::spawn(hub.run(channels)),
        }
    }
}

/// The hub's ends of its channels.
struct Channels {
    inbox: mpsc::Receiver<Note>,
    commands: mpsc::Receiver<Command>,
    board: watch::Sender<Arc<Board>>,
    result: mpsc::Sender<Arc<Report>>,
}

/// The hub's hold on one worker.
struct Hand {
    worker: u64,
    orders: watch::Sender<Option<Order>>,
    /// When it will have carried out its last order.
    ordered: Option<Instant>,
    stop: CancellationToken,
}

/// Who tries next whether the machine is still offline.
#[derive(Default)]
struct Scout {
    due: Option<Instant>,
    next: usize,
}

struct Hub<P> {
    engine: Arc<Engine<P>>,
    settings: Settings,
    terms: watch::Sender<Arc<Terms>>,
    rows: Rows,
    /// One for each row, in the same order.
    hands: Vec<Hand>,
    places: HashMap<u64, usize>,
    hired: u64,
    workers: JoinSet<()>,
    notes: mpsc::Sender<Note>,
    /// When somebody last had a credential checked, by credential.
    asked: HashMap<String, Instant>,
    scout: Scout,
    storm: Storm,
    /// Who alone is polled, if not everybody is.
    canaries: watch::Sender<Canaries>,
    /// Until when at the latest.
    canaries_until: Option<Instant>,
}

impl<P: Probe> Hub<P> {
    async fn run(mut self, mut channels: Channels) {
        let mut second = tokio::time::interval(Duration::from_secs(1));
        second.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut publish_at = Instant::now();
        let stop = self.engine.stop.clone();
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                Some(note) = channels.inbox.recv() => {
                    self.note(note);
                    self.hand_out(&channels.result);
                }
                Some(command) = channels.commands.recv() => self.command(command),
                () = tokio::time::sleep_until(publish_at), if self.rows.dirty => {
                    channels.board.send_replace(Arc::new(self.rows.board()));
                    publish_at = Instant::now() + self.engine.publish_every;
                }
                _ = second.tick() => self.second(),
                Some(ended) = self.workers.join_next() => if let Err(error) = ended {
                    tracing::error!("a worker ended: {error}");
                },
            }
        }
        drop(channels.inbox);
        let ended = async { while self.workers.join_next().await.is_some() {} };
        if tokio::time::timeout(GRACE, ended).await.is_err() {
            tracing::warn!("workers did not stop in time");
        }
        if let Some(turns) = &self.engine.turns {
            let left = tokio::time::timeout(GRACE, turns.leave()).await;
            left.unwrap_or_else(|_slow| tracing::warn!("turns were not given away in time"));
        }
        channels.board.send_replace(Arc::new(self.rows.board()));
    }

    fn note(&mut self, note: Note) {
        let Some(&place) = self.places.get(&note.worker) else {
            return;
        };
        match note.news {
            News::Activity(activity) => self.rows.activity(place, activity),
            News::Done(done) => {
                let now = self.engine.outside.now().to_utc();
                let offline = self.rows.offline_since.is_some();
                let probe = &self.engine.probe;
                let blank = |tenant: &Tenant| probe.assemble(tenant, None, now);
                let cause = health::cause(&done.report);
                self.rows.done(place, *done, now, &blank);
                self.weather(place, cause);
                if offline && self.rows.offline_since.is_none() {
                    self.check_everybody();
                }
            }
        }
    }

    /// Hands reports to whoever keeps them; what that one is too slow for is dropped and said.
    fn hand_out(&mut self, results: &mpsc::Sender<Arc<Report>>) {
        for report in std::mem::take(&mut self.rows.settled) {
            if let Err(mpsc::error::TrySendError::Full(_)) = results.try_send(report) {
                self.rows.unkept += 1;
                let count = self.rows.unkept;
                let text = format!("the history is slow: {count} results were not kept");
                let now = self.engine.outside.now().to_utc();
                self.rows.notice("unkept", Some(text), now);
            }
        }
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Check(name) => {
                let named = |slot: &Slot| slot.row.tenant.name == name;
                if let Some(place) = self.rows.slots.iter().position(named) {
                    self.ask(place, true);
                }
            }
            Command::CheckAll => {
                // not in a storm: everybody at once is what it does not need
                let forced = self.canaries.borrow().is_none();
                (0..self.hands.len()).for_each(|place| self.ask(place, forced));
            }
            Command::Reload { tenants, settings } => {
                self.work_by(settings);
                self.reload(&tenants);
                let text = format!("config reloaded: {} tenants", tenants.len());
                self.rows
                    .event(self.engine.outside.now().to_utc(), None, Status::Ok, &text);
            }
            Command::Notice { about, text } => {
                self.rows
                    .notice(about, text, self.engine.outside.now().to_utc());
            }
            Command::Recall(pasts) => self.rows.recall(pasts),
            Command::Holds(holds) => self.rows.hold(&holds, self.engine.outside.now()),
            Command::Elsewhere(found) => self.elsewhere(found),
            Command::Told(alerts) => self.rows.told(&alerts),
            Command::Stop => self.engine.stop.cancel(),
        }
    }

    fn second(&mut self) {
        self.rows.age(self.engine.outside.now().to_utc());
        let now = Instant::now();
        if self.rows.offline_since.is_none() {
            self.scout.due = None;
            if self.canaries_until.is_some_and(|until| until <= now) {
                self.try_everybody();
            }
        } else if *self.scout.due.get_or_insert(now + SCOUT_EVERY) <= now {
            self.scout.due = Some(now + SCOUT_EVERY);
            self.send_scout(now);
        }
    }

    /// Orders a check of one tenant, another one each time.
    fn send_scout(&mut self, now: Instant) {
        let live = |slot: &Slot| slot.row.tenant.mode == Mode::Live;
        let slots = self.rows.slots.iter().enumerate();
        let places = slots.filter(|(_, slot)| live(slot)).map(|(place, _)| place);
        let places: Vec<usize> = places.collect();
        let turn = self
            .scout
            .next
            .checked_rem(places.len())
            .unwrap_or_default();
        self.scout.next = turn + 1;
        if let Some(&place) = places.get(turn) {
            self.order(place, now, true);
        }
    }

    /// Orders a check of everybody, spread as at the start.
    fn check_everybody(&mut self) {
        let now = Instant::now();
        for place in 0..self.hands.len() {
            let wait = schedule::first(place, self.hands.len(), Duration::MAX);
            self.order(place, now + wait, false);
        }
    }

    /// Orders a check on somebody's demand: at once, or as soon as the credential may be tried.
    fn ask(&mut self, place: usize, forced: bool) {
        let now = Instant::now();
        let (Some(slot), Some(hand)) = (self.rows.slots.get(place), self.hands.get_mut(place))
        else {
            return;
        };
        if hand.ordered.is_some_and(|at| at > now) {
            return;
        }
        let last = self.asked.entry(credential(&slot.row.tenant));
        let at = match &last {
            std::collections::hash_map::Entry::Vacant(_) => now,
            std::collections::hash_map::Entry::Occupied(last) => {
                let base = now.max(*last.get());
                base + schedule::on_demand(Some(base - *last.get()))
            }
        };
        last.insert_entry(at);
        hand.ordered = Some(at);
        self.order(place, at, forced);
    }

    fn order(&self, place: usize, at: Instant, forced: bool) {
        if let Some(hand) = self.hands.get(place) {
            hand.orders.send_replace(Some(Order { at, forced }));
        }
    }

    /// Works so from the next checks on.
    fn work_by(&mut self, settings: Settings) {
        if self.settings != settings {
            self.terms.send_replace(Arc::new(Terms::of(&settings)));
            self.settings = settings;
        }
    }

    /// Watches these tenants from now on.
    fn reload(&mut self, tenants: &[Arc<Tenant>]) {
        let slots = std::mem::take(&mut self.rows.slots);
        let hands = std::mem::take(&mut self.hands);
        let mut known: HashMap<TenantName, (Slot, Hand)> = slots
            .into_iter()
            .zip(hands)
            .map(|(slot, hand)| (slot.row.tenant.name.clone(), (slot, hand)))
            .collect();
        self.places.clear();
        for (place, tenant) in tenants.iter().enumerate() {
            let wait = schedule::first(place, tenants.len(), tenant.pace.interval);
            let (slot, hand) = match known.remove(&tenant.name) {
                Some((slot, hand)) if slot.row.tenant == *tenant => (slot, hand),
                Some((slot, hand)) => {
                    hand.stop.cancel();
                    (slot.renewed(Arc::clone(tenant)), self.hire(tenant, wait))
                }
                None => (Slot::new(Arc::clone(tenant)), self.hire(tenant, wait)),
            };
            self.places.insert(hand.worker, place);
            self.rows.slots.push(slot);
            self.hands.push(hand);
        }
        for (_, hand) in known.into_values() {
            hand.stop.cancel();
        }
        self.forget_strangers();
        self.rows.dirty = true;
    }

    /// Starts a worker whose first check is so far away.
    fn hire(&mut self, tenant: &Arc<Tenant>, first: Duration) -> Hand {
        self.hired += 1;
        let (orders, received) = watch::channel(None);
        let stop = self.engine.stop.child_token();
        let worker = Worker {
            id: self.hired,
            tenant: Arc::clone(tenant),
            engine: Arc::clone(&self.engine),
            terms: self.terms.subscribe(),
            notes: self.notes.clone(),
            orders: received,
            canaries: self.canaries.subscribe(),
            stop: stop.clone(),
        };
        self.workers.spawn(worker.run(first));
        Hand {
            worker: self.hired,
            orders,
            ordered: None,
            stop,
        }
    }
}

/// Returns what makes two tenants share a credential.
fn credential(tenant: &Tenant) -> String {
    let login = tenant.endpoints.login.authority();
    format!("{login}/{}/{}", tenant.app.tenant_id, tenant.app.client_id)
}

#[cfg(test)]
mod tests;
