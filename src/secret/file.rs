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

/// Room beyond the last byte, where reading finds out that it was the last.
const SPARE: usize = 64;

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
    let metadata = path.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err(SecretError::NotAFile {
            path: path.to_owned(),
        });
    }
    // room for all of it, so that growing leaves no copy behind
    let mut bytes = Zeroizing::new(Vec::with_capacity(room(metadata.len())));
    File::open(path)
        .and_then(|file| file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes))
        .map_err(failed)?;
    if bytes.len() > MAX_BYTES {
        let place = format!("secret file '{}'", text::line(&path.to_string_lossy()));
        return Err(SecretError::TooLarge { place });
    }
    Ok(bytes)
}

/// How much room a file of that length takes. All of it is wiped afterwards, so the most that a file
/// may have would cost every small one dear; what the system makes up on reading claims to be empty.
fn room(length: u64) -> usize {
    match usize::try_from(length) {
        Ok(length @ 1..MAX_BYTES) => length + SPARE,
        Ok(_) | Err(_) => MAX_BYTES + SPARE,
    }
}
