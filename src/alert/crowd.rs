//! One message for many: what hits many tenants for one reason is one event, however it trickles in.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{
    Alert, Kind, Urgency, is_reminder, machine,
    words::{counted, names, span},
};
use crate::{
    diagnosis::cause::{Cause, Origin},
    tenant::TenantName,
};

/// Fewer than this are told one by one, however small the fleet.
const LEAST: usize = 5;

/// Failures further apart than this have nothing to do with each other.
const WITHIN: TimeDelta = TimeDelta::minutes(20);

/// How the threads of their messages begin.
pub(super) const THREAD: &str = "many:";

/// Reminders of a crowd's members that come together are one.
const REMINDED: TimeDelta = TimeDelta::hours(1);

/// Who fails for which reason. The first few are told one by one; from then on all are one crowd.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Crowds(BTreeMap<Cause, Crowd>);

/// Those who fail for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Crowd {
    since: DateTime<Utc>,
    /// Who fails now; `true`: that one was told by itself, and its recovery will be too.
    members: BTreeMap<TenantName, bool>,
    /// How many the last message spoke of; 0 while everybody is told one by one.
    told: usize,
    told_at: DateTime<Utc>,
    /// The most that ever failed together.
    most: usize,
    /// The labels of all who ever failed: channels that take only some hear of it where theirs are
    /// among them.
    tags: BTreeSet<String>,
    reminders: u32,
}

/// A tenant that fails, and what would be said of it alone.
struct Failure {
    tenant: TenantName,
    alert: Alert,
    /// Whether it was told by itself before.
    single: bool,
}

impl Crowd {
    fn new(since: DateTime<Utc>) -> Self {
        Self {
            since,
            members: BTreeMap::new(),
            told: 0,
            told_at: since,
            most: 0,
            tags: BTreeSet::new(),
            reminders: 0,
        }
    }

    fn is_open(&self) -> bool {
        self.told > 0
    }
}

impl Crowds {
    /// Puts what many tenants have in common into one message: at least five that fail for a reason
    /// that they can only share (the network, an outage, this machine), or, whatever the reason, also
    /// a third of the fleet. It is said again when they have become twice as many, and once when most
    /// of them work again. Who fails long after the others, for that reason too, is told as if nobody
    /// else did. The rest stays as it is.
    pub(super) fn gather(
        &mut self,
        alerts: Vec<Alert>,
        fleet: usize,
        now: DateTime<FixedOffset>,
    ) -> Vec<Alert> {
        self.forget(now.to_utc());
        let mut said = Vec::new();
        let mut failing: BTreeMap<Cause, Vec<Failure>> = BTreeMap::new();
        for alert in alerts {
            match (alert.kind, alert.cause, &alert.tenant) {
                (Kind::Failing | Kind::CauseChanged, Some(cause), Some(tenant)) => {
                    let tenant = tenant.clone();
                    let alone = self.leave_others(&tenant, cause);
                    // of whom nothing is known any more was told by itself, if at all
                    let single =
                        alone.unwrap_or(alert.kind != Kind::Failing || is_reminder(&alert));
                    let failures = failing.entry(cause).or_default();
                    failures.push(Failure {
                        tenant,
                        alert,
                        single,
                    });
                }
                (Kind::Recovered, _, Some(tenant)) => {
                    let tenant = tenant.clone();
                    if self.recover(&tenant) {
                        said.push(alert);
                    }
                }
                _ => said.push(alert),
            }
        }
        for (cause, failures) in failing {
            said.extend(self.fail(cause, failures, fleet, now));
        }
        said.extend(self.dissolve(now));
        said
    }

    /// Forgets failures that never became a crowd.
    fn forget(&mut self, now: DateTime<Utc>) {
        self.0
            .retain(|_, crowd| crowd.is_open() || (now - crowd.since).abs() < WITHIN);
    }

    /// Takes out tenants that are not watched any more: they fail no more, and do not work again either.
    pub(super) fn leave(&mut self, gone: impl Fn(&TenantName) -> bool) {
        for crowd in self.0.values_mut() {
            crowd.leave(&gone);
        }
    }

    /// Returns everybody who is counted.
    pub(super) fn members(&self) -> impl Iterator<Item = &TenantName> {
        self.0.values().flat_map(|crowd| crowd.members.keys())
    }

    /// A tenant that fails for another reason now belongs to that one's crowd. Returns whether it was
    /// told by itself, if it was in any.
    fn leave_others(&mut self, tenant: &TenantName, cause: Cause) -> Option<bool> {
        let mut alone = None;
        for (other, crowd) in &mut self.0 {
            if *other != cause {
                alone = crowd.members.get(tenant).copied().or(alone);
                crowd.leave(|member| member == tenant);
            }
        }
        alone
    }

    /// Notes that a tenant works again; returns whether that is said by itself.
    fn recover(&mut self, tenant: &TenantName) -> bool {
        let mut alone = true;
        for crowd in self.0.values_mut() {
            if let Some(single) = crowd.members.remove(tenant) {
                alone = single;
            }
        }
        alone
    }

