//! Assembles the verdict on one tenant from what was observed, judged and read.
//!
//! A report joins the live half (an observation with its diagnosis), the credentials with their end
//! dates (config, directory, files, kept sign-ins) and the status that follows. This module is pure:
//! it asks no service and reads no clock. The checks of `app` call it; `report` renders the result.

mod assemble;
mod credentials;
mod known;
pub mod lifetime;
mod local;
mod sign_in;

pub use assemble::assemble;
pub use known::Known;
pub use local::LocalDate;
