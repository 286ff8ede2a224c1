mod backpressure;
mod leases;
mod offline;
mod reload;

use std::{
    collections::HashSet,
    sync::atomic::{AtomicI64, Ordering::SeqCst},
};

use chrono::TimeDelta;

use super::*;
use crate::{
    alert::{Rules, State},
    health,
    monitor::{
        Environment, Settings,
        testing::{Script, Step, engine, tenant, tenants},
    },
    observation::FaultKind,
    verdict::{Expiry, Live, cause::Cause},
};

const LOST: Step = Step::Lost("login.microsoftonline.com", FaultKind::Dns);

struct Run {
    monitor: Monitor,
    script: Arc<Script>,
    stop: CancellationToken,
    start: Instant,
}

fn start(script: Script, names: &[&str]) -> Run {
    let script = Arc::new(script);
    let engine = engine(Arc::clone(&script), Settings::default());
    let stop = engine.stop.clone();
    Run {
        script,
        stop,
        start: Instant::now(),
        monitor: engine.watch(&tenants(names)),
    }
}

impl Run {
    /// Lets time pass until so many seconds after the start.
    async fn until(&self, seconds: u64) {
        tokio::time::sleep_until(self.start + Duration::from_secs(seconds)).await;
    }

    async fn send(&self, command: Command) {
        self.monitor.commands.send(command).await.unwrap();
    }

    fn board(&self) -> Arc<Board> {
        self.monitor.board.borrow().clone()
    }

    fn live(&self, place: usize) -> Option<Live> {
        self.board().rows[place]
            .report
            .as_ref()
            .and_then(|report| report.live)
    }

    fn cause(&self, place: usize) -> Option<Cause> {
        self.board().rows[place]
            .report
            .as_deref()
            .and_then(health::cause)
    }

    fn times(&self, name: &str) -> Vec<u64> {
        self.script.times(name, self.start)
    }

    /// What stands in the list of events.
    fn events(&self) -> Vec<String> {
        let texts = self.board().events.clone();
        texts.iter().map(|event| event.text.clone()).collect()
    }

    /// How many results were handed out since the last call.
    fn kept(&mut self) -> usize {
        std::iter::from_fn(|| self.monitor.results.try_recv().ok()).count()
    }
}

#[tokio::test(start_paused = true)]
async fn every_tenant_is_polled_at_its_interval_and_the_board_keeps_the_results() {
    let run = start(Script::new(&[]), &["a", "b"]);
    run.until(31 * 60).await;
    assert_eq!(run.times("a"), [0, 900, 1800]);
    let board = run.board();
    assert_eq!(board.rows.len(), 2);
    let row = &board.rows[0];
    assert_eq!((row.history.len(), row.streak.unwrap().checks), (3, 3));
    assert!(row.next_at.unwrap() < row.stale_at.unwrap());
    assert!(row.observation.is_some());
    assert!(board.events.is_empty());
}

