mod file;
mod ledger;
mod outage;
mod outbox;
mod results;
mod turns;

use std::sync::Arc;

use super::*;
use crate::{
    health::fixture::{at, report},
    verdict::Report,
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

fn reports(reports: impl IntoIterator<Item = Report>) -> Vec<Arc<Report>> {
    reports.into_iter().map(Arc::new).collect()
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
