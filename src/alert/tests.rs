use chrono::TimeDelta;

use super::*;
use crate::{
    health::fixture::{at, credential, report},
    verdict::DateSource,
};

fn local(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    at.fixed_offset()
}

fn feed(state: &mut State, report: &Report) -> Vec<Alert> {
    state.update(&Rules::default(), report, local(report.checked_at))
}

fn ending(days: i64, checked_at: DateTime<Utc>) -> Report {
    let state = if days < 0 {
        Expiry::Expired
    } else {
        Expiry::Warning
    };
    let mut report = report("fabrikam", None, checked_at);
    let end = checked_at + TimeDelta::days(days) + TimeDelta::hours(1);
    report.credentials = vec![credential(end, state)];
    report
}

#[test]
fn an_end_is_told_once_for_the_tightest_threshold_on_first_sight() {
    let mut state = State::default();
    let first = feed(&mut state, &ending(6, at(10, 0)));
    assert_eq!(first.len(), 1);
    assert_eq!(first[0].summary, "▲ fabrikam: client secret ends in 6 days");
    assert_eq!(
        first[0].body,
        "27 November 2026 11:00 +00:00, still working. Renew it and update the vendor's settings."
    );
    assert!(first[0].key.ends_with(":7"), "{}", first[0].key);
    assert_eq!(feed(&mut state, &ending(6, at(10, 0))), []);
}

#[test]
fn a_tenant_with_rules_of_its_own_is_told_of_by_those() {
    let report = ending(50, at(0, 0));
    let mut rules = Rules::default();
    let now = local(report.checked_at);
    assert!(State::default().update(&rules, &report, now).is_empty());
    let early = Rules {
        days: vec![60],
        ..Rules::default()
    };
    rules.own.insert(report.name.clone(), early);
    assert_eq!(State::default().update(&rules, &report, now).len(), 1);
}

#[test]
fn each_threshold_is_told_once_as_time_goes_by() {
    let mut state = State::default();
    let end = at(0, 0) + TimeDelta::days(40);
    let mut keys = Vec::new();
    for hours in 0..(45 * 24) {
        let mut seen = report("fabrikam", None, at(hours, 0));
        seen.credentials = vec![credential(end, Expiry::Warning)];
        keys.extend(feed(&mut state, &seen).into_iter().map(|alert| alert.key));
    }
    let days: Vec<&str> = keys
        .iter()
        .filter_map(|key| key.rsplit(':').next())
        .collect();
    assert_eq!(days, ["30", "14", "7", "3", "1", "0"]);
}

#[test]
fn a_renewed_credential_starts_afresh() {
    let mut state = State::default();
    assert_eq!(feed(&mut state, &ending(2, at(10, 0))).len(), 1);
    assert_eq!(feed(&mut state, &ending(20, at(10, 0))).len(), 1);
    assert_eq!(feed(&mut state, &ending(300, at(10, 0))), []);
    assert_eq!(feed(&mut state, &ending(2, at(10, 0))).len(), 1);
}

#[test]
fn an_ended_secret_is_critical_and_a_leftover_is_silent() {
    let mut ended = ending(-3, at(10, 0));
    let told = feed(&mut State::default(), &ended);
    assert_eq!(told[0].urgency, Urgency::Critical);
    assert_eq!(told[0].summary, "✖ fabrikam: client secret has ended");
    for watched in [None, Some(false)] {
        ended.credentials[0].watched = watched;
        ended.credentials[0].presented = None;
        assert_eq!(feed(&mut State::default(), &ended), []);
    }
}

#[test]
fn a_failure_is_told_after_the_second_check_and_its_end_with_its_length() {
    let mut state = State::default();
    let expired = |minute| report("contoso", Some(Cause::SecretExpired), at(11, minute));
    assert_eq!(feed(&mut state, &expired(41)), []);
    let told = feed(&mut state, &expired(56));
    assert_eq!(told[0].kind, Kind::Failing);
    assert_eq!(told[0].summary, "✖ contoso: client secret has expired");
    assert_eq!(
        told[0].body,
        "Token refused with AADSTS7000222 since 11:41. App owner: create a new secret"
    );
    assert_eq!(feed(&mut state, &expired(57)), []);
    let back = feed(&mut state, &report("contoso", None, at(14, 1)));
    assert_eq!(back[0].summary, "● contoso: works again");
    assert_eq!(back[0].body, "After 2 h 20 min.");
    assert_eq!(feed(&mut state, &report("contoso", None, at(14, 16))), []);
}

