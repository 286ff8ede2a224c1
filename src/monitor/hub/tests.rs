use std::{
    collections::HashSet,
    sync::atomic::{AtomicI64, Ordering::SeqCst},
};

use chrono::TimeDelta;

use super::*;
use crate::{
    alert::{Rules, State},
    diagnosis::cause::Cause,
    health,
    monitor::{
        Outside, Settings,
        testing::{Script, Step, engine, tenant, tenants},
    },
    observation::FaultKind,
    report::{Expiry, Live},
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
        health::tests::report("a", Some(Cause::SecretExpired), health::tests::at(0, 0));
    let end = health::tests::at(6 * 24 + 1, 0);
    ending.credentials = vec![health::tests::credential(end, Expiry::Warning)];
    let now = health::tests::at(0, 0).fixed_offset();
    let told = State::default().update(&rules, &ending, now);
    assert_eq!(told.len(), 2);
    run.send(Command::Told(told)).await;
    run.until(10).await;
    assert_eq!(run.events(), ["client secret ends in 6 days"]);
}

#[tokio::test(start_paused = true)]
async fn an_offline_machine_says_so_once_and_holds_the_verdicts() {
    let expired = [Step::Fails(Cause::SecretExpired)];
    let mut run = start(Script::new(&[("b", &expired)]), &["a", "b", "c"]);
    run.until(890).await;
    assert_eq!(run.kept(), 3);
    for name in ["a", "b", "c"] {
        run.script.write(name, &[LOST]);
    }
    run.until(3000).await;
    let board = run.board();
    assert!(board.offline_since.is_some());
    for place in 0..3 {
        assert_eq!(run.live(place), Some(Live::Unknown));
    }
    assert_eq!(run.kept(), 0);
    for name in ["a", "c"] {
        run.script.write(name, &[Step::Works]);
    }
    run.script.write("b", &expired);
    run.until(3030).await;
    assert_eq!(run.board().offline_since, None);
    assert_eq!(
        (run.live(0), run.cause(1)),
        (Some(Live::Ok), Some(Cause::SecretExpired))
    );
    let row = run.board().rows[1].clone();
    assert_eq!(row.streak.unwrap().since, row.history[0].at);
    assert!(
        row.history
            .iter()
            .all(|point| point.cause == Some(Cause::SecretExpired))
    );
    assert!(run.kept() >= 3);
    let texts = run.events();
    let offline = texts.iter().filter(|text| text.contains("this machine is"));
    assert_eq!(offline.count(), 2, "{texts:?}");
}

