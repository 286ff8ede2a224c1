//! Sends HTTP requests for every other module: shares connections, sets limits, and keeps a record of what
//! happened on the wire.
//!
//! A request ends by its deadline; nothing that a server sends is held beyond a
//! fixed size; redirects are reported, never followed (a credential must not travel to another
//! address); nothing is retried or cached without the caller. It judges nothing.
//! Every request becomes an [`Exchange`](crate::observation::Exchange), also where no answer came.
//!
//! # Proxies
//!
//! A proxy named in the config takes every request. Without one the environment decides, by the
//! usual variables (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`, in either case), except
//! that loopback addresses are always reached directly: no proxy could.

mod clients;
mod fault;
mod peer;
mod timeline;
mod trust;
mod wire;

pub use clients::{Clients, Pool};
pub use wire::{HttpError, TokenWire, Wire};

/// A body longer than this, after decompression, is not read to its end.
const BODY_LIMIT: usize = 1024 * 1024;

/// How many bytes of a body are kept for the diagnosis.
pub const BODY_KEPT: usize = 256 * 1024;

/// How many headers of an answer are kept.
const HEADERS_KEPT: usize = 64;

/// How many bytes of a header's value are kept.
const HEADER_KEPT: usize = 1024;

/// HTTP/2 answers may have headers of this size together; HTTP/1 has hyper's own limits (100
/// headers, 400 KiB).
const HTTP2_HEADERS_LIMIT: u32 = 64 * 1024;
