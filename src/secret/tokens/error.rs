//! Why a kept sign-in cannot be read or written. Never a token.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::{state::StateError, text};

/// Why a kept sign-in cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum TokenStoreError {
    /// There is no place for state.
    #[error("{0}")]
    NoPlace(#[from] StateError),
    /// The file system refuses.
    #[error("the kept sign-in '{}' cannot be {doing}: {source}", shown(.path))]
    File {
        /// What was tried: "read", "written" …
        doing: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file is not one of ours, or damaged.
    #[error(
        "the kept sign-in '{}' is damaged ({why}) and was left as it is; sign in again with \
         `credwatch login`, which replaces it", shown(.path)
    )]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it; never its content.
        why: &'static str,
    },
    /// Another process uses it all the time.
    #[error(
        "the kept sign-in is in use by another credwatch process, which did not let go of it in time"
    )]
    Busy,
}

fn shown(path: &Path) -> String {
    text::line(&path.to_string_lossy())
}
