//! One check of one tenant: the confirmation of what may pass, and the safety net around both.

use std::{any::Any, future::Future, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use futures_util::FutureExt as _;

use super::gate::{Gate, Permit};
use crate::{
    diagnosis::Judgement,
    health::{self, Withheld},
    observation::{Observation, Stage},
    tenant::{Mode, Tenant, is_loopback},
    text,
    verdict::{Expiry, Live, Report, Status},
};

/// What one check found, and what it means.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The facts.
    pub observation: Arc<Observation>,
    /// What they say about the live half of the verdict.
    pub judgement: Judgement,
}

/// The thing that checks tenants. The engine decides when and how often; a probe does it once.
pub trait Probe: Send + Sync + 'static {
    /// What a repetition builds on, such as the access token that was fetched.
    type Session: Send + 'static;

    /// Runs one whole check of a tenant in [`Mode::Live`], within its deadline.
    fn observe(&self, tenant: &Tenant) -> impl Future<Output = (Finding, Self::Session)> + Send;

    /// Repeats one failed stage (and what comes after it) on a new connection, with a new deadline.
    fn repeat(
        &self,
        tenant: &Tenant,
        first: Finding,
        session: Self::Session,
        stage: Stage,
    ) -> impl Future<Output = Finding> + Send;

    /// Reads the end dates that stand in local files, so that [`Probe::assemble`] knows them without
    /// a check.
    fn read_dates(&self, _tenant: &Tenant) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }

    /// For a tenant of which only dates are judged: returns what is needed to look them up, if
    /// somebody has to be asked for them now.
    fn prepare(&self, _tenant: &Tenant) -> impl Future<Output = Option<Self::Session>> + Send {
        std::future::ready(None)
    }

    /// Asks for the dates of a tenant that was prepared; what comes of it shows in the verdict.
    fn look_up(
        &self,
        _tenant: &Tenant,
        _session: Self::Session,
    ) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }

    /// Puts the verdict together; without a finding, from what is known without asking anybody.
    fn assemble(&self, tenant: &Tenant, finding: Option<&Finding>, now: DateTime<Utc>) -> Report;

    /// Returns a number that changes when the tenant's secret source does, if that can be seen
    /// without opening the secret.
    fn source_mark(&self, tenant: &Tenant) -> impl Future<Output = Option<u64>> + Send;
}

/// What came of an attempt to check.
#[derive(Debug)]
pub(super) struct Checked {
    /// The verdict.
    pub(super) report: Report,
    /// What it was judged from; `None` where only dates are judged, and after a crash.
    pub(super) finding: Option<Finding>,
}

/// Runs one check whatever happens: a panic in it becomes a verdict that says so.
///
/// `permit` is given back while the check waits to be confirmed; `confirming` is called before that.
pub(super) async fn check<P: Probe>(
    probe: &P,
    tenant: &Tenant,
    (permit, gate, confirm): (Option<Permit>, &Gate, Duration),
    now: impl Fn() -> DateTime<Utc>,
    confirming: impl Fn(),
) -> Checked {
    // boxed: a worker that sleeps for a quarter of an hour does not carry this with it
    let attempt = Box::pin(async {
        let finding = match tenant.mode {
            Mode::Dates => {
                probe.read_dates(tenant).await;
                dates(probe, tenant, gate).await;
                None
            }
            Mode::Live => Some(confirmed(probe, tenant, (permit, gate, confirm), confirming).await),
        };
        let report = probe.assemble(tenant, finding.as_ref(), now());
        log(&report);
        Checked { report, finding }
    });
    match AssertUnwindSafe(attempt).catch_unwind().await {
        Ok(checked) => checked,
        Err(panic) => Checked {
            report: crashed(probe, tenant, now(), panic.as_ref()),
            finding: None,
        },
    }
}

fn log(report: &Report) {
    let found = report.diagnosis.as_ref();
    tracing::debug!(
        tenant = %report.name,
        status = ?report.status,
        live = ?report.live,
        expiry = ?report.expiry,
        cause = found.map(|found| found.cause.id()),
        code = found.and_then(|found| found.code.as_deref()).map(text::line),
        ms = report.ms,
        "checked"
    );
}

/// Looks the end dates of a tenant up, where that means asking somebody.
async fn dates<P: Probe>(probe: &P, tenant: &Tenant, gate: &Gate) {
    if let Some(session) = probe.prepare(tenant).await {
        let _permit = gate.enter(login_host(tenant)).await;
        probe.look_up(tenant, session).await;
    }
}

/// Checks, and repeats the failed stage once where the failure may pass.
async fn confirmed<P: Probe>(
    probe: &P,
    tenant: &Tenant,
    (permit, gate, confirm): (Option<Permit>, &Gate, Duration),
    confirming: impl Fn(),
) -> Finding {
    let (first, session) = probe.observe(tenant).await;
    drop(permit);
    let Some(stage) = to_repeat(&first.judgement, confirm) else {
        return first;
    };
    confirming();
    tokio::time::sleep(confirm).await;
    // the EWS call uses the token at hand; every other stage asks the login service again
    let host = login_host(tenant).filter(|_| stage != Stage::Ews);
    let _permit = gate.enter(host).await;
    let mut second = probe.repeat(tenant, first, session, stage).await;
    Arc::make_mut(&mut second.observation).confirmed = true;
    second
}

/// Returns which stage to repeat before a failure counts, if any.
///
/// A failure that will not pass by itself counts at once; so does one about which the service wants
/// to be asked later than that.
fn to_repeat(judgement: &Judgement, confirm: Duration) -> Option<Stage> {
    let diagnosis = judgement.diagnosis.as_ref()?;
    let too_soon = judgement.retry_after.is_some_and(|wait| wait > confirm);
    let worth_it = diagnosis.transient && !confirm.is_zero() && !too_soon;
    diagnosis.stage.filter(|_| worth_it)
}

/// Returns which login service a tenant's token requests count against; one on this machine is a
/// simulated or test cloud, and nobody has to be polite to that.
pub(super) fn login_host(tenant: &Tenant) -> Option<&str> {
    let login = &tenant.endpoints.login;
    (!is_loopback(login)).then(|| login.authority())
}

/// Makes the verdict on a tenant whose check panicked, and logs the panic under the same id.
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

/// Makes a verdict without a check, as far as that can be known.
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

/// The verdict when not even end dates can be judged.
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
