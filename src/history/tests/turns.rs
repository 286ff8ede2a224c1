use chrono::{DateTime, TimeDelta, Utc};

use super::{Lease, LeaseRequest, Store, each_store};
use crate::{
    health::fixture::{at, credential, report},
    verdict::{Expiry, Report, cause::Cause},
};

fn lease(holder: &str, until: DateTime<Utc>) -> Lease {
    Lease {
        tenant: "contoso".into(),
        mark: 7,
        holder: holder.into(),
        until,
    }
}

fn take(store: &mut Store, lease: Lease, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    store
        .serve_leases(&[LeaseRequest::Take(lease)], now)
        .unwrap()[0]
}

fn pass_on(store: &mut Store, lease: Lease, report: &Report, next_at: DateTime<Utc>) {
    let request = LeaseRequest::PassOn {
        lease,
        report: Box::new(report.clone()),
        next_at,
    };
    store.serve_leases(&[request], next_at).unwrap();
}

fn give_up(store: &mut Store, holder: &str, tenant: Option<&str>) {
    let request = LeaseRequest::GiveUp {
        holder: holder.into(),
        tenant: tenant.map(Into::into),
    };
    store.serve_leases(&[request], at(10, 0)).unwrap();
}

#[test]
fn a_turn_is_for_one_until_it_runs_out_or_is_given_away() {
    each_store(|store| {
        let (now, until) = (at(10, 0), at(10, 15));
        let mut asks = |holder: &str, now| {
            let lease = lease(holder, now + TimeDelta::minutes(15));
            take(store, lease, now)
        };
        assert_eq!(asks("one", now), None);
        assert_eq!(asks("two", at(10, 1)), Some(until));
        assert_eq!(asks("one", at(10, 14)), None);
        assert_eq!(asks("two", at(10, 15)), Some(at(10, 29)));
        // its holder died
        assert_eq!(asks("two", at(10, 29)), None);
        // the clock was set back by a week
        assert_eq!(asks("one", at(10, 0) - TimeDelta::days(7)), None);
        give_up(store, "two", None);
        let mut other = lease("two", at(11, 0));
        assert_eq!(take(store, other.clone(), now), None);
        give_up(store, "two", Some("contoso"));
        assert_eq!(take(store, lease("one", until), now), None);
        // with other settings it is another check
        other.mark = 8;
        assert_eq!(take(store, other, now), None);
    });
}

#[test]
fn wishes_are_carried_out_in_their_order() {
    each_store(|store| {
        let (now, until) = (at(10, 0), at(10, 15));
        let gone = LeaseRequest::GiveUp {
            holder: "one".into(),
            tenant: None,
        };
        let [one, two] = ["one", "two"].map(|holder| LeaseRequest::Take(lease(holder, until)));
        let requests = [one.clone(), two.clone(), gone, two, one];
        let done = store.serve_leases(&requests, now).unwrap();
        assert_eq!(done, [None, Some(until), None, None, Some(until)]);
    });
}

#[test]
fn what_whoever_had_the_turn_found_is_read_back_whole_by_the_others() {
    each_store(|store| {
        let mut found = report("contoso", Some(Cause::SecretExpired), at(10, 0));
        found.credentials = vec![credential(at(90, 0), Expiry::Warning)];
        found.retirement = Some(crate::verdict::Retirement {
            ends_at: crate::verdict::EWS_ENDS_AT,
            gate: crate::verdict::Gate::Open,
            graph_works: Some(true),
        });
        take(store, lease("one", at(10, 1)), at(10, 0));
        let until = at(10, 16);
        pass_on(store, lease("one", until), &found, at(10, 15));
        let (mut found_by_one, newest) = store.found_elsewhere("two", 0).unwrap();
        let read = found_by_one.remove(0);
        let text = |report: &Report| serde_json::to_value(report).unwrap();
        assert_eq!(text(&read.report), text(&found));
        assert_eq!((read.mark, read.next_at), (7, at(10, 15)));
        let looks = |store: &Store, holder, since| {
            let (found, newest) = store.found_elsewhere(holder, since).unwrap();
            (found.len(), newest)
        };
        // one's own results are no news, and are not looked at twice either
        assert_eq!(looks(store, "one", 0), (0, newest));
        assert_eq!(looks(store, "two", newest), (0, newest));
        // the turn goes on as long as its next check needs
        let refused = take(store, lease("two", at(11, 0)), at(10, 10));
        assert_eq!(refused, Some(until));
        // who checked without having the turn tells all the same, and does not get it by that
        pass_on(store, lease("two", at(12, 0)), &found, at(10, 30));
        assert_eq!(looks(store, "one", newest).0, 1);
        let refused = take(store, lease("two", at(11, 0)), at(10, 10));
        assert_eq!(refused, Some(until));
        store.forget(at(12, 0)).unwrap();
        assert_eq!(looks(store, "one", 0).0, 1);
        store.forget(at(24 * 40, 0)).unwrap();
        assert_eq!(looks(store, "one", 0).0, 0);
        pass_on(store, lease("two", at(12, 0)), &found, at(10, 30));
        store
            .db
            .execute_batch("UPDATE latest SET report = '{\"schema\": 99}'")
            .unwrap();
        assert_eq!(looks(store, "one", 0).0, 0);
    });
}
