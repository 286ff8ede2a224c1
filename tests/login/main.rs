//! People's sign-ins from end to end: the binary and the rooms against the simulated cloud.

#![cfg(feature = "demo")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod init;
mod keeping;
mod scene;
mod signing_in;
