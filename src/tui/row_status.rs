//! The one word that says how a tenant is, for the status column, the counts and the order.
//!
//! A finer cut of [`Status`]: an outage, an end date and a missing answer are different things to an
//! operator, even where they are equally grave.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    board::Row,
    tenant::EndDate,
    verdict::{CredentialReport, Expiry, Live, Report, Status},
};

/// How a tenant is; the worst first, which is the order of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum RowStatus {
    /// It does not work now.
    Failing,
    /// Its credential has ended, and nothing shows that it works.
    Expired,
    /// It works; its credential ends within `critical`, or has ended by the date that is known.
    Urgent,
    /// Whether it works is not known.
    Unknown,
    /// Its credential ends within `warn`.
    Ending,
    /// Its credential was made for longer than `max_lifetime`.
    TooLong,
    /// It works, and the end of its credential is not known.
    NoEndDate,
    /// Its first check has not ended yet.
    Loading,
    /// It works, and nothing ends soon.
    Ok,
}

impl RowStatus {
    /// All, worst first.
    pub(crate) const ALL: [Self; 9] = [
        Self::Failing,
        Self::Expired,
        Self::Urgent,
        Self::Unknown,
        Self::Ending,
        Self::TooLong,
        Self::NoEndDate,
        Self::Loading,
        Self::Ok,
    ];

    /// Returns the status of a row at this time.
    pub(crate) fn of(row: &Row, now: DateTime<Utc>) -> Self {
        let Some(report) = &row.report else {
            return Self::Loading;
        };
        if is_stale(row, now) {
            return Self::Unknown;
        }
        match report.live {
            Some(Live::Failing) => return Self::Failing,
            Some(Live::Unknown) => return Self::Unknown,
            Some(Live::Ok) | None => {}
        }
        // a tenant that works is never shown as broken, whatever the date says
        let ended = match report.live {
            Some(Live::Ok) => Self::Urgent,
            Some(Live::Failing | Live::Unknown) | None => Self::Expired,
        };
        match report.expiry {
            Some(Expiry::Expired) => ended,
            Some(Expiry::Critical | Expiry::Warning) if has_ended(row, now) => ended,
            Some(Expiry::Critical) => Self::Urgent,
            Some(Expiry::Warning) if report.only_lives_too_long() => Self::TooLong,
            Some(Expiry::Warning) => Self::Ending,
            Some(Expiry::Unknown) if report.status == Status::Unknown => Self::Unknown,
            Some(Expiry::Unknown) => Self::NoEndDate,
            Some(Expiry::Ok | Expiry::Never) | None => Self::Ok,
        }
    }

    /// Returns the word that is shown, at most 8 columns wide.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Failing => "failing",
            Self::Expired => "expired",
            Self::Urgent => "urgent",
            Self::Unknown => "unknown",
            Self::Ending => "ending",
            Self::TooLong => "too long",
            Self::NoEndDate => "no date",
            Self::Loading => "loading",
            Self::Ok => "works",
        }
    }
}

impl RowStatus {
    /// Returns whether an operator has to do something about it.
    pub(crate) const fn is_trouble(self) -> bool {
        match self {
            Self::Failing | Self::Expired | Self::Urgent | Self::Unknown | Self::Ending => true,
            Self::TooLong | Self::NoEndDate | Self::Loading | Self::Ok => false,
        }
    }
}

/// Returns the share of a credential's life that is left, where its beginning is known; else of a year,
/// the longest life that policies commonly allow.
pub(crate) fn life_left(credential: &CredentialReport, now: DateTime<Utc>) -> Option<f64> {
    let ends_at = credential.expires_at?;
    let begins_at = credential
        .starts_at
        .unwrap_or(ends_at - TimeDelta::days(365));
    let whole = (ends_at - begins_at).num_seconds().max(1);
    Some(((ends_at - now).num_seconds() as f64 / whole as f64).clamp(0.0, 1.0))
}

/// The share of checks that a response time is given for.
pub(crate) const P95: f64 = 0.95;

/// Returns the duration below which this share of the checks that worked stayed, in milliseconds.
pub(crate) fn percentile(row: &Row, share: f64) -> Option<f64> {
    let worked = row
        .history
        .iter()
        .filter(|point| point.live == Some(Live::Ok));
    let mut durations: Vec<f64> = worked.map(|point| point.ms).collect();
    durations.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank among at most a few dozen"
    )]
    let rank = (share * durations.len() as f64).ceil() as usize;
    durations.get(rank.max(1) - 1).copied()
}

