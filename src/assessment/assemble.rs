//! Puts a verdict together: the judged live half, the end dates, and the status that follows.

use chrono::{DateTime, Utc};

use super::{Known, LocalDate, credentials, lifetime};
use crate::verdict::{
    CredentialReport, Diagnosis, EWS_ENDS_AT, Gate, Live, Report, Retirement, StageReport,
    StageStatus, Step, StepKind, cause::Cause, milliseconds, status,
};
use crate::{
    cloud::WORLDWIDE,
    diagnosis::Judgement,
    expiry,
    observation::{Observation, Stage},
    registration::Reading,
    stage::Surface,
    tenant::{Mode, Tenant},
};

/// Returns the report on one tenant.
///
/// `live` is what was observed and how it was judged; `None` for `mode = "dates"`, or where nothing
/// was seen: the live half of a tenant that has one is unknown then, and never left out.
pub fn assemble(
    tenant: &Tenant,
    live: Option<(&Observation, Judgement)>,
    known: Known<'_>,
    now: DateTime<Utc>,
) -> Report {
    let own = live
        .as_ref()
        .and_then(|(seen, _)| LocalDate::of(&seen.secret, seen.checked_at));
    let got_token = live.as_ref().map(|(seen, _)| seen.claims.is_some());
    let hint = live
        .as_ref()
        .and_then(|(seen, _)| seen.secret.hint.as_deref());
    let known = Known {
        local: own.as_ref().or(known.local),
        ..known
    };
    let hint = hint.or_else(|| known.reading?.hint.as_deref());
    let mut credentials = credentials::list(tenant, hint, known, now);
    if let Some(local) = known.local {
        local.lay_over(&mut credentials, tenant, (got_token, now));
    }
    lifetime::flag(&mut credentials, tenant.thresholds, now);
    let expiry = expiry::judge(&credentials);
    let (checked_at, ms) = match &live {
        Some((seen, _)) => (seen.checked_at, Some(milliseconds(seen.took))),
        None => (now, None),
    };
    let retirement = retirement(
        tenant,
        live.as_ref().map(|(_, judged)| judged),
        known.reading,
    );
    let refusal = known.reading.and_then(|reading| reading.refusal.as_ref());
    let unread = refusal.map(|refusal| refusal.reason.clone());
    let unseen = (tenant.mode == Mode::Live).then_some(Live::Unknown);
    let (live, diagnosis, stages) = match live {
        Some((_, judged)) => (Some(judged.live), judged.diagnosis, judged.stages),
        None => (unseen, None, skipped()),
    };
    let report = Report {
        name: tenant.name.clone(),
        profile: tenant.profile.id,
        tenant_id: tenant.app.tenant_id.clone(),
        client_id: tenant.app.client_id.clone(),
        mailbox: tenant.target.mailbox.clone(),
        tags: tenant.tags.clone(),
        status: status(live, Some(expiry)),
        live,
        expiry: Some(expiry),
        diagnosis,
        stages,
        credentials,
        retirement,
        checked_at,
        ms,
        unread,
        contact: tenant.support.contact.clone(),
        vendor_support: tenant.support.vendor_support.clone(),
        runbook: tenant.support.runbook.clone(),
        note: tenant.support.note.clone(),
    };
    with_younger_secret(report, tenant)
}

/// Leads with a younger secret where the one in use was refused: making a third helps nobody.
fn with_younger_secret(mut report: Report, tenant: &Tenant) -> Report {
    let Some(name) = report.younger_secret().map(CredentialReport::label) else {
        return report;
    };
    let refused =
        |found: &&mut Diagnosis| matches!(found.cause, Cause::SecretExpired | Cause::SecretInvalid);
    if let Some(found) = report.diagnosis.as_mut().filter(refused) {
        let place = tenant.profile.secret_goes_to;
        let step = format!(
            "Use the younger secret {name} that the app already has: enter its Value {place}. Only if \
             its Value is lost, make a new secret with the following steps."
        );
        found.lead_with(Step::plain(StepKind::Do, step));
    }
    report
}

fn skipped() -> Vec<StageReport> {
    let stage = |name| StageReport {
        name,
        status: StageStatus::Skipped,
        ms: None,
        http_status: None,
        code: None,
    };
    Stage::ALL.map(stage).to_vec()
}

/// The end of EWS concerns every tenant whose EWS token is for Exchange Online's worldwide resource.
fn retirement(
    tenant: &Tenant,
    judged: Option<&Judgement>,
    reading: Option<&Reading>,
) -> Option<Retirement> {
    let twin = || reading.and_then(|reading| reading.twin?.works);
    let surfaces = tenant.target.surfaces;
    let on_ews = surfaces.contains(Surface::Ews) || surfaces.is_empty();
    let worldwide = tenant.endpoints.ews_resource.trim_end_matches('/') == WORLDWIDE.exchange;
    (on_ews && worldwide).then(|| Retirement {
        ends_at: EWS_ENDS_AT,
        gate: judged.map_or(Gate::Unknown, |judged| judged.gate),
        graph_works: judged.and_then(|judged| judged.graph_works).or_else(twin),
    })
}
