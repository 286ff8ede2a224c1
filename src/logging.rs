//! Diagnostics of credwatch itself: to a file while the dashboard owns the screen, else to standard
//! error.
//!
//! Logging never ends, delays or falsifies a check. A thread of its own writes the lines, an error of
//! the stream is ignored, and lines that a slow stream cannot take are dropped and counted.

use std::{
    io::{self, Write},
    panic::AssertUnwindSafe,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::Duration,
};

use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;

use crate::files;

/// Number of old log files that are kept beside the present one.
const KEPT_FILES: usize = 5;

/// Lines that wait for the stream. While it is full, further lines are dropped and counted.
const LINES: usize = 4096;

/// Time that the last lines get at the end of the process.
const FLUSH_LIMIT: Duration = Duration::from_secs(1);

/// The log cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("the log file '{path}' cannot be opened; name another with `--log-file`")]
pub struct LoggingError {
    path: String,
    source: io::Error,
}

/// Flushes the log when dropped.
#[derive(Debug)]
pub struct Logging {
    writer: LogWriter,
}

impl Drop for Logging {
    fn drop(&mut self) {
        self.writer.finish();
    }
}

/// The destination of the log.
#[derive(Debug, Clone, Copy)]
pub enum Log<'a> {
    /// Standard error.
    Stderr,
    /// The named file.
    File(&'a Path),
    /// Files of this name, one a day, of which a few are kept.
    Daily(&'a Path),
}

impl<'a> Log<'a> {
    /// Returns the named file, else the usual destination of a command.
    pub fn to(named: Option<&'a Path>, usual: Self) -> Self {
        named.map_or(usual, Self::File)
    }
}

/// Starts logging.
///
/// `verbosity` counts `-v`: warnings, then information, then details of credwatch alone, then
/// everything. An untrusted certificate is a verdict and no fault of credwatch, so the verifier's own
/// messages about it come last. Messages never hold a secret or a token: modules log only text that
/// `text` has cleaned.
pub fn start(place: Log<'_>, verbosity: u8) -> Result<Logging, LoggingError> {
    let filter = match verbosity {
        0 => "warn,rustls_platform_verifier=off",
        1 => "warn,rustls_platform_verifier=off,credwatch=info",
        2 => "warn,rustls_platform_verifier=off,credwatch=debug",
        _ => "info,credwatch=trace",
    };
    let writer = match place {
        Log::Stderr => LogWriter::start(io::stderr()),
        Log::File(path) => {
            // opening a pipe that no process reads would wait for ever
            files::check_appendable(path).map_err(|source| failed(path, source))?;
            LogWriter::start(appender(path, Rotation::NEVER)?)
        }
        Log::Daily(path) => LogWriter::start(appender(path, Rotation::DAILY)?),
    };
    let lines = writer.clone();
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_target(false)
        .with_ansi(false)
        // the subscriber would report its own errors with `eprintln!`, which panics on a closed stream
        .log_internal_errors(false)
        .with_writer(move || lines.clone())
        .try_init()
        .ok();
    Ok(Logging { writer })
}

fn appender(path: &Path, rotation: Rotation) -> Result<RollingFileAppender, LoggingError> {
    let directory = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let file = RollingFileAppender::builder().filename_prefix(name);
    let file = if rotation == Rotation::DAILY {
        file.max_log_files(KEPT_FILES)
    } else {
        file
    };
    file.rotation(rotation)
        .build(directory.unwrap_or(Path::new(".")))
        .map_err(|error| failed(path, io::Error::other(error)))
}

fn failed(path: &Path, source: io::Error) -> LoggingError {
    LoggingError {
        path: path.display().to_string(),
        source,
    }
}

/// A message to the writing thread.
enum LogMessage {
    Line(Vec<u8>),
    /// Answers when all lines before it are written.
    Flush(SyncSender<()>),
}

/// Hands lines to the writing thread; never fails and never waits.
#[derive(Debug, Clone)]
struct LogWriter {
    lines: SyncSender<LogMessage>,
    dropped: Arc<AtomicU64>,
}

impl LogWriter {
    /// Starts the writing thread. Where no thread can be had, every line is dropped: a process that may
    /// start no thread has worse trouble, and its checks say so.
    fn start(stream: impl Write + Send + 'static) -> Self {
        let (lines, queue) = sync_channel(LINES);
        let dropped = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&dropped);
        thread::Builder::new()
            .name("log".into())
            .spawn(move || write_lines(stream, &queue, &counter))
            .ok();
        Self { lines, dropped }
    }

    /// Waits a moment until the lines so far are written.
    fn finish(&self) {
        let (flushed, wait) = sync_channel(1);
        if self.lines.try_send(LogMessage::Flush(flushed)).is_ok() {
            wait.recv_timeout(FLUSH_LIMIT).ok();
        }
    }
}

impl Write for LogWriter {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let sent = self.lines.try_send(LogMessage::Line(line.to_vec()));
        if sent.is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
        // an error would reach the task that logs
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn write_lines(mut stream: impl Write, queue: &Receiver<LogMessage>, dropped: &AtomicU64) {
    while let Ok(message) = queue.recv() {
        // the rolling appender reports its own errors with `eprintln!`, which panics on a closed stream
        let write = AssertUnwindSafe(|| match &message {
            LogMessage::Line(line) => write_line(&mut stream, line, dropped).ok(),
            LogMessage::Flush(_) => stream.flush().ok(),
        });
        std::panic::catch_unwind(write).ok();
        if let LogMessage::Flush(flushed) = message {
            flushed.try_send(()).ok();
        }
    }
}

fn write_line(stream: &mut impl Write, line: &[u8], dropped: &AtomicU64) -> io::Result<()> {
    let missing = dropped.swap(0, Ordering::Relaxed);
    if missing > 0 {
        writeln!(stream, "{missing} lines of this log were dropped")?;
    }
    stream.write_all(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stream that fails, or waits for ever, at the first byte.
    struct Broken {
        hangs: bool,
    }

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            if self.hangs {
                thread::park_timeout(Duration::from_mins(10));
            }
            Err(io::ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }

    #[test]
    fn a_broken_stream_costs_lines_and_nothing_else() {
        for hangs in [false, true] {
            let mut writer = LogWriter::start(Broken { hangs });
            for _ in 0..2 * LINES {
                assert_eq!(writer.write(b"line\n").unwrap(), 5);
            }
            writer.flush().unwrap();
            drop(Logging { writer });
        }
    }
}
