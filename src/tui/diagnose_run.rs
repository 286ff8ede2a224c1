//! A diagnose run over one tenant, on connections of its own: the steps so far, and its outcome. `app`
//! makes the run and sends a newer state with every step.

use std::sync::Arc;

use crate::{report::diagnose::Step, tenant::TenantName, verdict::Report};

/// The state of a diagnose run.
#[derive(Debug, Clone)]
pub struct DiagnoseRun {
    /// The tenant being diagnosed.
    pub tenant: TenantName,
    /// The steps that have ended, in order; all of them once there is an outcome.
    pub steps: Vec<Step>,
    /// `None` while the run is under way.
    pub outcome: Option<DiagnoseOutcome>,
}

/// How a diagnose run ended.
#[derive(Debug, Clone)]
pub enum DiagnoseOutcome {
    /// It has a verdict.
    Finished {
        /// The verdict.
        report: Arc<Report>,
        /// The ticket that `credwatch diagnose --format markdown` would write.
        ticket: String,
    },
    /// It could not be carried out, for this reason.
    Failed(String),
}

impl DiagnoseRun {
    /// Returns a run that has just been asked for.
    pub fn started(tenant: TenantName) -> Self {
        Self {
            tenant,
            steps: Vec::new(),
            outcome: None,
        }
    }
}
