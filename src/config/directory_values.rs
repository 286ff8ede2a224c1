//! Parses the values of `[[directory]]`.

use std::path::PathBuf;

use glob::Pattern;
use toml::de::{DeTable, DeValue};

use super::{
    problem::{Fault, quoted},
    source::Source,
    types::{string, strings, wrong_type},
    values,
};

pub(super) const IDS: &str = "write `tenant_id = \"…\"` for one directory, or for many `tenant_ids = [\"…\", \
                   \"…\"]` or `{ file = \"PATH\" }` with one id a line";

/// The value of `tenant_ids`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum DirectoryIds {
    /// The ids themselves.
    Listed(Vec<String>),
    /// A file with one id a line.
    File(PathBuf),
}

pub(super) fn directory_ids(value: &DeValue<'_>, source: &Source) -> Result<DirectoryIds, Fault> {
    match value {
        DeValue::Table(table) => path(table, source).map(DirectoryIds::File),
        DeValue::Array(_) => {
            let ids = strings(value)?.into_iter().map(directory_id);
            ids.collect::<Result<_, _>>().map(DirectoryIds::Listed)
        }
        other => Err(wrong_type(other, "a list, or a table that names a file").hint(IDS)),
    }
}

fn path(table: &DeTable<'_>, source: &Source) -> Result<PathBuf, Fault> {
    match (table.get("file"), table.len()) {
        (Some(path), 1) => source.resolve(string(path.get_ref())?),
        _ => Err(Fault::new("must hold `file` and nothing else").hint(IDS)),
    }
}

pub(super) fn directory_id(text: &str) -> Result<String, Fault> {
    if values::is_any_directory(text) {
        let fault = Fault::new(format!("{} names no directory of its own", quoted(text)));
        return Err(fault.hint("an app reads one directory at a time: name each"));
    }
    values::tenant_id(text)
}

pub(super) fn name_pattern(text: &str) -> Result<String, Fault> {
    Pattern::new(text).map_err(|error| {
        Fault::new(format!("{} is no pattern: {error}", quoted(text)))
            .hint("write names like \"contoso-*\"; `*` stands for any characters, `?` for one")
    })?;
    nonempty(text)
}

pub(super) fn owner(text: &str) -> Result<String, Fault> {
    if values::is_guid(text) || text.contains('@') {
        return nonempty(text);
    }
    let fault = Fault::new(format!("{} is no owner", quoted(text)));
    Err(fault.hint("write an object id, or a user principal name such as \"alice@contoso.com\""))
}

pub(super) fn nonempty(text: &str) -> Result<String, Fault> {
    if text.trim().is_empty() {
        return Err(Fault::new("holds an empty word"));
    }
    values::at_most(text, values::WORD).map(str::to_owned)
}
