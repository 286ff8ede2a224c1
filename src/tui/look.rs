//! A look at one tenant on connections of its own, step by step, as far as it has come.

use std::sync::Arc;

use crate::{report::diagnose::Step, tenant::TenantName, verdict::Report};

/// What is known of a look so far; whoever makes it sends a newer one with every step.
#[derive(Debug, Clone)]
pub struct Look {
    /// Whom it is at.
    pub tenant: TenantName,
    /// The steps that have ended, in order; all of them once there is an end.
    pub steps: Vec<Step>,
    /// `None` while it goes on.
    pub end: Option<End>,
}

/// What a look came to.
#[derive(Debug, Clone)]
pub enum End {
    /// It was made.
    Made {
        /// The verdict.
        report: Arc<Report>,
        /// The ticket that `credwatch diagnose --format markdown` would write.
        ticket: String,
    },
    /// It could not be made, and why.
    NotMade(String),
}

impl Look {
    /// Returns a look that has just been asked for.
    pub fn begun(tenant: TenantName) -> Self {
        Self {
            tenant,
            steps: Vec::new(),
            end: None,
        }
    }
}
