//! A file that cannot be written for a while.

use std::time::{Duration, Instant};

use super::*;
use crate::alert::{Alert, Claim, Ledger as _, Rules, Subscription, Urgency};

fn take(store: &mut Store, found: Report) -> Vec<Alert> {
    let rules = Rules {
        failing_after: 1,
        ..Rules::default()
    };
    let channel = Subscription {
        channel: "hook".into(),
        least: Urgency::Low,
        tags: Vec::new(),
    };
    let when = (1, found.checked_at.fixed_offset());
    store
        .take_in(&reports([found]), &rules, &[channel], when)
        .unwrap()
}

fn send(store: &Store, alerts: &[Alert]) {
    for alert in alerts {
        store.ledger("hook").confirm(&alert.key, alert.at).unwrap();
    }
}

fn failing(hour: i64) -> Report {
    report(
        "a",
        Some(crate::verdict::cause::Cause::SecretExpired),
        at(hour, 0),
    )
}

#[test]
fn copy_lists_what_was_sent_and_repeats_no_alert() {
    let (home, mut store) = on_disk();
    let sent = take(&mut store, failing(1));
    assert_eq!(sent.len(), 1);
    send(&store, &sent);
    let mut copy = Store::in_memory().unwrap();
    copy.copy_ledger(&home.path().join(FILE)).unwrap();
    assert!(take(&mut copy, failing(2)).is_empty());
    let claim = copy.ledger("hook").claim(&sent[0].key, at(2, 0)).unwrap();
    assert_eq!(claim, Claim::Sent);
}

#[cfg(unix)]
#[test]
fn read_only_folder_is_copied_too() {
    use std::{fs, os::unix::fs::PermissionsExt as _};
    let (home, mut store) = on_disk();
    let sent = take(&mut store, failing(1));
    send(&store, &sent);
    drop(store);
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o500)).unwrap();
    let mut copy = Store::in_memory().unwrap();
    let copied = copy.copy_ledger(&home.path().join(FILE));
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o700)).unwrap();
    copied.unwrap();
    assert!(take(&mut copy, failing(2)).is_empty());
}

#[test]
fn damaged_file_leaves_an_empty_copy() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join(FILE);
    for content in [&b"no database"[..], b"SQLite format 3\0 torn"] {
        std::fs::write(&path, content).unwrap();
        let mut copy = Store::in_memory().unwrap();
        assert!(copy.copy_ledger(&path).is_err());
        assert_eq!(take(&mut copy, failing(1)).len(), 1);
    }
}

#[test]
fn recovery_during_an_outage_and_after_it_is_noted() {
    for recovers_during in [true, false] {
        let (home, mut store) = on_disk();
        let mut copy = Store::in_memory().unwrap();
        if recovers_during {
            let sent = take(&mut store, failing(1));
            send(&store, &sent);
        }
        copy.copy_ledger(&home.path().join(FILE)).unwrap();
        let noted = if recovers_during {
            take(&mut copy, report("a", None, at(2, 0)))
        } else {
            take(&mut copy, failing(2))
        };
        assert_eq!(noted.len(), 1);
        send(&copy, &noted);
        store.merge_ledger(&copy.ledger_changes().unwrap()).unwrap();
        let claim = store.ledger("hook").claim(&noted[0].key, at(3, 0)).unwrap();
        assert_eq!(claim, Claim::Sent);
        let later = take(&mut store, report("a", None, at(4, 0)));
        assert_eq!(later.len(), usize::from(!recovers_during));
    }
}

#[test]
fn second_write_to_a_locked_file_does_not_wait_long() {
    let (home, mut store) = on_disk();
    let other = rusqlite::Connection::open(home.path().join(FILE)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    store.db.busy_timeout(Duration::from_millis(1)).unwrap();
    let found = reports([report("a", None, at(1, 0))]);
    assert!(store.record(&found).unwrap_err().is_busy());
    let began = Instant::now();
    assert!(store.record(&found).unwrap_err().is_busy());
    assert!(began.elapsed() < Duration::from_secs(3));
    other.execute_batch("ROLLBACK").unwrap();
    store.record(&found).unwrap();
}

#[test]
fn pause_of_a_receiver_holds_for_every_process() {
    let (home, mut store) = on_disk();
    store.pause_channel("hook", at(2, 0)).unwrap();
    let other = Store::open(&home.path().join(FILE)).unwrap();
    let pause = |now| other.channel_pause("hook", now).unwrap();
    assert_eq!(pause(at(1, 30)), Some(at(2, 0)));
    assert_eq!(pause(at(2, 0)), None);
    // noted before the clock was set back
    assert_eq!(pause(at(-5, 0)), None);
    assert_eq!(other.channel_pause("mail", at(1, 30)).unwrap(), None);
}
