//! Work that reads many files, on a thread that may be lost to a file system without an answer.

use std::{
    cell::RefCell,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread::Builder,
    time::Duration,
};

/// Why the work has no result.
#[derive(Debug)]
pub enum Unanswered {
    /// It did not end in time; the file that it read last.
    TimedOut(Option<PathBuf>),
    /// No thread could be started, or it panicked.
    NoThread(std::io::Error),
}

/// Threads that are lost at the same time, at most: a watcher that looks every few seconds would otherwise
/// lose one each time.
const MOST_LOST: usize = 16;

/// How many threads were given up and have not ended.
static LOST: AtomicUsize = AtomicUsize::new(0);

type LastPath = Arc<Mutex<Option<PathBuf>>>;

thread_local! {
    static LAST: RefCell<Option<LastPath>> = const { RefCell::new(None) };
}

/// Runs `work` on a thread of its own, and waits at most `patience`.
///
/// A thread of its own and not the runtime's pool: the process must be able to end while a read hangs in
/// the kernel, and synchronous commands have no runtime.
pub fn on_own_thread<T: Send + 'static>(
    patience: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Unanswered> {
    if LOST.load(Ordering::Relaxed) >= MOST_LOST {
        let said = "too many earlier reads got no answer";
        return Err(Unanswered::NoThread(std::io::Error::other(said)));
    }
    let last = LastPath::default();
    // without a buffer: an answer is either taken, or its thread sees that the caller has given up
    let (answer, answered) = mpsc::sync_channel(0);
    Builder::new()
        .name("files".to_owned())
        .spawn({
            let last = Arc::clone(&last);
            move || {
                LAST.set(Some(last));
                if answer.send(work()).is_err() {
                    // the caller has given up, and counted this thread as lost
                    LOST.fetch_sub(1, Ordering::Relaxed);
                }
            }
        })
        .map_err(Unanswered::NoThread)?;
    let answer = answered.recv_timeout(patience);
    answer.map_err(|error| match error {
        mpsc::RecvTimeoutError::Timeout => {
            LOST.fetch_add(1, Ordering::Relaxed);
            let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
            Unanswered::TimedOut(last.take())
        }
        mpsc::RecvTimeoutError::Disconnected => {
            Unanswered::NoThread(std::io::Error::other("the thread that read it panicked"))
        }
    })
}

/// Notes which file this thread reads, so that a message can name the one that gave no answer.
pub(super) fn note(path: &Path) {
    LAST.with_borrow(|last| {
        if let Some(last) = last {
            *last.lock().unwrap_or_else(PoisonError::into_inner) = Some(path.to_owned());
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_hangs_is_given_up_and_its_file_is_named() {
        let hang = || {
            note(Path::new("/mnt/config.toml"));
            std::thread::park();
        };
        let given_up = on_own_thread(Duration::from_millis(50), hang).unwrap_err();
        let Unanswered::TimedOut(path) = given_up else {
            panic!("{given_up:?}");
        };
        assert_eq!(path.as_deref(), Some(Path::new("/mnt/config.toml")));
        let done = on_own_thread(Duration::from_secs(30), || 7);
        assert_eq!(done.unwrap(), 7);
    }
}
