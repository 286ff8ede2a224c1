//! What must be said and has not been said yet. That something is due is noted together with the
//! state that made it due, so that a crash loses neither.

use std::collections::BTreeSet;

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension as _, Transaction};

use super::{
    results::record,
    snoozes::{acks, snoozes, unacknowledge},
    store::{HistoryError, Store, millis},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    alert::{Alert, Overall, Rules, State, Subscription, Survey},
    verdict::{Expiry, Live, Report},
};

/// What is kept of the fleet as a whole stands where no tenant can: none has an empty name.
const MACHINE: &str = "";

/// What could not be said for this long is not said any more.
const GIVEN_UP: TimeDelta = TimeDelta::days(7);

/// A tenant of which nothing was found for so long is not watched any more.
const UNWATCHED: TimeDelta = TimeDelta::days(7);

/// As many messages are handed out at once.
const BATCH: usize = 50;

/// A retry is never further away than this; one that is was put down before the clock was set back.
const RETRY_MOST: TimeDelta = TimeDelta::hours(2);

impl Store {
    /// Takes in new reports, notes what has become due by them for the channels that want it, and
    /// returns that. `fleet` is how many tenants there are in all.
    pub fn absorb(
        &mut self,
        reports: &[impl AsRef<Report>],
        rules: &Rules,
        channels: &[Subscription],
        when: (usize, DateTime<FixedOffset>),
    ) -> Result<Vec<Alert>, HistoryError> {
        self.write(|db| absorb(db, reports, (rules, channels), when))
    }

    /// As [`Store::absorb`], and remembers the reports in the same step.
    pub fn take_in(
        &mut self,
        reports: &[impl AsRef<Report>],
        rules: &Rules,
        channels: &[Subscription],
        when: (usize, DateTime<FixedOffset>),
    ) -> Result<Vec<Alert>, HistoryError> {
        self.write(|db| {
            for report in reports {
                record(db, report.as_ref())?;
            }
            absorb(db, reports, (rules, channels), when)
        })
    }

    /// Takes in a look at everything, notes what is due by it, and returns that.
    pub fn survey(
        &mut self,
        survey: &Survey,
        channels: &[Subscription],
        now: DateTime<FixedOffset>,
    ) -> Result<Vec<Alert>, HistoryError> {
        self.write(|db| {
            let mut overall: Overall = entry(db, MACHINE)?;
            let before = overall.clone();
            let due = overall.update(survey, now);
            if overall != before {
                keep(db, MACHINE, &overall)?;
            }
            post(db, due, channels)
        })
    }

    /// Returns what a channel is to send now, oldest first. What is about a tenant whose alerts are
    /// held stays, and end dates wait for the end of a quiet time; neither takes the place of what is
    /// due. What cannot be read, as that of another version, is passed over.
    pub fn due(
        &self,
        channel: &str,
        rules: &Rules,
        now: DateTime<FixedOffset>,
    ) -> Result<Vec<Alert>, HistoryError> {
        let at = now.to_utc();
        let snoozed = snoozes(&self.db, at)?;
        let quiet = rules.quiet.is_some_and(|quiet| quiet.contains(now));
        let mut select = self.db.prepare_cached(
            "SELECT alert.alert FROM delivery JOIN alert ON alert.key = delivery.key
             WHERE delivery.channel = ?1 AND delivery.sent_at IS NULL AND alert.at > ?2
               AND (retry_at IS NULL OR retry_at <= ?3 OR retry_at > ?4)
             ORDER BY alert.at",
        )?;
        let oldest = millis(at - GIVEN_UP);
        let furthest = millis(at + RETRY_MOST);
        let mut found = select.query((channel, oldest, millis(at), furthest))?;
        let mut due = Vec::new();
        while due.len() < BATCH
            && let Some(row) = found.next()?
        {
            let alert: Alert = match serde_json::from_str(&row.get::<_, String>(0)?) {
                Ok(alert) => alert,
                Err(error) => {
                    tracing::warn!("a message that is due for '{channel}' is not read: {error}");
                    continue;
                }
            };
            let held = alert
                .tenant
                .as_ref()
                .is_some_and(|tenant| snoozed.contains_key(tenant));
            let waits = held || (quiet && alert.kind.is_for_the_day());
            if !waits {
                due.push(alert);
            }
        }
        Ok(due)
    }

