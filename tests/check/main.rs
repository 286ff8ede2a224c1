//! `http` and `check` against servers on loopback that do what no well-behaved service does.
#![cfg(feature = "demo")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code outside of test functions"
)]

mod faults;
mod requests;
mod server;
