//! One check of one tenant: observe, judge, remember, assemble; with the repetition of failures that
//! may pass by themselves, and a panic turned into a verdict.

use std::{any::Any, future::Future, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use futures_util::FutureExt as _;

use super::limiter::{CheckLimiter, Permit};
use crate::{
    diagnosis::Judgement,
    health::{self, Withheld},
    observation::{Observation, Stage},
    stage::Surface,
    tenant::{Mode, Tenant, is_loopback},
    text,
    verdict::{Expiry, Live, Report, Status},
};

/// The facts of one check and the judgement on them.
#[derive(Debug, Clone)]
pub struct CheckOutcome {
    /// The facts.
    pub observation: Arc<Observation>,
    /// The judgement on the live half.
    pub judgement: Judgement,
}

/// Checks tenants. The engine decides when and how often; a probe does one check.
///
/// A check takes four steps: [`observe`](Probe::observe), [`judge`](Probe::judge),
/// [`remember`](Probe::remember), [`assemble`](Probe::assemble). `remember` comes before `assemble`
/// because a refused refresh token ends in the report of the very check that found the refusal.
pub trait Probe: Send + Sync + 'static {
    /// State that a repetition builds on, such as the access token.
    type Session: Send + Sync + 'static;

    /// Runs the stages of a tenant in [`Mode::Live`] within its deadline, and reads its directory
    /// entry where that is due.
    fn observe(&self, tenant: &Tenant)
    -> impl Future<Output = (Observation, Self::Session)> + Send;

    /// Repeats one failed stage and the stages after it on a new connection, with a new deadline.
    fn repeat(
        &self,
        tenant: &Tenant,
        first: (Observation, Self::Session),
        stage: Stage,
    ) -> impl Future<Output = (Observation, Self::Session)> + Send;

    /// Judges an observation. Pure.
    fn judge(&self, tenant: &Tenant, observation: &Observation) -> Judgement;

    /// Keeps what later checks must know, such as a sign-in that was refused for good.
    fn remember(
        &self,
        _tenant: &Tenant,
        _session: &Self::Session,
        _judgement: &Judgement,
    ) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }

    /// Assembles the report; without an outcome, from what is known without a request.
    fn assemble(
        &self,
        tenant: &Tenant,
        outcome: Option<&CheckOutcome>,
        now: DateTime<Utc>,
    ) -> Report;

    /// Reads the end dates in local files, so that [`Probe::assemble`] knows them without a check.
    fn read_local_dates(&self, _tenant: &Tenant) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }

    /// Returns a session for [`Probe::read_directory`] if the directory must be asked now. For tenants
    /// in [`Mode::Dates`], which are never observed.
    fn directory_session(
        &self,
        _tenant: &Tenant,
    ) -> impl Future<Output = Option<Self::Session>> + Send {
        std::future::ready(None)
    }

    /// Reads the end dates of a tenant in its directory; the result shows in the report.
    fn read_directory(
        &self,
        _tenant: &Tenant,
        _session: Self::Session,
    ) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }

    /// Returns a number that changes when the tenant's secret source changes, if that can be seen
    /// without opening the secret.
    fn source_mark(&self, tenant: &Tenant) -> impl Future<Output = Option<u64>> + Send;
}

/// Judges an observation and remembers what later checks must know.
pub async fn conclude<P: Probe>(
    probe: &P,
    tenant: &Tenant,
    observation: Observation,
    session: &P::Session,
) -> CheckOutcome {
    let judgement = probe.judge(tenant, &observation);
    probe.remember(tenant, session, &judgement).await;
    CheckOutcome {
        observation: Arc::new(observation),
        judgement,
    }
}

/// A check that has ended.
#[derive(Debug)]
pub(super) struct CompletedCheck {
    /// The verdict.
    pub(super) report: Report,
    /// The facts behind the verdict; `None` for tenants in [`Mode::Dates`], and after a panic.
    pub(super) outcome: Option<CheckOutcome>,
}

/// The limits of one check.
#[derive(Debug)]
pub(super) struct CheckLimits<'a> {
    /// The right to run; released while the check waits to be repeated.
    pub(super) permit: Option<Permit>,
    /// Admits the repetition.
    pub(super) limiter: &'a CheckLimiter,
    /// Delay before the repetition; zero disables it.
    pub(super) confirm: Duration,
}

/// Runs one check. A panic in it becomes a verdict; `on_confirming` is called before the delay of a
/// repetition.
pub(super) async fn check<P: Probe>(
    probe: &P,
    tenant: &Tenant,
    limits: CheckLimits<'_>,
    now: impl Fn() -> DateTime<Utc>,
    on_confirming: impl Fn(),
) -> CompletedCheck {
    // boxed, so that a worker that sleeps for a quarter of an hour does not carry the state of a check
    let attempt = Box::pin(async {
        let outcome = match tenant.mode {
            Mode::Dates => {
                probe.read_local_dates(tenant).await;
                read_directory(probe, tenant, limits.limiter).await;
                None
            }
            Mode::Live => Some(observe_confirmed(probe, tenant, limits, on_confirming).await),
        };
        let report = probe.assemble(tenant, outcome.as_ref(), now());
        log(&report);
        CompletedCheck { report, outcome }
    });
    match AssertUnwindSafe(attempt).catch_unwind().await {
        Ok(completed) => completed,
        Err(panic) => CompletedCheck {
            report: crashed(probe, tenant, now(), panic.as_ref()),
            outcome: None,
        },
    }
}

