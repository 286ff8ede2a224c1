//! A machine without a network, and one whose clock is set.

use super::*;

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
async fn a_wall_clock_that_is_set_changes_no_pace_and_no_verdict_for_long() {
    let script = Arc::new(Script::new(&[]));
    let (start, jump) = (Instant::now(), Arc::new(AtomicI64::new(0)));
    let set = Arc::clone(&jump);
    let now = move || {
        let passed = TimeDelta::from_std(start.elapsed()).unwrap();
        let jumped = TimeDelta::days(set.load(SeqCst));
        (health::fixture::at(0, 0) + passed + jumped).fixed_offset()
    };
    let engine = Engine {
        environment: Environment::new(now, || 0.5),
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
    health::fixture::at(0, 0) + passed + TimeDelta::days(days)
}