    fn fail(
        &mut self,
        cause: Cause,
        failures: Vec<Failure>,
        fleet: usize,
        now: DateTime<FixedOffset>,
    ) -> Vec<Alert> {
        let crowd = self
            .0
            .entry(cause)
            .or_insert_with(|| Crowd::new(now.to_utc()));
        let urgency = failures.iter().map(|it| it.alert.urgency).max();
        let urgency = urgency.unwrap_or(Urgency::Low);
        let (fresh, known) = crowd.join(failures);
        let many = crowd.members.len();
        let together = many >= LEAST && (is_shared(cause) || many.saturating_mul(3) >= fleet);
        if !crowd.is_open() && !together {
            return crowd.one_by_one(known.into_iter().chain(fresh).collect());
        }
        let since = now.to_utc() - crowd.told_at;
        let late = crowd.is_open() && since >= WITHIN;
        if many >= crowd.told.saturating_mul(2).max(LEAST) || (late && fresh.len() >= LEAST) {
            return vec![crowd.together(cause, urgency, now)];
        }
        let again = since >= REMINDED && !known.is_empty() && (late || fresh.is_empty());
        let mut said = if late {
            crowd.one_by_one(fresh)
        } else {
            Vec::new()
        };
        if again {
            said.push(crowd.together(cause, urgency, now));
        }
        said
    }

    /// Ends the crowds of which few are left.
    fn dissolve(&mut self, now: DateTime<FixedOffset>) -> Vec<Alert> {
        let mut said = Vec::new();
        self.0.retain(|cause, crowd| {
            let over = crowd.is_open() && crowd.members.len() < LEAST;
            if over {
                said.push(crowd.over(*cause, now));
            }
            !over && (crowd.is_open() || !crowd.members.is_empty())
        });
        said
    }
}

/// Whether tenants that fail for this reason at one time can only do so together.
fn is_shared(cause: Cause) -> bool {
    cause.is_transient() || matches!(cause.origin(), Origin::Local | Origin::Network)
}

impl Crowd {
    /// Takes in those who fail, and parts the alerts: those on who is new here, and the others.
    fn join(&mut self, failures: Vec<Failure>) -> (Vec<Alert>, Vec<Alert>) {
        let (mut fresh, mut known) = (Vec::new(), Vec::new());
        for failure in failures {
            self.tags.extend(failure.alert.tags.iter().cloned());
            match self.members.entry(failure.tenant) {
                Entry::Vacant(place) => {
                    place.insert(failure.single);
                    fresh.push(failure.alert);
                }
                Entry::Occupied(_) => known.push(failure.alert),
            }
        }
        self.most = self.most.max(self.members.len());
        (fresh, known)
    }

    /// Leaves these alerts as they are, and notes that their tenants were told by themselves.
    fn one_by_one(&mut self, alerts: Vec<Alert>) -> Vec<Alert> {
        for tenant in alerts.iter().filter_map(|alert| alert.tenant.as_ref()) {
            if let Some(single) = self.members.get_mut(tenant) {
                *single = true;
            }
        }
        alerts
    }

    /// Takes out members that do not work again.
    fn leave(&mut self, leaves: impl Fn(&TenantName) -> bool) {
        let before = self.members.len();
        self.members.retain(|tenant, _| !leaves(tenant));
        self.most = self.most.saturating_sub(before - self.members.len());
    }

    /// The message that stands for all of them.
    fn together(&mut self, cause: Cause, urgency: Urgency, now: DateTime<FixedOffset>) -> Alert {
        let many = self.members.len();
        if self.told >= many {
            self.reminders = self.reminders.saturating_add(1);
        }
        (self.told, self.told_at) = (many.max(1), now.to_utc());
        let summary = format!("✖ {} fail for one reason: {cause}", counted(many, "tenant"));
        let key = format!(
            "many:{cause}:{}:{many}:{}",
            self.since.timestamp(),
            self.reminders
        );
        let body = names(self.members.keys().map(TenantName::as_str));
        let alert = self.about(Kind::Failing, cause, now, key);
        alert.say(urgency, &summary, &body)
    }

    fn over(&self, cause: Cause, now: DateTime<FixedOffset>) -> Alert {
        let back = self.most.saturating_sub(self.members.len());
        let summary = if back > 0 {
            format!("● {} work again", counted(back, "tenant"))
        } else {
            // they fail for another reason now, or are watched no more
            format!("● no longer so many fail for one reason: {cause}")
        };
        let mut body = format!("After {}: {cause}.", span(now.to_utc() - self.since));
        if !self.members.is_empty() {
            let left = names(self.members.keys().map(TenantName::as_str));
            body = format!("{body} Still failing: {left}.");
        }
        let key = format!("many-over:{cause}:{}", self.since.timestamp());
        let alert = self.about(Kind::Recovered, cause, now, key);
        alert.say(Urgency::Low, &summary, &body)
    }

    fn about(&self, kind: Kind, cause: Cause, now: DateTime<FixedOffset>, key: String) -> Alert {
        Alert {
            thread: format!("{THREAD}{cause}:{}", self.since.timestamp()),
            tags: self.tags.iter().cloned().collect(),
            cause: Some(cause),
            ..machine(kind, now, key)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        alert::{Rules, State, Subscription},
        health::tests::{at, report},
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
}
