use super::*;
use crate::{
    alert::{Rules, State, Subscription},
    health::fixture::{at, report},
};

/// What becomes due when a tenant fails for this reason, or works again.
fn due(state: &mut State, name: &str, cause: Option<Cause>, minute: i64) -> Vec<Alert> {
    let rules = Rules {
        failing_after: 1,
        ..Rules::default()
    };
    let report = report(name, cause, at(1, minute));
    state.update(&rules, &report, at(1, minute).fixed_offset())
}

/// What is said when a tenant that failed works again.
fn due_back(crowds: &mut Crowds, name: &str) -> Vec<String> {
    let mut state = State::default();
    due(&mut state, name, Some(Cause::DnsFailure), 50);
    let due = due(&mut state, name, None, 51);
    let told = crowds.gather(due, 1000, at(1, 51).fixed_offset());
    told.into_iter().map(|alert| alert.summary).collect()
}

fn failing(count: usize, cause: Cause) -> Vec<Alert> {
    (0..count)
        .flat_map(|n| due(&mut State::default(), &format!("t{n}"), Some(cause), 0))
        .collect()
}

#[test]
fn what_hits_many_at_once_is_one_message() {
    let now = at(1, 0).fixed_offset();
    let cases = [
        (Cause::SecretExpired, 4, 4, 4),
        (Cause::SecretExpired, 5, 15, 1),
        // a tenth of the fleet with ended secrets is a coincidence, without a network it is none
        (Cause::SecretExpired, 5, 16, 5),
        (Cause::DnsFailure, 5, 500, 1),
        (Cause::DnsFailure, 4, 4, 4),
    ];
    for (cause, count, fleet, messages) in cases {
        let told = Crowds::default().gather(failing(count, cause), fleet, now);
        assert_eq!(told.len(), messages, "{count} of {fleet} {cause}");
    }
    let told = Crowds::default().gather(failing(9, Cause::DnsFailure), 9, now);
    assert_eq!(
        told[0].summary,
        "✖ 9 tenants fail for one reason: dns-failure"
    );
    assert_eq!(told[0].body, "t0, t1, t2, t3, t4, t5, t6, t7 and 1 more");
    assert_eq!(told[0].urgency, Urgency::Critical);
}

#[test]
fn what_trickles_in_is_one_message_from_the_fifth_on_and_one_when_it_is_over() {
    let mut crowds = Crowds::default();
    let mut states: Vec<State> = vec![State::default(); 40];
    let mut said: Vec<(i64, String)> = Vec::new();
    let mut step = |states: &mut Vec<State>, n: usize, cause, minute| {
        let due = due(&mut states[n], &format!("t{n:02}"), cause, minute);
        let told = crowds.gather(due, 1000, at(1, minute).fixed_offset());
        said.extend(told.into_iter().map(|alert| (minute, alert.summary)));
        // another process takes it up from here
        crowds = serde_json::from_str(&serde_json::to_string(&crowds).unwrap()).unwrap();
    };
    for (n, minute) in (0..12).zip(0..) {
        step(&mut states, n, Some(Cause::EntraUnavailable), minute);
    }
    for (n, minute) in (0..12).zip(30..) {
        step(&mut states, n, None, minute);
    }
    step(&mut states, 0, Some(Cause::EntraUnavailable), 59);
    let texts: Vec<(i64, &str)> = said.iter().map(|(at, it)| (*at, it.as_str())).collect();
    let single = |n: i64| format!("✖ t{n:02}: client secret has expired");
    let back = |n: i64| format!("● t{n:02}: works again");
    let (failed, recovered) = ([0, 1, 2, 3].map(single), [0, 1, 2, 3].map(back));
    let mut expected: Vec<(i64, &str)> = Vec::new();
    expected.extend((0..4).zip(failed.iter().map(String::as_str)));
    expected.push((4, "✖ 5 tenants fail for one reason: entra-unavailable"));
    expected.push((9, "✖ 10 tenants fail for one reason: entra-unavailable"));
    expected.extend((30..34).zip(recovered.iter().map(String::as_str)));
    expected.push((37, "● 8 tenants work again"));
    // who was left when it was over comes by itself
    let rest = [8, 9, 10, 11].map(back);
    expected.extend((38..42).zip(rest.iter().map(String::as_str)));
    expected.push((59, failed[0].as_str()));
    assert_eq!(texts, expected);
}

#[test]
fn failures_far_apart_are_no_crowd() {
    let mut crowds = Crowds::default();
    for n in 0..20 {
        let minute = i64::from(n) * 15;
        let due = due(
            &mut State::default(),
            &format!("t{n}"),
            Some(Cause::Timeout),
            minute,
        );
        let told = crowds.gather(due, 1000, at(1, minute).fixed_offset());
        assert_eq!(told[0].tenant.as_ref().unwrap().as_str(), format!("t{n}"));
    }
}

