//! Reads where a secret is kept. Opens nothing, and repeats no value that might be a secret.

use toml::de::{DeTable, DeValue};

use crate::tenant::SecretSource;

use super::{
    problem::{Fault, quoted},
    source::Source,
    suggest::nearest,
    types::{string, strings, wrong_type},
    values,
};

const SOURCES: &[&str] = &["env", "file", "command", "credential", "keyring"];

pub(super) const HOW_TO: &str = "write where it is kept: `secret = { env = \"NAME\" }`, `{ file = \"PATH\" }`, \
                      `{ command = [\"pass\", \"show\", \"x\"] }` or `{ credential = \"ID\" }`";

/// Returns the one entry of a table.
pub(super) fn only_entry<'t>(
    table: &'t DeTable<'_>,
    hint: &str,
) -> Result<(&'t str, &'t DeValue<'t>), Fault> {
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

/// Reads where a secret is kept.
pub(super) fn secret(value: &DeValue<'_>, source: &Source) -> Result<SecretSource, Fault> {
    let table = match value {
        DeValue::Table(table) => table,
        DeValue::String(_) => {
            // never a plain secret: configs are copied, shown in tickets and kept in repositories; the
            // value is not repeated, because it is the secret
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
