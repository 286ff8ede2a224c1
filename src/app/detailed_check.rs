//! One detailed check of one tenant, on connections of its own, with every step: for the command
//! `diagnose` and for the panel of the dashboard.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::probe::LiveProbe;
use crate::{
    clock::Clock,
    diagnosis,
    health::{self, Withheld},
    monitor::{self, CheckOutcome, Probe as _},
    observation::{Observation, Stage},
    registration::Reading,
    report::diagnose::{self, Step},
    tenant::{Mode, Tenant},
    verdict::Report,
};

/// Receives the steps of each stage as it ends.
pub(super) type StepListener<'a> = dyn FnMut(Vec<Step>) + Send + Sync + 'a;

/// The result of one detailed check.
pub(super) struct DetailedCheck {
    /// `None` where only end dates are watched.
    observation: Option<Arc<Observation>>,
    pub(super) report: Report,
    /// The registration of the app, where the directory told it.
    reading: Option<Reading>,
    /// The stages whose steps went to the listener.
    shown: Vec<Stage>,
}

impl DetailedCheck {
    /// Checks a tenant once; `listener` receives the steps of each stage as it ends.
    ///
    /// A failure that may pass is not tried again, unlike in `check`.
    pub(super) async fn new(
        probe: &LiveProbe,
        tenant: &Tenant,
        clock: Clock,
        listener: &mut StepListener<'_>,
    ) -> Self {
        if tenant.mode == Mode::Dates {
            return Self::of_dates(probe, tenant, clock).await;
        }
        let mut shown = Vec::new();
        let mut watcher = |stage: Stage, seen: &Observation| {
            for stage in with_claims(stage) {
                listener(steps_so_far(tenant, seen, *stage));
                shown.push(*stage);
            }
        };
        let (observation, session) = probe.observe_fresh(tenant, &mut watcher).await;
        let outcome = monitor::conclude(probe, tenant, observation, &session).await;
        Self {
            report: verdict(probe, tenant, &outcome, clock.now()),
            observation: Some(outcome.observation),
            reading: probe.reading(tenant),
            shown,
        }
    }

    async fn of_dates(probe: &LiveProbe, tenant: &Tenant, clock: Clock) -> Self {
        probe.learn_dates(tenant).await;
        Self {
            observation: None,
            report: probe.assemble(tenant, None, clock.now()),
            reading: probe.reading(tenant),
            shown: Vec::new(),
        }
    }

    /// Returns every step; the last one compares the registration with the vendor's guide.
    pub(super) fn steps(&self, tenant: &Tenant) -> Vec<Step> {
        let mut steps = diagnose::steps(tenant, self.observation.as_deref(), &self.report);
        steps.push(self.guide(tenant));
        steps
    }

    /// Returns whether the listener received this step.
    pub(super) fn was_shown(&self, step: &Step) -> bool {
        step.stage.is_some_and(|stage| self.shown.contains(&stage))
    }

    /// Returns the ticket about the tenant.
    pub(super) fn ticket(&self, tenant: &Tenant) -> String {
        let seen = self.observation.as_deref();
        diagnose::ticket(tenant, seen, &self.report, Some(&self.guide(tenant)))
    }

    fn guide(&self, tenant: &Tenant) -> Step {
        let seen = self.observation.as_deref();
        diagnose::guide(tenant, seen, &self.report, self.reading.as_ref())
    }
}

/// Returns the stages to show when this one ends: the claims come with the token.
const fn with_claims(stage: Stage) -> &'static [Stage] {
    match stage {
        Stage::Secret => &[Stage::Secret],
        Stage::Token => &[Stage::Token, Stage::Claims],
        Stage::Claims => &[Stage::Claims],
        Stage::Ews => &[Stage::Ews],
        Stage::Graph => &[Stage::Graph],
    }
}

fn steps_so_far(tenant: &Tenant, seen: &Observation, stage: Stage) -> Vec<Step> {
    let stages = diagnosis::judge(tenant, seen).stages;
    diagnose::of_stage(tenant, seen, &stages, stage)
}

fn verdict(
    probe: &LiveProbe,
    tenant: &Tenant,
    outcome: &CheckOutcome,
    now: DateTime<Utc>,
) -> Report {
    let report = probe.assemble(tenant, Some(outcome), now);
    if monitor::found_offline(&outcome.observation) {
        return health::withhold(&report, &Withheld::Offline);
    }
    report
}
