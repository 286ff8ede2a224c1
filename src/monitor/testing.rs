//! A scripted probe and a paused clock, for the tests of this module.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{CheckOutcome, Engine, Environment, PUBLISH_EVERY, Probe, Settings};
use crate::{
    diagnosis::Judgement,
    health::fixture as sample,
    observation::{
        Answer, Exchange, Fault, FaultKind, Observation, Outcome, Phases, SecretFacts, Stage,
    },
    tenant::{App, Pace, Tenant, fixture},
    verdict::{Gate, Live, Report, cause::Cause},
};

pub(super) const INTERVAL: Duration = Duration::from_mins(15);

pub(crate) fn tenant(name: &str) -> Arc<Tenant> {
    let tenant = fixture::tenant(name);
    Arc::new(Tenant {
        app: App {
            client_id: name.into(),
            ..tenant.app
        },
        pace: Pace {
            interval: INTERVAL,
            ..tenant.pace
        },
        ..tenant
    })
}

pub(super) fn tenants(names: &[&str]) -> Vec<Arc<Tenant>> {
    names.iter().map(|name| tenant(name)).collect()
}

/// What one check (or repetition) of a script does.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Works,
    Fails(Cause),
    Throttled(Duration),
    Lost(&'static str, FaultKind),
    /// Fails before a request is sent.
    Unasked(Cause),
    Panics,
    Hangs,
}

/// Plays a list of steps for each tenant; the last one is repeated.
#[derive(Debug, Default)]
pub(super) struct Script {
    steps: Mutex<HashMap<String, VecDeque<Step>>>,
    /// The judgement of the last step, by tenant.
    judgements: Mutex<HashMap<String, Judgement>>,
    /// The start of every check, with its tenant.
    log: Mutex<Vec<(Instant, String)>>,
    running: AtomicUsize,
    pub(super) peak: AtomicUsize,
    pub(super) mark: AtomicU64,
    pub(super) took: Duration,
    /// Whether the next worker panics outside its check.
    pub(super) fails_workers: AtomicBool,
}

impl Script {
    pub(super) fn new(lines: &[(&str, &[Step])]) -> Self {
        let script = Self {
            took: Duration::from_millis(100),
            ..Self::default()
        };
        for (name, steps) in lines {
            script.write(name, steps);
        }
        script
    }

    /// Replaces what is left of a tenant's script.
    pub(super) fn write(&self, name: &str, steps: &[Step]) {
        let steps = steps.iter().cloned().collect();
        self.steps.lock().unwrap().insert(name.to_owned(), steps);
    }

    /// The times at which a tenant was checked, in seconds since `start`.
    pub(super) fn times(&self, name: &str, start: Instant) -> Vec<u64> {
        let log = self.log.lock().unwrap();
        let own = log.iter().filter(|(_, who)| who == name);
        own.map(|(at, _)| (*at - start).as_secs()).collect()
    }

    fn next(&self, name: &str) -> Step {
        let mut steps = self.steps.lock().unwrap();
        match steps.get_mut(name) {
            Some(steps) if steps.len() > 1 => steps.pop_front().unwrap(),
            Some(steps) => steps.front().cloned().unwrap_or(Step::Works),
            None => Step::Works,
        }
    }

    async fn play(&self, tenant: &Tenant) -> Observation {
        let name = tenant.name.as_str();
        self.log
            .lock()
            .unwrap()
            .push((Instant::now(), name.to_owned()));
        let step = self.next(name);
        self.peak
            .fetch_max(self.running.fetch_add(1, SeqCst) + 1, SeqCst);
        tokio::time::sleep(self.took).await;
        self.running.fetch_sub(1, SeqCst);
        let outcome = match step {
            Step::Works => outcome(None, None, answered()),
            Step::Fails(cause) => outcome(Some(cause), None, answered()),
            Step::Throttled(wait) => outcome(Some(Cause::TokenThrottled), Some(wait), answered()),
            Step::Lost(host, kind) => outcome(Some(Cause::DnsFailure), None, lost(host, kind)),
            Step::Unasked(cause) => outcome(Some(cause), None, None),
            Step::Panics => panic!("client_secret=hunter2 \u{1b}[2J"),
            Step::Hangs => std::future::pending().await,
        };
        let mut judgements = self.judgements.lock().unwrap();
        judgements.insert(name.to_owned(), outcome.judgement);
        Arc::unwrap_or_clone(outcome.observation)
    }
}

impl Probe for Script {
    type Session = ();

    async fn observe(&self, tenant: &Tenant) -> (Observation, ()) {
        (self.play(tenant).await, ())
    }

    async fn repeat(&self, tenant: &Tenant, _: (Observation, ()), _: Stage) -> (Observation, ()) {
        (self.play(tenant).await, ())
    }

    fn judge(&self, tenant: &Tenant, _: &Observation) -> Judgement {
        let judgements = self.judgements.lock().unwrap();
        judgements[tenant.name.as_str()].clone()
    }

    fn assemble(
        &self,
        tenant: &Tenant,
        outcome: Option<&CheckOutcome>,
        now: DateTime<Utc>,
    ) -> Report {
        let judgement = outcome.map(|found| &found.judgement);
        let cause = judgement
            .and_then(|j| j.diagnosis.as_ref())
            .map(|d| d.cause);
        sample::report(tenant.name.as_str(), cause, now)
    }

    async fn source_mark(&self, _: &Tenant) -> Option<u64> {
        assert!(!self.fails_workers.swap(false, SeqCst), "worker failure");
        Some(self.mark.load(SeqCst))
    }
}

fn answered() -> Exchange {
    let answer = Answer::default();
    exchange("login.microsoftonline.com", Outcome::Answer(answer))
}

fn lost(host: &str, kind: FaultKind) -> Exchange {
    let detail = String::new();
    exchange(host, Outcome::Fault(Fault { kind, detail }))
}

fn exchange(host: &str, outcome: Outcome) -> Exchange {
    Exchange {
        took: Duration::ZERO,
        host: host.into(),
        request_id: String::new(),
        phases: Phases::default(),
        connection: None,
        outcome,
    }
}

fn outcome(
    cause: Option<Cause>,
    retry_after: Option<Duration>,
    token: impl Into<Option<Exchange>>,
) -> CheckOutcome {
    let report = sample::report("", cause, sample::at(0, 0));
    CheckOutcome {
        observation: Arc::new(Observation {
            checked_at: sample::at(0, 0),
            took: Duration::ZERO,
            secret: SecretFacts::default(),
            token: token.into(),
            claims: None,
            further_token: None,
            calls: Vec::new(),
            confirmed: false,
        }),
        judgement: Judgement {
            live: report.live.unwrap_or(Live::Ok),
            diagnosis: report.diagnosis,
            stages: Vec::new(),
            retry_after,
            gate: Gate::Unknown,
            graph_works: None,
        },
    }
}

/// An engine whose clock is tokio's and whose chance is always the middle.
pub(super) fn engine(script: Arc<Script>, settings: Settings) -> Engine<Script> {
    let start = Instant::now();
    let now = move || {
        let passed = TimeDelta::from_std(start.elapsed()).unwrap();
        (sample::at(0, 0) + passed).fixed_offset()
    };
    Engine {
        probe: script,
        settings,
        environment: Environment::new(now, || 0.5),
        leases: None,
        publish_every: PUBLISH_EVERY,
        stop: CancellationToken::new(),
    }
}
