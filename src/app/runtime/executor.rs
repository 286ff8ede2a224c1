//! Runs asynchronous work to its end.

use std::panic::{self, AssertUnwindSafe};

use anyhow::Context as _;
use tokio::runtime::Builder;

use crate::process;

/// Runs work on as many threads as there are cores.
///
/// Work that still blocks at the end (a name that does not resolve, for example) is left behind, so
/// that it does not delay the end of the process.
pub(in crate::app) fn run<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    run_with(Builder::new_multi_thread(), work)
}

/// Runs work as [`run`] does, on the calling thread alone.
///
/// For a single pass: it starts sooner, and moving checks between threads costs more CPU than a
/// second core saves while they wait for the network.
pub(in crate::app) fn run_on_this_thread<T>(
    work: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    run_with(Builder::new_current_thread(), work)
}

fn run_with<T>(
    mut runtime: Builder,
    work: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    let runtime = runtime
        .enable_all()
        .max_blocking_threads(process::max_blocking_threads())
        .build()
        .context("the asynchronous runtime cannot be started")?;
    let done = panic::catch_unwind(AssertUnwindSafe(|| runtime.block_on(work)));
    // `drop` would wait for blocking work, also while a panic unwinds
    runtime.shutdown_background();
    done.unwrap_or_else(|payload| panic::resume_unwind(payload))
}
