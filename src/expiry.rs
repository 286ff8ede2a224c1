//! How near the end of a credential is, and what that makes of the expiry half of a verdict.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    tenant::{EndDate, Thresholds},
    verdict::{CredentialReport, Expiry},
};

/// Returns how near an end is; `None` is an unknown end.
///
/// Exact times count: a credential that ends in 71 h 59 min is within three days.
pub fn state(end: Option<EndDate>, thresholds: Thresholds, now: DateTime<Utc>) -> Expiry {
    let at = match end {
        None => return Expiry::Unknown,
        Some(EndDate::Never) => return Expiry::Never,
        Some(EndDate::At(at)) => at,
    };
    let left = at - now;
    if left <= TimeDelta::zero() {
        Expiry::Expired
    } else if left <= thresholds.critical {
        Expiry::Critical
    } else if left <= thresholds.warn {
        Expiry::Warning
    } else {
        Expiry::Ok
    }
}

/// Returns the whole days left, truncated toward zero; negative after the end.
pub fn days_left(at: DateTime<Utc>, now: DateTime<Utc>) -> i64 {
    (at - now).num_days()
}

/// Returns the expiry half of a verdict: the worst of the credentials that the integration may live
/// on. An ended credential that is not watched is information, not an alarm.
pub fn judge(credentials: &[CredentialReport]) -> Expiry {
    let counting = credentials
        .iter()
        .filter(|credential| credential.watched != Some(false));
    counting
        .map(half)
        .max_by_key(|state| gravity(*state))
        .unwrap_or(Expiry::Unknown)
}

/// Returns what a credential makes of the half: its state, and a warning where it lives too long.
pub fn half(credential: &CredentialReport) -> Expiry {
    match credential.state {
        Expiry::Ok | Expiry::Never if credential.too_long => Expiry::Warning,
        state => state,
    }
}

/// Orders states from harmless to grave. Not knowing is graver than a warning and less than an alarm.
const fn gravity(state: Expiry) -> u8 {
    match state {
        Expiry::Never => 0,
        Expiry::Ok => 1,
        Expiry::Warning => 2,
        Expiry::Unknown => 3,
        Expiry::Critical => 4,
        Expiry::Expired => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const THRESHOLDS: Thresholds = Thresholds {
        warn: TimeDelta::days(30),
        critical: TimeDelta::days(3),
        max_lifetime: None,
    };

    fn now() -> DateTime<Utc> {
        "2026-11-21T10:00:00Z".parse().unwrap()
    }

    fn in_(delta: TimeDelta) -> Expiry {
        state(Some(EndDate::At(now() + delta)), THRESHOLDS, now())
    }

    #[test]
    fn each_threshold_counts_to_the_second() {
        assert_eq!(in_(TimeDelta::days(30) + TimeDelta::seconds(1)), Expiry::Ok);
        assert_eq!(in_(TimeDelta::days(30)), Expiry::Warning);
        assert_eq!(
            in_(TimeDelta::days(3) + TimeDelta::seconds(1)),
            Expiry::Warning
        );
        assert_eq!(in_(TimeDelta::days(3)), Expiry::Critical);
        assert_eq!(in_(TimeDelta::seconds(1)), Expiry::Critical);
        assert_eq!(in_(TimeDelta::zero()), Expiry::Expired);
        assert_eq!(state(None, THRESHOLDS, now()), Expiry::Unknown);
        assert_eq!(
            state(Some(EndDate::Never), THRESHOLDS, now()),
            Expiry::Never
        );
    }

    #[test]
    fn days_truncate_toward_zero() {
        let now = now();
        assert_eq!(days_left(now + TimeDelta::hours(47), now), 1);
        assert_eq!(days_left(now - TimeDelta::hours(47), now), -1);
        assert_eq!(days_left(now - TimeDelta::hours(1), now), 0);
    }

    proptest! {
        #[test]
        fn time_only_makes_it_worse(left in -400i64..400, later in 0i64..400) {
            let end = Some(EndDate::At(now() + TimeDelta::days(left)));
            let before = gravity(state(end, THRESHOLDS, now()));
            let after = gravity(state(end, THRESHOLDS, now() + TimeDelta::days(later)));
            prop_assert!(after >= before || before == gravity(Expiry::Unknown));
        }
    }
}
