//! Reads TOML values by their type: strings, lists, numbers, durations, words of an enum.
//!
//! Each function returns a reader for a row of the key table. A reader knows neither its key nor its
//! table; it returns the value, or a [`Fault`] that never repeats a value of the wrong type, because
//! that value may be a secret in the wrong place.

use std::{str::FromStr, time::Duration};

use chrono::TimeDelta;
use strum::VariantNames;
use toml::de::DeValue;

use crate::stage::{Surface, SurfaceSet};

use super::{
    problem::Fault,
    source::Source,
    suggest::not_one_of,
    values::{self, Bounds},
};

pub(super) const LIST: &str = "write it like [\"one\", \"two\"]";

/// Returns a string, or the fault that the value is none.
pub(super) fn string<'t>(value: &'t DeValue<'_>) -> Result<&'t str, Fault> {
    value
        .as_str()
        .ok_or_else(|| wrong_type(value, "a string").hint("write it in \"double quotes\""))
}

/// Returns a list of strings, or the fault that the value is none.
pub(super) fn strings<'t>(value: &'t DeValue<'_>) -> Result<Vec<&'t str>, Fault> {
    let wrong = || wrong_type(value, "a list of strings").hint(LIST);
    value
        .as_array()
        .ok_or_else(wrong)?
        .iter()
        .map(|item| item.get_ref().as_str().ok_or_else(wrong))
        .collect()
}

/// Returns the fault of a value that has another type than it must have. Never repeats the value.
pub(super) fn wrong_type(value: &DeValue<'_>, due: &str) -> Fault {
    let found = match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    Fault::new(format!("must be {due}, not {found}"))
}

/// Reads a string by what it means.
pub(super) fn text<T>(
    parse: impl FnOnce(&str) -> Result<T, Fault>,
) -> impl FnOnce(&DeValue<'_>, &Source) -> Result<T, Fault> {
    |value, _| parse(string(value)?)
}

/// Reads one word of an enum; the words come from the enum's `strum` derives.
pub(super) fn word<T: FromStr + VariantNames>()
-> impl FnOnce(&DeValue<'_>, &Source) -> Result<T, Fault> {
    text(values::one_of::<T>)
}

/// Reads a list of strings, each by what it means.
pub(super) fn list<T>(
    parse: impl Fn(&str) -> Result<T, Fault>,
) -> impl FnOnce(&DeValue<'_>, &Source) -> Result<Vec<T>, Fault> {
    move |value, _| strings(value)?.into_iter().map(parse).collect()
}

/// Reads `true` or `false`.
pub(super) fn flag(value: &DeValue<'_>, _: &Source) -> Result<bool, Fault> {
    value
        .as_bool()
        .ok_or_else(|| wrong_type(value, "`true` or `false`"))
}

/// Reads a duration with its unit.
pub(super) fn duration(
    bounds: Bounds,
) -> impl FnOnce(&DeValue<'_>, &Source) -> Result<Duration, Fault> {
    move |value, _| match value.as_str() {
        Some(text) => values::duration(text, bounds),
        None => Err(wrong_type(value, "a duration")
            .hint("write it as a string with its unit, like \"90s\", \"5m\" or \"30d\"")),
    }
}

/// Reads a span of calendar time, written as a duration.
pub(super) fn span(
    bounds: Bounds,
) -> impl FnOnce(&DeValue<'_>, &Source) -> Result<TimeDelta, Fault> {
    move |value, source| duration(bounds)(value, source).map(values::delta)
}

/// Reads a whole number within limits.
pub(super) fn number(
    least: u32,
    most: u32,
) -> impl FnOnce(&DeValue<'_>, &Source) -> Result<u32, Fault> {
    move |value, _| whole_number(value, least, most)
}

/// Reads a list of numbers of days, and returns them in descending order, each once.
pub(super) fn days(value: &DeValue<'_>, _: &Source) -> Result<Vec<u32>, Fault> {
    let hint = "write it like [30, 14, 7, 3, 1, 0]; 0 is the end itself";
    let wrong = || wrong_type(value, "a list of whole numbers").hint(hint);
    let mut days = value
        .as_array()
        .ok_or_else(wrong)?
        .iter()
        .map(|item| whole_number(item.get_ref(), 0, 3650))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|fault| fault.hint(hint))?;
    days.sort_unstable_by(|a, b| b.cmp(a));
    days.dedup();
    Ok(days)
}

/// Reads labels, each once, in the order written.
pub(super) fn tags(value: &DeValue<'_>, source: &Source) -> Result<Vec<String>, Fault> {
    let mut tags: Vec<String> = Vec::new();
    for tag in list(values::tag)(value, source)? {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    Ok(tags)
}

/// Reads a program with its arguments.
pub(super) fn command_line(value: &DeValue<'_>, _: &Source) -> Result<Vec<String>, Fault> {
    let words = strings(value)?;
    if words
        .first()
        .is_none_or(|program| program.trim().is_empty())
    {
        return Err(Fault::new("names no program")
            .hint("write program and arguments as a list; no shell is involved"));
    }
    Ok(words.into_iter().map(str::to_owned).collect())
}

/// Reads a list of surfaces.
pub(super) fn surfaces(value: &DeValue<'_>, _: &Source) -> Result<SurfaceSet, Fault> {
    let surface = |word| {
        let words = Surface::ALL.map(Surface::word);
        Surface::from_word(word).ok_or_else(|| not_one_of(word, &words))
    };
    strings(value)?.into_iter().map(surface).collect()
}

fn whole_number(value: &DeValue<'_>, least: u32, most: u32) -> Result<u32, Fault> {
    let DeValue::Integer(written) = value else {
        return Err(wrong_type(value, "a whole number"));
    };
    u32::from_str_radix(written.as_str(), written.radix())
        .ok()
        .filter(|n| (least..=most).contains(n))
        .ok_or_else(|| Fault::new(format!("must be from {least} to {most}, not {written}")))
}
