//! Reads when a credential ends, and which credential the vendor holds. Repeats no value that might be
//! a secret.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeZone as _, Utc};
use toml::{
    de::DeValue,
    value::{Date, Datetime, Offset, Time},
};

use crate::tenant::{EndDate, Watch};

use super::{
    problem::{Fault, quoted},
    secret_source::only_entry,
    source::Source,
    types::{string, wrong_type},
    values,
};

/// Reads which credential the vendor holds.
pub(super) fn watch(value: &DeValue<'_>, _: &Source) -> Result<Watch, Fault> {
    let hint = "write `{ key_id = \"…\" }`, the Secret ID in the portal, or `{ hint = \"abc\" }`, \
                the first three characters of the secret";
    let DeValue::Table(table) = value else {
        return Err(wrong_type(value, "a table").hint(hint));
    };
    let (kind, value) = only_entry(table, hint)?;
    match kind {
        "key_id" => values::guid(string(value)?).map(Watch::KeyId),
        "hint" => {
            let text = string(value)?;
            if text.chars().count() == 3 && text.chars().all(|c| c.is_ascii_graphic()) {
                return Ok(Watch::Hint(text.to_owned()));
            }
            // not repeated: a longer one may be the whole secret
            Err(Fault::new("`hint` must be three characters").hint(hint))
        }
        other => Err(Fault::new(format!("{} is an unknown key", quoted(other))).hint(hint)),
    }
}

const DATES: &str = "write a date (2027-03-31), a time with its offset (2027-03-31T12:00:00Z), or \
                     \"never\"";

/// Reads when a secret ends.
pub(super) fn end(value: &DeValue<'_>, _: &Source) -> Result<EndDate, Fault> {
    match value {
        DeValue::Datetime(written) => end_of(*written).map(EndDate::of),
        DeValue::String(text) => end_text(text),
        other => Err(wrong_type(other, "a date").hint(DATES)),
    }
}

/// Reads when a secret ends from a text.
pub(super) fn end_text(text: &str) -> Result<EndDate, Fault> {
    if text.trim().eq_ignore_ascii_case("never") {
        return Ok(EndDate::Never);
    }
    let written: Datetime = text
        .trim()
        .parse()
        .map_err(|_not_a_date| Fault::new(format!("{} is not a date", quoted(text))).hint(DATES))?;
    end_of(written).map(EndDate::of)
}

fn end_of(written: Datetime) -> Result<DateTime<Utc>, Fault> {
    let Some(date) = written.date else {
        return Err(Fault::new("is a time without a date").hint(DATES));
    };
    if written.time.is_some() && written.offset.is_none() {
        return Err(
            Fault::new(format!("'{written}' has no offset")).hint(format!(
                "say whose time it is: `{written}Z` for UTC, or `{written}+01:00`"
            )),
        );
    }
    moment(date, written.time, written.offset)
        .ok_or_else(|| Fault::new(format!("'{written}' is no day of the calendar")).hint(DATES))
}

/// A bare date begins its day in UTC.
fn moment(date: Date, time: Option<Time>, offset: Option<Offset>) -> Option<DateTime<Utc>> {
    let day = NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into())?;
    let time = match time {
        None => NaiveTime::MIN,
        Some(time) => NaiveTime::from_hms_nano_opt(
            time.hour.into(),
            time.minute.into(),
            time.second.unwrap_or(0).into(),
            time.nanosecond.unwrap_or(0),
        )?,
    };
    let east = match offset {
        None | Some(Offset::Z) => 0,
        Some(Offset::Custom { minutes }) => i32::from(minutes) * 60,
    };
    FixedOffset::east_opt(east)?
        .from_local_datetime(&day.and_time(time))
        .single()
        .map(|moment| moment.with_timezone(&Utc))
}