#[test]
fn who_fails_long_after_the_others_is_told_all_the_same() {
    let mut crowds = Crowds::default();
    let first = failing(9, Cause::DnsFailure);
    assert_eq!(crowds.gather(first, 1000, at(1, 0).fixed_offset()).len(), 1);
    let mut fail = |names: std::ops::Range<u32>, minute| {
        let due: Vec<Alert> = names
            .flat_map(|n| {
                let (name, cause) = (format!("late{n}"), Some(Cause::DnsFailure));
                due(&mut State::default(), &name, cause, minute)
            })
            .collect();
        let told = crowds.gather(due, 1000, at(1, minute).fixed_offset());
        told.into_iter()
            .map(|alert| alert.summary)
            .collect::<Vec<_>>()
    };
    // soon after, it is the same event
    assert_eq!(fail(0..1, 19), [""; 0]);
    assert_eq!(fail(1..2, 21), ["✖ late1: client secret has expired"]);
    let again = "✖ 16 tenants fail for one reason: dns-failure";
    assert_eq!(fail(2..7, 50), [again]);
    let back = due_back(&mut crowds, "late1");
    assert_eq!(back, ["● late1: works again"]);
}

#[test]
fn of_many_that_fail_a_channel_for_some_labels_hears_where_its_own_are_among_them() {
    let mut alerts = failing(6, Cause::DnsFailure);
    alerts[5].tags = vec!["prod".into()];
    let told = Crowds::default().gather(alerts, 9, at(1, 0).fixed_offset());
    let wants = |tags: &[&str]| {
        let subscription = Subscription {
            channel: "hook".into(),
            least: Urgency::Low,
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        };
        subscription.wants(&told[0])
    };
    assert!(wants(&[]) && wants(&["prod", "x"]) && !wants(&["test"]));
}

#[test]
fn who_was_told_alone_is_told_alone_when_it_works_again() {
    let mut crowds = Crowds::default();
    let mut alone = State::default();
    let first = due(&mut alone, "alone", Some(Cause::SecretExpired), 0);
    crowds.gather(first, 1000, at(1, 0).fixed_offset());
    // long after that many fail for another reason, and then that one does too
    crowds.gather(
        failing(9, Cause::DnsFailure),
        1000,
        at(1, 30).fixed_offset(),
    );
    let joins = due(&mut alone, "alone", Some(Cause::DnsFailure), 31);
    assert_eq!(joins[0].kind, Kind::CauseChanged);
    assert!(
        crowds
            .gather(joins, 1000, at(1, 31).fixed_offset())
            .is_empty()
    );
    let back = due(&mut alone, "alone", None, 32);
    assert_eq!(crowds.gather(back, 1000, at(1, 32).fixed_offset()).len(), 1);
}

#[test]
fn who_fails_for_another_reason_now_does_not_count_as_working_again() {
    let mut crowds = Crowds::default();
    let mut states: Vec<State> = vec![State::default(); 6];
    for (minute, cause) in [(0, Cause::DnsFailure), (1, Cause::ConnectFailure)] {
        let each = states.iter_mut().enumerate();
        let due: Vec<Alert> = each
            .flat_map(|(n, state)| due(state, &format!("t{n}"), Some(cause), minute))
            .collect();
        let told = crowds.gather(due, 1000, at(1, minute).fixed_offset());
        assert!(
            !told
                .iter()
                .any(|alert| alert.summary.contains("work again")),
            "{told:?}"
        );
    }
}

#[test]
fn whose_label_no_message_had_is_told_alone_at_once() {
    let mut crowds = Crowds::default();
    let labelled = |mut alerts: Vec<Alert>, tag: &str| {
        for alert in &mut alerts {
            alert.tags = vec![tag.to_owned()];
        }
        alerts
    };
    let first = labelled(failing(8, Cause::DnsFailure), "test");
    let told = crowds.gather(first, 1000, at(1, 0).fixed_offset());
    assert_eq!(told.len(), 1);
    for (name, tag, alone) in [("x", "test", 0), ("y", "prod", 1), ("z", "prod", 1)] {
        let more = due(&mut State::default(), name, Some(Cause::DnsFailure), 10);
        let told = crowds.gather(labelled(more, tag), 1000, at(1, 10).fixed_offset());
        let told: Vec<_> = told.iter().map(|alert| alert.tenant.is_some()).collect();
        assert_eq!(told, vec![true; alone], "{name}");
    }
}