#[tokio::test(start_paused = true)]
async fn a_check_that_asks_nobody_settles_nothing_but_itself() {
    let unasked = [Step::Unasked(Cause::SecretUnavailable)];
    let script = Script::new(&[("a", &[LOST]), ("b", &unasked)]);
    let mut run = start(script, &["a", "b"]);
    run.until(800).await;
    assert_eq!(run.kept(), 1, "b's: whose fault a's is is not known yet");
    run.until(903).await;
    assert_eq!(run.kept(), 1);
    run.until(2000).await;
    assert!(run.board().offline_since.is_some());
    assert_eq!(run.kept(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_verdict_that_became_too_old_while_offline_is_not_shown_as_good_again() {
    let lost = [Step::Works, LOST];
    let script = Script::new(&[("a", &lost), ("b", &lost), ("c", &lost)]);
    let mut run = start(script, &["a", "b", "c"]);
    run.until(3000).await;
    assert!(run.board().offline_since.is_some());
    run.script.write("a", &[Step::Works]);
    for name in ["b", "c"] {
        run.script.write(name, &[Step::Hangs]);
    }
    let online = |board: &Arc<Board>| board.offline_since.is_none();
    run.monitor.board.wait_for(online).await.unwrap();
    let live = [run.live(0), run.live(1), run.live(2)];
    let unknown = Some(Live::Unknown);
    assert_eq!(live, [Some(Live::Ok), unknown, unknown]);
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_starts_offline_shows_unknown_and_not_failing() {
    let names = ["a", "b", "c"];
    let script = Script::new(&[("a", &[LOST]), ("b", &[LOST]), ("c", &[LOST])]);
    let run = start(script, &names);
    run.until(10).await;
    for place in 0..3 {
        assert_eq!(run.live(place), Some(Live::Unknown));
    }
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
async fn a_reload_leaves_equal_tenants_alone_and_starts_the_others() {
    let run = start(Script::new(&[]), &["a", "b", "c"]);
    run.until(60).await;
    let mut changed = (*tenant("c")).clone();
    changed.tags.push("new".into());
    let next = vec![tenant("d"), tenant("a"), Arc::new(changed)];
    let settings = Settings::default();
    run.send(Command::Reload {
        tenants: next,
        settings,
    })
    .await;
    run.until(70).await;
    let board = run.board();
    let names: Vec<_> = board
        .rows
        .iter()
        .map(|row| row.tenant.name.as_str())
        .collect();
    assert_eq!(names, ["d", "a", "c"]);
    assert_eq!(board.rows[2].history.len(), 2);
    run.until(1000).await;
    assert_eq!((run.times("a"), run.times("b")), (vec![0, 900], vec![0]));
    assert_eq!((run.times("c").len(), run.times("d").len()), (3, 2));
}

#[tokio::test(start_paused = true)]
async fn a_verdict_on_other_settings_is_forgotten_and_one_on_other_labels_stays() {
    let run = start(Script::new(&[]), &["a", "b"]);
    run.until(60).await;
    for name in ["a", "b"] {
        run.script.write(name, &[Step::Hangs]);
    }
    let mut labelled = (*tenant("a")).clone();
    labelled.tags.push("new".into());
    let mut other = (*tenant("b")).clone();
    other.app.client_id = "another".into();
    let tenants = vec![Arc::new(labelled), Arc::new(other)];
    let settings = Settings::default();
    run.send(Command::Reload { tenants, settings }).await;
    run.until(61).await;
    assert_eq!((run.live(0), run.live(1)), (Some(Live::Ok), None));
    let row = run.board().rows[1].clone();
    assert!(row.observation.is_none() && row.stale_at.is_none());
    assert_eq!(row.history.len(), 1, "what was stays on the record");
}

#[tokio::test(start_paused = true)]
async fn a_reload_changes_how_the_engine_works_for_tenants_that_stay_the_same() {
    let fails = Step::Fails(Cause::EwsUnavailable);
    let steps = [fails.clone(), Step::Works, fails, Step::Works];
    let run = start(Script::new(&[("a", &steps)]), &["a"]);
    run.until(60).await;
    // the first failure was confirmed, and had passed
    assert_eq!((run.live(0), run.times("a").len()), (Some(Live::Ok), 2));
    let settings = Settings {
        confirm: Duration::ZERO,
        ..Settings::default()
    };
    let tenants = vec![Arc::clone(&run.board().rows[0].tenant)];
    run.send(Command::Reload { tenants, settings }).await;
    run.until(910).await;
    assert_eq!(
        (run.live(0), run.times("a").len()),
        (Some(Live::Failing), 3)
    );
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
async fn a_wall_clock_that_is_set_changes_no_pace_and_no_verdict_for_long() {
    let script = Arc::new(Script::new(&[]));
    let (start, jump) = (Instant::now(), Arc::new(AtomicI64::new(0)));
    let set = Arc::clone(&jump);
    let now = move || {
        let passed = TimeDelta::from_std(start.elapsed()).unwrap();
        let jumped = TimeDelta::days(set.load(SeqCst));
        (health::tests::at(0, 0) + passed + jumped).fixed_offset()
    };
    let engine = Engine {
        outside: Outside::new(now, || 0.5),
        ..engine(Arc::clone(&script), Settings::default())
    };
    let run = Run {
        stop: engine.stop.clone(),
        monitor: engine.watch(&tenants(&["a"])),
        script,
        start,
    };
    run.until(10).await;
    let interval = tenant("a").pace.interval.as_secs();
    for (turn, days) in [-400, 400, 0].into_iter().enumerate() {
        jump.store(days, SeqCst);
        // the next check under the new time has ended by then
        run.until((turn as u64 + 1) * interval + 10).await;
        assert_eq!(run.live(0), Some(Live::Ok), "{days}");
        let board = run.board();
        assert!(board.rows[0].next_at > Some(now_of(&run, days)), "{days}");
    }
    let times = run.times("a");
    let paces: HashSet<u64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(times.len() == 4 && paces.len() == 1, "{times:?}");
}

/// What the wall clock shows after so many days were added to it.
fn now_of(run: &Run, days: i64) -> chrono::DateTime<chrono::Utc> {
    let passed = TimeDelta::from_std(run.start.elapsed()).unwrap();
    health::tests::at(0, 0) + passed + TimeDelta::days(days)
}

#[tokio::test(start_paused = true)]
async fn in_a_storm_only_canaries_are_polled_until_they_get_through() {
    let busy = [Step::Fails(Cause::EwsUnavailable)];
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let script = Script::new(&[("a", &busy), ("c", &busy), ("e", &busy), ("g", &busy)]);
    let run = start(script, &names);
    run.until(2 * 900 - 10).await;
    let board = run.board();
    assert!(board.sparing_since.is_some());
    let notice = "until that is over only 3 of 8 tenants are polled (a, c, e)";
    assert!(board.notices[0].ends_with(notice), "{:?}", board.notices);
    assert_eq!(board.rows[1].next_at, None);
    // each once at the start, with the repetition of what may pass; then the canaries alone
    assert_eq!(run.times("b"), [0]);
    assert_eq!(run.times("g").len(), 2);
    assert_eq!(run.times("a").len(), 4);
    // somebody who asks is answered all the same
    run.send(Command::Check("b".into())).await;
    run.until(2 * 900).await;
    assert_eq!(run.times("b").len(), 2);
    for name in ["a", "c", "e", "g"] {
        run.script.write(name, &[Step::Works]);
    }
    run.until(3 * 900).await;
    let board = run.board();
    assert!(board.sparing_since.is_none() && board.notices.is_empty());
    assert_eq!(run.live(6), Some(Live::Ok));
    let last = run.events().last().cloned().unwrap();
    assert!(
        last.contains("unavailable → works") || last.contains("get through"),
        "{last}"
    );
    let before = run.times("h").len();
    run.until(4 * 900).await;
    assert!(run.times("h").len() > before);
}

#[tokio::test(start_paused = true)]
async fn a_storm_keeps_nobody_unpolled_for_longer_than_half_an_hour() {
    let busy = [Step::Fails(Cause::EwsUnavailable)];
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let script = Script::new(&[("a", &busy), ("c", &busy), ("e", &busy), ("g", &busy)]);
    let run = start(script, &names);
    run.until(1700).await;
    assert_eq!(run.times("b"), [0]);
    run.until(2000).await;
    assert_eq!(run.times("b").len(), 2);
    assert_eq!(run.live(1), Some(Live::Ok));
    assert!(run.board().sparing_since.is_some(), "it is not over");
    let tried = run.events();
    assert!(tried.iter().any(|text| text.contains("tried again")));
}

/// Turns of which another process has those of some tenants.
#[derive(Debug)]
struct Theirs {
    names: Vec<&'static str>,
    until: std::sync::Mutex<chrono::DateTime<chrono::Utc>>,
    log: std::sync::Mutex<Vec<String>>,
}

impl Theirs {
    fn note(&self, what: &str, tenant: &str) -> futures_util::future::BoxFuture<'static, ()> {
        self.log.lock().unwrap().push(format!("{what} {tenant}"));
        Box::pin(std::future::ready(()))
    }
}

impl crate::monitor::Turns for Theirs {
    fn take(
        &self,
        tenant: &Tenant,
        _: Duration,
    ) -> futures_util::future::BoxFuture<'_, Option<chrono::DateTime<chrono::Utc>>> {
        let theirs = self.names.contains(&tenant.name.as_str());
        let until = theirs.then(|| *self.until.lock().unwrap());
        Box::pin(std::future::ready(until))
    }

    fn pass_on<'a>(
        &'a self,
        found: crate::monitor::Found<'a>,
        _: Duration,
    ) -> futures_util::future::BoxFuture<'a, ()> {
        self.note("passes on", found.tenant.name.as_str())
    }

    fn give_up(&self, tenant: &Tenant) -> futures_util::future::BoxFuture<'_, ()> {
        self.note("gives up", tenant.name.as_str())
    }

    fn leave(&self) -> futures_util::future::BoxFuture<'_, ()> {
        self.note("leaves", "all")
    }
}