#[tokio::test(start_paused = true)]
async fn boards_are_published_at_most_twenty_times_a_second() {
    let names: Vec<String> = (0..200).map(|n| n.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut run = start(Script::new(&[]), &names);
    let mut boards = 0;
    while run.start.elapsed() < Duration::from_secs(12) {
        tokio::time::timeout(Duration::from_secs(1), run.monitor.board.changed())
            .await
            .ok();
        run.monitor.board.borrow_and_update();
        boards += 1;
    }
    assert!((20..=12 * 20 + 2).contains(&boards), "{boards}");
    assert!(run.board().rows.iter().all(|row| row.report.is_some()));
}

#[tokio::test(start_paused = true)]
async fn a_lasting_failure_is_polled_less_often_and_success_returns_to_the_interval() {
    let run = start(
        Script::new(&[("a", &[Step::Fails(Cause::SecretExpired)])]),
        &["a"],
    );
    run.until(2 * 3600).await;
    assert_eq!(run.times("a"), [0, 900, 2700, 6300]);
    run.script.write("a", &[Step::Works]);
    run.send(Command::Check("a".into())).await;
    run.until(2 * 3600 + 901).await;
    assert_eq!(run.times("a")[4..], [7200, 8100]);
    assert_eq!(run.live(0), Some(Live::Ok));
}

#[tokio::test(start_paused = true)]
async fn a_check_on_demand_comes_at_once_and_the_next_one_thirty_seconds_later() {
    let run = start(Script::new(&[]), &["a"]);
    run.until(10).await;
    for _ in 0..3 {
        run.send(Command::Check("a".into())).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    run.until(100).await;
    assert_eq!(run.times("a"), [0, 10, 40]);
    run.send(Command::CheckAll).await;
    run.until(110).await;
    assert_eq!(run.times("a"), [0, 10, 40, 100]);
}

#[tokio::test(start_paused = true)]
async fn a_changed_secret_is_tried_at_once_while_the_tenant_fails() {
    let run = start(
        Script::new(&[("a", &[Step::Fails(Cause::SecretExpired)])]),
        &["a"],
    );
    run.until(60).await;
    run.script.mark.store(7, SeqCst);
    run.until(120).await;
    let times = run.times("a");
    assert_eq!(times.len(), 2);
    assert!((60..=65).contains(&times[1]), "{times:?}");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_before_the_service_allows_it_not_even_on_demand() {
    let wait = Duration::from_hours(2);
    let run = start(
        Script::new(&[("a", &[Step::Throttled(wait), Step::Works])]),
        &["a"],
    );
    run.until(60).await;
    run.send(Command::Check("a".into())).await;
    run.until(3 * 3600).await;
    assert_eq!(run.times("a")[..2], [0, 7200]);
}

#[tokio::test(start_paused = true)]
async fn failing_and_recovering_are_events() {
    let down = Step::Fails(Cause::Timeout);
    let steps = [
        Step::Works,
        down.clone(),
        down.clone(),
        down.clone(),
        down,
        Step::Works,
    ];
    let run = start(Script::new(&[("a", &steps)]), &["a"]);
    run.until(3600).await;
    assert_eq!(run.events(), ["works → timeout", "timeout → works"]);
}

#[tokio::test(start_paused = true)]
async fn a_threshold_that_is_crossed_is_an_event_and_what_is_one_already_is_no_second() {
    let run = start(Script::new(&[]), &["a"]);
    let rules = Rules {
        failing_after: 1,
        ..Rules::default()
    };
    let mut ending =
        health::fixture::report("a", Some(Cause::SecretExpired), health::fixture::at(0, 0));
    let end = health::fixture::at(6 * 24 + 1, 0);
    ending.credentials = vec![health::fixture::credential(end, Expiry::Warning)];
    let now = health::fixture::at(0, 0).fixed_offset();
    let told = State::default().update(&rules, &ending, now);
    assert_eq!(told.len(), 2);
    run.send(Command::Alerted(told)).await;
    run.until(10).await;
    assert_eq!(run.events(), ["client secret ends in 6 days"]);
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_panics_is_unknown_and_is_polled_again() {
    let run = start(
        Script::new(&[("a", &[Step::Panics, Step::Works])]),
        &["a", "b"],
    );
    run.until(5).await;
    assert_eq!(
        (run.live(0), run.live(1)),
        (Some(Live::Unknown), Some(Live::Ok))
    );
    run.until(1000).await;
    assert_eq!(run.live(0), Some(Live::Ok));
}

#[tokio::test(start_paused = true)]
async fn a_result_that_is_too_old_no_longer_counts() {
    let run = start(Script::new(&[("a", &[Step::Works, Step::Hangs])]), &["a"]);
    run.until(1800).await;
    assert_eq!(run.live(0), Some(Live::Ok));
    run.until(1830).await;
    assert_eq!(run.live(0), Some(Live::Unknown));
    assert_eq!(run.board().events.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_notice_is_shown_until_it_is_over() {
    let run = start(Script::new(&[]), &["a"]);
    let notice = |text: Option<&str>| Command::Notice {
        about: "desktop",
        text: text.map(str::to_owned),
    };
    run.send(notice(Some("no session bus"))).await;
    run.until(1).await;
    assert_eq!(run.board().notices, ["no session bus"]);
    run.send(notice(None)).await;
    run.until(2).await;
    assert!(run.board().notices.is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_monitor_stops_within_a_second_while_checks_hang() {
    let run = start(Script::new(&[("a", &[Step::Hangs])]), &["a", "b"]);
    run.until(5).await;
    run.stop.cancel();
    let before = Instant::now();
    run.monitor.join.await.unwrap();
    assert!(before.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_workers_all_report() {
    let script = Arc::new(Script::new(&[]));
    let settings = Settings {
        token_rate: None,
        concurrency: 500,
        ..Settings::default()
    };
    let all: Vec<_> = (0..10_000).map(|n| tenant(&n.to_string())).collect();
    let engine = engine(script, settings);
    let stop = engine.stop.clone();
    let monitor = engine.watch(&all);
    tokio::time::sleep(Duration::from_secs(520)).await;
    let board = monitor.board.borrow().clone();
    assert!(board.rows.iter().all(|row| row.report.is_some()));
    stop.cancel();
    monitor.join.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn failed_worker_shows_at_once_and_is_replaced() {
    let run = start(Script::new(&[]), &["a"]);
    run.until(1).await;
    assert_eq!(run.live(0), Some(Live::Ok));
    run.script.fails_workers.store(true, SeqCst);
    run.until(1000).await;
    assert_eq!(run.live(0), Some(Live::Unknown));
    let board = run.board();
    let diagnosis = board.rows[0].report.as_ref().unwrap().diagnosis.as_ref();
    assert!(diagnosis.unwrap().trace_id.is_some());
    run.until(2000).await;
    assert_eq!(run.live(0), Some(Live::Ok));
}
