//! Snoozes: whose alerts are held, until when and why; and who is at which trouble.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::store::{HistoryError, Store, millis, moment};
use crate::{
    alert::{Ack, Holds, Snooze},
    tenant::TenantName,
};

impl Store {
    /// Holds the alerts of a tenant; a snooze that it has already gives way.
    pub fn snooze(&mut self, tenant: &TenantName, snooze: &Snooze) -> Result<(), HistoryError> {
        self.db.execute(
            "INSERT OR REPLACE INTO snooze (tenant, until, reason, by) VALUES (?1, ?2, ?3, ?4)",
            (
                tenant.as_str(),
                millis(snooze.until),
                snooze.reason.as_str(),
                snooze.by.as_deref(),
            ),
        )?;
        Ok(())
    }

    /// Ends a snooze and returns whether there was one.
    pub fn wake(&mut self, tenant: &TenantName) -> Result<bool, HistoryError> {
        let ended = self
            .db
            .execute("DELETE FROM snooze WHERE tenant = ?1", [tenant.as_str()])?;
        Ok(ended > 0)
    }

    /// Sets or clears the acknowledgement of a tenant; returns whether there was one before.
    pub fn acknowledge(
        &mut self,
        tenant: &TenantName,
        ack: Option<&Ack>,
    ) -> Result<bool, HistoryError> {
        self.write(|db| {
            let was = unacknowledge(db, tenant)?;
            if let Some(ack) = ack {
                db.execute(
                    "INSERT INTO ack (tenant, by, at) VALUES (?1, ?2, ?3)",
                    (tenant.as_str(), ack.by.as_str(), millis(ack.at)),
                )?;
            }
            Ok(was)
        })
    }

    /// Returns the snoozes that hold now, and who is at what.
    pub fn holds(&self, now: DateTime<Utc>) -> Result<Holds, HistoryError> {
        Ok(Holds {
            snoozes: snoozes(&self.db, now)?,
            acks: acks(&self.db)?,
        })
    }
}

pub(super) fn snoozes(
    db: &Connection,
    now: DateTime<Utc>,
) -> Result<BTreeMap<TenantName, Snooze>, HistoryError> {
    let mut select =
        db.prepare_cached("SELECT tenant, until, reason, by FROM snooze WHERE until > ?1")?;
    let found = select.query_map([millis(now)], |row| {
        let tenant: String = row.get(0)?;
        let snooze = Snooze {
            until: moment(row.get(1)?),
            reason: row.get(2)?,
            by: row.get(3)?,
        };
        Ok((TenantName::from(tenant.as_str()), snooze))
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Clears the acknowledgement of a tenant; returns whether there was one.
pub(super) fn unacknowledge(db: &Connection, tenant: &TenantName) -> Result<bool, HistoryError> {
    let ended = db
        .prepare_cached("DELETE FROM ack WHERE tenant = ?1")?
        .execute([tenant.as_str()])?;
    Ok(ended > 0)
}

pub(super) fn acks(db: &Connection) -> Result<BTreeMap<TenantName, Ack>, HistoryError> {
    let mut select = db.prepare_cached("SELECT tenant, by, at FROM ack")?;
    let found = select.query_map([], |row| {
        let tenant: String = row.get(0)?;
        let ack = Ack {
            by: row.get(1)?,
            at: moment(row.get(2)?),
        };
        Ok((TenantName::from(tenant.as_str()), ack))
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}
