//! A service that throttles many at once.

use super::*;

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
