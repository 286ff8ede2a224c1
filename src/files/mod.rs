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

mod error;
mod exposure;
mod read;
mod thread;
mod write;

pub use self::{
    error::FileError,
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