    /// Notes that a channel did not take a message: not before then is it tried again.
    pub fn postpone(
        &mut self,
        channel: &str,
        key: &str,
        until: DateTime<Utc>,
    ) -> Result<(), HistoryError> {
        self.db.execute(
            "UPDATE delivery SET held_until = NULL, retry_at = ?3
             WHERE channel = ?1 AND key = ?2 AND sent_at IS NULL",
            (channel, key, millis(until)),
        )?;
        Ok(())
    }
}

/// Counts tenants no longer among those that fail together of which nothing was found for so long that
/// nobody watches them any more.
pub(super) fn forget_unwatched(db: &Connection, now: DateTime<Utc>) -> Result<(), HistoryError> {
    let mut overall: Overall = entry(db, MACHINE)?;
    let mut gone = BTreeSet::new();
    for tenant in overall.crowded() {
        let state: State = entry(db, tenant.as_str())?;
        if state.seen_at().is_none_or(|seen| now - seen > UNWATCHED) {
            gone.insert(tenant.clone());
        }
    }
    if gone.is_empty() {
        return Ok(());
    }
    overall.leave(|tenant| gone.contains(tenant));
    keep(db, MACHINE, &overall)
}

fn absorb(
    db: &Transaction<'_>,
    reports: &[impl AsRef<Report>],
    (rules, channels): (&Rules, &[Subscription]),
    (fleet, now): (usize, DateTime<FixedOffset>),
) -> Result<Vec<Alert>, HistoryError> {
    let snoozed = snoozes(db, now.to_utc())?;
    let acks = acks(db)?;
    let unreminded = Rules {
        remind: None,
        ..rules.clone()
    };
    let mut due = Vec::new();
    for report in reports {
        let report = report.as_ref();
        let before: State = entry(db, report.name.as_str())?;
        let mut state = before.clone();
        let acknowledged = acks.contains_key(&report.name);
        if acknowledged && is_well(report) {
            unacknowledge(db, &report.name)?;
        }
        let rules = if acknowledged { &unreminded } else { rules };
        if snoozed.contains_key(&report.name) {
            state.overlook(report);
        } else {
            due.extend(state.update(rules, report, now));
        }
        if state != before {
            keep(db, report.name.as_str(), &state)?;
        }
    }
    let mut overall: Overall = entry(db, MACHINE)?;
    let before = overall.clone();
    let due = overall.gather(due, fleet, now);
    if overall != before {
        keep(db, MACHINE, &overall)?;
    }
    post(db, due, channels)
}

/// Whether there is nothing left to be at.
fn is_well(report: &Report) -> bool {
    let works = matches!(report.live, None | Some(Live::Ok));
    works && !matches!(report.expiry, Some(Expiry::Critical | Expiry::Expired))
}

/// Returns what was kept under a tenant's name, or what there is at first.
fn entry<T: Default + DeserializeOwned>(db: &Connection, tenant: &str) -> Result<T, HistoryError> {
    let found: Option<String> = db
        .prepare_cached("SELECT state FROM alert_state WHERE tenant = ?1")?
        .query_row([tenant], |row| row.get(0))
        .optional()?;
    Ok(match found {
        Some(state) => serde_json::from_str(&state)?,
        None => T::default(),
    })
}

fn keep(db: &Connection, tenant: &str, state: &impl Serialize) -> Result<(), HistoryError> {
    db.prepare_cached("INSERT OR REPLACE INTO alert_state (tenant, state) VALUES (?1, ?2)")?
        .execute((tenant, serde_json::to_string(state)?))?;
    Ok(())
}

/// Notes that these are due, for the channels that want them; returns those that were not noted before.
fn post(
    db: &Transaction<'_>,
    alerts: Vec<Alert>,
    channels: &[Subscription],
) -> Result<Vec<Alert>, HistoryError> {
    let mut noted = Vec::new();
    for alert in alerts {
        let new = db
            .prepare_cached(
                "INSERT OR IGNORE INTO alert (key, at, tenant, alert) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute((
                alert.key.as_str(),
                millis(alert.at),
                alert.tenant.as_ref().map(crate::tenant::TenantName::as_str),
                serde_json::to_string(&alert)?,
            ))?;
        // one that is known may be new to a channel: another tenant that shares the credential has
        // the label that it listens to
        for channel in channels.iter().filter(|it| it.wants(&alert)) {
            db.prepare_cached("INSERT OR IGNORE INTO delivery (channel, key) VALUES (?1, ?2)")?
                .execute((channel.channel.as_str(), alert.key.as_str()))?;
        }
        if new > 0 {
            noted.push(alert);
        }
    }
    Ok(noted)
}
