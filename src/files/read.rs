//! Reading: the type of the file is checked on the open handle, the size is bounded, nothing waits for
//! ever.

use std::{
    collections::HashMap,
    fs::{File, Metadata, OpenOptions},
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{
    task::spawn_blocking,
    time::{Instant, timeout_at},
};
use zeroize::Zeroizing;

use super::{
    error::{FileError, other_kind},
    thread,
};

/// Capacity beyond the last byte, where reading finds out that it was the last.
const SPARE: usize = 64;

/// Capacity for a file that does not tell its size.
const UNKNOWN: usize = 64 * 1024;

/// So many reads in one folder may be without an answer before further ones there fail at once.
///
/// Each of them occupies a thread until the file system answers, and the runtime has 512: a dead mount
/// with the secrets of a thousand tenants would otherwise take them all, and stop every other tenant.
const STUCK_IN_FOLDER: usize = 8;

/// The types of files that a caller takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepts {
    /// Regular files.
    Regular,
    /// Pipes and devices too: for a file that a command line names, such as `/dev/stdin` or `<(…)`.
    Streams,
}

/// Reads a file of at most `most` bytes, off the runtime's threads, before `deadline`.
///
/// The contents are wiped when they are dropped, because most callers read secrets.
pub async fn read(
    path: PathBuf,
    most: u64,
    deadline: Instant,
) -> Result<Zeroizing<Vec<u8>>, FileError> {
    let Some(pending) = Pending::start(&path) else {
        return Err(FileError::NoAnswer);
    };
    let ended = Ended(Arc::clone(&pending.0));
    let task = spawn_blocking(move || {
        let _ended = ended;
        let mut contents = Zeroizing::default();
        read_into(&path, Accepts::Regular, most, &mut contents).map(|()| contents)
    });
    match timeout_at(deadline, task).await {
        Ok(Ok(read)) => read,
        Ok(Err(ended)) => Err(io::Error::other(ended).into()),
        Err(_elapsed) => Err(FileError::NoAnswer),
    }
}

/// Returns a file's metadata, off the runtime's threads; `None` where there is none before `deadline`.
pub async fn metadata(path: PathBuf, deadline: Instant) -> Option<Metadata> {
    let pending = Pending::start(&path)?;
    let ended = Ended(Arc::clone(&pending.0));
    let task = spawn_blocking(move || {
        let _ended = ended;
        path.metadata()
    });
    timeout_at(deadline, task).await.ok()?.ok()?.ok()
}

/// Reads a regular file of at most `most` bytes on this thread, which a dead mount may hold up: only for
/// threads that may be lost (see [`super::on_own_thread`]).
pub fn read_now(path: &Path, most: u64) -> Result<Vec<u8>, FileError> {
    let mut contents = Vec::new();
    read_into(path, Accepts::Regular, most, &mut contents)?;
    Ok(contents)
}

/// As [`read_now`], into a buffer that need not grow where the file tells its size: growing would leave
/// copies of a secret in memory.
pub fn read_into(
    path: &Path,
    accepts: Accepts,
    most: u64,
    contents: &mut Vec<u8>,
) -> Result<(), FileError> {
    thread::note(path);
    let (file, metadata) = open(path, accepts)?;
    contents.reserve_exact(capacity(&metadata, most));
    file.take(most.saturating_add(1)).read_to_end(contents)?;
    if contents.len() as u64 > most {
        return Err(FileError::TooLarge(most));
    }
    Ok(())
}

/// Opens a file without waiting for a writer, and checks what was opened.
///
/// Asking for the type before opening would leave time to put a pipe in the place of the file.
fn open(path: &Path, accepts: Accepts) -> Result<(File, Metadata), FileError> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        (rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY)
            .bits()
            .cast_signed(),
    );
    #[cfg(not(unix))]
    if accepts == Accepts::Regular
        && let Some(kind) = other_kind(path.metadata()?.file_type())
    {
        return Err(FileError::NotRegular(kind));
    }
    let file = match options.open(path) {
        Ok(file) => file,
        // what opening a socket gives
        #[cfg(unix)]
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::NXIO.raw_os_error()) => {
            return Err(FileError::NotRegular("a socket"));
        }
        Err(error) => return Err(error.into()),
    };
    let metadata = file.metadata()?;
    match other_kind(metadata.file_type()) {
        None => {}
        Some("a directory") => return Err(io::Error::from(io::ErrorKind::IsADirectory).into()),
        Some(kind) if accepts == Accepts::Regular => return Err(FileError::NotRegular(kind)),
        #[cfg(unix)]
        Some(_) => {
            rustix::fs::fcntl_setfl(&file, rustix::fs::OFlags::empty()).map_err(io::Error::from)?;
        }
        #[cfg(not(unix))]
        Some(_) => {}
    }
    Ok((file, metadata))
}

/// Returns the capacity for the contents. Files that the system makes up on reading claim to be empty.
fn capacity(metadata: &Metadata, most: u64) -> usize {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let length = match usize::try_from(metadata.len()) {
        Ok(0) | Err(_) => UNKNOWN,
        Ok(length) => length,
    };
    length.min(most).saturating_add(SPARE)
}

