//! Poll leases: which process polls which tenant, and the last result of each.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension as _};

use super::store::{HistoryError, Store, millis, moment};
use crate::{tenant::TenantName, verdict::Report};

/// A turn that ends later than this was taken before the clock was set back: a service may ask to be
/// left alone for a day at most.
const LONGEST: TimeDelta = TimeDelta::hours(26);

/// A lease that a process asks for or holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The tenant to be polled.
    pub tenant: TenantName,
    /// A digest of the tenant's settings. A lease with another digest does not hold up a process,
    /// and is replaced by the lease of a process with this one.
    pub mark: i64,
    /// The process that holds it.
    pub holder: String,
    /// Until when.
    pub until: DateTime<Utc>,
}

/// The last result of a tenant, and who found it.
#[derive(Debug, Clone)]
pub struct SharedResult {
    /// What tells the tenant's settings from others.
    pub mark: i64,
    /// When that process checks again.
    pub next_at: DateTime<Utc>,
    /// What was found.
    pub report: Report,
}

/// A request about leases.
#[derive(Debug, Clone)]
pub enum LeaseRequest {
    /// To have a turn.
    Take(Lease),
    /// To keep the result of a turn for others, and the turn if it is still the holder's.
    PassOn {
        /// The turn, and until when it goes on.
        lease: Lease,
        /// What was found.
        report: Box<Report>,
        /// When its holder checks again.
        next_at: DateTime<Utc>,
    },
    /// To give a holder's turn of one tenant away, or all that it has.
    GiveUp {
        /// Whose.
        holder: String,
        /// Of which tenant; `None`: of all.
        tenant: Option<TenantName>,
    },
}

impl Store {
    /// Carries out requests in their order, in one step. Returns for each until when somebody else has
    /// the turn; `None` where it was taken, or was not asked for.
    pub fn serve_leases(
        &mut self,
        requests: &[LeaseRequest],
        now: DateTime<Utc>,
    ) -> Result<Vec<Option<DateTime<Utc>>>, HistoryError> {
        self.write(|db| {
            let done = requests.iter().map(|request| match request {
                LeaseRequest::Take(lease) => take(db, lease, now),
                LeaseRequest::PassOn {
                    lease,
                    report,
                    next_at,
                } => pass_on(db, lease, report, *next_at).map(|()| None),
                LeaseRequest::GiveUp { holder, tenant } => {
                    give_up(db, holder, tenant.as_ref()).map(|()| None)
                }
            });
            done.collect()
        })
    }

    /// Returns what others than this holder found since a look, and what to give for the next one.
    /// What cannot be read, as that of another version, is left out.
    pub fn found_elsewhere(
        &self,
        holder: &str,
        since: i64,
    ) -> Result<(Vec<SharedResult>, i64), HistoryError> {
        // all that was looked at, the holder's own too, is not looked at again
        let newest: i64 = self
            .db
            .prepare_cached("SELECT coalesce(max(seq), 0) FROM latest")?
            .query_row([], |row| row.get(0))?;
        let mut select = self.db.prepare_cached(
            "SELECT mark, next_at, report FROM latest
             WHERE seq > ?1 AND seq <= ?2 AND holder <> ?3 ORDER BY seq",
        )?;
        let rows = select.query_map((since, newest, holder), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?))
        })?;
        let mut found = Vec::new();
        for row in rows {
            let (mark, next_at, report) = row?;
            match serde_json::from_str(&report) {
                Ok(report) => found.push(SharedResult {
                    mark,
                    next_at: moment(next_at),
                    report,
                }),
                Err(error) => tracing::debug!("what another process found is not read: {error}"),
            }
        }
        Ok((found, newest))
    }
}

fn take(
    db: &Connection,
    lease: &Lease,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, HistoryError> {
    let taken = db
        .prepare_cached(
            "INSERT INTO lease (tenant, mark, holder, until) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (tenant) DO UPDATE SET mark = ?2, holder = ?3, until = ?4
             WHERE holder = ?3 OR mark <> ?2 OR until <= ?5 OR until > ?6",
        )?
        .execute((
            lease.tenant.as_str(),
            lease.mark,
            lease.holder.as_str(),
            millis(lease.until),
            millis(now),
            millis(now + LONGEST),
        ))?;
    if taken == 1 {
        return Ok(None);
    }
    let until: Option<i64> = db
        .prepare_cached("SELECT until FROM lease WHERE tenant = ?1")?
        .query_row([lease.tenant.as_str()], |row| row.get(0))
        .optional()?;
    Ok(until.map(moment))
}

fn pass_on(
    db: &Connection,
    lease: &Lease,
    report: &Report,
    next_at: DateTime<Utc>,
) -> Result<(), HistoryError> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO latest (tenant, mark, holder, seq, next_at, report)
         VALUES (?1, ?2, ?3, (SELECT coalesce(max(seq), 0) + 1 FROM latest), ?4, ?5)",
    )?
    .execute((
        lease.tenant.as_str(),
        lease.mark,
        lease.holder.as_str(),
        millis(next_at),
        serde_json::to_string(report)?,
    ))?;
    db.prepare_cached("UPDATE lease SET until = ?3 WHERE tenant = ?1 AND holder = ?2")?
        .execute((
            lease.tenant.as_str(),
            lease.holder.as_str(),
            millis(lease.until),
        ))?;
    Ok(())
}

fn give_up(db: &Connection, holder: &str, tenant: Option<&TenantName>) -> Result<(), HistoryError> {
    db.prepare_cached("DELETE FROM lease WHERE holder = ?1 AND (?2 IS NULL OR tenant = ?2)")?
        .execute((holder, tenant.map(TenantName::as_str)))?;
    Ok(())
}
