//! One pass over the tenants without a screen: what `credwatch check` runs.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::{
    Engine,
    connectivity::{self, Contacts, Tally},
    gate::{Gate, Permit},
    probe::{self, Checked, Probe},
};
use crate::{
    health::{self, Withheld},
    report::Report,
    tenant::{Mode, Tenant},
};

/// What one pass found.
#[derive(Debug)]
pub struct Pass {
    /// A report for every tenant, in the order in which they were given.
    pub reports: Vec<Report>,
    /// Whether no address at all answered: then this machine is offline, every `live` is unknown
    /// (also where the callback heard otherwise), and whoever shows the reports says so once.
    pub offline: bool,
    /// Whether the pass was stopped before every check had ended.
    pub stopped: bool,
}

/// The reports as they come in.
struct Gathered<F> {
    reports: Vec<Option<Report>>,
    tally: Tally,
    on_report: F,
}

type Ended = (usize, Report, Contacts);

impl<P: Probe> Engine<P> {
    /// Checks every tenant once and returns when all are done.
    ///
    /// `on_report` hears of each report as it comes, by the tenant's place. Only as many checks exist
    /// as run or wait to be confirmed. When the engine is stopped, checks under way are dropped, and
    /// tenants without a result are reported as unknown, so that no caller mistakes a part for all.
    pub async fn pass<F>(&self, tenants: &[Arc<Tenant>], on_report: F) -> Pass
    where
        F: FnMut(usize, &Report),
    {
        let gate = Arc::new(Gate::new(
            self.settings.concurrency,
            self.settings.token_rate,
        ));
        let mut gathered = Gathered {
            reports: vec![None; tenants.len()],
            tally: Tally::default(),
            on_report,
        };
        let mut running = JoinSet::new();
        let mut queue = tenants.iter().enumerate();
        let mut next = queue.next();
        loop {
            tokio::select! {
                biased;
                () = self.stop.cancelled() => break,
                Some(ended) = running.join_next() => gathered.take(ended),
                permit = entered(&gate, next), if next.is_some() => {
                    if let Some((place, tenant)) = next {
                        running.spawn(self.one(place, tenant, permit, &gate));
                    }
                    next = queue.next();
                }
                else => break,
            }
        }
        running.shutdown().await;
        self.complete(tenants, gathered)
    }

    /// Returns the check of one tenant, ready to be spawned.
    fn one(
        &self,
        place: usize,
        tenant: &Arc<Tenant>,
        permit: Option<Permit>,
        gate: &Arc<Gate>,
    ) -> impl Future<Output = Ended> + Send + 'static {
        let (probe, tenant, gate) = (
            Arc::clone(&self.probe),
            Arc::clone(tenant),
            Arc::clone(gate),
        );
        let (confirm, outside) = (self.settings.confirm, self.outside.clone());
        async move {
            let now = || outside.now().to_utc();
            let Checked { report, finding } =
                probe::check(&*probe, &tenant, (permit, &gate, confirm), now, || ()).await;
            let contacts = finding.map(|found| connectivity::note(&found.observation));
            (place, report, contacts.unwrap_or_default())
        }
    }

    /// Fills in what is missing, and withholds what an offline machine cannot say.
    fn complete<F>(&self, tenants: &[Arc<Tenant>], mut gathered: Gathered<F>) -> Pass
    where
        F: FnMut(usize, &Report),
    {
        let offline = !gathered.tally.was_answered() && gathered.tally.is_offline(1);
        let stopped = gathered.reports.iter().any(Option::is_none);
        let now = self.outside.now().to_utc();
        let mut reports = Vec::with_capacity(tenants.len());
        for (place, (tenant, report)) in tenants.iter().zip(gathered.reports).enumerate() {
            reports.push(match report {
                Some(report) if offline => health::withhold(&report, &Withheld::Offline),
                Some(report) => report,
                None => {
                    let report = probe::withheld(&*self.probe, tenant, now, &Withheld::Stopped);
                    (gathered.on_report)(place, &report);
                    report
                }
            });
        }
        Pass {
            reports,
            offline,
            stopped,
        }
    }
}

/// Waits until the next tenant may be checked; one of which only dates are judged waits for nobody.
async fn entered(gate: &Gate, next: Option<(usize, &Arc<Tenant>)>) -> Option<Permit> {
    match next {
        Some((_, tenant)) if tenant.mode == Mode::Live => {
            Some(gate.enter(Some(probe::login_host(tenant))).await)
        }
        _ => None,
    }
}

impl<F: FnMut(usize, &Report)> Gathered<F> {
    fn take(&mut self, ended: Result<Ended, tokio::task::JoinError>) {
        // a check that panics still ends well, so an error here means that the runtime goes down
        let Ok((place, report, contacts)) = ended else {
            return;
        };
        self.tally.take(contacts);
        (self.on_report)(place, &report);
        if let Some(slot) = self.reports.get_mut(place) {
            *slot = Some(report);
        }
    }
}
