//! Problems of a config: what is wrong, at which place, and what to do about it.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::text;

/// So many problems are listed; of further ones only the number.
const LISTED: usize = 200;

/// The longest piece of a config that a message repeats, in columns.
const QUOTED: usize = 60;

/// Why there is no config.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// No file where one is looked for.
    #[error("{}", Missing(.looked))]
    NotFound {
        /// Every place that was looked at, in order.
        looked: Vec<Looked>,
    },
    /// The files, or the flags given beside them, cannot be used as they are.
    #[error("{}", Listing(.problems, *.unlisted))]
    Invalid {
        /// In the order of the files and lines.
        problems: Vec<Problem>,
        /// How many more there are.
        unlisted: usize,
    },
}

/// A place that was looked at for a config.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// The reason for this place, such as `$CREDWATCH_CONFIG`.
    pub because: &'static str,
    /// The file that would have been read.
    pub path: PathBuf,
}

/// One thing that is wrong, or that deserves a warning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where; `None` if it stands in no file, as a flag does.
    pub place: Option<Place>,
    /// The owner and the key, such as `tenant 'contoso-rooms': secret`; empty for a whole file.
    pub key: String,
    /// What is wrong. Never holds a secret, and is safe to show.
    pub what: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file, as it was named.
    pub file: Arc<Path>,
    /// Line and column, both from 1; `None` for the file as a whole.
    pub position: Option<(usize, usize)>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(&self.file))?;
        match self.position {
            Some((line, column)) => write!(f, ":{line}:{column}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.what)?;
        match &self.hint {
            Some(hint) => write!(f, "\n  hint: {hint}"),
            None => Ok(()),
        }
    }
}

/// Writes the places that were looked at, and how to get a config.
struct Missing<'a>(&'a [Looked]);

impl fmt::Display for Missing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "there is no config; looked for")?;
        for looked in self.0 {
            writeln!(f, "  '{}' ({})", shown(&looked.path), looked.because)?;
        }
        write!(
            f,
            "  hint: `credwatch init` writes a first one, `credwatch demo` needs none"
        )
    }
}

/// Writes one block a problem, and how many there are.
struct Listing<'a>(&'a [Problem], usize);

impl fmt::Display for Listing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(problems, unlisted) = *self;
        for problem in problems {
            writeln!(f, "{problem}")?;
        }
        let total = problems.len() + unlisted;
        let noun = if total == 1 { "problem" } else { "problems" };
        write!(f, "{total} {noun}")?;
        if unlisted > 0 {
            write!(f, ", the first {} are shown", problems.len())?;
        }
        Ok(())
    }
}

/// What is wrong with one value, without its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) what: String,
    pub(super) hint: Option<String>,
}

impl Fault {
    pub(super) fn new(what: impl Into<String>) -> Self {
        let what = what.into();
        Self { what, hint: None }
    }

    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        let hint = Some(hint.into());
        Self { hint, ..self }
    }

    pub(super) fn at(self, place: Option<Place>, key: impl Into<String>) -> Problem {
        Problem {
            place,
            key: key.into(),
            what: self.what,
            hint: self.hint,
        }
    }
}

/// Everything found so far in all files.
#[derive(Debug, Default)]
pub(super) struct Findings {
    problems: Vec<Problem>,
    unlisted: usize,
    warnings: Vec<Problem>,
}

impl Findings {
    pub(super) fn problem(&mut self, problem: Problem) {
        if self.problems.len() < LISTED {
            self.problems.push(problem);
        } else {
            self.unlisted += 1;
        }
    }

    pub(super) fn warning(&mut self, warning: Problem) {
        self.warnings.push(warning);
    }

    /// Returns a mark for [`Self::sort_since`].
    pub(super) fn mark(&self) -> usize {
        self.problems.len()
    }

    /// Brings what one file added into the order of its lines.
    ///
    /// Those of a list that `file` names come last.
    pub(super) fn sort_since(&mut self, mark: usize, file: &Path) {
        if let Some(added) = self.problems.get_mut(mark..) {
            added.sort_by_cached_key(|problem| {
                let place = problem.place.as_ref();
                let elsewhere = place.map(|place| &place.file).filter(|one| ***one != *file);
                (elsewhere.cloned(), place.and_then(|place| place.position))
            });
        }
    }

    /// Returns the warnings, if there is nothing worse.
    pub(super) fn into_warnings(self) -> Result<Vec<Problem>, ConfigError> {
        if self.problems.is_empty() {
            return Ok(self.warnings);
        }
        Err(ConfigError::Invalid {
            problems: self.problems,
            unlisted: self.unlisted,
        })
    }
}

/// Returns a value of the config, safe to repeat in a message: it may be a secret in the wrong place.
pub(super) fn quoted(value: &str) -> String {
    let safe = text::line(&text::redact(value));
    format!("'{}'", text::fit(&safe, QUOTED))
}

/// Returns a path, safe to show.
pub(super) fn shown(path: &Path) -> String {
    text::line(&path.to_string_lossy())
}
