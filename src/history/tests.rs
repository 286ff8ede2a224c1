use std::{collections::BTreeSet, fs, sync::Arc, thread};

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::Connection;

use super::{schema::MIGRATIONS, *};
use crate::{
    alert::{Ack, Alert, Claim, HOLD, Ledger as _, Rules, Snooze, Subscription, Survey, Urgency},
    board::Streak,
    diagnosis::cause::Cause,
    health::tests::{at, credential, report},
    report::{Expiry, Report},
};

fn on_disk() -> (tempfile::TempDir, Store) {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(&home.path().join("history.db")).unwrap();
    (home, store)
}

/// What must hold of every store, on disk and in memory.
fn each_store(test: impl Fn(&mut Store)) {
    test(&mut Store::in_memory().unwrap());
    let (_home, mut store) = on_disk();
    test(&mut store);
}

fn channel(name: &str) -> Subscription {
    Subscription {
        channel: name.into(),
        least: Urgency::Low,
        tags: Vec::new(),
    }
}

fn reports(reports: impl IntoIterator<Item = Report>) -> Vec<Arc<Report>> {
    reports.into_iter().map(Arc::new).collect()
}

/// Takes in reports as at their own time.
fn absorb(store: &mut Store, found: Vec<Report>, rules: &Rules) {
    let now = found[0].checked_at.fixed_offset();
    let channels = [channel("hook")];
    let found = reports(found);
    store.absorb(&found, rules, &channels, (100, now)).unwrap();
}

/// What a channel would send now; it takes everything.
fn sent(store: &mut Store, name: &str, rules: &Rules, now: DateTime<Utc>) -> Vec<Alert> {
    let due = store.due(name, rules, now.fixed_offset()).unwrap();
    for alert in &due {
        let ledger = store.ledger(name);
        assert_eq!(ledger.claim(&alert.key, now).unwrap(), Claim::Claimed);
        ledger.confirm(&alert.key, now).unwrap();
    }
    due
}

fn said(store: &mut Store, rules: &Rules, now: DateTime<Utc>) -> Vec<String> {
    let sent = sent(store, "hook", rules, now);
    sent.into_iter().map(|alert| alert.summary).collect()
}

#[test]
fn a_claim_is_for_one_until_it_is_confirmed_released_or_has_run_out() {
    each_store(|store| {
        let (now, later) = (at(10, 0), at(10, 0) + HOLD);
        let (desk, hook) = (store.ledger("desktop"), store.ledger("hook"));
        assert_eq!(hook.claim("k", now).unwrap(), Claim::Claimed);
        assert_eq!(hook.claim("k", at(10, 1)).unwrap(), Claim::Held(later));
        // another channel and another key are other messages
        assert_eq!(desk.claim("k", now).unwrap(), Claim::Claimed);
        assert_eq!(hook.claim("l", now).unwrap(), Claim::Claimed);
        hook.release("k").unwrap();
        assert_eq!(hook.claim("k", now).unwrap(), Claim::Claimed);
        // its holder died
        assert_eq!(hook.claim("k", later).unwrap(), Claim::Claimed);
        hook.confirm("k", later).unwrap();
        hook.release("k").unwrap();
        for minutes in [0, 5, 50_000] {
            assert_eq!(hook.claim("k", at(10, minutes)).unwrap(), Claim::Sent);
        }
    });
}

#[test]
fn who_waited_for_the_file_does_not_take_what_was_claimed_meanwhile() {
    let store = Store::in_memory().unwrap();
    let ledger = store.ledger("hook");
    let earlier = at(10, 0);
    let meanwhile = earlier + TimeDelta::milliseconds(5);
    assert_eq!(ledger.claim("x", meanwhile).unwrap(), Claim::Claimed);
    assert_eq!(
        ledger.claim("x", earlier).unwrap(),
        Claim::Held(meanwhile + HOLD)
    );
}

#[test]
fn a_claim_from_before_the_clock_was_set_back_holds_nobody_up() {
    each_store(|store| {
        let ledger = store.ledger("hook");
        assert_eq!(ledger.claim("k", at(500, 0)).unwrap(), Claim::Claimed);
        assert_eq!(ledger.claim("k", at(10, 0)).unwrap(), Claim::Claimed);
    });
}

