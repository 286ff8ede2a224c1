//! The tables behind every verdict: codes, words and sentences of the services, with their causes.
//!
//! Codes and sentences are data (`data/*.tsv`, one header line, columns separated by tabs, `-` for an
//! empty field), compiled in and parsed once. What an HTTP status or a fault below HTTP points to
//! depends on the stage, so these two tables are code. Nothing here looks at a whole answer: that is
//! the ranking's work.

pub(super) mod aadsts;
pub(super) mod exchange;
pub(super) mod faults;
pub(super) mod graph;
pub(super) mod mail;
pub(super) mod oauth;
pub(super) mod providers;
pub(super) mod sentences;
pub(super) mod status;
pub(super) mod transport;
pub(super) mod tsv;
