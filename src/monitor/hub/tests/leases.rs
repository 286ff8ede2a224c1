//! A second process with the same history.

use super::*;

/// Leases of which another process holds some.
#[derive(Debug)]
struct Theirs {
    names: Vec<&'static str>,
    until: std::sync::Mutex<chrono::DateTime<chrono::Utc>>,
    log: std::sync::Mutex<Vec<String>>,
}

impl Theirs {
    fn note(&self, what: &str, tenant: &str) -> futures_util::future::BoxFuture<'static, ()> {
        self.log.lock().unwrap().push(format!("{what} {tenant}"));
        Box::pin(std::future::ready(()))
    }
}

impl crate::monitor::PollLeases for Theirs {
    fn acquire(
        &self,
        tenant: &Tenant,
        _: Duration,
    ) -> futures_util::future::BoxFuture<'_, Option<chrono::DateTime<chrono::Utc>>> {
        let theirs = self.names.contains(&tenant.name.as_str());
        let until = theirs.then(|| *self.until.lock().unwrap());
        Box::pin(std::future::ready(until))
    }

    fn publish<'a>(
        &'a self,
        found: crate::monitor::OwnResult<'a>,
        _: Duration,
    ) -> futures_util::future::BoxFuture<'a, ()> {
        self.note("passes on", found.tenant.name.as_str())
    }

    fn release(&self, tenant: &Tenant) -> futures_util::future::BoxFuture<'_, ()> {
        self.note("gives up", tenant.name.as_str())
    }

    fn release_all(&self) -> futures_util::future::BoxFuture<'_, ()> {
        self.note("leaves", "all")
    }
}

fn start_beside(script: Script, names: &[&str], leases: &Arc<Theirs>) -> Run {
    let script = Arc::new(script);
    let engine = Engine {
        leases: Some(Arc::clone(leases) as Arc<dyn crate::monitor::PollLeases>),
        ..engine(Arc::clone(&script), Settings::default())
    };
    Run {
        script,
        stop: engine.stop.clone(),
        start: Instant::now(),
        monitor: engine.watch(&tenants(names)),
    }
}

/// The kept history of a tenant whose one check failed.
fn past_of_b(checked_at: chrono::DateTime<chrono::Utc>) -> crate::board::Past {
    let mut day = crate::board::Day::default();
    let remembered = crate::board::Point {
        at: checked_at - TimeDelta::nanoseconds(7),
        status: Status::Critical,
        live: Some(Live::Failing),
        cause: Some(Cause::SecretExpired),
        ms: 1.0,
    };
    day.note(&remembered);
    crate::board::Past {
        tenant: "b".into(),
        points: [remembered].into(),
        day,
        streak: Some(crate::board::Streak {
            since: remembered.at,
            checks: 1,
        }),
    }
}

#[tokio::test(start_paused = true)]
async fn results_of_the_lease_holder_are_shown() {
    let until = health::fixture::at(0, 20);
    let leases = Arc::new(Theirs {
        names: vec!["b"],
        until: std::sync::Mutex::new(until),
        log: std::sync::Mutex::default(),
    });
    let mut run = start_beside(Script::new(&[]), &["a", "b"], &leases);
    run.until(60).await;
    assert_eq!((run.times("a"), run.times("b")), (vec![0], vec![]));
    let checked_at = health::fixture::at(0, 0) - TimeDelta::minutes(5) + TimeDelta::nanoseconds(7);
    let past = past_of_b(checked_at);
    run.send(Command::Recall(vec![past])).await;
    let found = |fingerprint: i64, cause| crate::monitor::PeerResult {
        fingerprint,
        report: health::fixture::report("b", cause, checked_at),
        next_at: health::fixture::at(0, 10),
    };
    let fingerprint = crate::monitor::settings_fingerprint(&tenant("b"));
    // settings that differ are another check
    run.send(Command::PeerResults(vec![found(fingerprint + 1, None)]))
        .await;
    run.until(61).await;
    assert_eq!(run.live(1), None);
    let expired = Some(Cause::SecretExpired);
    for _ in 0..2 {
        run.send(Command::PeerResults(vec![found(fingerprint, expired)]))
            .await;
    }
    run.until(62).await;
    let row = run.board().rows[1].clone();
    assert!(row.elsewhere);
    assert_eq!(row.report.as_ref().unwrap().checked_at, checked_at);
    assert_eq!((row.history.len(), row.streak.unwrap().checks), (1, 1));
    assert_eq!(row.day.uptime(health::fixture::at(0, 0)), (0, 1));
    assert_eq!((run.cause(1), run.live(1)), (expired, Some(Live::Failing)));
    assert_eq!(
        run.kept(),
        1,
        "a result of another process is kept by that process"
    );
    // it is too old after a while, as one's own would be
    run.until(29 * 60).await;
    assert_eq!(run.live(1), Some(Live::Unknown));
    run.send(Command::Check("b".into())).await;
    run.until(30 * 60).await;
    assert_eq!(run.live(1), Some(Live::Ok));
    assert!(!run.board().rows[1].elsewhere);
    let log = leases.log.lock().unwrap().clone();
    assert_eq!(log, ["passes on a", "passes on a", "passes on b"]);
}

#[tokio::test(start_paused = true)]
async fn whoever_gets_no_answer_leaves_the_turn_to_others_and_all_turns_at_its_end() {
    let leases = Arc::new(Theirs {
        names: Vec::new(),
        until: std::sync::Mutex::default(),
        log: std::sync::Mutex::default(),
    });
    let script = Script::new(&[("a", &[LOST])]);
    let run = start_beside(script, &["a", "b"], &leases);
    run.until(30).await;
    run.stop.cancel();
    run.monitor.join.await.unwrap();
    let log = leases.log.lock().unwrap().clone();
    assert_eq!(log, ["passes on b", "gives up a", "leaves all"]);
}
