use std::{
    fs, thread,
    time::{Duration, Instant},
};

use rusqlite::Connection;

use super::{HistoryError, Store, on_disk, reports};
use crate::{
    alert::{Rules, Survey},
    health::fixture::{at, report},
    history::schema::MIGRATIONS,
};

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
        let found = reports([report("a", None, at(1, 0))]);
        let when = (1, at(1, 0).fixed_offset());
        store.absorb(&found, &Rules::default(), &[], when).unwrap();
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
    let mut store = Store::with(read_only);
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

#[test]
fn whoever_comes_while_others_make_the_file_waits_for_them() {
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| drop(Store::open(&path).unwrap()));
            }
        });
    }
}

#[test]
fn a_file_that_somebody_keeps_to_himself_is_waited_for_no_longer_than_the_limit() {
    let (home, store) = on_disk();
    store
        .db
        .pragma_update(None, "journal_mode", "delete")
        .unwrap();
    store.db.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let began = Instant::now();
    let limit = Duration::from_millis(100);
    let error = Store::open_within(&home.path().join("history.db"), limit).unwrap_err();
    assert!(error.is_busy(), "{error:?}");
    // a statement may wait once for each thing that it does
    assert!(began.elapsed() < limit * 100);
}