#[test]
fn of_many_that_claim_at_once_one_gets_it() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("history.db");
    let claimants: Vec<_> = (0..8)
        .map(|_| {
            let path = path.clone();
            thread::spawn(move || {
                let store = Store::open(&path).unwrap();
                let keys = (0..50).map(|key| key.to_string());
                keys.filter(|key| {
                    store.ledger("hook").claim(key, at(10, 0)).unwrap() == Claim::Claimed
                })
                .collect::<Vec<_>>()
            })
        })
        .collect();
    let claimed: Vec<String> = claimants
        .into_iter()
        .flat_map(|claimant| claimant.join().unwrap())
        .collect();
    let distinct: BTreeSet<_> = claimed.iter().collect();
    assert_eq!((claimed.len(), distinct.len()), (50, 50));
}

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
fn an_event_is_told_once_however_many_take_in_the_same_results() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("history.db");
    let rules = Rules::default();
    let mut stores = [Store::open(&path).unwrap(), Store::open(&path).unwrap()];
    let cause = Some(Cause::SecretExpired);
    let mut told = Vec::new();
    for (hour, cause) in [(8, None), (9, cause), (10, cause), (11, cause), (12, None)] {
        for (minute, store) in stores.iter_mut().enumerate() {
            let now = at(hour, i64::try_from(minute).unwrap());
            absorb(store, vec![report("contoso", cause, now)], &rules);
            told.extend(said(store, &rules, now));
        }
    }
    assert_eq!(
        told,
        [
            "✖ contoso: client secret has expired",
            "● contoso: works again"
        ]
    );
}

#[test]
fn a_snooze_holds_messages_and_loses_none() {
    each_store(|store| {
        let rules = Rules::default();
        let snooze = Snooze {
            until: at(12, 0),
            reason: "planned".into(),
            by: Some("ana".into()),
        };
        store.snooze(&"contoso".into(), &snooze).unwrap();
        assert_eq!(store.holds(at(9, 0)).unwrap().snoozes.len(), 1);
        let failing = |hour| vec![report("contoso", Some(Cause::SecretExpired), at(hour, 0))];
        for hour in 8..12 {
            absorb(store, failing(hour), &rules);
            assert_eq!(said(store, &rules, at(hour, 0)), [""; 0], "{hour}");
        }
        absorb(store, failing(12), &rules);
        assert_eq!(said(store, &rules, at(12, 0)).len(), 1);
        assert!(store.holds(at(12, 0)).unwrap().snoozes.is_empty());
        assert!(store.wake(&"contoso".into()).unwrap());
        assert!(!store.wake(&"contoso".into()).unwrap());
    });
}

#[test]
fn end_dates_wait_for_the_end_of_quiet_hours_and_outages_do_not() {
    each_store(|store| {
        let rules = Rules {
            quiet: Some("22:00-07:00".parse().unwrap()),
            failing_after: 1,
            ..Rules::default()
        };
        let mut found = report("contoso", Some(Cause::AppNotFound), at(23, 0));
        found.credentials = vec![credential(at(23, 30), Expiry::Critical)];
        absorb(store, vec![found], &rules);
        assert_eq!(said(store, &rules, at(23, 0)).len(), 1);
        assert_eq!(said(store, &rules, at(24 + 6, 59)), [""; 0]);
        assert_eq!(said(store, &rules, at(24 + 7, 0)).len(), 1);
    });
}

#[test]
fn what_is_not_taken_is_tried_again_and_given_up_after_a_week() {
    each_store(|store| {
        let rules = Rules::default();
        let now = at(10, 0).fixed_offset();
        let offline = Survey::of([], true, false);
        let told = store.survey(&offline, &[channel("hook")], now).unwrap();
        let alert = &told[0];
        let due = |store: &Store, at: DateTime<Utc>| {
            store.due("hook", &rules, at.fixed_offset()).unwrap().len()
        };
        assert_eq!(due(store, at(10, 0)), 1);
        store.postpone("hook", &alert.key, at(10, 5)).unwrap();
        assert_eq!((due(store, at(10, 4)), due(store, at(10, 5))), (0, 1));
        assert_eq!(due(store, at(10 + 8 * 24, 0)), 0);
        // nobody tells a channel of what was there before it
        assert!(store.due("new", &rules, now).unwrap().is_empty());
    });
}

