//! Writing: a regular file is replaced whole, anything else is written in place.

use std::{
    ffi::OsString,
    fs::{self, File, Metadata, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    thread::sleep,
    time::{Duration, Instant, SystemTime},
};

use super::error::other_kind;

/// How long a pipe or device may take no bytes.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often a full pipe is tried again.
const PAUSE: Duration = Duration::from_millis(10);

/// Names that are tried for a new file: a second one is only needed if the first exists by chance.
const TRIES: usize = 16;

/// So many bytes of a file's name are kept in the name of the new file beside it.
const NAME: usize = 200;

/// More links in a row than this are a circle; Linux stops at the same number.
const LINKS: usize = 40;

/// Replaces the contents of a file: readers see the old ones or the new ones, never half of them.
///
/// The new contents are written under a random name in the same folder, synced, and renamed. Owner and
/// mode of an existing file are kept. A link is followed, and its target replaced. A pipe, a device, and
/// an open descriptor such as `/dev/stdout` are written in place.
pub fn write(path: &Path, contents: &[u8]) -> io::Result<()> {
    match target(path)? {
        Target::InPlace => in_place(path, contents),
        Target::New(path) => replace(&path, contents, &Access::New),
        Target::Existing(path, metadata) => replace(&path, contents, &Access::Of(metadata)),
    }
}

/// Replaces a file that only its owner may read, mode 0600 whatever was there. A link is replaced itself:
/// a secret must not follow a planted one.
pub fn write_private(path: &Path, contents: &[u8]) -> io::Result<()> {
    replace(path, contents, &Access::Private)
}

/// Writes a file of mode 0600 in a temporary folder of this process: in place, and without waiting for the
/// disk, because nothing of it outlives the process.
pub fn write_temporary(path: &Path, contents: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let options = options.write(true).create(true).truncate(true);
    let options = flags(options, &[Flag::NoWait, Flag::NoFollow]);
    mode(options, 0o600).open(path)?.write_all(contents)
}

/// Writes a new file; fails where there is one already.
pub fn create(path: &Path, contents: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(contents)?;
    file.sync_all()
}

/// Adds to the end of a regular file, which keeps owner, mode and links.
pub fn append(path: &Path, contents: &[u8]) -> io::Result<()> {
    let mut file = flags(OpenOptions::new().append(true), &[Flag::NoWait])
        .open(path)
        .map_err(without_reader)?;
    regular(&file.metadata()?)?;
    file.write_all(contents)?;
    file.sync_all()
}

/// Makes an empty file of mode 0600 where there is none; fails where something else than a regular file
/// has the name.
pub fn ensure_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let options = flags(options.append(true).create(true), &[Flag::NoWait]);
    let file = mode(options, 0o600).open(path).map_err(without_reader)?;
    regular(&file.metadata()?)
}

/// Opens a file of mode 0600 for locking, making it where there is none.
pub fn lock_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let options = options.write(true).create(true).truncate(false);
    let options = flags(options, &[Flag::NoWait, Flag::NoFollow]);
    let file = mode(options, 0o600).open(path).map_err(without_reader)?;
    regular(&file.metadata()?)?;
    Ok(file)
}

/// Sets the time at which a file was last changed.
pub fn set_modified(path: &Path, at: SystemTime) -> io::Result<()> {
    flags(OpenOptions::new().write(true), &[Flag::NoWait])
        .open(path)?
        .set_modified(at)
}

/// Fails where adding to a file would wait for ever, as at a pipe that no process reads.
pub fn check_appendable(path: &Path) -> io::Result<()> {
    match flags(OpenOptions::new().append(true), &[Flag::NoWait]).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(without_reader(error)),
        Ok(_) => Ok(()),
    }
}

/// Removes a file, and what a crash of [`write_private`] left beside it; returns whether there was
/// either. A folder of that name stays.
pub fn remove(path: &Path) -> io::Result<bool> {
    let left = remove_leftovers(path)?;
    Ok(remove_one(path)? || left)
}

/// Removes what a crash left beside a file while the file was written; returns whether there was any.
///
/// Only for files that no other process writes at the same time.
pub fn remove_leftovers(path: &Path) -> io::Result<bool> {
    let mut found = false;
    for file in leftovers(path) {
        found |= remove_one(&file)?;
    }
    Ok(found)
}

