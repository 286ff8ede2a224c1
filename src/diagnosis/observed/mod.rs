//! From an observation to evidence: reads what came back, and judges nothing.
//!
//! Each surface says first whether it worked, cheaply; only what did not work is read in full.

mod claims;
mod ews;
mod graph;
mod page;
pub(super) mod person;
mod presented;
pub(super) mod reading;
mod secret;
mod token;

pub(super) use claims::{Surface, read as claims};
pub(super) use ews::read as ews;
pub(super) use graph::read as graph;
pub(super) use page::{names_own, names_stranger};
pub(super) use secret::read as secret;
pub(super) use token::read as token;