#[test]
fn what_concerns_all_tenants_is_noted_once_by_whoever_sees_it_first() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("history.db");
    let mut stores = [Store::open(&path).unwrap(), Store::open(&path).unwrap()];
    let mut kinds = Vec::new();
    for (minute, offline) in [(0, false), (1, true), (2, true), (3, false), (4, false)] {
        for store in &mut stores {
            let now = at(10, minute).fixed_offset();
            let survey = Survey::of([], offline, false);
            let told = store.survey(&survey, &[channel("hook")], now).unwrap();
            kinds.extend(told.into_iter().map(|alert| alert.kind.word()));
        }
    }
    assert_eq!(kinds, ["offline", "online"]);
    let due = stores[0].due("hook", &Rules::default(), at(11, 0).fixed_offset());
    assert_eq!(due.unwrap().len(), 2);
}

#[test]
fn every_earlier_schema_is_brought_up_to_date_and_keeps_what_is_in_it() {
    for version in 0..=MIGRATIONS.len() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("history.db");
        let old = Connection::open(&path).unwrap();
        for step in &MIGRATIONS[..version] {
            old.execute_batch(step).unwrap();
        }
        old.pragma_update(None, "user_version", i64::try_from(version).unwrap())
            .unwrap();
        if version > 0 {
            old.execute_batch("INSERT INTO result VALUES ('a', 1, 'ok', 'ok', NULL, 2.0)")
                .unwrap();
        }
        if (2..4).contains(&version) {
            old.execute_batch("INSERT INTO alert_state VALUES ('', '\"2026-11-20T08:00:00Z\"')")
                .unwrap();
        }
        drop(old);
        let mut store = Store::open(&path).unwrap();
        let online = store.survey(&Survey::of([], false, false), &[], at(1, 0).fixed_offset());
        assert_eq!(
            online.unwrap().len(),
            usize::from((2..4).contains(&version))
        );
        let kept = store.past([&"a".into()], at(11, 0)).unwrap()[0]
            .points
            .len();
        assert_eq!(kept, usize::from(version > 0), "{version}");
        absorb(
            &mut store,
            vec![report("a", None, at(1, 0))],
            &Rules::default(),
        );
        drop(store);
        Store::open(&path).unwrap();
    }
}

#[test]
fn what_a_newer_credwatch_wrote_is_refused_and_left_as_it_is() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("history.db");
    let newer = Connection::open(&path).unwrap();
    newer.execute_batch("PRAGMA user_version = 99").unwrap();
    drop(newer);
    let before = fs::read(&path).unwrap();
    let error = Store::open(&path).unwrap_err().to_string();
    assert!(error.contains("newer credwatch (schema 99"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
}

#[test]
fn a_damaged_file_is_said_to_be_damaged() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("history.db");
    fs::write(
        &path,
        "this is no database, whatever its name says ".repeat(50),
    )
    .unwrap();
    let error = Store::open(&path).unwrap_err();
    assert!(matches!(error, HistoryError::Damaged(_)), "{error}");
}

#[test]
fn a_full_disk_is_said_to_be_full_and_leaves_the_file_whole() {
    let (_home, mut store) = on_disk();
    let pages: i64 = store
        .db
        .pragma_query_value(None, "page_count", |row| row.get(0))
        .unwrap();
    let most = |store: &Store, pages: i64| {
        store
            .db
            .query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))
            .unwrap();
    };
    most(&store, pages);
    let many = |hour| {
        let names = (0..500).map(|n| format!("a tenant with a long name, number {n}"));
        reports(names.map(|name| report(&name, None, at(hour, 0))))
    };
    let error = store.record(&many(1)).unwrap_err();
    assert!(matches!(error, HistoryError::Full(_)), "{error}");
    most(&store, 100_000);
    store.record(&many(2)).unwrap();
}

