//! One file of the config: its text, and the line of an offset.

use std::{
    cell::OnceCell,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::files::{self, Accepts, FileError};

use super::problem::{Fault, Place};

/// Larger files are refused: 10,000 tenants take about 3 MiB.
pub const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// A file that was read.
#[derive(Debug)]
pub(super) struct Source {
    path: Arc<Path>,
    base: PathBuf,
    text: String,
    lines: OnceCell<Vec<usize>>,
}

impl Source {
    /// Reads a file whole, if it is text of at most [`MAX_BYTES`].
    pub(super) fn read(path: &Path, accepts: Accepts) -> Result<Self, Fault> {
        let mut bytes = Vec::new();
        files::read_into(path, accepts, MAX_BYTES, &mut bytes)
            .map_err(|error| unreadable(&error))?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let good = error.utf8_error().valid_up_to();
            let line = 1 + error
                .as_bytes()
                .iter()
                .take(good)
                .filter(|b| **b == b'\n')
                .count();
            Fault::new(format!("is not UTF-8 text (line {line})")).hint("save the file as UTF-8")
        })?;
        Ok(Self::new(path, text))
    }

    /// Takes a text as the content of a file.
    pub(super) fn new(path: &Path, text: String) -> Self {
        // an empty path cannot be made absolute; relative paths in it then start here
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        Self {
            path: path.into(),
            base: absolute.parent().map(Path::to_owned).unwrap_or_default(),
            text,
            lines: OnceCell::new(),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Returns the path that a path written in this file stands for.
    pub(super) fn resolve(&self, written: &str) -> Result<PathBuf, Fault> {
        if written.trim().is_empty() {
            return Err(Fault::new("is an empty path"));
        }
        let Some(below) = written.strip_prefix("~/") else {
            return Ok(self.base.join(written));
        };
        match etcetera::home_dir() {
            Ok(home) => Ok(home.join(below)),
            Err(_) => Err(
                Fault::new("`~` cannot be resolved: there is no home directory")
                    .hint("set `HOME`, or write the path from `/`"),
            ),
        }
    }

    /// Returns the place of a byte offset.
    pub(super) fn place(&self, offset: usize) -> Place {
        let starts = self.lines.get_or_init(|| line_starts(&self.text));
        let line = starts.partition_point(|start| *start <= offset).max(1);
        let start = starts.get(line - 1).copied().unwrap_or(0);
        let before = self.text.get(start..offset).unwrap_or_default();
        Place {
            file: Arc::clone(&self.path),
            position: Some((line, before.chars().count() + 1)),
        }
    }

    /// Returns the place that stands for the whole file.
    pub(super) fn whole(&self) -> Place {
        whole(&self.path)
    }
}

/// Returns the place that stands for a whole file.
pub(super) fn whole(path: &Path) -> Place {
    Place {
        file: path.into(),
        position: None,
    }
}

fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0)
        .chain(text.match_indices('\n').map(|(at, _)| at + 1))
        .collect()
}

fn unreadable(error: &FileError) -> Fault {
    let io = match error {
        FileError::TooLarge(_) => {
            return Fault::new(error.to_string())
                .hint("is it the right file? split a very large fleet with `include`");
        }
        FileError::NotRegular(_) | FileError::NoAnswer => return Fault::new(error.to_string()),
        FileError::Io(io) => io,
    };
    match io.kind() {
        io::ErrorKind::NotFound => Fault::new("does not exist"),
        io::ErrorKind::IsADirectory => {
            Fault::new("is a directory, not a file").hint("name the file in it")
        }
        io::ErrorKind::PermissionDenied => Fault::new("may not be read: permission denied")
            .hint("let the user that runs credwatch read it"),
        _ => Fault::new(error.to_string()),
    }
}
