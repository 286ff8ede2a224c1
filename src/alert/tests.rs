use chrono::TimeDelta;

use super::*;
use crate::health::tests::{at, credential, report};

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
    for minute in 0..10 {
        let cause = (minute % 2 == 0).then_some(Cause::Timeout);
        assert_eq!(
            feed(&mut state, &report("contoso", cause, at(1, minute))),
            []
        );
    }
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
