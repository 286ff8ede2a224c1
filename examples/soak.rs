//! Runs many checks against the simulated cloud with faults at random, and shows whether memory, file
//! handles and tasks stay flat, and whether what works is told from what does not:
//!
//! ```text
//! cargo run --release --example soak -- 100000
//! ```
//!
//! Ends with 1 if they do not. The cloud runs in the same process, so its memory counts too.

#![expect(
    clippy::print_stdout,
    reason = "what an example finds out goes to whoever runs it"
)]

use std::{
    collections::BTreeMap,
    fs,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use credwatch::{
    assessment,
    check::{Checker, Session},
    clock::Clock,
    config,
    diagnosis::{self, Judgement},
    http::Clients,
    monitor::{CheckOutcome, Engine, Environment, PUBLISH_EVERY, Probe, Settings},
    observation::Observation,
    secret::Secrets,
    simulator::{Fault, FaultTarget, SimulatedCloud, WireFault, uniform_fleet},
    stage::Stage,
    tenant::Tenant,
    verdict::Report,
};
use tokio_util::sync::CancellationToken;

/// How many tenants are checked in one pass.
const TENANTS: usize = 2000;

/// How many checks run at once.
const CONCURRENCY: usize = 64;

/// What stalls ends by this. Long enough that a busy machine does not take an answer for a stall.
const TIMEOUT: Duration = Duration::from_secs(2);

/// How often figures are shown.
const FIGURES: usize = 20;

#[derive(Debug)]
struct Live(Checker);

impl Probe for Live {
    type Session = Session;

    async fn observe(&self, tenant: &Tenant) -> (Observation, Session) {
        self.0.check(tenant).await
    }

    /// Repeats nothing: every check has one fault, and the verdict must name it.
    async fn repeat(
        &self,
        _: &Tenant,
        first: (Observation, Session),
        _: Stage,
    ) -> (Observation, Session) {
        first
    }

    fn judge(&self, tenant: &Tenant, observation: &Observation) -> Judgement {
        diagnosis::judge(tenant, observation)
    }

    fn assemble(
        &self,
        tenant: &Tenant,
        outcome: Option<&CheckOutcome>,
        now: DateTime<Utc>,
    ) -> Report {
        let live = outcome.map(|found| (&*found.observation, found.judgement.clone()));
        assessment::assemble(tenant, live, assessment::Known::default(), now)
    }

    async fn source_mark(&self, _: &Tenant) -> Option<u64> {
        None
    }
}

/// What is looked at while it runs.
#[derive(Debug, Clone, Copy)]
struct Figures {
    resident_kib: u64,
    handles: usize,
    tasks: usize,
}

impl Figures {
    fn now() -> anyhow::Result<Self> {
        let status = fs::read_to_string("/proc/self/status")?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let resident = resident.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok());
        Ok(Self {
            resident_kib: resident.context("no VmRSS")?,
            handles: fs::read_dir("/proc/self/fd")?.count(),
            tasks: tokio::runtime::Handle::current()
                .metrics()
                .num_alive_tasks(),
        })
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let wanted: usize = match std::env::args().nth(1) {
        Some(number) => number.parse().context("how many checks?")?,
        None => 20_000,
    };
    let cloud = SimulatedCloud::start_on_loopback(uniform_fleet(TENANTS, Clock.now())).await?;
    let files = cloud.temporary_config()?;
    let tenants = tenants(config::load(files.config())?);
    let engine = engine();
    let (mut done, mut verdicts, mut shown) = (0, Verdicts::default(), Vec::new());
    let started = Instant::now();
    println!(
        "{:>9} {:>9} {:>9} {:>7} {:>6} {:>6} {:>6}",
        "checks", "a second", "RSS KiB", "handles", "tasks", "late", "wrong"
    );
    while done < wanted {
        let faults = set_faults(&cloud, &tenants)?;
        let pass = engine.pass(&tenants, |_, _| ()).await;
        done += pass.reports.len();
        for (fault, report) in faults.iter().zip(&pass.reports) {
            verdicts.note(*fault, report);
        }
        if done * FIGURES >= wanted * (shown.len() + 1) {
            let figures = Figures::now()?;
            let rate = done as f64 / started.elapsed().as_secs_f64();
            let Figures {
                resident_kib,
                handles,
                tasks,
            } = figures;
            let Verdicts { wrong, late, .. } = verdicts;
            println!(
                "{done:>9} {rate:>9.0} {resident_kib:>9} {handles:>7} {tasks:>6} {late:>6} {wrong:>6}"
            );
            shown.push(figures);
        }
    }
    for (what, times) in &verdicts.renamed {
        println!("{times} times {what}");
    }
    let good = is_flat(&shown) && verdicts.wrong == 0;
    println!(
        "{}",
        if good {
            "flat, and no verdict wrong"
        } else {
            "NOT as it should be"
        }
    );
    Ok(ExitCode::from(u8::from(!good)))
}

fn tenants(config: config::Config) -> Vec<Arc<Tenant>> {
    let mut tenants = config.tenants;
    for tenant in &mut tenants {
        Arc::make_mut(tenant).pace.timeout = TIMEOUT;
    }
    tenants
}

fn engine() -> Engine<Live> {
    let checker = Checker::new(
        Arc::new(Clients::new()),
        Arc::new(Secrets::default()),
        Clock,
    );
    Engine {
        probe: Arc::new(Live(checker)),
        settings: Settings {
            concurrency: CONCURRENCY,
            confirm: Duration::ZERO,
            token_rate: None,
        },
        environment: Environment::real(Clock),
        leases: None,
        publish_every: PUBLISH_EVERY,
        stop: CancellationToken::new(),
    }
}

/// Sets a random fault for every third tenant, and none for the others.
fn set_faults(
    cloud: &SimulatedCloud,
    tenants: &[Arc<Tenant>],
) -> anyhow::Result<Vec<Option<Fault>>> {
    let on = |target| {
        let all = Fault::ALL.iter().copied();
        all.filter(move |fault| fault.target() == target && !fault.needs_person())
    };
    // The other faults need an address of their own, which only a script can ask for.
    let wire = WireFault::ALL.into_iter();
    let wire: Vec<_> = wire.filter(|fault| !fault.is_before_http()).collect();
    let mut faults = Vec::with_capacity(tenants.len());
    for tenant in tenants {
        let fault = match fastrand::u8(0..30) {
            0..20 => None,
            20..24 => fastrand::choice(on(FaultTarget::Entra).collect::<Vec<_>>()),
            24..28 => fastrand::choice(on(FaultTarget::Ews).collect::<Vec<_>>()),
            28 => fastrand::choice(wire.iter().copied())
                .map(|fault| Fault::Wire(FaultTarget::Entra, fault)),
            _ => fastrand::choice(wire.iter().copied())
                .map(|fault| Fault::Wire(FaultTarget::Ews, fault)),
        };
        cloud.set_fault(tenant.name.as_str(), fault)?;
        faults.push(fault);
    }
    Ok(faults)
}

/// What was found out about the verdicts.
#[derive(Debug, Default)]
struct Verdicts {
    /// Ok where it does not work, or the other way round: must not be.
    wrong: usize,
    /// Out of time, at the service or at the file of the secret, where the script had none of that: the
    /// machine was too busy.
    late: usize,
    /// A fault under another name than the script's, of which only some are a matter of taste.
    renamed: BTreeMap<String, usize>,
}

impl Verdicts {
    fn note(&mut self, fault: Option<Fault>, report: &Report) {
        let found = report.diagnosis.as_ref().map(|found| found.cause.id());
        let expected = fault.and_then(Fault::expected_cause);
        let late = matches!(found, Some("timeout" | "secret-unavailable"));
        if late && expected != found {
            self.late += 1;
            return;
        }
        if found.is_some() != expected.is_some() {
            self.wrong += 1;
        }
        if found != expected {
            let what = format!(
                "{fault:?}: {} for {}",
                found.unwrap_or("ok"),
                expected.unwrap_or("ok")
            );
            *self.renamed.entry(what).or_default() += 1;
        }
    }
}

/// Whether the last figures are those of the time when everything had been met once: a fifth in.
fn is_flat(shown: &[Figures]) -> bool {
    let (Some(early), Some(late)) = (shown.get(shown.len() / 5), shown.last()) else {
        return true;
    };
    late.resident_kib <= early.resident_kib + early.resident_kib / 5
        && late.handles <= early.handles + 2 * CONCURRENCY
        && late.tasks <= early.tasks + 2 * CONCURRENCY
}
