//! Renderings of a verdict: text, Markdown, JSON, CSV, Nagios, Prometheus, calendars.
//!
//! Every rendering is a view of [`Report`](crate::verdict::Report): none may say ok where the JSON
//! does not. This module judges nothing and does no IO.

pub mod csv;
pub mod diagnose;
pub mod document;
pub mod exit;
pub mod expiry;
pub mod json;
pub mod markdown;
mod markup;
pub mod nagios;
pub mod prometheus;
pub mod prose;
pub mod text;
mod words;
pub mod wrap;

#[cfg(test)]
mod agreement;
