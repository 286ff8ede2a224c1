//! Reads and writes the contents of files: the only module that does.
//!
//! A path in a config or on a command line may name a pipe without a writer, a device without an end, a
//! file on a mount that does not answer, or a link that another user planted. [`read()`] and [`read_now()`]
//! therefore look at what was opened before they read, stop at a size, and do not block a thread of the
//! runtime; [`write()`] replaces a regular file whole, keeps its owner and mode, follows no planted name,
//! and writes devices and pipes in place. A test forbids other modules to open files.
//!
//! Folders, metadata, sockets and the files of `SQLite` are not the business of this module. Callers say in
//! their own errors which file it was; [`FileError`] says what is wrong with it.

mod exposure;
mod read;
mod thread;
mod write;

use std::io;

pub use self::{
    exposure::{Exposure, exposure},
    read::{Accepts, metadata, read, read_into, read_now},
    thread::{Unanswered, on_own_thread},
    write::{
        append, check_appendable, create, ensure_private, lock_file, remove, remove_leftovers,
        set_modified, write, write_private, write_temporary,
    },
};

#[cfg(test)]
pub(crate) use self::write::faults;
#[cfg(test)]
mod tests;

/// Why the contents of a file cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The operating system refuses.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// A pipe, a device, a socket.
    #[error("is {0}, not a regular file")]
    NotRegular(&'static str),
    /// More bytes than the caller takes.
    #[error("is larger than {}", megabytes(*.0))]
    TooLarge(u64),
    /// The file system did not answer before the deadline.
    #[error("could not be read in time; does its file system answer?")]
    NoAnswer,
}

impl FileError {
    /// Returns whether there is no such file.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Io(error) if error.kind() == io::ErrorKind::NotFound)
    }
}

impl From<FileError> for io::Error {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Io(error) => error,
            FileError::NoAnswer => Self::new(io::ErrorKind::TimedOut, error.to_string()),
            FileError::NotRegular(_) | FileError::TooLarge(_) => {
                Self::new(io::ErrorKind::InvalidInput, error.to_string())
            }
        }
    }
}

fn megabytes(bytes: u64) -> String {
    const KIB: u64 = 1024;
    match bytes {
        n if n.is_multiple_of(KIB * KIB) => format!("{} MiB", n / (KIB * KIB)),
        n => format!("{} KiB", n / KIB),
    }
}

/// Returns what a file is that is no regular one; `None` for a regular file.
fn other_kind(kind: std::fs::FileType) -> Option<&'static str> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        if kind.is_fifo() {
            return Some("a pipe");
        }
        if kind.is_socket() {
            return Some("a socket");
        }
        if kind.is_char_device() || kind.is_block_device() {
            return Some("a device");
        }
    }
    if kind.is_dir() {
        return Some("a directory");
    }
    (!kind.is_file()).then_some("something else")
}
