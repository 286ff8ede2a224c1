//! Judges evidence: from what a check observed, or what somebody pasted, to a named cause.
//!
//! Pure: no IO, no clock. An [`Observation`] and a pasted text each become a list of
//! [`evidence::Evidence`]; one ranking decides; advice adds who must act and what to do. Codes are
//! data, one table per source.
//!
//! The way of a verdict: `observed` reads (with `soap` and `headers`), `ranking` decides by the
//! tables (`entra`, `ews`, `graph`, `status`, `transport`), `explain` puts it into words with
//! `advice`, and `verdict` makes stages and the live half of it. It refuses to guess: what nothing
//! explains is `unknown`, and what did not prove that it worked is never ok.

pub mod advice;
mod codes;
mod entra;
pub mod evidence;
mod ews;
mod explain;
pub mod freetext;
mod graph;
pub(crate) mod headers;
mod observed;
mod ranking;
mod sign_in;
pub(crate) mod soap;
mod status;
mod transport;
mod verdict;

pub use advice::Context;
pub use codes::lookup;
pub use explain::{explain_codes, explain_evidence};
pub use sign_in::{explain_failed_sign_in, explain_redirect, explain_sign_in};

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::{
    observation::{Observation, Stage, TokenReading},
    tenant::Tenant,
    verdict::{Diagnosis, Gate, Live, StageReport},
};

/// What an observation says about the live half of a verdict.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// Does it work now?
    pub live: Live,
    /// Why not; `None` exactly when `live` is ok.
    pub diagnosis: Option<Diagnosis>,
    /// All five stages, in order.
    pub stages: Vec<StageReport>,
    /// How long the service asked to be left alone (`Retry-After`, `BackOffMilliseconds`).
    pub retry_after: Option<Duration>,
    /// What the EWS answer showed about the retirement switch.
    pub gate: Gate,
    /// Whether the Graph call works; `None` where it was not tried.
    pub graph_works: Option<bool>,
}

/// Returns what a token lacks for the Graph call, or for the EWS call; it counts only if that call is
/// refused.
pub(crate) fn lacks(
    reading: &TokenReading,
    tenant: &Tenant,
    stage: Stage,
    now: DateTime<Utc>,
) -> Vec<evidence::Fact> {
    let surface = match stage {
        Stage::Graph => observed::Surface::Graph,
        Stage::Secret | Stage::Token | Stage::Claims | Stage::Ews => observed::Surface::Ews,
    };
    let evidence = observed::claims(reading, tenant, surface, now);
    evidence.into_iter().map(|evidence| evidence.fact).collect()
}

/// Judges what one check brought back.
pub fn judge(tenant: &Tenant, observation: &Observation) -> Judgement {
    verdict::judge(tenant, observation)
}
