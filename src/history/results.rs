//! Results and credentials as they were seen, and what a row of the board remembers of them.

use crate::text::Word as _;
use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, Row};

use super::store::{HistoryError, Store, millis, moment};
use crate::{
    board::{Day, HISTORY, Hour, Past, Point, Streak},
    tenant::TenantName,
    verdict::{CredentialReport, Live, Report, Status, cause::Cause},
};

impl Store {
    /// Remembers what checks found. A result that is known already is not noted twice.
    pub fn record(&mut self, reports: &[impl AsRef<Report>]) -> Result<(), HistoryError> {
        self.write(|db| {
            for report in reports {
                record(db, report.as_ref())?;
            }
            Ok(())
        })
    }

    /// Returns what is remembered of these tenants.
    pub fn past<'n>(
        &self,
        tenants: impl IntoIterator<Item = &'n TenantName>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Past>, HistoryError> {
        let tenants = tenants.into_iter();
        tenants
            .map(|tenant| {
                let points = points(&self.db, tenant)?;
                Ok(Past {
                    streak: streak(&self.db, tenant)?,
                    day: day(&self.db, tenant, now)?,
                    tenant: tenant.clone(),
                    points,
                })
            })
            .collect()
    }
}

pub(super) fn record(db: &Connection, report: &Report) -> Result<(), HistoryError> {
    let cause = report.diagnosis.as_ref().map(|found| found.cause.id());
    db.prepare_cached(
        "INSERT OR IGNORE INTO result (tenant, at, status, live, cause, ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute((
        report.name.as_str(),
        millis(report.checked_at),
        status_word(report.status),
        report.live.map(live_word),
        cause,
        report.ms,
    ))?;
    for credential in &report.credentials {
        see(db, report, credential)?;
    }
    Ok(())
}

fn see(
    db: &Connection,
    report: &Report,
    credential: &CredentialReport,
) -> Result<(), HistoryError> {
    db.prepare_cached(
        "INSERT INTO credential (tenant, kind, key_id, name, expires_at, seen_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (tenant, kind, key_id) DO UPDATE SET
            name = excluded.name,
            expires_at = coalesce(excluded.expires_at, expires_at),
            seen_at = excluded.seen_at",
    )?
    .execute((
        report.name.as_str(),
        credential.kind.word(),
        credential.key_id.as_deref().unwrap_or_default(),
        credential.name.as_deref(),
        credential.expires_at.map(millis),
        millis(report.checked_at),
    ))?;
    Ok(())
}

fn points(db: &Connection, tenant: &TenantName) -> Result<VecDeque<Point>, HistoryError> {
    let mut select = db.prepare_cached(
        "SELECT at, status, live, cause, coalesce(ms, 0.0) FROM result
         WHERE tenant = ?1 ORDER BY at DESC LIMIT ?2",
    )?;
    let found = select.query_map(
        (tenant.as_str(), i64::try_from(HISTORY).unwrap_or(i64::MAX)),
        point,
    )?;
    let mut points = found.collect::<Result<VecDeque<_>, _>>()?;
    points.make_contiguous().reverse();
    Ok(points)
}

/// How the checks of the last day ended, by the hour.
fn day(db: &Connection, tenant: &TenantName, now: DateTime<Utc>) -> Result<Day, HistoryError> {
    let mut select = db.prepare_cached(
        "SELECT at / 3600000, sum(live = 'ok'), sum(live = 'failing') FROM result
         WHERE tenant = ?1 AND at > ?2 AND live IN ('ok', 'failing') GROUP BY 1 ORDER BY 1",
    )?;
    let since = millis(now - TimeDelta::days(1));
    let hours = select.query_map((tenant.as_str(), since), |row| {
        Ok(Hour {
            number: row.get(0)?,
            worked: row.get(1)?,
            failed: row.get(2)?,
        })
    })?;
    let mut day = Day::default();
    for hour in hours {
        day.add(hour?);
    }
    Ok(day)
}

fn point(row: &Row<'_>) -> rusqlite::Result<Point> {
    let status: String = row.get(1)?;
    let live: Option<String> = row.get(2)?;
    let cause: Option<String> = row.get(3)?;
    Ok(Point {
        at: moment(row.get(0)?),
        status: match status.as_str() {
            "ok" => Status::Ok,
            "warning" => Status::Warning,
            "critical" => Status::Critical,
            _ => Status::Unknown,
        },
        live: match live.as_deref() {
            Some("ok") => Some(Live::Ok),
            Some("failing") => Some(Live::Failing),
            Some(_) => Some(Live::Unknown),
            None => None,
        },
        // an id that only another version knows is a failure all the same
        cause: cause.map(|id| id.parse().unwrap_or(Cause::Unknown)),
        ms: row.get(4)?,
    })
}

/// Counts the results with the same cause as the last one, back to one with another.
fn streak(db: &Connection, tenant: &TenantName) -> Result<Option<Streak>, HistoryError> {
    // causes are compared as they are written: some may be known to another version alone
    let mut select = db.prepare_cached(
        "SELECT min(at), count(*) FROM result WHERE tenant = ?1 AND at > coalesce(
            (SELECT max(at) FROM result WHERE tenant = ?1 AND cause IS NOT
                (SELECT cause FROM result WHERE tenant = ?1 ORDER BY at DESC LIMIT 1)), -1)",
    )?;
    let streak = select.query_row([tenant.as_str()], |row| {
        let since: Option<i64> = row.get(0)?;
        let checks: u32 = row.get(1)?;
        Ok(since.map(|since| Streak {
            since: moment(since),
            checks,
        }))
    })?;
    Ok(streak)
}

const fn status_word(status: Status) -> &'static str {
    match status {
        Status::Ok => "ok",
        Status::Warning => "warning",
        Status::Critical => "critical",
        Status::Unknown => "unknown",
    }
}

const fn live_word(live: Live) -> &'static str {
    match live {
        Live::Ok => "ok",
        Live::Failing => "failing",
        Live::Unknown => "unknown",
    }
}
