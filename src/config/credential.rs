//! What a config says about a credential: where the secret is, when it ends, which one the vendor
//! holds. Opens nothing, and repeats no value that might be a secret.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeZone as _, Utc};
use toml::{
    de::{DeTable, DeValue},
    value::{Date, Datetime, Offset, Time},
};

use crate::tenant::{EndDate, SecretSource, Watch};

use super::{
    fields::{nearest, string, strings, wrong_type},
    problem::{Fault, quoted},
    source::Source,
    values,
};

const SOURCES: &[&str] = &["env", "file", "command", "credential", "keyring"];

const HOW_TO: &str = "write where it is kept: `secret = { env = \"NAME\" }`, `{ file = \"PATH\" }`, \
                      `{ command = [\"pass\", \"show\", \"x\"] }` or `{ credential = \"ID\" }`";

/// Says that a tenant names no secret.
pub(super) fn how_to() -> &'static str {
    HOW_TO
}

/// Reads where a secret is kept.
pub(super) fn secret(value: &DeValue<'_>, source: &Source) -> Result<SecretSource, Fault> {
    let table = match value {
        DeValue::Table(table) => table,
        DeValue::String(_) => {
            return Err(Fault::new("a secret must not stand in the config").hint(HOW_TO));
        }
        other => return Err(wrong_type(other, "a table").hint(HOW_TO)),
    };
    let (kind, place) = only_entry(table, HOW_TO)?;
    match kind {
        "env" => environment(string(place)?),
        "file" => source.resolve(string(place)?).map(SecretSource::File),
        "command" => command(place),
        "credential" => credential(string(place)?),
        "keyring" => keyring(string(place)?),
        other => {
            let fault = Fault::new(format!("{} is not a secret source", quoted(other)));
            Err(match nearest(other, SOURCES) {
                Some(near) => fault.hint(format!("did you mean `{near}`?")),
                None => fault.hint(HOW_TO),
            })
        }
    }
}

fn only_entry<'t>(table: &'t DeTable<'_>, hint: &str) -> Result<(&'t str, &'t DeValue<'t>), Fault> {
    let mut entries = table.iter();
    match (entries.next(), entries.next()) {
        (Some((key, value)), None) => Ok((key.get_ref(), value.get_ref())),
        (None, _) => Err(Fault::new("is empty").hint(hint)),
        (Some(_), Some(_)) => {
            let found = table.len();
            Err(Fault::new(format!("must hold exactly one entry, not {found}")).hint(hint))
        }
    }
}

fn environment(name: &str) -> Result<SecretSource, Fault> {
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let goes_on = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if starts && goes_on {
        return Ok(SecretSource::Env(name.to_owned()));
    }
    // not repeated: it may be the secret itself, or `$NAME`
    Err(
        Fault::new("`env` does not hold the name of an environment variable")
            .hint("write the name alone, without `$`: `{ env = \"CONTOSO_SECRET\" }`"),
    )
}

fn command(value: &DeValue<'_>) -> Result<SecretSource, Fault> {
    let hint = "write program and arguments as a list: `{ command = [\"pass\", \"show\", \"x\"] }`; \
                no shell is involved";
    let words = match value {
        DeValue::Array(_) => strings(value)?,
        other => return Err(wrong_type(other, "a list of strings").hint(hint)),
    };
    if words
        .first()
        .is_none_or(|program| program.trim().is_empty())
    {
        return Err(Fault::new("`command` names no program").hint(hint));
    }
    if words.iter().any(|word| word.contains('\0')) {
        return Err(Fault::new("`command` holds a NUL character"));
    }
    let words = words.into_iter().map(str::to_owned).collect();
    Ok(SecretSource::Command(words))
}

fn credential(id: &str) -> Result<SecretSource, Fault> {
    if crate::secret::is_credential_id(id) {
        return Ok(SecretSource::Credential(id.to_owned()));
    }
    Err(
        Fault::new("`credential` does not hold the id of a systemd credential").hint(
            "write the id that `LoadCredential=ID:PATH` gives it: letters, digits, `.`, `_`, `-`",
        ),
    )
}

fn keyring(name: &str) -> Result<SecretSource, Fault> {
    if cfg!(not(feature = "keyring")) {
        return Err(Fault::new("this credwatch was built without keyrings").hint(
            "build it with `--features keyring`, or use `env`, `file`, `command` or `credential`",
        ));
    }
    values::name(name)
        .map(SecretSource::Keyring)
        .map_err(|_repeats_it| {
            Fault::new("`keyring` does not hold the name of an item")
                .hint("write the name that it was stored by: `{ keyring = \"contoso-rooms\" }`")
        })
}

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
