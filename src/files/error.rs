//! What is wrong with a file whose contents cannot be had.

use std::{fs::FileType, io};

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
pub(super) fn other_kind(kind: FileType) -> Option<&'static str> {
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