fn log(report: &Report) {
    let diagnosis = report.diagnosis.as_ref();
    tracing::debug!(
        tenant = %report.name,
        status = ?report.status,
        live = ?report.live,
        expiry = ?report.expiry,
        cause = diagnosis.map(|diagnosis| diagnosis.cause.id()),
        code = diagnosis.and_then(|diagnosis| diagnosis.code.as_deref()).map(text::line),
        ms = report.ms,
        "checked"
    );
}

/// Reads the directory of a tenant in [`Mode::Dates`], where that is due.
async fn read_directory<P: Probe>(probe: &P, tenant: &Tenant, limiter: &CheckLimiter) {
    if let Some(session) = probe.directory_session(tenant).await {
        let _permit = limiter.acquire(login_host(tenant)).await;
        probe.read_directory(tenant, session).await;
    }
}

/// Observes, and repeats the failed stage once where the failure may pass by itself.
async fn observe_confirmed<P: Probe>(
    probe: &P,
    tenant: &Tenant,
    limits: CheckLimits<'_>,
    on_confirming: impl Fn(),
) -> CheckOutcome {
    let (observation, session) = probe.observe(tenant).await;
    let CheckLimits {
        permit,
        limiter,
        confirm,
    } = limits;
    drop(permit);
    let judgement = probe.judge(tenant, &observation);
    let Some(stage) = stage_to_repeat(&judgement, confirm) else {
        probe.remember(tenant, &session, &judgement).await;
        return CheckOutcome {
            observation: Arc::new(observation),
            judgement,
        };
    };
    on_confirming();
    tokio::time::sleep(confirm).await;
    // a surface of the first resource uses the token at hand; any other stage asks for a new one
    let resource = tenant.target.surfaces.first_resource();
    let reuses = |surface: Surface| surface.resource() == resource;
    let host = login_host(tenant).filter(|_| !stage.surface().is_some_and(reuses));
    let _permit = limiter.acquire(host).await;
    let first = (observation, session);
    let (mut observation, session) = probe.repeat(tenant, first, stage).await;
    observation.confirmed = true;
    conclude(probe, tenant, observation, &session).await
}

/// Returns the stage to repeat before a failure counts.
///
/// A lasting failure counts at once, and so does one where the service asks for a longer pause than
/// the delay of the repetition.
fn stage_to_repeat(judgement: &Judgement, confirm: Duration) -> Option<Stage> {
    let diagnosis = judgement.diagnosis.as_ref()?;
    let too_soon = judgement.retry_after.is_some_and(|wait| wait > confirm);
    let worth_it = diagnosis.transient && !confirm.is_zero() && !too_soon;
    diagnosis.stage.filter(|_| worth_it)
}

/// Returns the login host that a tenant's token requests count against. A host on this machine is a
/// simulated or test cloud, which needs no limit.
pub(super) fn login_host(tenant: &Tenant) -> Option<&str> {
    let login = &tenant.endpoints.login;
    (!is_loopback(login)).then(|| login.authority())
}

/// Returns the verdict on a check that panicked, and logs the panic under the id in the verdict.
fn crashed<P: Probe>(
    probe: &P,
    tenant: &Tenant,
    now: DateTime<Utc>,
    panic: &(dyn Any + Send),
) -> Report {
    let trace_id = uuid::Uuid::new_v4().to_string();
    let words = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    let words = text::line(&text::redact(words));
    tracing::error!(tenant = %tenant.name, trace_id, "check panicked: {words}");
    withheld(probe, tenant, now, &Withheld::Crashed { trace_id })
}

/// Returns a verdict without a check: end dates that are known, and an unknown live half.
pub(super) fn withheld<P: Probe>(
    probe: &P,
    tenant: &Tenant,
    now: DateTime<Utc>,
    reason: &Withheld,
) -> Report {
    let assembled = AssertUnwindSafe(|| probe.assemble(tenant, None, now));
    let report = std::panic::catch_unwind(assembled).unwrap_or_else(|_| bare(tenant, now));
    health::withhold(&report, reason)
}

/// Returns the verdict where a panic hides the end dates too.
fn bare(tenant: &Tenant, now: DateTime<Utc>) -> Report {
    Report {
        name: tenant.name.clone(),
        profile: tenant.profile.id,
        tenant_id: tenant.app.tenant_id.clone(),
        client_id: tenant.app.client_id.clone(),
        mailbox: tenant.target.mailbox.clone(),
        tags: tenant.tags.clone(),
        status: Status::Unknown,
        live: (tenant.mode == Mode::Live).then_some(Live::Unknown),
        expiry: Some(Expiry::Unknown),
        diagnosis: None,
        stages: Vec::new(),
        credentials: Vec::new(),
        retirement: None,
        checked_at: now,
        ms: None,
        unread: None,
        contact: tenant.support.contact.clone(),
        vendor_support: tenant.support.vendor_support.clone(),
        runbook: tenant.support.runbook.clone(),
        note: tenant.support.note.clone(),
    }
}