fn start_beside(script: Script, names: &[&str], turns: &Arc<Theirs>) -> Run {
    let script = Arc::new(script);
    let engine = Engine {
        turns: Some(Arc::clone(turns) as Arc<dyn crate::monitor::Turns>),
        ..engine(Arc::clone(&script), Settings::default())
    };
    Run {
        script,
        stop: engine.stop.clone(),
        start: Instant::now(),
        monitor: engine.watch(&tenants(names)),
    }
}

#[tokio::test(start_paused = true)]
async fn what_another_process_polls_is_shown_with_its_time_and_polled_only_on_demand() {
    let until = health::tests::at(0, 20);
    let turns = Arc::new(Theirs {
        names: vec!["b"],
        until: std::sync::Mutex::new(until),
        log: std::sync::Mutex::default(),
    });
    let mut run = start_beside(Script::new(&[]), &["a", "b"], &turns);
    run.until(60).await;
    assert_eq!((run.times("a"), run.times("b")), (vec![0], vec![]));
    let checked_at = health::tests::at(0, 0) - TimeDelta::minutes(5) + TimeDelta::nanoseconds(7);
    let mut day = crate::board::Day::default();
    let remembered = crate::board::Point {
        at: checked_at - TimeDelta::nanoseconds(7),
        status: Status::Critical,
        live: Some(Live::Failing),
        cause: Some(Cause::SecretExpired),
        ms: 1.0,
    };
    day.note(&remembered);
    let past = Past {
        tenant: "b".into(),
        points: [remembered].into(),
        day,
        streak: Some(crate::board::Streak {
            since: remembered.at,
            checks: 1,
        }),
    };
    run.send(Command::Recall(vec![past])).await;
    let found = |mark: i64, cause| Elsewhere {
        mark,
        report: health::tests::report("b", cause, checked_at),
        next_at: health::tests::at(0, 10),
    };
    let mark = crate::monitor::mark(&tenant("b"));
    // settings that differ are another check
    run.send(Command::Elsewhere(vec![found(mark + 1, None)]))
        .await;
    run.until(61).await;
    assert_eq!(run.live(1), None);
    let expired = Some(Cause::SecretExpired);
    for _ in 0..2 {
        run.send(Command::Elsewhere(vec![found(mark, expired)]))
            .await;
    }
    run.until(62).await;
    let row = run.board().rows[1].clone();
    assert!(row.elsewhere);
    assert_eq!(row.report.as_ref().unwrap().checked_at, checked_at);
    assert_eq!((row.history.len(), row.streak.unwrap().checks), (1, 1));
    assert_eq!(row.day.uptime(health::tests::at(0, 0)), (0, 1));
    assert_eq!((run.cause(1), run.live(1)), (expired, Some(Live::Failing)));
    assert_eq!(run.kept(), 1, "what was found elsewhere is kept there");
    // it is too old after a while, as one's own would be
    run.until(29 * 60).await;
    assert_eq!(run.live(1), Some(Live::Unknown));
    run.send(Command::Check("b".into())).await;
    run.until(30 * 60).await;
    assert_eq!(run.live(1), Some(Live::Ok));
    assert!(!run.board().rows[1].elsewhere);
    let log = turns.log.lock().unwrap().clone();
    assert_eq!(log, ["passes on a", "passes on a", "passes on b"]);
}

#[tokio::test(start_paused = true)]
async fn whoever_gets_no_answer_leaves_the_turn_to_others_and_all_turns_at_its_end() {
    let turns = Arc::new(Theirs {
        names: Vec::new(),
        until: std::sync::Mutex::default(),
        log: std::sync::Mutex::default(),
    });
    let script = Script::new(&[("a", &[LOST])]);
    let run = start_beside(script, &["a", "b"], &turns);
    run.until(30).await;
    run.stop.cancel();
    run.monitor.join.await.unwrap();
    let log = turns.log.lock().unwrap().clone();
    assert_eq!(log, ["passes on b", "gives up a", "leaves all"]);
}