#[test]
fn a_single_failure_is_never_told_nor_is_its_end() {
    let mut state = State::default();
    for hour in 0..10 {
        let cause = (hour % 2 == 0).then_some(Cause::Timeout);
        assert_eq!(feed(&mut state, &report("contoso", cause, at(hour, 0))), []);
    }
}

/// Feeds a state a result every so many minutes (`x`: fails, `.`: works, `t`: throttled) and returns
/// what is said, each with the minute.
fn story(every: i64, results: &str, rules: &Rules) -> Vec<String> {
    let mut state = State::default();
    let mut said = Vec::new();
    for (minute, result) in (0..).map(|nth| nth * every).zip(results.chars()) {
        let cause = match result {
            'x' => Some(Cause::SecretExpired),
            'n' => Some(Cause::DnsFailure),
            't' => Some(Cause::TokenThrottled),
            _ => None,
        };
        let report = report("contoso", cause, at(0, minute));
        let due = state.update(rules, &report, local(report.checked_at));
        // a state that another process takes up goes on where this one stopped
        let kept = serde_json::to_string(&state).unwrap();
        state = serde_json::from_str(&kept).unwrap();
        said.extend(
            due.iter()
                .map(|alert| format!("{minute} {}", alert.kind.word())),
        );
    }
    said
}

#[test]
fn sequences_of_results_lead_to_exactly_these_messages() {
    let rules = Rules::default();
    let cases: &[(i64, &str, &[&str])] = &[
        (15, "....", &[]),
        (15, ".x..", &[]),
        (15, ".xx.", &["30 failing", "45 recovered"]),
        (15, ".xxxxx", &["30 failing"]),
        (
            15,
            ".xxnn.",
            &["30 failing", "45 cause-changed", "75 recovered"],
        ),
        (15, "xxt.", &["15 failing", "45 recovered"]),
        (15, "tttt", &[]),
        // a day later and still so
        (720, "xxxx", &["720 failing", "2160 failing"]),
        // more than four changes within an hour, then calm
        (5, ".x.x.x.x.x", &["25 flapping"]),
        (
            5,
            "xx.xx.xx.xx.",
            &[
                "5 failing",
                "10 recovered",
                "20 failing",
                "25 recovered",
                "35 failing",
                "40 flapping",
            ],
        ),
        (5, "x.x.x.x............", &["25 flapping", "75 recovered"]),
        (5, "x.x.x.xxxxxxxxxxxxx", &["25 flapping", "70 failing"]),
    ];
    for (every, results, messages) in cases {
        assert_eq!(story(*every, results, &rules), *messages, "{results}");
    }
    let patient = Rules {
        remind: None,
        flapping: 0,
        failing_after: 1,
        ..Rules::default()
    };
    assert_eq!(story(720, "xxxxxx", &patient), ["0 failing"]);
    assert_eq!(story(1, "x.x.x.x.", &patient).len(), 8);
}

#[test]
fn an_end_that_is_critical_is_brought_to_mind_daily_until_it_is_renewed() {
    let mut state = State::default();
    let end = at(0, 0) + TimeDelta::days(10);
    let mut told = Vec::new();
    for hours in 0..(14 * 24) {
        let mut seen = report("fabrikam", None, at(hours, 0));
        let near = end - seen.checked_at <= TimeDelta::days(3);
        let nearness = if near {
            Expiry::Critical
        } else {
            Expiry::Warning
        };
        seen.credentials = vec![credential(end, nearness)];
        told.extend(feed(&mut state, &seen).into_iter().map(|_| hours / 24));
    }
    assert_eq!(told, [0, 3, 7, 8, 9, 10, 11, 12, 13]);
}

#[test]
fn a_clock_that_is_set_back_or_forward_neither_silences_nor_repeats() {
    let mut state = State::default();
    let failing = |hour, minute| report("contoso", Some(Cause::SecretExpired), at(hour, minute));
    assert_eq!(feed(&mut state, &failing(10, 0)), []);
    assert_eq!(feed(&mut state, &failing(10, 15)).len(), 1);
    assert_eq!(feed(&mut state, &failing(3, 0)), []);
    let recovered = feed(&mut state, &report("contoso", None, at(3, 15)));
    assert_eq!(recovered[0].body, "After 0 s.");
    assert_eq!(feed(&mut state, &failing(3, 30)), []);
    assert_eq!(feed(&mut state, &failing(900, 0)).len(), 1);
    // what another process found a moment earlier comes late, and changes nothing
    assert_eq!(feed(&mut state, &report("contoso", None, at(899, 59))), []);
}

