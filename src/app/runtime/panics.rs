//! Panics that are no fault of the program: the system lets this process start no more threads.
//!
//! tokio and the log writer panic then, at any place where they need a thread for the first time.
//! Such a panic becomes an error with a hint, and no trace is printed.

use std::{
    any::Any,
    panic::{self, AssertUnwindSafe},
};

use anyhow::anyhow;

/// The beginnings of the messages of tokio and of `tracing-appender`.
const NO_THREAD: [&str; 2] = ["OS can't spawn", "failed to spawn"];

/// Prevents the trace of a panic about missing threads; all others print theirs.
pub(in crate::app) fn silence_thread_limit() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if info.payload_as_str().is_some_and(is_thread_limit) {
            // a panic in a task of the runtime shows here only; its tenant is reported as unknown
            tracing::error!("{}", no_more_threads());
        } else {
            usual(info);
        }
    }));
}

/// Runs work; where it panics because no thread can be started, returns that as an error.
pub(in crate::app) fn with_thread_limit_as_error<T>(
    work: impl FnOnce() -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    match panic::catch_unwind(AssertUnwindSafe(work)) {
        Ok(done) => done,
        Err(payload) if message(&*payload).is_some_and(is_thread_limit) => {
            Err(anyhow!(no_more_threads()))
        }
        Err(payload) => panic::resume_unwind(payload),
    }
}

fn no_more_threads() -> &'static str {
    "this system lets the process start no more threads; raise the limit (`ulimit -u`, `TasksMax=` of \
     systemd, `pids` of a container)"
}

fn is_thread_limit(message: &str) -> bool {
    NO_THREAD.iter().any(|start| message.starts_with(start))
}

fn message(payload: &(dyn Any + Send)) -> Option<&str> {
    let owned = payload.downcast_ref::<String>().map(String::as_str);
    owned.or_else(|| payload.downcast_ref::<&str>().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_thread_becomes_an_error_and_no_other_panic_does() {
        let missing = || -> anyhow::Result<()> {
            panic!("OS can't spawn worker thread: Resource temporarily unavailable (os error 11)")
        };
        let error = with_thread_limit_as_error(missing).unwrap_err();
        assert!(error.to_string().contains("`ulimit -u`"), "{error}");
        let other = || -> anyhow::Result<()> { panic!("planned") };
        let unwound = panic::catch_unwind(|| with_thread_limit_as_error(other));
        assert!(unwound.is_err());
        assert_eq!(with_thread_limit_as_error(|| Ok(1)).unwrap(), 1);
    }
}
