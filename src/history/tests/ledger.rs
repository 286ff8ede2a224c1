use std::{collections::BTreeSet, thread};

use chrono::TimeDelta;

use super::{Store, each_store};
use crate::{
    alert::{Claim, HOLD, Ledger as _},
    health::fixture::at,
};

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