#[test]
fn a_directory_that_does_not_tell_is_said_once_where_nobody_else_knows() {
    let mut state = State::default();
    let seen = |hour, read_hours_ago: Option<i64>, refused: bool| {
        let mut report = report("fabrikam", None, at(hour, 0));
        let mut known = credential(at(9000, 0), Expiry::Ok);
        known.source = DateSource::Directory;
        known.read_at = read_hours_ago.map(|ago| at(hour - ago, 0));
        report.credentials = vec![known];
        report.expiry = Some(if read_hours_ago.is_some() {
            Expiry::Ok
        } else {
            Expiry::Unknown
        });
        report.unread = refused.then(|| "it answered 403".to_owned());
        report
    };
    let mut kinds = Vec::new();
    for (hour, read, refused) in [
        (1, Some(0), false),
        // an hour without it hurts nobody
        (2, Some(1), true),
        (30, Some(29), true),
        (31, Some(30), true),
        (32, Some(0), false),
        (33, None, false),
        (34, None, true),
        (35, None, true),
    ] {
        let due = feed(&mut state, &seen(hour, read, refused));
        kinds.extend(due.iter().map(|it| (hour, it.kind.word())));
    }
    let expected = [
        (30, "directory-unreadable"),
        (32, "directory-readable"),
        (34, "directory-unreadable"),
    ];
    assert_eq!(kinds, expected);
    let mut known = seen(36, Some(0), true);
    known.credentials[0].source = DateSource::Config;
    assert_eq!(feed(&mut State::default(), &known), []);
}

#[test]
fn news_leave_out_the_mark_and_the_name() {
    let told = feed(&mut State::default(), &ending(6, at(10, 0)));
    assert_eq!(told[0].news(), "client secret ends in 6 days");
    let machine = test(local(at(1, 0)));
    assert_eq!(machine.news(), "test message");
}

#[test]
fn a_cause_that_comes_and_goes_during_a_failure_is_told_once() {
    let mut state = State::default();
    let causes = [
        Cause::DnsFailure,
        Cause::DnsFailure,
        Cause::Timeout,
        Cause::DnsFailure,
        Cause::Timeout,
    ];
    let kinds: Vec<Kind> = causes
        .into_iter()
        .flat_map(|cause| feed(&mut state, &report("contoso", Some(cause), at(1, 0))))
        .map(|alert| alert.kind)
        .collect();
    assert_eq!(kinds, [Kind::Failing, Kind::CauseChanged]);
}

#[test]
fn throttling_neither_begins_a_failure_nor_ends_one() {
    let mut state = State::default();
    let cause = |cause| report("contoso", Some(cause), at(1, 0));
    for _ in 0..5 {
        assert_eq!(feed(&mut state, &cause(Cause::TokenThrottled)), []);
    }
    feed(&mut state, &cause(Cause::SecretExpired));
    feed(&mut state, &cause(Cause::TokenThrottled));
    assert_eq!(feed(&mut state, &cause(Cause::SecretExpired)).len(), 1);
}

#[test]
fn texts_hold_no_control_characters_and_no_secret() {
    let mut failing = report("contoso", Some(Cause::SecretInvalid), at(1, 0));
    let diagnosis = failing.diagnosis.as_mut().unwrap();
    diagnosis.title = "bad\u{1b}[31m\nabc8Q~0123456789012345678901234567890-.".into();
    let mut state = State::default();
    feed(&mut state, &failing);
    let told = feed(&mut state, &failing);
    assert_eq!(told[0].summary, "✖ contoso: bad[31m [redacted]");
}

#[test]
fn a_secret_that_serves_many_tenants_ends_once() {
    let checked_at = at(10, 0);
    let due = ["contoso", "fabrikam", "adatum"].map(|name| {
        let mut report = ending(6, checked_at);
        report.name = name.into();
        report.tags = vec![format!("team-{name}")];
        feed(&mut State::default(), &report)
    });
    let mut other = ending(6, checked_at);
    other.client_id = "another app".into();
    let due = due
        .into_iter()
        .flatten()
        .chain(feed(&mut State::default(), &other));
    let told = shared::share(due.collect());
    let [one, of_another_app] = told.as_slice() else {
        panic!("{told:#?}");
    };
    assert!(
        one.body.ends_with(" Also used by: fabrikam, adatum."),
        "{}",
        one.body
    );
    assert_eq!(one.tenant, Some("contoso".into()));
    assert_eq!(one.tags, ["team-adatum", "team-contoso", "team-fabrikam"]);
    assert_ne!(one.thread, of_another_app.thread);
}
