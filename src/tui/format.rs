//! Times and durations as people read them, in widths that do not change while they tick.

use chrono::{DateTime, Datelike as _, FixedOffset, TimeDelta, Utc};

/// From this many days on a countdown leaves the hours out.
const DAYS_ALONE: i64 = 10;

/// Returns the time left: `00:04:59`, `6d 04:12`, `71d`; at most 8 columns up to 27 years.
pub(crate) fn countdown(left: TimeDelta) -> String {
    let seconds = left.num_seconds().max(0);
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match days {
        0 => format!("{hours:02}:{minutes:02}:{:02}", seconds % 60),
        1..DAYS_ALONE => format!("{days}d {hours:02}:{minutes:02}"),
        _ => format!("{days}d"),
    }
}

/// Returns minutes and seconds, for waits that are short: `00:12`, `14:59`, and hours past that.
pub(crate) fn short_wait(left: TimeDelta) -> String {
    let seconds = left.num_seconds().max(0);
    match seconds / 3600 {
        0 => format!("{:02}:{:02}", seconds / 60, seconds % 60),
        _ => countdown(left),
    }
}

/// Returns an age or a length of time in its largest unit: `12s`, `3m`, `31h`, `99d`, `2y`.
pub(crate) fn age(elapsed: TimeDelta) -> String {
    let seconds = elapsed.num_seconds().max(0);
    match seconds {
        0..100 => format!("{seconds}s"),
        100..6_000 => format!("{}m", seconds / 60),
        6_000..172_800 => format!("{}h", seconds / 3600),
        172_800..34_560_000 => format!("{}d", seconds / 86_400),
        _ => format!("{}y", seconds / 31_557_600),
    }
}

/// Returns a duration in milliseconds as `412ms` or `12.3s`, at most 6 columns.
pub(crate) fn millis(ms: f64) -> String {
    if ms < 9_999.5 {
        format!("{:.0}ms", ms.max(0.0))
    } else if ms < 999_950.0 {
        format!("{:.1}s", ms / 1000.0)
    } else {
        format!("{:.0}s", (ms / 1000.0).min(99_999.0))
    }
}

/// Returns the time of day in local time.
pub(crate) fn clock(at: DateTime<Utc>, offset: FixedOffset) -> String {
    at.with_timezone(&offset).format("%H:%M:%S").to_string()
}

/// Returns a moment as briefly as it stays unmistakable: `11:41` today, else with its date.
pub(crate) fn moment(at: DateTime<Utc>, now: DateTime<Utc>, offset: FixedOffset) -> String {
    let (local, today) = (at.with_timezone(&offset), now.with_timezone(&offset));
    let format = if local.date_naive() == today.date_naive() {
        "%H:%M"
    } else if local.year() == today.year() {
        "%-d %b %H:%M"
    } else {
        "%-d %b %Y %H:%M"
    };
    local.format(format).to_string()
}

/// Returns a moment with its seconds: `14:02:11` today, else with its date and without the year.
pub(crate) fn moment_seconds(at: DateTime<Utc>, now: DateTime<Utc>, offset: FixedOffset) -> String {
    let (local, today) = (at.with_timezone(&offset), now.with_timezone(&offset));
    let format = if local.date_naive() == today.date_naive() {
        "%H:%M:%S"
    } else {
        "%-d %b %H:%M:%S"
    };
    local.format(format).to_string()
}

/// Returns a date with its time, in full.
pub(crate) fn date_time(at: DateTime<Utc>, offset: FixedOffset) -> String {
    at.with_timezone(&offset)
        .format("%-d %b %Y %H:%M")
        .to_string()
}

/// Returns a count with its noun: `1 check`, `6 checks`.
pub(crate) fn count(n: u32, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_countdown_keeps_its_width_while_it_ticks() {
        let cases = [
            (-5, "00:00:00"),
            (299, "00:04:59"),
            (86_399, "23:59:59"),
            (86_400, "1d 00:00"),
            (6 * 86_400 + 4 * 3600 + 12 * 60 + 59, "6d 04:12"),
            (10 * 86_400 - 1, "9d 23:59"),
            (71 * 86_400, "71d"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(countdown(TimeDelta::seconds(seconds)), expected);
        }
    }

    #[test]
    fn ages_and_latencies_stay_short() {
        for (seconds, expected) in [
            (-1, "0s"),
            (99, "99s"),
            (100, "1m"),
            (5_999, "99m"),
            (6_000, "1h"),
            (172_800, "2d"),
            (34_560_000, "1y"),
        ] {
            assert_eq!(age(TimeDelta::seconds(seconds)), expected);
        }
        for (ms, expected) in [(0.4, "0ms"), (9_999.4, "9999ms"), (12_345.0, "12.3s")] {
            assert_eq!(millis(ms), expected);
        }
    }

    #[test]
    fn a_moment_says_its_date_unless_it_is_today() {
        let offset = FixedOffset::east_opt(3600).unwrap();
        let now = "2026-11-21T14:03:22Z".parse().unwrap();
        for (at, expected) in [
            ("2026-11-21T10:41:00Z", "11:41"),
            ("2026-11-20T23:30:00Z", "00:30"),
            ("2026-11-18T00:00:00Z", "18 Nov 01:00"),
            ("2025-11-18T00:00:00Z", "18 Nov 2025 01:00"),
        ] {
            assert_eq!(moment(at.parse().unwrap(), now, offset), expected);
        }
    }
}