#[test]
fn a_file_that_may_only_be_read_is_refused() {
    let (home, store) = on_disk();
    drop(store);
    let path = home.path().join("history.db");
    let read_only =
        Connection::open_with_flags(&path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut store = Store { db: read_only };
    let found = reports([report("a", None, at(1, 0))]);
    let error = store.record(&found).unwrap_err();
    assert!(matches!(error, HistoryError::ReadOnly(_)), "{error}");
}

#[cfg(unix)]
#[test]
fn the_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let (home, mut store) = on_disk();
    let found = reports([report("a", None, at(1, 0))]);
    store.record(&found).unwrap();
    for entry in fs::read_dir(home.path()).unwrap() {
        let mode = entry.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[tokio::test]
async fn a_thread_of_its_own_does_the_work_in_order() {
    let history = History::in_memory().unwrap();
    for hour in 1..=20 {
        let found = reports([report("a", None, at(hour, 0))]);
        history
            .ask(move |store| store.record(&found))
            .await
            .unwrap();
    }
    let past = history
        .ask(|store| store.past([&"a".into()], at(11, 0)))
        .await;
    assert_eq!(past.unwrap()[0].points.len(), 20);
}

fn lease(holder: &str, until: DateTime<Utc>) -> Lease {
    Lease {
        tenant: "contoso".into(),
        mark: 7,
        holder: holder.into(),
        until,
    }
}

#[test]
fn a_turn_is_for_one_until_it_runs_out_or_is_given_away() {
    each_store(|store| {
        let (now, until) = (at(10, 0), at(10, 15));
        let mut take = |holder: &str, now| {
            let lease = lease(holder, now + TimeDelta::minutes(15));
            store.take_turn(&lease, now).unwrap()
        };
        assert_eq!(take("one", now), None);
        assert_eq!(take("two", at(10, 1)), Some(until));
        assert_eq!(take("one", at(10, 14)), None);
        assert_eq!(take("two", at(10, 15)), Some(at(10, 29)));
        // its holder died
        assert_eq!(take("two", at(10, 29)), None);
        // the clock was set back by a week
        assert_eq!(take("one", at(10, 0) - TimeDelta::days(7)), None);
        store.give_up("two", None).unwrap();
        let mut other = lease("two", at(11, 0));
        assert!(store.take_turn(&other, now).unwrap().is_none());
        store.give_up("two", Some(&"contoso".into())).unwrap();
        assert!(
            store
                .take_turn(&lease("one", until), now)
                .unwrap()
                .is_none()
        );
        // with other settings it is another check
        other.mark = 8;
        assert!(store.take_turn(&other, now).unwrap().is_none());
    });
}

#[test]
fn what_whoever_had_the_turn_found_is_read_back_whole_by_the_others() {
    each_store(|store| {
        let mut found = report("contoso", Some(Cause::SecretExpired), at(10, 0));
        found.credentials = vec![credential(at(90, 0), Expiry::Warning)];
        found.retirement = Some(crate::report::Retirement {
            ends_at: crate::report::EWS_ENDS_AT,
            gate: crate::report::Gate::Open,
            graph_works: Some(true),
        });
        store
            .take_turn(&lease("one", at(10, 1)), at(10, 0))
            .unwrap();
        let until = at(10, 16);
        store
            .pass_on(&lease("one", until), &found, at(10, 15))
            .unwrap();
        let read = store.found_elsewhere("two", 0).unwrap().remove(0);
        let text = |report: &Report| serde_json::to_value(report).unwrap();
        assert_eq!(text(&read.report), text(&found));
        assert_eq!((read.mark, read.next_at), (7, at(10, 15)));
        assert!(store.found_elsewhere("one", 0).unwrap().is_empty());
        assert!(store.found_elsewhere("two", read.seq).unwrap().is_empty());
        // the turn goes on as long as its next check needs
        let refused = store.take_turn(&lease("two", at(11, 0)), at(10, 10));
        assert_eq!(refused.unwrap(), Some(until));
        // who checked without having the turn tells all the same, and does not get it by that
        store
            .pass_on(&lease("two", at(12, 0)), &found, at(10, 30))
            .unwrap();
        assert_eq!(store.found_elsewhere("one", 0).unwrap().len(), 1);
        let refused = store.take_turn(&lease("two", at(11, 0)), at(10, 10));
        assert_eq!(refused.unwrap(), Some(until));
        store.forget(at(12, 0)).unwrap();
        assert_eq!(store.found_elsewhere("one", 0).unwrap().len(), 1);
        store.forget(at(24 * 40, 0)).unwrap();
        assert!(store.found_elsewhere("one", 0).unwrap().is_empty());
        store
            .pass_on(&lease("two", at(12, 0)), &found, at(10, 30))
            .unwrap();
        store
            .db
            .execute_batch("UPDATE latest SET report = '{\"schema\": 99}'")
            .unwrap();
        assert!(store.found_elsewhere("one", 0).unwrap().is_empty());
    });
}

#[test]
fn whoever_is_at_it_stops_reminders_until_it_is_well_and_nothing_else() {
    each_store(|store| {
        let rules = Rules {
            failing_after: 1,
            ..Rules::default()
        };
        let name = "contoso".into();
        let ana = Ack {
            by: "ana".into(),
            at: at(1, 0),
        };
        let feed = |store: &mut Store, hour, cause| {
            absorb(store, vec![report("contoso", cause, at(hour, 0))], &rules);
            let said = sent(store, "hook", &rules, at(hour, 0));
            said.iter()
                .map(|alert| alert.kind.word())
                .collect::<Vec<_>>()
        };
        let expired = Some(Cause::SecretExpired);
        assert_eq!(feed(store, 0, expired), ["failing"]);
        assert_eq!(feed(store, 25, expired), ["failing"]);
        assert!(!store.acknowledge(&name, Some(&ana)).unwrap());
        assert_eq!(store.holds(at(26, 0)).unwrap().acks[&name], ana);
        assert_eq!(feed(store, 60, expired), [""; 0]);
        assert_eq!(feed(store, 61, Some(Cause::AppNotFound)), ["cause-changed"]);
        assert_eq!(feed(store, 62, None), ["recovered"]);
        assert!(store.holds(at(63, 0)).unwrap().acks.is_empty());
        assert_eq!(feed(store, 64, expired), ["failing"]);
        assert_eq!(feed(store, 90, expired), ["failing"]);
        assert!(!store.acknowledge(&name, None).unwrap());
    });
}

/// What somebody wants to hear of.
fn wants(name: &str, least: Urgency, tags: &[&str]) -> Subscription {
    Subscription {
        channel: name.into(),
        least,
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
    }
}

#[test]
fn each_channel_gets_what_is_grave_enough_and_of_its_tags_and_the_end_of_what_it_got() {
    let mut store = Store::in_memory().unwrap();
    let rules = Rules {
        failing_after: 1,
        ..Rules::default()
    };
    let channels = [
        wants("all", Urgency::Low, &[]),
        wants("pager", Urgency::Critical, &[]),
        wants("prod", Urgency::Normal, &["prod", "emea"]),
    ];
    let tagged = |name: &str, tag: &str, cause, hour| {
        let mut report = report(name, cause, at(hour, 0));
        report.tags = vec![tag.to_owned()];
        report
    };
    for (hour, cause) in [(1, Some(Cause::SecretExpired)), (2, None)] {
        let found = [
            tagged("a", "prod", cause, hour),
            tagged("b", "test", cause, hour),
        ];
        absorb_for(&mut store, found, &rules, &channels);
    }
    // an end that comes near is no page
    let mut ending = tagged("a", "prod", None, 3);
    ending.credentials = vec![credential(at(200, 0), Expiry::Warning)];
    absorb_for(&mut store, [ending], &rules, &channels);
    // what concerns no single tenant, everybody hears who wants to hear of its like
    let offline = Survey::of([], true, false);
    let now = at(4, 0).fixed_offset();
    store.survey(&offline, &channels, now).unwrap();
    let mut got = |channel: &str| -> String {
        let sent = sent(&mut store, channel, &rules, at(5, 0));
        let name = |alert: &Alert| {
            alert
                .tenant
                .as_ref()
                .map_or("-".into(), ToString::to_string)
        };
        let words = sent
            .iter()
            .map(|it| format!("{} {}", name(it), it.kind.word()));
        words.collect::<Vec<_>>().join(", ")
    };
    let lives = "a failing, b failing, a recovered, b recovered";
    assert_eq!(got("all"), format!("{lives}, a expiry, - offline"));
    assert_eq!(got("pager"), format!("{lives}, - offline"));
    assert_eq!(got("prod"), "a failing, a recovered, a expiry, - offline");
}

/// Takes in reports as at their own time, for these channels.
fn absorb_for<const N: usize>(
    store: &mut Store,
    found: [Report; N],
    rules: &Rules,
    channels: &[Subscription],
) {
    let now = found[0].checked_at.fixed_offset();
    let found = reports(found);
    store.absorb(&found, rules, channels, (100, now)).unwrap();
}

#[test]
fn the_end_of_ews_waits_for_the_morning_and_being_blind_does_not() {
    let mut store = Store::in_memory().unwrap();
    let rules = Rules {
        quiet: Some("22:00-07:00".parse().unwrap()),
        ..Rules::default()
    };
    let throttled = Some(Cause::TokenThrottled);
    let mut fleet = [
        report("a", throttled, at(23, 0)),
        report("b", throttled, at(23, 0)),
    ];
    fleet[0].retirement = Some(crate::report::Retirement {
        ends_at: crate::report::EWS_ENDS_AT,
        gate: crate::report::Gate::Unknown,
        graph_works: None,
    });
    for minute in [0, 15] {
        let survey = Survey::of(&fleet, false, true);
        let now = at(23, minute).fixed_offset();
        store.survey(&survey, &[channel("hook")], now).unwrap();
    }
    let mut kinds = |at| -> Vec<&str> {
        let sent = sent(&mut store, "hook", &rules, at);
        sent.iter().map(|alert| alert.kind.word()).collect()
    };
    assert_eq!(kinds(at(23, 30)), ["blind"]);
    assert_eq!(kinds(at(24 + 7, 0)), ["retirement"]);
}

#[test]
fn whoever_comes_while_others_make_the_file_waits_for_them() {
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| drop(Store::open(&path).unwrap()));
            }
        });
    }
}

