//! From results to messages: remembers results, notes the alerts that are due, and carries them to
//! the channels; keeps the poll leases that processes share.

mod channels;
mod courier;
mod gather;
mod telling;
mod turns;
mod watching;

pub(super) use channels::{channels, tools};
pub(super) use courier::trouble;
pub(super) use telling::{Memory, Teller};
#[cfg(all(feature = "exporter", unix))]
pub(super) use watching::{Beside, Kept};
pub(super) use watching::{Ends, Past, remember_and_tell};
