//! Diagnostics of credwatch itself: to a file while the dashboard owns the screen, else to standard
//! error.

use std::{io, path::Path};

use tracing_appender::{
    non_blocking::WorkerGuard,
    rolling::{RollingFileAppender, Rotation},
};
use tracing_subscriber::EnvFilter;

use crate::files;

/// How many old log files are kept beside the present one.
const KEPT_FILES: usize = 5;

/// The log cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("the log file '{path}' cannot be opened; name another with `--log-file`")]
pub struct LoggingError {
    path: String,
    source: io::Error,
}

/// Flushes the log when it goes out of scope.
#[derive(Debug)]
pub struct Logging {
    _flush: Option<WorkerGuard>,
}

/// The destination of the log.
#[derive(Debug, Clone, Copy)]
pub enum Log<'a> {
    /// To standard error.
    Stderr,
    /// To the named file.
    File(&'a Path),
    /// To files of this name, one a day, of which a few are kept.
    Daily(&'a Path),
}

impl<'a> Log<'a> {
    /// Returns the named file, else the place that is usual for a command.
    pub fn to(named: Option<&'a Path>, usual: Self) -> Self {
        named.map_or(usual, Self::File)
    }
}

/// Starts logging.
///
/// `verbosity` counts `-v`: warnings, then information, then details of credwatch alone, then
/// everything. An untrusted certificate is a verdict, not a fault of ours, so the verifier's own words
/// about it come last of all. Messages never hold a secret or a token: modules log only
/// text that `text` has cleaned.
pub fn start(place: Log<'_>, verbosity: u8) -> Result<Logging, LoggingError> {
    let filter = match verbosity {
        0 => "warn,rustls_platform_verifier=off",
        1 => "warn,rustls_platform_verifier=off,credwatch=info",
        2 => "warn,rustls_platform_verifier=off,credwatch=debug",
        _ => "info,credwatch=trace",
    };
    let log = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_target(false);
    let (path, appender) = match place {
        Log::Stderr => {
            log.with_writer(io::stderr).with_ansi(false).try_init().ok();
            return Ok(Logging { _flush: None });
        }
        Log::File(path) => {
            // opening a pipe that no process reads would wait for ever
            files::check_appendable(path).map_err(|source| LoggingError {
                path: path.display().to_string(),
                source,
            })?;
            (path, appender(path, Rotation::NEVER))
        }
        Log::Daily(path) => (path, appender(path, Rotation::DAILY)),
    };
    let appender = appender.map_err(|error| LoggingError {
        path: path.display().to_string(),
        source: io::Error::other(error),
    })?;
    let (writer, guard) = tracing_appender::non_blocking(appender);
    log.with_writer(writer).with_ansi(false).try_init().ok();
    Ok(Logging {
        _flush: Some(guard),
    })
}

fn appender(
    path: &Path,
    rotation: Rotation,
) -> Result<RollingFileAppender, tracing_appender::rolling::InitError> {
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
}
