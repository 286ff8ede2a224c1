//! A config that changes while the monitor runs.

use super::*;

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
