//! Finds the files that `include` names.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

use glob::{MatchOptions, Pattern};

use crate::text;

use super::{
    fields::Fields,
    problem::{Fault, quoted},
    source::Source,
    types::string,
};

/// More files than this are a wrong pattern.
const MAX_FILES: usize = 10_000;

/// Returns the files that the patterns of a main file match, each once, in order.
///
/// A pattern that matches nothing is reported, and the other files are read all the same.
pub(super) fn files(root: &mut Fields<'_, '_>) -> Vec<PathBuf> {
    let main = root.source();
    let mut seen = HashSet::from([identity(main.path())]);
    let mut files = Vec::new();
    for pattern in root.each("include") {
        match string(pattern.value).and_then(|pattern| matches(pattern, main)) {
            // `*.toml` beside the main file finds that one too
            Ok(found) => files.extend(found.into_iter().filter(|path| seen.insert(identity(path)))),
            Err(fault) => root.problem(pattern.at, "include", fault),
        }
    }
    files
}

fn matches(pattern: &str, main: &Source) -> Result<Vec<PathBuf>, Fault> {
    let whole = absolute(pattern, main)?;
    let options = MatchOptions {
        require_literal_leading_dot: true,
        require_literal_separator: true,
        ..MatchOptions::default()
    };
    let found = glob::glob_with(&whole, options)
        .map_err(|error| Fault::new(format!("{} is no pattern: {error}", quoted(pattern))))?;
    let files = found
        .take(MAX_FILES + 1)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| Fault::new(text::line(&format!("{}: {error}", quoted(pattern)))))?;
    match files.len() {
        0 => Err(Fault::new(format!("{} matches no file", quoted(pattern)))
            .hint("patterns start at the file that names them; take out one that is not needed")),
        n if n > MAX_FILES => Err(Fault::new(format!(
            "{} matches more than {MAX_FILES} files",
            quoted(pattern)
        ))),
        _ => Ok(files),
    }
}

/// Puts the folder of the main file in front; its own name is no pattern.
fn absolute(pattern: &str, main: &Source) -> Result<String, Fault> {
    let (folder, rest) = match pattern.strip_prefix("~/") {
        Some(below) => (main.resolve("~/")?, below),
        None if Path::new(pattern).is_absolute() => (PathBuf::new(), pattern),
        None => (main.resolve("./")?, pattern),
    };
    let folder = folder.to_str().map(Pattern::escape).ok_or_else(|| {
        Fault::new("the folder of this file has a name that is not UTF-8")
            .hint("write the pattern from `/`")
    })?;
    Ok(match folder.trim_end_matches(['.', '/']) {
        "" => rest.to_owned(),
        folder => format!("{folder}/{rest}"),
    })
}

fn identity(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}
