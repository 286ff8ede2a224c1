//! One message for many: what hits many tenants for one reason is one event, however it trickles in.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{
    Alert, Kind, Urgency, is_reminder, machine,
    words::{counted, names, span},
};
use crate::{
    tenant::TenantName,
    verdict::cause::{Cause, Origin},
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
    /// Those of the labels that the last message had: who asks for others has not heard of it.
    #[serde(default)]
    told_tags: BTreeSet<String>,
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
            told_tags: BTreeSet::new(),
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
        let again = since >= REMINDED && !known.is_empty();
        let unheard = |alert: &Alert| !alert.tags.iter().all(|tag| crowd.told_tags.contains(tag));
        let alone = fresh.into_iter().filter(|alert| late || unheard(alert));
        let alone = alone.collect();
        let mut said = crowd.one_by_one(alone);
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
        self.told_tags.clone_from(&self.tags);
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
mod tests;
