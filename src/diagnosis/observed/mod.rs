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

use chrono::{DateTime, Utc};

use self::reading::Call;
use crate::{observation::Exchange, stage::Surface};

pub(super) use claims::read as claims;
pub(super) use page::{names_own, names_proxy};
pub(super) use secret::read as secret;
pub(super) use token::read as token;

/// Reads the test call of a surface.
pub(super) fn call(surface: Surface, exchange: &Exchange, now: DateTime<Utc>) -> Call {
    match surface {
        Surface::Ews => ews::read(exchange, now),
        Surface::Graph => graph::read(exchange, now),
    }
}
