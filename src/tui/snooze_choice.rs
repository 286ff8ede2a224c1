//! The lengths that a snooze is offered for, shared by the list on the screen and the keys that choose.

use chrono::{DateTime, Datelike as _, Days, FixedOffset, NaiveTime, TimeDelta, Utc, Weekday};

/// One length that is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SnoozeChoice {
    /// The key that chooses it.
    pub(crate) number: u8,
    pub(crate) words: &'static str,
    pub(crate) length: TimeDelta,
}

/// The reason that is noted where none is typed.
pub(crate) const NO_REASON: &str = "no reason given, from the dashboard";

/// Returns the lengths, shortest first; `until Monday` is Monday at 08:00 local time.
pub(crate) fn choices(now: DateTime<Utc>, offset: FixedOffset) -> [SnoozeChoice; 5] {
    let choice = |number, words, length| SnoozeChoice {
        number,
        words,
        length,
    };
    [
        choice(1, "for 1 hour", TimeDelta::hours(1)),
        choice(2, "for 4 hours", TimeDelta::hours(4)),
        choice(3, "for 1 day", TimeDelta::days(1)),
        choice(
            4,
            "over the weekend, until Monday 08:00",
            until_monday(now, offset),
        ),
        choice(5, "for 7 days", TimeDelta::days(7)),
    ]
}

fn until_monday(now: DateTime<Utc>, offset: FixedOffset) -> TimeDelta {
    let local = now.with_timezone(&offset).naive_local();
    let days = 7 - local.weekday().days_since(Weekday::Mon);
    let monday = local.date() + Days::new(u64::from(days));
    let morning = NaiveTime::MIN + TimeDelta::hours(8);
    monday.and_time(morning) - local
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weekend_ends_on_the_next_monday_morning() {
        let offset = FixedOffset::east_opt(3600).unwrap();
        for (now, expected) in [
            ("2026-11-21T14:00:00Z", "2026-11-23T07:00:00Z"),
            ("2026-11-23T14:00:00Z", "2026-11-30T07:00:00Z"),
            ("2026-11-22T23:30:00Z", "2026-11-30T07:00:00Z"),
        ] {
            let now: DateTime<Utc> = now.parse().unwrap();
            let until = now + until_monday(now, offset);
            assert_eq!(until, expected.parse::<DateTime<Utc>>().unwrap());
        }
    }
}
