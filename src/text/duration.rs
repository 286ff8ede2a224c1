//! The one formatter of durations, in the forms that different places need.

use chrono::TimeDelta;

/// Returns the time until or since a moment in the two largest units that matter: `212d`, `6d 04:12`,
/// `04:12:09`; without a sign.
///
/// Countdowns under a month tick by the minute, under a day by the second, and keep their width
/// while they do.
pub fn span(delta: TimeDelta) -> String {
    let delta = delta.abs();
    let (days, hours, minutes) = (
        delta.num_days(),
        delta.num_hours() % 24,
        delta.num_minutes() % 60,
    );
    match days {
        30.. => format!("{days}d"),
        1.. => format!("{days}d {hours:02}:{minutes:02}"),
        _ => format!("{hours:02}:{minutes:02}:{:02}", delta.num_seconds() % 60),
    }
}

/// Returns an age or duration in its largest unit: `12s`, `4m`, `3h`, `9d`; without a sign.
pub fn age(delta: TimeDelta) -> String {
    let seconds = delta.num_seconds().abs();
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86_400 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_keep_their_width() {
        assert_eq!(span(TimeDelta::days(212)), "212d");
        assert_eq!(
            span(TimeDelta::hours(6 * 24 + 4) + TimeDelta::minutes(12)),
            "6d 04:12"
        );
        assert_eq!(span(TimeDelta::seconds(-4 * 3600 - 9)), "04:00:09");
        assert_eq!(age(TimeDelta::seconds(59)), "59s");
        assert_eq!(age(TimeDelta::minutes(61)), "1h");
    }
}
