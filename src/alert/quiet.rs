//! Quiet hours: alerts about end dates are held. Outages are sent at any hour.

use std::{fmt, str::FromStr};

use chrono::{DateTime, FixedOffset, NaiveTime};

/// A part of every day, in local time; it may go over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quiet {
    from: NaiveTime,
    to: NaiveTime,
}

impl Quiet {
    /// Returns whether it is quiet now.
    pub fn contains(self, now: DateTime<FixedOffset>) -> bool {
        let time = now.time();
        if self.from <= self.to {
            (self.from..self.to).contains(&time)
        } else {
            time >= self.from || time < self.to
        }
    }
}

impl fmt::Display for Quiet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}-{}",
            self.from.format("%H:%M"),
            self.to.format("%H:%M")
        )
    }
}

/// The text is no part of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a part of a day like \"22:00-07:00\"")]
pub struct NotQuiet;

impl FromStr for Quiet {
    type Err = NotQuiet;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let time = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").ok();
        let (from, to) = text.split_once('-').ok_or(NotQuiet)?;
        match (time(from), time(to)) {
            (Some(from), Some(to)) if from != to => Ok(Self { from, to }),
            _ => Err(NotQuiet),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quiet_time_may_go_over_midnight() {
        let night: Quiet = "22:00-07:00".parse().unwrap();
        let noon: Quiet = "12:00 - 13:30".parse().unwrap();
        assert_eq!(night.to_string(), "22:00-07:00");
        for (time, at_night, at_noon) in [
            ("21:59", false, false),
            ("22:00", true, false),
            ("03:00", true, false),
            ("07:00", false, false),
            ("12:00", false, true),
            ("13:30", false, false),
        ] {
            let now = format!("2026-11-21T{time}:00+01:00").parse().unwrap();
            assert_eq!(night.contains(now), at_night, "{time}");
            assert_eq!(noon.contains(now), at_noon, "{time}");
        }
        for bad in ["", "22:00", "22-7", "25:00-07:00", "07:00-07:00"] {
            assert_eq!(bad.parse::<Quiet>(), Err(NotQuiet), "{bad}");
        }
    }
}