/// Reads that were given up and have not ended, by folder.
static STUCK: Mutex<Option<HashMap<PathBuf, Vec<PathBuf>>>> = Mutex::new(None);

fn stuck() -> MutexGuard<'static, Option<HashMap<PathBuf, Vec<PathBuf>>>> {
    // each change is a single insert or remove: a panic elsewhere leaves it whole
    STUCK.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A read under way; dropped before the read has ended, it counts as stuck until it ends.
struct Pending(Arc<Reading>);

struct Reading {
    path: PathBuf,
    progress: Mutex<Progress>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    Reading,
    GivenUp,
    Ended,
}

impl Pending {
    /// Starts a read; `None` where an earlier one of the same file, or too many of its folder, are stuck.
    fn start(path: &Path) -> Option<Self> {
        let folder = path.parent().unwrap_or(path);
        let is_stuck = stuck()
            .as_ref()
            .and_then(|all| all.get(folder))
            .is_some_and(|paths| {
                paths.len() >= STUCK_IN_FOLDER || paths.iter().any(|one| one == path)
            });
        (!is_stuck).then(|| {
            Self(Arc::new(Reading {
                path: path.to_owned(),
                progress: Mutex::new(Progress::Reading),
            }))
        })
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        let mut progress = self.0.progress();
        if *progress == Progress::Reading {
            *progress = Progress::GivenUp;
            let mut all = stuck();
            let folders = all.get_or_insert_default();
            folders
                .entry(self.0.folder().to_owned())
                .or_default()
                .push(self.0.path.clone());
        }
    }
}

/// Marks a read as ended when it is dropped, also by a panic.
struct Ended(Arc<Reading>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.finish();
    }
}

impl Reading {
    fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(&self.path)
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn finish(&self) {
        let mut progress = self.progress();
        if std::mem::replace(&mut *progress, Progress::Ended) == Progress::GivenUp {
            let mut all = stuck();
            if let Some(folders) = all.as_mut()
                && let Some(paths) = folders.get_mut(self.folder())
            {
                paths.retain(|one| *one != self.path);
                if paths.is_empty() {
                    folders.remove(self.folder());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(30)
    }

    #[cfg(unix)]
    pub(super) fn pipe(path: &Path) {
        let made = std::process::Command::new("mkfifo").arg(path).status();
        assert!(made.unwrap().success());
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_pipe_a_device_and_a_link_to_one_are_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let (fifo, link) = (folder.path().join("fifo"), folder.path().join("link"));
        pipe(&fifo);
        std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
        let socket = folder.path().join("socket");
        let _listening = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        for (path, message) in [
            (fifo, "is a pipe, not a regular file"),
            (link, "is a device, not a regular file"),
            (socket, "is a socket, not a regular file"),
            ("/dev/tty".into(), ""),
        ] {
            let error = read(path.clone(), 1024, soon()).await.unwrap_err();
            let said = error.to_string();
            assert!(said.starts_with(message), "{}: {said}", path.display());
            assert!(read_now(&path, 1024).is_err());
        }
    }

    #[tokio::test]
    async fn a_file_past_the_limit_is_refused_and_one_at_it_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, [b'x'; 2048]).unwrap();
        assert_eq!(read(path.clone(), 2048, soon()).await.unwrap().len(), 2048);
        let error = read(path, 1024, soon()).await.unwrap_err().to_string();
        assert_eq!(error, "is larger than 1 KiB");
    }

    #[cfg(unix)]
    #[test]
    fn a_stream_is_read_to_its_end_where_one_is_meant() {
        let folder = tempfile::tempdir().unwrap();
        let fifo = folder.path().join("fifo");
        pipe(&fifo);
        let mut contents = Vec::new();
        // without a writer it is at its end
        read_into(&fifo, Accepts::Streams, 1024, &mut contents).unwrap();
        assert!(contents.is_empty());
        let zero = Path::new("/dev/zero");
        let endless = read_into(zero, Accepts::Streams, 1024, &mut contents).unwrap_err();
        assert!(matches!(endless, FileError::TooLarge(1024)));
    }

    #[test]
    fn a_read_without_an_answer_is_not_repeated_until_it_ends() {
        let path = Path::new("/stuck-mount/secret");
        let first = Pending::start(path).unwrap();
        let reading = Arc::clone(&first.0);
        drop(first);
        assert!(Pending::start(path).is_none(), "it hangs already");
        let other = Path::new("/stuck-mount/other");
        let waiting: Vec<_> = (1..STUCK_IN_FOLDER)
            .map(|number| {
                let pending = Pending::start(&other.with_extension(number.to_string())).unwrap();
                Arc::clone(&pending.0)
            })
            .collect();
        assert!(
            Pending::start(other).is_none(),
            "its folder does not answer"
        );
        assert!(Pending::start(Path::new("/elsewhere/secret")).is_some());
        for one in waiting {
            one.finish();
        }
        assert!(Pending::start(other).is_some());
        reading.finish();
        assert!(Pending::start(path).is_some());
    }
}
