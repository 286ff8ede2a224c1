//! The state directory: where the history, kept sign-ins and logs are.
//!
//! Directories are made readable by their owner alone. The files in them belong to other modules.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use etcetera::{BaseStrategy as _, base_strategy::Xdg};

/// Why there is no state directory.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// There is no home directory to start from.
    #[error(
        "no home directory is known, so there is no place for state; name one with `--state-dir`"
    )]
    NoHome,
    /// It cannot be made.
    #[error("the state directory '{}' cannot be made", path.display())]
    Create {
        /// Which directory.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// Returns the state directory, making it with mode 0700 where it is missing.
///
/// The first of: the one given (`--state-dir`, `$CREDWATCH_STATE_DIR`), `$STATE_DIRECTORY` as systemd
/// sets it, `$XDG_STATE_HOME/credwatch`, `~/.local/state/credwatch`.
pub fn directory(given: Option<&Path>) -> Result<PathBuf, StateError> {
    let path = place(given)?;
    create_private(&path).map_err(|source| StateError::Create {
        path: path.clone(),
        source,
    })?;
    Ok(path)
}

/// Returns where the state directory is, or would be.
pub fn place(given: Option<&Path>) -> Result<PathBuf, StateError> {
    match given {
        Some(path) => Ok(path.to_owned()),
        None => usual_place(),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "systemd names the directory in the environment"
)]
fn usual_place() -> Result<PathBuf, StateError> {
    // systemd separates several with colons; the first is ours
    let from_systemd = std::env::var("STATE_DIRECTORY").unwrap_or_default();
    if let Some(first) = from_systemd.split(':').find(|part| !part.is_empty()) {
        return Ok(first.into());
    }
    let home = Xdg::new().map_err(|_no_home| StateError::NoHome)?;
    let state = home.state_dir().ok_or(StateError::NoHome)?;
    Ok(state.join("credwatch"))
}

/// Makes a directory, and those above it that are missing, for their owner alone.
#[cfg(unix)]
pub fn create_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}

/// Makes a directory, and those above it that are missing.
#[cfg(not(unix))]
pub fn create_private(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_state_directory_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = tempfile::tempdir().unwrap();
        let made = directory(Some(&home.path().join("a/b"))).unwrap();
        assert_eq!(
            fs::metadata(made).unwrap().permissions().mode() & 0o777,
            0o700
        );
    }
}