/// Returns whether the latest answer is too old to count.
pub(crate) fn is_stale(row: &Row, now: DateTime<Utc>) -> bool {
    row.report.is_some() && row.stale_at.is_some_and(|at| at <= now)
}

/// Returns when a tenant's status changes by the mere passing of time, if it does.
pub(crate) fn next_change_at(row: &Row, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let end = match credential_end(row) {
        CredentialEnd::At(at, _) => Some(at),
        CredentialEnd::Never | CredentialEnd::Renews | CredentialEnd::Unknown => None,
    };
    [row.stale_at, end]
        .into_iter()
        .flatten()
        .filter(|at| *at > now)
        .min()
}

/// When the deciding credential ends, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CredentialEnd {
    /// Then; with how near that was found to be, if it was judged.
    At(DateTime<Utc>, Option<Expiry>),
    /// It has no end.
    Never,
    /// It renews itself, and still does: the date of the present one is no end.
    Renews,
    /// The end is not known.
    Unknown,
}

/// Returns when the deciding credential ends; before the first check, what the config says.
pub(crate) fn credential_end(row: &Row) -> CredentialEnd {
    let Some(report) = &row.report else {
        return match row.tenant.configured_end {
            Some(EndDate::At(at)) => CredentialEnd::At(at, None),
            Some(EndDate::Never) => CredentialEnd::Never,
            None => CredentialEnd::Unknown,
        };
    };
    match deciding_credential(report) {
        Some(credential) if credential.renews_itself() => CredentialEnd::Renews,
        Some(credential) => match (credential.expires_at, credential.state) {
            (Some(at), state) => CredentialEnd::At(at, Some(state)),
            (None, Expiry::Never) => CredentialEnd::Never,
            (None, _) => CredentialEnd::Unknown,
        },
        None => CredentialEnd::Unknown,
    }
}

/// Returns the credential by which expiry is judged: of those that the integration lives on, or may
/// live on, the one that ends first. One that still renews itself stands back behind all others.
pub(crate) fn deciding_credential(report: &Report) -> Option<&CredentialReport> {
    let soonest = |watched: Option<bool>, renews: bool| {
        let credentials = report.credentials.iter();
        credentials
            .filter(|one| one.watched == watched && one.renews_itself() == renews)
            .min_by_key(|one| one.expires_at.unwrap_or(DateTime::<Utc>::MAX_UTC))
    };
    soonest(Some(true), false)
        .or_else(|| soonest(None, false))
        .or_else(|| soonest(Some(true), true))
        .or_else(|| soonest(None, true))
}

fn has_ended(row: &Row, now: DateTime<Utc>) -> bool {
    matches!(credential_end(row), CredentialEnd::At(at, _) if at <= now)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{tui::fixture, verdict::CredentialKind};

    #[test]
    fn a_tenant_that_works_is_urgent_and_not_expired() {
        let mut row = (*fixture::board().rows[2]).clone();
        let report = Arc::make_mut(row.report.as_mut().unwrap());
        report.expiry = Some(Expiry::Expired);
        assert_eq!(RowStatus::of(&row, fixture::now()), RowStatus::Urgent);
        Arc::make_mut(row.report.as_mut().unwrap()).live = None;
        assert_eq!(RowStatus::of(&row, fixture::now()), RowStatus::Expired);
    }

    #[test]
    fn percentiles_are_those_of_the_checks_that_worked() {
        let row = &fixture::board().rows[0];
        assert_eq!(percentile(row, 0.5), Some(210.0));
        assert_eq!(percentile(row, 0.95), Some(260.0));
        assert_eq!(percentile(&fixture::board().rows[7], 0.5), None);
    }

    #[test]
    fn a_self_renewing_credential_has_no_end() {
        for kind in [CredentialKind::Federated, CredentialKind::RefreshToken] {
            let mut row = (*fixture::board().rows[0]).clone();
            let mut report = (**row.report.as_ref().unwrap()).clone();
            let mut own = CredentialReport::new(kind, crate::verdict::DateSource::File);
            own.expires_at = Some(fixture::now() - TimeDelta::minutes(5));
            own.state = Expiry::Ok;
            // a leftover that the integration does not use
            let mut leftover = own.clone();
            (leftover.kind, leftover.watched) = (CredentialKind::Secret, Some(false));
            report.credentials = vec![own, leftover];
            row.report = Some(Arc::new(report));
            assert_eq!(credential_end(&row), CredentialEnd::Renews, "{kind:?}");
        }
    }
}