fn remove_one(path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(there) if there.is_dir() => Ok(false),
        Ok(_) => fs::remove_file(path).map(|()| true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Returns the files beside a path that a crash left there while the path was written.
fn leftovers(path: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let prefix = prefix(path);
    let entries = fs::read_dir(folder(path)).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(move |found| {
        let name = found.file_name().unwrap_or_default().to_string_lossy();
        name.strip_prefix(&*prefix)
            .and_then(|rest| rest.strip_suffix(".tmp"))
            .is_some_and(|random| random.len() == 16)
    })
}

/// Where contents go.
enum Target {
    /// A pipe, a device or an open descriptor.
    InPlace,
    /// No file yet.
    New(PathBuf),
    /// A regular file.
    Existing(PathBuf, Metadata),
}

/// Follows links to what is meant.
fn target(path: &Path) -> io::Result<Target> {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        let metadata = match fs::symlink_metadata(&path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Target::New(path)),
            Err(error) => return Err(error),
        };
        if metadata.is_symlink() {
            if is_descriptor(&path) {
                return Ok(Target::InPlace);
            }
            // a relative target starts at the folder of its link
            path = folder(&path).join(fs::read_link(&path)?);
            continue;
        }
        return Ok(match other_kind(metadata.file_type()) {
            None => Target::Existing(path, metadata),
            Some("a directory") => return Err(io::ErrorKind::IsADirectory.into()),
            Some(_) => Target::InPlace,
        });
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidInput,
        "too many links lead from one to the next",
    ))
}

/// Returns whether a link stands for an open descriptor: `/dev/stdout`, `/dev/fd/3`, `/proc/self/fd/3`.
///
/// Replacing the file behind it would leave the descriptor, and who reads it, with the old one.
fn is_descriptor(link: &Path) -> bool {
    let folder = fs::canonicalize(folder(link)).unwrap_or_default();
    folder.starts_with("/proc") && folder.ends_with("fd")
}