#[test]
fn what_waits_for_the_day_holds_up_no_outage_however_much_of_it_there_is() {
    each_store(|store| {
        let rules = Rules {
            quiet: Some("22:00-07:00".parse().unwrap()),
            failing_after: 1,
            ..Rules::default()
        };
        let ending = (0..60).map(|n| {
            let mut ending = report(&format!("t{n}"), None, at(23, 0));
            ending.client_id = format!("c{n}");
            ending.credentials = vec![credential(at(24, 0), Expiry::Critical)];
            ending
        });
        absorb(store, ending.collect(), &rules);
        let outage = report("contoso", Some(Cause::AppNotFound), at(23, 1));
        absorb(store, vec![outage], &rules);
        assert_eq!(said(store, &rules, at(23, 2)).len(), 1);
        // by day they come in batches
        assert_eq!(said(store, &rules, at(24 + 7, 0)).len(), 50);
        assert_eq!(said(store, &rules, at(24 + 7, 0)).len(), 10);
    });
}

#[test]
fn a_message_that_cannot_be_read_is_passed_over() {
    let mut store = Store::in_memory().unwrap();
    let rules = Rules {
        failing_after: 1,
        ..Rules::default()
    };
    for (name, hour) in [("a", 8), ("b", 9)] {
        let failing = report(name, Some(Cause::AppNotFound), at(hour, 0));
        absorb(&mut store, vec![failing], &rules);
    }
    let broken = "UPDATE alert SET alert = '{\"kind\":\"of another version\"}' WHERE tenant = 'a'";
    store.db.execute_batch(broken).unwrap();
    assert_eq!(said(&mut store, &rules, at(9, 1)).len(), 1);
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
    throttled.status = crate::report::Status::Warning;
    let mut dates = report("a", None, at(10, 1));
    dates.live = None;
    let works = report("a", None, at(10, 2));
    let fails = report("a", Some(Cause::SecretExpired), at(10, 3));
    let found = reports([throttled, dates, works, fails]);
    store.record(&found).unwrap();
    let past = store.past([&"a".into()], at(11, 0)).unwrap().remove(0);
    assert_eq!(past.day.uptime(at(11, 0)), (1, 2));
}

