//! Snoozes: whose alerts are held, until when and why.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::store::{HistoryError, Store, millis, moment};
use crate::{alert::Snooze, tenant::TenantName};

impl Store {
    /// Holds the alerts of a tenant; a snooze that it has already gives way.
    pub fn snooze(&mut self, tenant: &TenantName, snooze: &Snooze) -> Result<(), HistoryError> {
        self.db.execute(
            "INSERT OR REPLACE INTO snooze (tenant, until, reason) VALUES (?1, ?2, ?3)",
            (
                tenant.as_str(),
                millis(snooze.until),
                snooze.reason.as_str(),
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

    /// Returns the snoozes that hold now.
    pub fn snoozes(
        &self,
        now: DateTime<Utc>,
    ) -> Result<BTreeMap<TenantName, Snooze>, HistoryError> {
        snoozes(&self.db, now)
    }
}

pub(super) fn snoozes(
    db: &Connection,
    now: DateTime<Utc>,
) -> Result<BTreeMap<TenantName, Snooze>, HistoryError> {
    let mut select =
        db.prepare_cached("SELECT tenant, until, reason FROM snooze WHERE until > ?1")?;
    let found = select.query_map([millis(now)], |row| {
        let tenant: String = row.get(0)?;
        let snooze = Snooze {
            until: moment(row.get(1)?),
            reason: row.get(2)?,
        };
        Ok((TenantName::from(tenant.as_str()), snooze))
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}
