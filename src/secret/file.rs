//! Secrets in files: bounded, regular files only.

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use secrecy::SecretString;
use tokio::{
    task::spawn_blocking,
    time::{Instant, timeout_at},
};
use zeroize::Zeroizing;

use crate::text;

use super::{MAX_BYTES, SecretError, unterminated};

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
    let task = spawn_blocking({
        let path = path.clone();
        move || read_now(&path)
    });
    match timeout_at(deadline, task).await {
        Ok(Ok(read)) => read,
        Ok(Err(ended)) => Err(SecretError::File {
            path,
            source: io::Error::other(ended),
        }),
        Err(_) => Err(SecretError::FileTimeout { path }),
    }
}

fn read_now(path: &Path) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    let failed = |source| SecretError::File {
        path: path.to_owned(),
        source,
    };
    // asked before opening: opening a pipe waits for a writer, perhaps for ever
    if !path.metadata().map_err(failed)?.is_file() {
        return Err(SecretError::NotAFile {
            path: path.to_owned(),
        });
    }
    // room for all of it, so that growing leaves no copy behind
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_BYTES + 1));
    File::open(path)
        .and_then(|file| file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes))
        .map_err(failed)?;
    if bytes.len() > MAX_BYTES {
        let place = format!("secret file '{}'", text::line(&path.to_string_lossy()));
        return Err(SecretError::TooLarge { place });
    }
    Ok(bytes)
}
