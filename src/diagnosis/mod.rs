//! Judges evidence: from what a check observed, or from a pasted text, to a named cause.
//!
//! Pure: no IO, no clock. An [`Observation`] and a pasted text each become a list of
//! [`evidence::Evidence`]; one ranking decides; advice adds who must act and what to do. Codes are
//! data, one table per source.
//!
//! The way of a verdict: `observed` reads a check (with `soap` and `headers`), `freetext` reads a paste,
//! `ranking` decides by the `tables`, `explain` puts it into words with `advice`, and `judgement` makes
//! stages and the live half of a verdict. It refuses to guess: what nothing explains is `unknown`, and
//! what did not prove that it worked is never ok.
//!
//! [`Observation`]: crate::observation::Observation

pub mod advice;
mod codes;
pub mod evidence;
mod explain;
pub mod freetext;
pub(crate) mod headers;
mod judgement;
mod observed;
mod ranking;
mod sign_in;
pub(crate) mod soap;
mod tables;

pub use advice::Context;
pub use codes::lookup;
pub use explain::{explain_codes, explain_each, explain_evidence};
pub(crate) use judgement::lacks;
pub use judgement::{Judgement, judge};
pub use ranking::RankedEvidence;
pub use sign_in::{explain_failed_sign_in, explain_redirect, explain_sign_in};
