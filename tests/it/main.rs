//! Tests of the whole: the binary over real TLS, the architecture, the documents.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::string_slice,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod architecture;
mod documents;
mod faults;
#[cfg(all(feature = "exporter", unix))]
mod serve;
