//! Streaks of equal verdicts, and verdicts that no longer count.
//!
//! Pure. A verdict that cannot be trusted any more is withheld: its expiry half stays, its live half
//! becomes unknown with the reason.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    board::Streak,
    tenant::{Pace, PreferredShell},
    verdict::{Confidence, Diagnosis, Live, Report, Step, StepKind, cause::Cause, status},
};

/// Why a verdict does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Withheld {
    /// The check is too long ago.
    Stale,
    /// No address at all answers, so a failure says nothing about the tenant.
    Offline,
    /// credwatch itself failed during the check; the log has details under this id.
    Crashed {
        /// The id under which the failure is logged.
        trace_id: String,
    },
    /// credwatch was told to stop before the check had ended.
    Stopped,
    /// No check has ended yet.
    Pending,
    /// The monitor has ended, so that nothing is checked any more.
    MonitorEnded,
}

impl Withheld {
    fn title(&self) -> &'static str {
        match self {
            Self::Stale => "The last result is too old to count.",
            Self::Offline => "This machine is offline: no address answers.",
            Self::Crashed { .. } => "credwatch itself failed during this check.",
            Self::Stopped => "credwatch was stopped before this check had ended.",
            Self::Pending => "This tenant was not checked yet.",
            Self::MonitorEnded => "credwatch has stopped checking.",
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::Stale => "No check has ended for more than twice the polling interval.".into(),
            Self::Offline => "Neither the login service nor any other configured host could be \
                              reached from here, so nothing can be said about this tenant."
                .into(),
            Self::Crashed { trace_id } => {
                format!(
                    "This is a fault of credwatch, not of the tenant; its log has more under {trace_id}."
                )
            }
            Self::Stopped => "What works and what does not was not found out.".into(),
            Self::MonitorEnded => {
                "The monitor has ended, so the last verdict says nothing about now.".into()
            }
            Self::Pending => {
                "credwatch has just started, or the tenant is new to its config.".into()
            }
        }
    }

    fn fix(&self) -> &'static str {
        match self {
            Self::Stale => "Check the tenant now; if that does not help, look at credwatch's log.",
            Self::Offline => "Check this machine's network, name resolution and proxy settings.",
            Self::Crashed { .. } => "Report the fault with the lines of the log around that id.",
            Self::Stopped => "Run the check again.",
            Self::Pending => "Wait for its first check.",
            Self::MonitorEnded => "Restart credwatch, and look at the end of its log.",
        }
    }
}

/// Returns the report with a live half that is unknown, and the reason in place of its diagnosis.
///
/// The cause that was found stays (it is what the screen groups by, and what an offline machine met),
/// and so does everything about end dates. A tenant of which only dates are judged is left alone.
pub fn withhold(report: &Report, reason: &Withheld) -> Report {
    let mut report = report.clone();
    if report.live.is_none() {
        return report;
    }
    let found = report.diagnosis.take();
    let cause = found.as_ref().map_or(Cause::Unknown, |found| found.cause);
    report.diagnosis = Some(Diagnosis {
        cause,
        stage: found.as_ref().and_then(|found| found.stage),
        title: reason.title().into(),
        detail: reason.detail(),
        code: found.as_ref().and_then(|found| found.code.clone()),
        confidence: Confidence::Certain,
        also_possible: Vec::new(),
        owner: match reason {
            Withheld::Offline => Cause::ConnectFailure.owner(),
            Withheld::Stale
            | Withheld::Crashed { .. }
            | Withheld::Stopped
            | Withheld::Pending
            | Withheld::MonitorEnded => Cause::Unknown.owner(),
        },
        transient: !matches!(reason, Withheld::Crashed { .. }),
        fix: vec![reason.fix().into()],
        steps: vec![Step::plain(StepKind::Do, reason.fix())],
        shell: PreferredShell::default(),
        trace_id: match reason {
            Withheld::Crashed { trace_id } => Some(trace_id.clone()),
            Withheld::Stale
            | Withheld::Offline
            | Withheld::Stopped
            | Withheld::Pending
            | Withheld::MonitorEnded => None,
        },
        correlation_id: None,
        codes: Vec::new(),
    });
    report.live = Some(Live::Unknown);
    report.status = status(report.live, report.expiry);
    report
}

/// Returns whether two verdicts say the same of the live half: both halves work, or fail alike.
pub fn same(a: &Report, b: &Report) -> bool {
    a.live == b.live && cause(a) == cause(b)
}

/// Returns why a tenant does not work, if it does not.
pub fn cause(report: &Report) -> Option<Cause> {
    report.diagnosis.as_ref().map(|diagnosis| diagnosis.cause)
}

/// Returns the run of equal results that a new one continues or begins.
pub fn streak(before: Option<(Streak, &Report)>, report: &Report) -> Streak {
    match before {
        Some((streak, last)) if same(last, report) => Streak {
            since: streak.since,
            checks: streak.checks.saturating_add(1),
        },
        _ => Streak {
            since: report.checked_at,
            checks: 1,
        },
    }
}

