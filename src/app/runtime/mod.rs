//! What every command runs on: the process's clock, output and flags ([`App`]), the asynchronous
//! runtime, the signals that end it, and the parts that checks are made with.

mod context;
mod executor;
mod signals;

pub(super) use context::{App, symbols, warn_of_exposed_files};
pub(super) use executor::{run, run_on_this_thread};
pub(super) use signals::{HangUp, stop_on_signals};
