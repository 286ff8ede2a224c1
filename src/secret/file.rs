//! Secrets in files: the text of a regular file, within a deadline.

use std::{io, path::PathBuf};

use secrecy::SecretString;
use tokio::time::Instant;
use zeroize::Zeroizing;

use crate::{
    files::{self, FileError},
    text,
};

use super::{
    error::SecretError,
    value::{MAX_BYTES, unterminated},
};

/// Reads a file that holds a secret's text, off the async threads.
pub(super) async fn read(path: PathBuf, deadline: Instant) -> Result<SecretString, SecretError> {
    let place = || format!("secret file '{}'", text::line(&path.to_string_lossy()));
    unterminated(&bytes(path.clone(), deadline).await?, place)
}

/// Reads a file as it is, off the async threads.
pub(super) async fn bytes(
    path: PathBuf,
    deadline: Instant,
) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    let read = files::read(path.clone(), MAX_BYTES as u64, deadline).await;
    read.map_err(|error| match error {
        FileError::Io(source) if source.kind() == io::ErrorKind::IsADirectory => {
            SecretError::NotAFile { path }
        }
        FileError::Io(source) => SecretError::File { path, source },
        FileError::NotRegular(_) => SecretError::NotAFile { path },
        FileError::TooLarge(_) => SecretError::TooLarge {
            place: format!("secret file '{}'", text::line(&path.to_string_lossy())),
        },
        FileError::NoAnswer => SecretError::FileTimeout { path },
    })
}