fn in_place(path: &Path, contents: &[u8]) -> io::Result<()> {
    // at the end, because a descriptor may be a log that a shell opened
    let mut file = flags(OpenOptions::new().append(true), &[Flag::NoWait])
        .open(path)
        .map_err(without_reader)?;
    let mut left = contents;
    let mut until = Instant::now() + PATIENCE;
    while !left.is_empty() {
        match file.write(left) {
            Ok(written) => {
                left = left.get(written..).unwrap_or_default();
                until = Instant::now() + PATIENCE;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && Instant::now() < until => {
                sleep(PAUSE);
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                let said = "its reader takes no more bytes";
                return Err(io::Error::new(io::ErrorKind::TimedOut, said));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Owner and mode of a replaced file.
enum Access {
    /// As the process makes new files.
    New,
    /// Its owner alone.
    Private,
    /// As those of the file that was there.
    Of(Metadata),
}

fn replace(path: &Path, contents: &[u8], access: &Access) -> io::Result<()> {
    let (mut file, beside) = new_beside(path, access)?;
    let written = faults::at(path, faults::Step::Write, &mut file, contents)
        .and_then(|()| file.write_all(contents))
        .and_then(|()| faults::at(path, faults::Step::Sync, &mut file, contents))
        .and_then(|()| file.sync_all())
        .and_then(|()| faults::at(path, faults::Step::Rename, &mut file, contents))
        .and_then(|()| fs::rename(&beside, path));
    if let Err(error) = written {
        if !faults::is_crash(&error) {
            fs::remove_file(&beside).ok();
        }
        return Err(error);
    }
    // so that the rename itself survives a power cut
    sync_folder(folder(path))
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Folders cannot be opened as files there.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Makes a new file beside a path under a name that cannot be guessed, which no link can have taken.
fn new_beside(path: &Path, access: &Access) -> io::Result<(File, PathBuf)> {
    let mut options = OpenOptions::new();
    let options = flags(options.write(true).create_new(true), &[Flag::NoFollow]);
    let options = match access {
        Access::New => options,
        // widened below, once the owner is right
        Access::Private | Access::Of(_) => mode(options, 0o600),
    };
    for _ in 0..TRIES {
        let name = format!("{}{:016x}.tmp", prefix(path), fastrand::u64(..));
        let beside = path.with_file_name(OsString::from(name));
        match options.open(&beside) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
            Ok(file) => {
                if let Err(error) = take_over(&file, access) {
                    fs::remove_file(&beside).ok();
                    return Err(error);
                }
                return Ok((file, beside));
            }
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Gives a new file the owner and mode of the one that it replaces.
#[cfg(unix)]
fn take_over(file: &File, access: &Access) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
    let Access::Of(before) = access else {
        return Ok(());
    };
    let now = file.metadata()?;
    if (now.uid(), now.gid()) != (before.uid(), before.gid()) {
        // only root may give a file away; another user at least keeps the group where it is one of theirs
        if fchown(file, Some(before.uid()), Some(before.gid())).is_err() {
            fchown(file, None, Some(before.gid())).ok();
        }
    }
    file.set_permissions(fs::Permissions::from_mode(before.mode() & 0o777))
}

#[cfg(not(unix))]
fn take_over(file: &File, access: &Access) -> io::Result<()> {
    match access {
        Access::Of(before) => file.set_permissions(before.permissions()),
        Access::New | Access::Private => Ok(()),
    }
}

/// Returns the beginning of the names of new files beside a path.
fn prefix(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // the whole name has at most 255 bytes
    let name = name
        .get(..name.floor_char_boundary(NAME))
        .unwrap_or_default();
    format!(".{name}.")
}

fn folder(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

fn regular(metadata: &Metadata) -> io::Result<()> {
    match other_kind(metadata.file_type()) {
        None => Ok(()),
        Some(kind) => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("it is {kind}, not a regular file"),
        )),
    }
}

/// Says what it means that a pipe cannot be opened for writing.
fn without_reader(error: io::Error) -> io::Error {
    #[cfg(unix)]
    if error.raw_os_error() == Some(rustix::io::Errno::NXIO.raw_os_error()) {
        let said = "it is a pipe or socket that no process reads";
        return io::Error::new(io::ErrorKind::NotConnected, said);
    }
    error
}

/// Flags that `std` has no word for.
#[derive(Clone, Copy)]
enum Flag {
    /// Opening does not wait for the other end of a pipe.
    NoWait,
    /// A link is an error.
    NoFollow,
}

#[cfg(unix)]
fn flags<'o>(options: &'o mut OpenOptions, wanted: &[Flag]) -> &'o mut OpenOptions {
    use rustix::fs::OFlags;
    let bits = wanted.iter().fold(OFlags::empty(), |bits, flag| {
        bits | match flag {
            Flag::NoWait => OFlags::NONBLOCK | OFlags::NOCTTY,
            Flag::NoFollow => OFlags::NOFOLLOW,
        }
    });
    std::os::unix::fs::OpenOptionsExt::custom_flags(options, bits.bits().cast_signed())
}

#[cfg(unix)]
fn mode(options: &mut OpenOptions, mode: u32) -> &mut OpenOptions {
    std::os::unix::fs::OpenOptionsExt::mode(options, mode)
}

#[cfg(not(unix))]
fn flags<'o>(options: &'o mut OpenOptions, _: &[Flag]) -> &'o mut OpenOptions {
    options
}

#[cfg(not(unix))]
fn mode(options: &mut OpenOptions, _: u32) -> &mut OpenOptions {
    options
}

/// No fault is injected outside tests.
#[cfg(not(test))]
mod faults {
    use std::{fs::File, io, path::Path};

    pub(super) enum Step {
        Write,
        Sync,
        Rename,
    }

    #[expect(clippy::unnecessary_wraps, reason = "the one of tests fails")]
    pub(super) fn at(_: &Path, _: Step, _: &mut File, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    pub(super) fn is_crash(_: &io::Error) -> bool {
        false
    }
}

/// Faults of a file system, injected by path: a full disk, a read-only one, a crash half-way. They work
/// for root too, whom modes do not stop.
#[cfg(test)]
pub(crate) mod faults {
    use std::{
        collections::HashMap,
        fs::File,
        io::{self, Write as _},
        path::{Path, PathBuf},
        sync::{Mutex, PoisonError},
    };

    /// The next step that goes wrong.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum Step {
        Write,
        Sync,
        Rename,
    }

    /// How it goes wrong.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum Kind {
        /// Half of the bytes are written, and then there is no more space.
        Full,
        /// The file system has become read-only.
        ReadOnly,
        /// The process ends here, with half of the bytes written: nothing is cleaned up.
        Crash,
    }

    static FAULTS: Mutex<Option<HashMap<PathBuf, (Step, Kind)>>> = Mutex::new(None);

    /// Lets the next write to a path fail.
    pub(crate) fn inject(path: &Path, step: Step, kind: Kind) {
        let mut faults = FAULTS.lock().unwrap_or_else(PoisonError::into_inner);
        let faults = faults.get_or_insert_default();
        faults.insert(path.to_owned(), (step, kind));
    }

    pub(super) fn at(path: &Path, step: Step, file: &mut File, contents: &[u8]) -> io::Result<()> {
        let mut faults = FAULTS.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(faults) = faults.as_mut() else {
            return Ok(());
        };
        match faults.get(path) {
            Some(&(due, kind)) if due == step => {
                faults.remove(path);
                if step == Step::Write {
                    file.write_all(contents.get(..contents.len() / 2).unwrap_or_default())?;
                }
                Err(match kind {
                    Kind::Full => io::ErrorKind::StorageFull.into(),
                    Kind::ReadOnly => io::ErrorKind::ReadOnlyFilesystem.into(),
                    Kind::Crash => io::Error::other("crash"),
                })
            }
            _ => Ok(()),
        }
    }

    pub(super) fn is_crash(error: &io::Error) -> bool {
        error.kind() == io::ErrorKind::Other && error.to_string() == "crash"
    }
}
