//! One pass over all tenants: the work of `credwatch check`.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::{
    connectivity::{self, Contacts, Tally},
    engine::Engine,
    limiter::{CheckLimiter, Permit},
    probe::{self, CheckLimits, CompletedCheck, Probe},
};
use crate::{
    health::{self, Withheld},
    tenant::{Mode, Tenant},
    verdict::Report,
};

/// The result of one pass.
#[derive(Debug)]
pub struct Pass {
    /// A report for every tenant, in the order in which they were given.
    pub reports: Vec<Report>,
    /// Whether no address at all answered. Then this machine is offline, and every `live` is unknown,
    /// also where the callback got another verdict. The caller says so once.
    pub offline: bool,
    /// Whether the pass was stopped before every check had ended.
    pub stopped: bool,
}

/// The reports received so far.
struct Collected<F> {
    reports: Vec<Option<Report>>,
    tally: Tally,
    on_report: F,
}

type Ended = (usize, Report, Contacts);

impl<P: Probe> Engine<P> {
    /// Checks every tenant once and returns when all are done.
    ///
    /// `on_report` gets each report as it comes, with the tenant's index. Memory is bounded: only
    /// checks that run or wait for their repetition exist. When the engine is stopped, checks under
    /// way are dropped and their tenants are reported as unknown, so that no caller mistakes a part
    /// for the whole.
    pub async fn pass<F>(&self, tenants: &[Arc<Tenant>], on_report: F) -> Pass
    where
        F: FnMut(usize, &Report),
    {
        let limiter = Arc::new(CheckLimiter::new(
            self.settings.concurrency,
            self.settings.token_rate,
        ));
        let mut collected = Collected {
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
                Some(ended) = running.join_next() => collected.take(ended),
                permit = admitted(&limiter, next), if next.is_some() => {
                    if let Some((place, tenant)) = next {
                        running.spawn(self.one(place, tenant, permit, &limiter));
                    }
                    next = queue.next();
                }
            }
        }
        running.shutdown().await;
        self.complete(tenants, collected)
    }

    /// Returns the check of one tenant, ready to be spawned.
    fn one(
        &self,
        place: usize,
        tenant: &Arc<Tenant>,
        permit: Option<Permit>,
        limiter: &Arc<CheckLimiter>,
    ) -> impl Future<Output = Ended> + Send + 'static {
        let (probe, tenant, limiter) = (
            Arc::clone(&self.probe),
            Arc::clone(tenant),
            Arc::clone(limiter),
        );
        let (confirm, environment) = (self.settings.confirm, self.environment.clone());
        async move {
            let now = || environment.now().to_utc();
            let limits = CheckLimits {
                permit,
                limiter: &limiter,
                confirm,
            };
            let CompletedCheck { report, outcome } =
                probe::check(&*probe, &tenant, limits, now, || ()).await;
            let contacts = outcome.map(|found| connectivity::note(&found.observation));
            (place, report, contacts.unwrap_or_default())
        }
    }

    /// Adds the missing reports, and withholds the verdicts of an offline machine.
    fn complete<F>(&self, tenants: &[Arc<Tenant>], mut collected: Collected<F>) -> Pass
    where
        F: FnMut(usize, &Report),
    {
        let offline = !collected.tally.was_answered() && collected.tally.is_offline(1);
        let stopped = collected.reports.iter().any(Option::is_none);
        let now = self.environment.now().to_utc();
        let mut reports = Vec::with_capacity(tenants.len());
        for (place, (tenant, report)) in tenants.iter().zip(collected.reports).enumerate() {
            reports.push(match report {
                Some(report) if offline => health::withhold(&report, &Withheld::Offline),
                Some(report) => report,
                None => {
                    let report = probe::withheld(&*self.probe, tenant, now, &Withheld::Stopped);
                    (collected.on_report)(place, &report);
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

/// Waits until the next tenant may be checked. A tenant in [`Mode::Dates`] does not wait.
async fn admitted(limiter: &CheckLimiter, next: Option<(usize, &Arc<Tenant>)>) -> Option<Permit> {
    match next {
        Some((_, tenant)) if tenant.mode == Mode::Live => {
            Some(limiter.acquire(probe::login_host(tenant)).await)
        }
        _ => None,
    }
}

impl<F: FnMut(usize, &Report)> Collected<F> {
    fn take(&mut self, ended: Result<Ended, tokio::task::JoinError>) {
        // a check that panics still ends well, so an error here means that the runtime goes down
        let Ok((place, report, contacts)) = ended else {
            return;
        };
        self.tally.take(contacts);
        (self.on_report)(place, &report);
        if let Some(state) = self.reports.get_mut(place) {
            *state = Some(report);
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
