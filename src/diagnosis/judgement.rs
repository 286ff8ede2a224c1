//! From an observation to the live half of a verdict.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    advice::Context,
    evidence::{Evidence, Fact},
    explain,
    observed::{
        self, person,
        reading::{Call, Reading},
    },
    ranking::{self, Finding},
};
use crate::{
    cloud::WORLDWIDE,
    observation::{Exchange, Observation, Outcome, Stage, TokenReading},
    stage::Surface,
    tenant::Tenant,
    verdict::{
        Confidence, Diagnosis, Gate, Live, StageReport, StageStatus,
        cause::{Cause, Effect},
    },
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

/// What one stage came to.
#[derive(Debug, Default)]
enum Step {
    #[default]
    Skipped,
    Worked,
    Failed(Box<Failure>),
}

#[derive(Debug)]
struct Failure {
    finding: Finding,
    reading: Reading,
}

/// Every stage of one observation.
#[derive(Debug, Default)]
struct Steps {
    secret: Step,
    token: Step,
    /// In the order of [`Surface::ALL`].
    surfaces: [Step; Surface::ALL.len()],
}

impl Steps {
    /// Returns what the test call of a surface came to.
    fn surface(&self, surface: Surface) -> &Step {
        let tried = Surface::ALL.into_iter().zip(&self.surfaces);
        let mut found = tried.filter(|(one, _)| *one == surface);
        found.next().map_or(&Step::Skipped, |(_, step)| step)
    }

    /// Returns the steps that can end or fail a check, in the order of blame: what ended the run,
    /// then the surfaces in their order.
    fn in_order_of_blame(&self) -> impl Iterator<Item = &Step> {
        [&self.secret, &self.token]
            .into_iter()
            .chain(&self.surfaces)
    }
}

/// Judges what one check brought back.
pub fn judge(tenant: &Tenant, observation: &Observation) -> Judgement {
    let steps = steps(tenant, observation);
    let stages = stages(&steps, observation);
    let gate = gate(steps.surface(Surface::Ews));
    let graph_works = match steps.surface(Surface::Graph) {
        Step::Skipped => None,
        step => Some(matches!(step, Step::Worked)),
    };
    let retry_after = steps
        .in_order_of_blame()
        .filter_map(failure)
        .filter_map(|failure| failure.reading.retry_after)
        .max();
    let decisive = steps.in_order_of_blame().find_map(failure);
    let diagnosis = decisive.map(|failure| {
        let context = Context::of(tenant)
            .with_request(failure.reading.ids())
            .through_proxy(failed_proxy(observation));
        explain::diagnosis(&failure.finding, &failure.reading.evidence, &context)
            .with_ids(&failure.reading)
    });
    Judgement {
        live: decisive.map_or(Live::Ok, |failure| live(failure.finding.cause)),
        diagnosis,
        stages,
        retry_after,
        gate,
        graph_works,
    }
}

/// The proxy of the first request that failed below HTTP.
fn failed_proxy(observation: &Observation) -> Option<&str> {
    let is_fault = |exchange: &&Exchange| matches!(exchange.outcome, Outcome::Fault(_));
    let failed = observation.exchanges().find(is_fault)?;
    failed.connection.as_ref()?.proxy.as_deref()
}

fn failure(step: &Step) -> Option<&Failure> {
    match step {
        Step::Failed(failure) => Some(failure),
        Step::Worked | Step::Skipped => None,
    }
}

fn live(cause: Cause) -> Live {
    match cause.effect() {
        Effect::Failing => Live::Failing,
        Effect::Unknown => Live::Unknown,
    }
}

fn steps(tenant: &Tenant, observation: &Observation) -> Steps {
    let mut steps = Steps::default();
    if observation.secret.failure.is_some() {
        let evidence = observed::secret(&observation.secret, observation.checked_at);
        steps.secret = failed(
            Stage::Secret,
            Reading {
                evidence,
                ..Reading::default()
            },
        );
        return steps;
    }
    steps.secret = Step::Worked;
    match person::sign_in(observation) {
        Some(person::Verdict::Secret(reading)) => {
            steps.secret = failed(Stage::Secret, reading);
            return steps;
        }
        Some(person::Verdict::Token(reading)) => {
            steps.token = failed(Stage::Token, reading);
            return steps;
        }
        None => steps.token = token(observation),
    }
    if !matches!(steps.token, Step::Worked) {
        return steps;
    }
    steps.surfaces = Surface::ALL.map(|surface| {
        if tenant.target.surfaces.contains(surface) {
            tried(tenant, observation, surface)
        } else {
            Step::Skipped
        }
    });
    steps
}

fn token(observation: &Observation) -> Step {
    let Some(exchange) = &observation.token else {
        return untried(Stage::Token);
    };
    let now = observation.checked_at;
    match observed::token(exchange, observation.claims.is_some(), now) {
        Call::Worked => Step::Worked,
        Call::Failed(mut reading) => {
            reading
                .evidence
                .extend(observed::secret(&observation.secret, now));
            failed(Stage::Token, *reading)
        }
    }
}

/// Judges one surface: its own token where it needs one, then its call.
fn tried(tenant: &Tenant, observation: &Observation, surface: Surface) -> Step {
    let now = observation.checked_at;
    let resource = surface.resource();
    if let Some(token) = observation.further_token_for(resource)
        && let Call::Failed(reading) = observed::token(&token.exchange, token.claims.is_some(), now)
    {
        return failed(surface.stage(), *reading);
    }
    let Some(exchange) = observation.call(surface) else {
        return untried(surface.stage());
    };
    let result = observed::call(surface, exchange, now);
    let claims = observation.claims_for(resource);
    let mut step = called(result, claims, tenant, observation, surface);
    if let Step::Failed(failure) = &mut step
        && failure.finding.cause == Cause::EwsDisabled
        && has_ended(tenant, observation)
    {
        failure.finding.cause = Cause::EwsRetired;
        failure.finding.also_possible.clear();
    }
    step
}

/// Whether EWS in Exchange Online's worldwide cloud has been shut down for good.
fn has_ended(tenant: &Tenant, observation: &Observation) -> bool {
    let resource = tenant.endpoints.ews_resource.trim_end_matches('/');
    // the announced day; own servers and national clouds have no such date
    let last_day = NaiveDate::from_ymd_opt(2027, 4, 1);
    let ended = last_day.is_some_and(|day| observation.checked_at.date_naive() >= day);
    ended && resource.eq_ignore_ascii_case(WORLDWIDE.exchange)
}

/// A call, with what its token lacks where it was refused.
fn called(
    result: Call,
    claims: Option<&TokenReading>,
    tenant: &Tenant,
    observation: &Observation,
    surface: Surface,
) -> Step {
    let Call::Failed(mut reading) = result else {
        return Step::Worked;
    };
    let lacks = claims
        .map(|claims| observed::claims(claims, tenant, surface, observation.checked_at))
        .unwrap_or_default();
    let is_sound = lacks.is_empty() && matches!(claims, Some(TokenReading::Claims(_)));
    reading.evidence.extend(lacks);
    let mut step = failed(surface.stage(), *reading);
    if let (true, Step::Failed(failure)) = (is_sound, &mut step) {
        without_token_faults(&mut failure.finding);
    }
    step
}

/// A token that was read and lacks nothing rules out what it might have lacked.
fn without_token_faults(finding: &mut Finding) {
    let ruled_out = [
        Cause::AppRoleMissing,
        Cause::DelegatedScopeMissing,
        Cause::AudienceWrong,
        Cause::GraphPermissionMissing,
    ];
    let vague = finding.confidence != Confidence::Certain;
    if finding.cause == Cause::GraphPermissionMissing && vague {
        // the permission is there, so it is Exchange that leaves the mailbox out
        finding.cause = Cause::AppAccessPolicyDenied;
    }
    let decided = finding.cause;
    finding
        .also_possible
        .retain(|cause| *cause != decided && !ruled_out.contains(cause));
}

/// A stage that should have been tried, and of which nothing is known.
fn untried(stage: Stage) -> Step {
    failed(stage, Reading::default())
}

fn failed(stage: Stage, reading: Reading) -> Step {
    let finding = ranking::rank(&reading.evidence).unwrap_or(Finding {
        cause: Cause::Unknown,
        confidence: Confidence::Possible,
        also_possible: Vec::new(),
        stage: Some(stage),
        code: None,
        codes: Vec::new(),
    });
    // a token for Graph alone that is refused makes `graph` fail: `token` was the other one
    let at_claims = finding.stage == Some(Stage::Claims);
    let stage = if at_claims { Stage::Claims } else { stage };
    let finding = Finding {
        stage: Some(stage),
        ..finding
    };
    Step::Failed(Box::new(Failure { finding, reading }))
}

fn gate(ews: &Step) -> Gate {
    let blocked = |e: &Evidence| matches!(e.fact, Fact::PolicyReason(_));
    match ews {
        Step::Worked => Gate::Open,
        Step::Failed(failure) if failure.reading.evidence.iter().any(blocked) => Gate::Blocked,
        Step::Failed(failure) if got_through(failure) => Gate::Open,
        Step::Failed(_) | Step::Skipped => Gate::Unknown,
    }
}

/// Whether EWS itself answered in SOAP about the call: a closed gate never lets it come to that.
fn got_through(failure: &Failure) -> bool {
    let evidence = &failure.reading.evidence;
    let answered = evidence.iter().any(|e| e.fact == Fact::Status(200));
    let about_call = |e: &Evidence| matches!(e.fact, Fact::EwsCode(_));
    let reached = matches!(
        failure.finding.cause,
        Cause::MailboxNotFound
            | Cause::MailboxDisabled
            | Cause::MailboxUnavailable
            | Cause::ImpersonationDenied
            | Cause::ImpersonationHeaderMissing
    );
    evidence.iter().any(about_call) && (answered || reached)
}

fn stages(steps: &Steps, observation: &Observation) -> Vec<StageReport> {
    let token = observation.token.as_ref();
    let mut secret = report(Stage::Secret, &steps.secret, None);
    secret.ms = Some(millis(observation.secret.took));
    let mut stages = vec![
        secret,
        report(Stage::Token, &steps.token, token),
        claims(steps, observation),
    ];
    stages.extend(Surface::ALL.into_iter().map(|surface| {
        let further = observation.further_token_for(surface.resource());
        let call = observation.call(surface);
        let exchange = call.or(further.map(|token| &token.exchange));
        report(surface.stage(), steps.surface(surface), exchange)
    }));
    stages
}

fn report(name: Stage, step: &Step, exchange: Option<&Exchange>) -> StageReport {
    let status = match step {
        Step::Skipped => StageStatus::Skipped,
        Step::Worked => StageStatus::Ok,
        Step::Failed(_) => StageStatus::Failed,
    };
    let exchange = exchange.filter(|_| status != StageStatus::Skipped);
    StageReport {
        name,
        status,
        ms: exchange.map(|exchange| millis(exchange.took)),
        http_status: exchange.and_then(|exchange| match &exchange.outcome {
            Outcome::Answer(answer) => Some(answer.status),
            Outcome::Fault(_) => None,
        }),
        code: failure(step).and_then(|failure| failure.finding.code.clone()),
    }
}

/// `claims` fails only where a later refusal followed that it explains.
fn claims(steps: &Steps, observation: &Observation) -> StageReport {
    let explains =
        |step| failure(step).is_some_and(|failure| failure.finding.stage == Some(Stage::Claims));
    let read = matches!(steps.token, Step::Worked)
        && matches!(observation.claims, Some(TokenReading::Claims(_)));
    let status = match read {
        false => StageStatus::Skipped,
        true if steps.surfaces.iter().any(explains) => StageStatus::Failed,
        true => StageStatus::Ok,
    };
    StageReport {
        name: Stage::Claims,
        status,
        ms: read.then_some(0.0),
        http_status: None,
        code: None,
    }
}

fn millis(took: Duration) -> f64 {
    // thousandths are enough for people and keep the JSON short
    (took.as_secs_f64() * 1_000_000.0).round() / 1000.0
}

/// Returns what a token lacks for the call of a surface; it counts only if that call is refused.
pub(crate) fn lacks(
    reading: &TokenReading,
    tenant: &Tenant,
    surface: Surface,
    now: DateTime<Utc>,
) -> Vec<Fact> {
    let evidence = observed::claims(reading, tenant, surface, now);
    evidence.into_iter().map(|evidence| evidence.fact).collect()
}
