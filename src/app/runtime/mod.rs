//! What every command runs on: the process's clock, output and flags ([`AppContext`]), the asynchronous
//! runtime, the signals that end it, and the parts that checks are made with.

mod context;
mod executor;
mod panics;
mod signals;

pub(super) use context::{AppContext, symbols, warn_of_exposed_files};
pub(super) use executor::{run, run_on_this_thread};
pub(super) use panics::{silence_thread_limit, with_thread_limit_as_error};
pub(super) use signals::{HangUp, stop_on_signals};
