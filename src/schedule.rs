//! When a tenant is checked next.
//!
//! Pure: time and chance come in as arguments. The aims, in this order: never ask earlier than the
//! service allows, never hide a failure that passes by itself, never pester a login service about a
//! secret that has ended, and spread everything else.

use std::time::Duration;

use crate::{
    diagnosis::Judgement,
    verdict::{
        Live,
        cause::{Cause, Origin},
    },
};

/// Lasting failures are polled at least this often (or at the interval, if that is longer).
pub const BACKOFF_CAP: Duration = Duration::from_hours(4);

/// How often a secret that has not spread yet is tried.
pub const PROPAGATING: Duration = Duration::from_mins(1);

/// The longest wait that a service can impose; a larger `Retry-After` is a mistake or an attack.
pub const RETRY_AFTER_CAP: Duration = Duration::from_hours(24);

/// The least time between two checks of one credential on demand.
pub const ON_DEMAND: Duration = Duration::from_secs(30);

/// No delay is shorter, whatever the config says.
pub const SHORTEST: Duration = Duration::from_secs(1);

/// How far a delay may move either way, as a part of itself.
const JITTER: f64 = 0.1;

/// How much later than its neighbour a tenant is first checked.
const START_STEP: Duration = Duration::from_millis(50);

/// What a result means for the time until the next check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outlook {
    /// Nothing is gained by changing the pace: it works, may pass by itself, or was found out
    /// without asking anybody.
    Steady,
    /// A new secret is about to become valid.
    Propagating,
    /// It stays until a person acts.
    Lasting,
}

impl Outlook {
    /// Reads the outlook off a judgement.
    ///
    /// Causes found on this machine keep the pace, since looking again asks no service; so does
    /// `unknown`, which may well pass by itself.
    pub fn of(judgement: &Judgement) -> Self {
        match &judgement.diagnosis {
            None => Self::Steady,
            Some(_) if judgement.live == Live::Ok => Self::Steady,
            Some(diagnosis) => match diagnosis.cause {
                Cause::SecretPropagating => Self::Propagating,
                Cause::Unknown => Self::Steady,
                cause if diagnosis.transient || cause.origin() == Origin::Local => Self::Steady,
                _ => Self::Lasting,
            },
        }
    }
}

/// The pace of one tenant: its interval, and how often in a row a lasting failure was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rhythm {
    interval: Duration,
    lasting: u32,
}

impl Rhythm {
    /// Starts at the interval.
    pub const fn new(interval: Duration) -> Self {
        Self {
            interval,
            lasting: 0,
        }
    }

    /// Takes in a result and returns the time until the next check.
    ///
    /// `retry_after` is what the service asked for; `chance` is a number from 0 to below 1. The
    /// first lasting failure is looked at again after one interval, each further one after twice
    /// the time, up to [`BACKOFF_CAP`]; anything else returns to the interval.
    pub fn next(
        &mut self,
        outlook: Outlook,
        retry_after: Option<Duration>,
        chance: f64,
    ) -> Duration {
        self.lasting = match outlook {
            Outlook::Lasting => self.lasting.saturating_add(1),
            Outlook::Steady | Outlook::Propagating => 0,
        };
        let base = match outlook {
            Outlook::Steady => self.interval,
            Outlook::Propagating => self.interval.min(PROPAGATING),
            Outlook::Lasting => self.backed_off(),
        };
        let delay = jittered(base, chance).max(SHORTEST);
        delay.max(retry_after.unwrap_or_default().min(RETRY_AFTER_CAP))
    }

    fn backed_off(self) -> Duration {
        let doublings = self.lasting.saturating_sub(1).min(16);
        let grown = self.interval.saturating_mul(1 << doublings);
        grown.min(BACKOFF_CAP.max(self.interval))
    }
}

/// Moves a delay by up to a tenth either way.
fn jittered(delay: Duration, chance: f64) -> Duration {
    let chance = if chance.is_finite() {
        chance.clamp(0.0, 1.0)
    } else {
        0.5
    };
    delay.mul_f64(1.0 - JITTER + 2.0 * JITTER * chance)
}

/// Returns how long after the start the tenant at `index` of `total` is first checked.
///
/// The fleet is spread over 50 ms a tenant, and over one interval at most: a dozen tenants are all
/// under way within a second, and 10,000 do not arrive at the login service together.
pub fn first(index: usize, total: usize, interval: Duration) -> Duration {
    let total = u32::try_from(total).unwrap_or(u32::MAX).max(1);
    let index = u32::try_from(index).unwrap_or(u32::MAX).min(total - 1);
    let spread = START_STEP.saturating_mul(total).min(interval);
    spread.mul_f64(f64::from(index) / f64::from(total))
}

