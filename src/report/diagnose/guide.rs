//! The guide, checked: what the registration has beside what the vendor's guide asks for.

use super::{Fact, Mark, Step};
use crate::text::duration;
use crate::{
    claims::Claims,
    findings::{self, Finding, Seen, Verdict},
    observation::{Observation, Stage, TokenReading},
    registration::Reading,
    stage::Resource,
    tenant::{Mode, Tenant},
    verdict::{Report, StageStatus},
};

/// A reading this old is not called by its age.
const FRESH: chrono::TimeDelta = chrono::TimeDelta::minutes(5);

/// Returns the step that judges the registration; `reading` is what the directory told of it.
pub fn guide(
    tenant: &Tenant,
    observation: Option<&Observation>,
    report: &Report,
    reading: Option<&Reading>,
) -> Step {
    let is_read = reading.is_some_and(|reading| reading.registration.is_some());
    if tenant.mode == Mode::Dates && !is_read {
        return step(
            Mark::Skipped,
            "not looked at: nobody signs in with `mode = \"dates\"`",
        );
    }
    let opened =
        |stage: &super::StageReport| stage.name == Stage::Ews && stage.status == StageStatus::Ok;
    let seen = Seen {
        reading,
        claims: observation.and_then(|seen| exchange_claims(tenant, seen)),
        cause: report.diagnosis.as_ref().map(|found| found.cause),
        opened: report.stages.iter().any(opened),
        now: report.checked_at,
    };
    let findings = findings::check(tenant, &seen);
    let facts: Vec<_> = findings.iter().map(fact).collect();
    let mark = facts
        .iter()
        .filter_map(|fact| fact.mark)
        .fold(Mark::Skipped, Mark::and);
    let result = format!("{}{}", summary(tenant, &findings), age(&seen));
    step(mark, &result).with(facts)
}

fn step(mark: Mark, result: &str) -> Step {
    Step {
        name: "guide",
        stage: None,
        mark,
        ms: None,
        result: result.to_owned(),
        facts: Vec::new(),
    }
}

/// The claims of a token for Exchange, if that is what was asked for first.
fn exchange_claims<'a>(tenant: &Tenant, seen: &'a Observation) -> Option<&'a Claims> {
    match &seen.claims {
        Some(TokenReading::Claims(claims))
            if tenant.target.surfaces.first_resource() == Resource::Exchange =>
        {
            Some(claims)
        }
        _ => None,
    }
}

fn summary(tenant: &Tenant, findings: &[Finding]) -> String {
    let whose = match tenant.profile.guide.about {
        Some(about) => format!("{}'s guide ({about})", tenant.profile.product),
        None => "what such a registration needs".to_owned(),
    };
    let count = |is: fn(&Verdict) -> bool| findings.iter().filter(|one| is(&one.verdict)).count();
    let unmet = count(|verdict| matches!(verdict, Verdict::Unmet { .. }));
    let unseen = count(|verdict| matches!(verdict, Verdict::Unseen(_)));
    match (unmet, unseen) {
        (0, 0) => format!("the registration is as it should be by {whose}"),
        (0, unseen) => format!("by {whose}: nothing is wrong, {unseen} not to be seen"),
        (unmet, 0) => format!("by {whose}: {unmet} wrong"),
        (unmet, unseen) => format!("by {whose}: {unmet} wrong, {unseen} not to be seen"),
    }
}

fn age(seen: &Seen<'_>) -> String {
    let registration = seen
        .reading
        .and_then(|reading| reading.registration.as_ref());
    match registration {
        Some(registration) if seen.now - registration.read_at > FRESH => {
            format!(
                " (read {} ago)",
                duration::age(seen.now - registration.read_at)
            )
        }
        _ => String::new(),
    }
}

fn fact(finding: &Finding) -> Fact {
    let label = finding.step.asks.label();
    match &finding.verdict {
        Verdict::Met(found) => Fact::new(label, found).marked(Mark::Ok),
        Verdict::Unmet { found, todo } => Fact::new(label, found).should_be(Mark::Failed, todo),
        Verdict::Unseen(why) => Fact::new(label, why).marked(Mark::Unknown),
    }
}
