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
    tenant::{Mode, Tenant},
    verdict::Report,
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
        while next.is_some() || !running.is_empty() {
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
            Some(gate.enter(probe::login_host(tenant)).await)
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

#[cfg(test)]
mod tests {
    use std::{sync::atomic::Ordering::SeqCst, time::Duration};

    use tokio::time::Instant;

    use super::*;
    use crate::{
        monitor::{
            Settings,
            testing::{Script, Step, engine, tenant, tenants},
        },
        observation::FaultKind,
        verdict::{Live, Status, cause::Cause},
    };

    fn free() -> Settings {
        Settings {
            token_rate: None,
            ..Settings::default()
        }
    }

    async fn run(script: Script, settings: Settings, names: &[&str]) -> (Pass, Arc<Script>) {
        let script = Arc::new(script);
        let engine = engine(Arc::clone(&script), settings);
        (engine.pass(&tenants(names), |_, _| ()).await, script)
    }

    fn lives(pass: &Pass) -> Vec<Option<Live>> {
        pass.reports.iter().map(|report| report.live).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn reports_come_in_the_order_of_the_config_and_no_more_run_than_allowed() {
        let script = Arc::new(Script::new(&[("b", &[Step::Fails(Cause::SecretExpired)])]));
        let settings = Settings {
            concurrency: 2,
            ..free()
        };
        let mut heard = Vec::new();
        let names = ["a", "b", "c", "d", "e"];
        let pass = engine(Arc::clone(&script), settings)
            .pass(&tenants(&names), |place, _| heard.push(place))
            .await;
        let found: Vec<_> = pass
            .reports
            .iter()
            .map(|report| report.name.as_str())
            .collect();
        assert_eq!(found, names);
        assert_eq!(pass.reports[1].status, Status::Critical);
        heard.sort_unstable();
        assert_eq!(heard, [0, 1, 2, 3, 4]);
        assert_eq!(script.peak.load(SeqCst), 2);
        assert!(!pass.offline && !pass.stopped);
    }

    #[tokio::test(start_paused = true)]
    async fn a_check_that_panics_is_unknown_with_an_id_and_the_rest_goes_on() {
        let script = Script::new(&[("b", &[Step::Panics])]);
        let (pass, _) = run(script, free(), &["a", "b", "c"]).await;
        assert_eq!(
            lives(&pass),
            [Some(Live::Ok), Some(Live::Unknown), Some(Live::Ok)]
        );
        let report = &pass.reports[1];
        let diagnosis = report.diagnosis.as_ref().unwrap();
        assert_eq!(
            (report.status, diagnosis.cause),
            (Status::Unknown, Cause::Unknown)
        );
        assert!(diagnosis.trace_id.is_some());
        assert!(!format!("{report:?}").contains("hunter2"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_that_may_pass_is_repeated_once_and_only_the_second_result_counts() {
        let flaky = [Step::Fails(Cause::Timeout), Step::Works];
        let down = [
            Step::Fails(Cause::Timeout),
            Step::Fails(Cause::EntraUnavailable),
            Step::Works,
        ];
        let lasting = [Step::Fails(Cause::SecretExpired), Step::Works];
        let script = Script::new(&[("flaky", &flaky), ("down", &down), ("lasting", &lasting)]);
        let (pass, _) = run(script, free(), &["flaky", "down", "lasting"]).await;
        let causes: Vec<_> = pass.reports.iter().map(health::cause).collect();
        assert_eq!(
            causes,
            [
                None,
                Some(Cause::EntraUnavailable),
                Some(Cause::SecretExpired)
            ]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_repeated_when_confirming_is_off_or_the_service_wants_to_be_left_alone() {
        let start = Instant::now();
        let flaky = [Step::Fails(Cause::Timeout), Step::Works];
        let off = Settings {
            confirm: Duration::ZERO,
            ..free()
        };
        let (pass, _) = run(Script::new(&[("a", &flaky)]), off, &["a"]).await;
        assert_eq!(lives(&pass), [Some(Live::Failing)]);

        let throttled = [Step::Throttled(Duration::from_mins(1)), Step::Works];
        let (pass, _) = run(Script::new(&[("a", &throttled)]), free(), &["a"]).await;
        assert_eq!(lives(&pass), [Some(Live::Unknown)]);
        assert!(start.elapsed() < Duration::from_secs(1));

        let brief = [Step::Throttled(Duration::from_secs(3)), Step::Works];
        let (pass, _) = run(Script::new(&[("a", &brief)]), free(), &["a"]).await;
        assert_eq!(lives(&pass), [Some(Live::Ok)]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_check_that_waits_to_be_confirmed_holds_no_slot() {
        let start = Instant::now();
        let flaky = [Step::Fails(Cause::Timeout), Step::Works];
        let script = Script::new(&[("a", &flaky)]);
        let settings = Settings {
            concurrency: 1,
            ..free()
        };
        let (_, script) = run(script, settings, &["a", "b", "c"]).await;
        assert_eq!(script.times("c", start), [0]);
        assert_eq!(script.times("a", start), [0, 5]);
        assert_eq!(script.peak.load(SeqCst), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn when_no_address_answers_every_verdict_is_unknown() {
        let login = "login.microsoftonline.com";
        let lost = [Step::Lost(login, FaultKind::Dns)];
        let script = || Script::new(&[("a", &lost), ("b", &lost)]);
        let (pass, _) = run(script(), free(), &["a", "b"]).await;
        assert!(pass.offline);
        assert_eq!(lives(&pass), [Some(Live::Unknown), Some(Live::Unknown)]);

        let (pass, _) = run(script(), free(), &["a", "b", "c"]).await;
        assert!(!pass.offline);
        assert_eq!(
            lives(&pass),
            [Some(Live::Failing), Some(Live::Failing), Some(Live::Ok)]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_wrong_host_name_is_a_failure_not_an_outage_of_this_machine() {
        let lost = [Step::Lost("login.exmaple", FaultKind::Dns)];
        let (pass, _) = run(Script::new(&[("a", &lost)]), free(), &["a"]).await;
        assert_eq!(
            (pass.offline, lives(&pass)),
            (false, vec![Some(Live::Failing)])
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_pass_that_is_stopped_reports_the_rest_as_unknown() {
        let script = Arc::new(Script::new(&[("b", &[Step::Hangs])]));
        let engine = engine(script, free());
        let stop = engine.stop.clone();
        let later = async {
            tokio::time::sleep(Duration::from_secs(3)).await;
            stop.cancel();
        };
        let tenants = tenants(&["a", "b"]);
        let (pass, ()) = tokio::join!(engine.pass(&tenants, |_, _| ()), later);
        assert!(pass.stopped);
        assert_eq!(lives(&pass), [Some(Live::Ok), Some(Live::Unknown)]);
    }

    #[tokio::test(start_paused = true)]
    async fn one_login_host_gets_at_most_its_rate() {
        let start = Instant::now();
        let script = Arc::new(Script::new(&[]));
        let settings = Settings {
            token_rate: Some(20),
            ..Settings::default()
        };
        let all: Vec<_> = (0..100).map(|n| tenant(&n.to_string())).collect();
        engine(script, settings).pass(&all, |_, _| ()).await;
        assert!(
            start.elapsed() >= Duration::from_secs(4),
            "{:?}",
            start.elapsed()
        );
    }

    #[tokio::test(start_paused = true)]
    async fn ten_thousand_tenants_are_one_pass() {
        let script = Arc::new(Script::new(&[("77", &[Step::Panics])]));
        let all: Vec<_> = (0..10_000).map(|n| tenant(&n.to_string())).collect();
        let pass = engine(script, free()).pass(&all, |_, _| ()).await;
        let ok = pass
            .reports
            .iter()
            .filter(|report| report.live == Some(Live::Ok));
        assert_eq!((pass.reports.len(), ok.count()), (10_000, 9_999));
    }
}
