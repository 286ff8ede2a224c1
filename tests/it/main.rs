//! Tests of the whole: the binary over real TLS, the architecture, the documents.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod architecture;
mod causes;
mod check;
mod circles;
mod credentials;
mod dashboard;
mod diagnose;
mod directory;
mod documents;
mod faults;
mod files;
mod guide;
mod init;
mod inventory;
mod leaks;
mod manual;
mod process;
mod sample;
#[cfg(all(feature = "exporter", unix))]
mod serve;
mod setting;
mod shard;
#[cfg(all(feature = "exporter", unix))]
mod units;
mod world;