/// Returns from when on a result is too old: twice the time until the next check, or twice the
/// interval if that is longer, plus the time that a check may take.
pub fn stale_at(checked_at: DateTime<Utc>, pace: Pace, delay: Duration) -> DateTime<Utc> {
    let limit = delay.max(pace.interval).saturating_mul(2);
    let limit = limit.saturating_add(pace.timeout);
    let limit = TimeDelta::from_std(limit).unwrap_or(TimeDelta::MAX);
    checked_at
        .checked_add_signed(limit)
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// Sample reports for the tests of this crate.
#[cfg(test)]
pub(crate) mod fixture {
    use super::*;
    use crate::verdict::Expiry;
    use crate::verdict::{CredentialKind, CredentialReport, DateSource};

    pub(crate) fn at(hour: i64, minute: i64) -> DateTime<Utc> {
        let midnight = DateTime::from_timestamp(1_795_219_200, 0).unwrap(); // 21 November 2026
        midnight + TimeDelta::hours(hour) + TimeDelta::minutes(minute)
    }

    pub(crate) fn report(name: &str, cause: Option<Cause>, checked_at: DateTime<Utc>) -> Report {
        let live = match cause.map(Cause::effect) {
            None => Live::Ok,
            Some(crate::verdict::cause::Effect::Failing) => Live::Failing,
            Some(crate::verdict::cause::Effect::Unknown) => Live::Unknown,
        };
        Report {
            name: name.into(),
            profile: "app-only",
            tenant_id: "t".into(),
            client_id: "c".into(),
            mailbox: None,
            tags: Vec::new(),
            status: status(Some(live), Some(Expiry::Ok)),
            live: Some(live),
            expiry: Some(Expiry::Ok),
            diagnosis: cause.map(diagnosis),
            stages: Vec::new(),
            credentials: Vec::new(),
            retirement: None,
            checked_at,
            ms: Some(12.0),
            unread: None,
            contact: None,
            vendor_support: None,
            runbook: None,
            note: None,
        }
    }

    pub(crate) fn diagnosis(cause: Cause) -> Diagnosis {
        Diagnosis {
            cause,
            stage: Some(crate::observation::Stage::Token),
            title: "The client secret has expired.".into(),
            detail: String::new(),
            code: Some("AADSTS7000222".into()),
            confidence: Confidence::Certain,
            also_possible: Vec::new(),
            owner: cause.owner(),
            transient: cause.is_transient(),
            fix: vec!["create a new secret".into()],
            steps: vec![Step::plain(StepKind::Do, "create a new secret")],
            shell: PreferredShell::default(),
            trace_id: None,
            correlation_id: None,
            codes: Vec::new(),
        }
    }

    pub(crate) fn credential(ends_at: DateTime<Utc>, state: Expiry) -> CredentialReport {
        CredentialReport {
            expires_at: Some(ends_at),
            state,
            ..CredentialReport::new(CredentialKind::Secret, DateSource::Config)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        fixture::{at, report},
        *,
    };
    use crate::verdict::{Expiry, Status};

    #[test]
    fn a_withheld_verdict_is_unknown_and_keeps_its_cause_and_its_end_dates() {
        let fine = report("a", None, at(10, 0));
        let stale = withhold(&fine, &Withheld::Stale);
        assert_eq!(
            (stale.live, stale.status),
            (Some(Live::Unknown), Status::Unknown)
        );
        assert_eq!(stale.expiry, Some(Expiry::Ok));
        assert_eq!(cause(&stale), Some(Cause::Unknown));

        let mut lost = report("a", Some(Cause::DnsFailure), at(10, 0));
        lost.expiry = Some(Expiry::Critical);
        let held = withhold(&lost, &Withheld::Offline);
        assert_eq!(
            (held.live, held.status),
            (Some(Live::Unknown), Status::Critical)
        );
        assert_eq!(cause(&held), Some(Cause::DnsFailure));
        assert!(held.diagnosis.unwrap().title.contains("offline"));
    }

    #[test]
    fn a_tenant_of_which_only_dates_are_judged_is_not_withheld() {
        let mut dates = report("a", None, at(10, 0));
        dates.live = None;
        let shown = withhold(&dates, &Withheld::Offline);
        assert!(shown.diagnosis.is_none() && shown.live.is_none());
    }

    #[test]
    fn a_streak_lasts_as_long_as_the_cause() {
        let expired = report("a", Some(Cause::SecretExpired), at(10, 0));
        let again = report("a", Some(Cause::SecretExpired), at(10, 15));
        let other = report("a", Some(Cause::AppNotFound), at(10, 30));
        let one = streak(None, &expired);
        let two = streak(Some((one, &expired)), &again);
        assert_eq!((two.since, two.checks), (at(10, 0), 2));
        let three = streak(Some((two, &again)), &other);
        assert_eq!((three.since, three.checks), (at(10, 30), 1));
    }

    #[test]
    fn a_result_is_stale_after_twice_the_present_interval_and_the_timeout() {
        let pace = Pace {
            interval: Duration::from_mins(15),
            timeout: Duration::from_mins(1),
            secret_ttl: Duration::ZERO,
        };
        let cases = [(5, 31), (15, 31), (60, 121)];
        for (delay, minutes) in cases {
            let stale = stale_at(at(0, 0), pace, Duration::from_mins(delay));
            assert_eq!(stale, at(0, minutes), "{delay}");
        }
        assert_eq!(
            stale_at(at(0, 0), pace, Duration::MAX),
            DateTime::<Utc>::MAX_UTC
        );
    }
}