#[test]
fn a_file_that_somebody_keeps_to_himself_is_waited_for_no_longer_than_the_limit() {
    let (home, store) = on_disk();
    store
        .db
        .pragma_update(None, "journal_mode", "delete")
        .unwrap();
    store.db.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let began = std::time::Instant::now();
    let limit = std::time::Duration::from_millis(100);
    let error = Store::open_within(&home.path().join("history.db"), limit).unwrap_err();
    assert!(matches!(error, HistoryError::Sql(_)), "{error:?}");
    // a statement may wait once for each thing that it does
    assert!(began.elapsed() < limit * 100);
}

#[test]
fn who_is_watched_no_more_is_no_longer_one_of_those_that_fail() {
    let mut store = Store::in_memory().unwrap();
    let rules = Rules {
        failing_after: 1,
        ..Rules::default()
    };
    let failing = |names: std::ops::Range<u32>, hour| {
        let names = names.map(|n| format!("t{n}"));
        let down = names.map(|name| report(&name, Some(Cause::DnsFailure), at(hour, 0)));
        down.collect::<Vec<_>>()
    };
    absorb(&mut store, failing(0..6, 1), &rules);
    assert_eq!(said(&mut store, &rules, at(1, 0)).len(), 1);
    let week = 24 * 7;
    absorb(&mut store, failing(0..2, week), &rules);
    said(&mut store, &rules, at(week, 0));
    store.forget(at(week + 2, 0)).unwrap();
    absorb(
        &mut store,
        vec![report("else", None, at(week + 2, 0))],
        &rules,
    );
    let over = "● no longer so many fail for one reason: dns-failure";
    assert_eq!(said(&mut store, &rules, at(week + 2, 0)), [over]);
}