/// Returns how long a check on demand has to wait if one of the same credential was asked for
/// `since_last` ago. (A changed secret source is tried at once, without being asked for.)
pub fn on_demand(since_last: Option<Duration>) -> Duration {
    since_last.map_or(Duration::ZERO, |since| ON_DEMAND.saturating_sub(since))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const QUARTER: Duration = Duration::from_mins(15);

    fn outlooks() -> impl Strategy<Value = Outlook> {
        prop_oneof![
            Just(Outlook::Steady),
            Just(Outlook::Propagating),
            Just(Outlook::Lasting)
        ]
    }

    #[test]
    fn a_lasting_failure_is_polled_ever_less_often_and_success_returns_to_the_interval() {
        let mut rhythm = Rhythm::new(QUARTER);
        let minutes: Vec<u64> = (0..7)
            .map(|_| rhythm.next(Outlook::Lasting, None, 0.5).as_secs() / 60)
            .collect();
        assert_eq!(minutes, [15, 30, 60, 120, 240, 240, 240]);
        assert_eq!(rhythm.next(Outlook::Steady, None, 0.5), QUARTER);
        assert_eq!(rhythm.next(Outlook::Lasting, None, 0.5), QUARTER);
    }

    #[test]
    fn a_new_secret_is_tried_every_minute_unless_the_interval_is_shorter() {
        let mut rhythm = Rhythm::new(QUARTER);
        assert_eq!(rhythm.next(Outlook::Propagating, None, 0.5), PROPAGATING);
        let short = Duration::from_secs(20);
        assert_eq!(
            Rhythm::new(short).next(Outlook::Propagating, None, 0.5),
            short
        );
    }

    #[test]
    fn a_long_interval_is_never_shortened_by_the_cap() {
        let day = Duration::from_hours(24);
        let mut rhythm = Rhythm::new(day);
        rhythm.next(Outlook::Lasting, None, 0.5);
        assert_eq!(rhythm.next(Outlook::Lasting, None, 0.5), day);
    }

    #[test]
    fn a_small_fleet_starts_at_once_and_a_large_one_is_spread() {
        assert_eq!(first(0, 10_000, QUARTER), Duration::ZERO);
        assert!(first(11, 12, QUARTER) < Duration::from_secs(1));
        assert!(first(9_999, 10_000, QUARTER) > Duration::from_mins(8));
        assert!(first(9_999, 10_000, Duration::from_mins(1)) < Duration::from_mins(1));
        assert_eq!(first(0, 0, QUARTER), Duration::ZERO);
    }

    #[test]
    fn a_check_on_demand_waits_for_its_turn() {
        let secs = Duration::from_secs;
        assert_eq!(on_demand(None), Duration::ZERO);
        assert_eq!(on_demand(Some(secs(10))), secs(20));
        assert_eq!(on_demand(Some(secs(31))), Duration::ZERO);
    }

    proptest! {
        #[test]
        fn delays_stay_between_their_bounds(
            seconds in 1u64..200_000,
            results in prop::collection::vec((outlooks(), 0.0f64..1.0), 1..60),
        ) {
            let interval = Duration::from_secs(seconds);
            let mut rhythm = Rhythm::new(interval);
            for (outlook, chance) in results {
                let delay = rhythm.next(outlook, None, chance);
                prop_assert!(delay >= SHORTEST);
                prop_assert!(delay >= interval.min(PROPAGATING).mul_f64(0.89));
                prop_assert!(delay <= interval.max(BACKOFF_CAP).mul_f64(1.11).max(SHORTEST));
                if outlook == Outlook::Steady {
                    prop_assert!(delay >= interval.mul_f64(0.89));
                    prop_assert!(delay <= interval.mul_f64(1.11).max(SHORTEST));
                }
            }
        }

        #[test]
        fn no_check_is_earlier_than_the_service_asked_for(
            seconds in 1u64..10_000,
            asked in 0u64..1_000_000,
            outlook in outlooks(),
            chance in any::<f64>(),
        ) {
            let asked = Duration::from_secs(asked);
            let delay = Rhythm::new(Duration::from_secs(seconds)).next(outlook, Some(asked), chance);
            prop_assert!(delay >= asked.min(RETRY_AFTER_CAP));
            prop_assert!(delay <= asked.max(Duration::from_secs(seconds).mul_f64(1.11)).max(SHORTEST));
        }
    }
}
