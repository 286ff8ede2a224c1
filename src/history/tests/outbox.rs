use chrono::{DateTime, Utc};

use super::{Store, each_store, reports};
use crate::{
    alert::{Ack, Alert, Claim, Ledger as _, Rules, Snooze, Subscription, Survey, Urgency},
    health::fixture::{at, credential, report},
    verdict::{Expiry, Report, cause::Cause},
};

fn channel(name: &str) -> Subscription {
    Subscription {
        channel: name.into(),
        least: Urgency::Low,
        tags: Vec::new(),
    }
}

/// What somebody wants to hear of.
fn wants(name: &str, least: Urgency, tags: &[&str]) -> Subscription {
    Subscription {
        channel: name.into(),
        least,
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
    }
}

/// Takes in reports as at their own time.
fn absorb(store: &mut Store, found: Vec<Report>, rules: &Rules) {
    let now = found[0].checked_at.fixed_offset();
    let channels = [channel("hook")];
    let found = reports(found);
    store.absorb(&found, rules, &channels, (100, now)).unwrap();
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
    fleet[0].retirement = Some(crate::verdict::Retirement {
        ends_at: crate::verdict::EWS_ENDS_AT,
        gate: crate::verdict::Gate::Unknown,
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
