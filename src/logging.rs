//! Diagnostics of credwatch itself: to a file while the dashboard owns the screen, else to standard
//! error.

use std::{io, path::Path};

use tracing_appender::{
    non_blocking::WorkerGuard,
    rolling::{RollingFileAppender, Rotation},
};
use tracing_subscriber::EnvFilter;

/// How many old log files are kept beside the present one.
const KEPT_FILES: usize = 5;

/// The log cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("the log file '{path}' cannot be opened; name another with `--log-file`")]
pub struct LoggingError {
    path: String,
    source: tracing_appender::rolling::InitError,
}

/// Flushes the log when it goes out of scope.
#[derive(Debug)]
pub struct Logging {
    _flush: Option<WorkerGuard>,
}

/// Starts logging to a file that changes daily, or to standard error.
///
/// `verbosity` counts `-v`: warnings, then information, then details of credwatch alone, then
/// everything. An untrusted certificate is a verdict, not a fault of ours, so the verifier's own words
/// about it come last of all. Messages never hold a secret or a token: rooms log only what `text` has cleaned.
pub fn start(file: Option<&Path>, verbosity: u8) -> Result<Logging, LoggingError> {
    let filter = match verbosity {
        0 => "warn,rustls_platform_verifier=off",
        1 => "warn,rustls_platform_verifier=off,credwatch=info",
        2 => "warn,rustls_platform_verifier=off,credwatch=debug",
        _ => "info,credwatch=trace",
    };
    let log = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_target(false);
    let Some(path) = file else {
        log.with_writer(io::stderr).with_ansi(false).try_init().ok();
        return Ok(Logging { _flush: None });
    };
    let appender = rotating(path).map_err(|source| LoggingError {
        path: path.display().to_string(),
        source,
    })?;
    let (writer, guard) = tracing_appender::non_blocking(appender);
    log.with_writer(writer).with_ansi(false).try_init().ok();
    Ok(Logging {
        _flush: Some(guard),
    })
}

fn rotating(path: &Path) -> Result<RollingFileAppender, tracing_appender::rolling::InitError> {
    let directory = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix(name)
        .max_log_files(KEPT_FILES)
        .build(directory.unwrap_or(Path::new(".")))
}
