use chrono::TimeDelta;

use super::{Store, each_store, reports};
use crate::{
    board::Streak,
    health::fixture::{at, report},
    verdict::cause::Cause,
};

#[test]
fn results_come_back_with_their_streak_and_are_noted_once() {
    each_store(|store| {
        let name = "contoso".into();
        let expired = Some(Cause::SecretExpired);
        for (hour, cause) in [(8, None), (9, expired), (10, expired), (10, expired)] {
            let found = reports([report("contoso", cause, at(hour, 0))]);
            store.record(&found).unwrap();
        }
        let past = store.past([&name], at(11, 0)).unwrap().remove(0);
        let causes: Vec<_> = past.points.iter().map(|point| point.cause).collect();
        assert_eq!(causes, [None, expired, expired]);
        let since = at(9, 0);
        assert_eq!(past.streak, Some(Streak { since, checks: 2 }));
        assert_eq!(past.day.uptime(at(11, 0)), (1, 3));
        let nobody = store.past([&"nobody".into()], at(11, 0)).unwrap().remove(0);
        assert!(nobody.points.is_empty() && nobody.streak.is_none());
    });
}

#[test]
fn old_results_are_forgotten_failures_last() {
    each_store(|store| {
        let long_ago = at(0, 0) - TimeDelta::days(100);
        for (name, cause) in [("worked", None), ("failed", Some(Cause::SecretExpired))] {
            let found = reports([report(name, cause, long_ago)]);
            store.record(&found).unwrap();
        }
        store.forget(at(0, 0)).unwrap();
        let kept = |store: &Store, name: &str| {
            store.past([&name.into()], at(11, 0)).unwrap()[0]
                .points
                .len()
        };
        assert_eq!((kept(store, "worked"), kept(store, "failed")), (0, 1));
        store.forget(at(0, 0) + TimeDelta::days(400)).unwrap();
        assert_eq!(kept(store, "failed"), 0);
    });
}

#[test]
fn a_cause_that_only_another_version_knows_is_still_a_failure() {
    let store = Store::in_memory().unwrap();
    let rows = "INSERT INTO result VALUES ('a', 1, 'ok', 'ok', NULL, 2.0),
        ('a', 2, 'critical', 'failing', 'of-another-version', 2.0),
        ('a', 3, 'critical', 'failing', 'of-another-version', 2.0)";
    store.db.execute_batch(rows).unwrap();
    let past = store.past([&"a".into()], at(1, 0)).unwrap().remove(0);
    let causes: Vec<_> = past.points.iter().map(|point| point.cause).collect();
    let unknown = Some(Cause::Unknown);
    assert_eq!(causes, [None, unknown, unknown]);
    assert_eq!(past.streak.unwrap().checks, 2);
}

#[test]
fn a_day_counts_what_worked_and_what_did_not_whatever_its_dates_are_like() {
    let mut store = Store::in_memory().unwrap();
    let mut throttled = report("a", Some(Cause::TokenThrottled), at(10, 0));
    // its secret ends soon, so it is not unknown altogether
    throttled.status = crate::verdict::Status::Warning;
    let mut dates = report("a", None, at(10, 1));
    dates.live = None;
    let works = report("a", None, at(10, 2));
    let fails = report("a", Some(Cause::SecretExpired), at(10, 3));
    let found = reports([throttled, dates, works, fails]);
    store.record(&found).unwrap();
    let past = store.past([&"a".into()], at(11, 0)).unwrap().remove(0);
    assert_eq!(past.day.uptime(at(11, 0)), (1, 2));
}
