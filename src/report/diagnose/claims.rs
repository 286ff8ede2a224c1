//! What a token says, beside what it should say.

use chrono::{DateTime, Utc};

use super::{Fact, Mark, Step, answer, when};
use crate::{
    claims::Claims,
    diagnosis::{self, evidence::Fact as Found},
    observation::{Exchange, Observation, Stage, TokenReading},
    stage::Surface,
    tenant::Tenant,
};

/// Returns the step for the token of the first surface.
pub(super) fn of_first(tenant: &Tenant, seen: &Observation) -> Vec<Step> {
    let surface = first_surface(tenant);
    let Some(reading) = &seen.claims else {
        return vec![Step::new(
            "claims",
            Stage::Claims,
            Mark::Skipped,
            "not reached: there is no token",
        )];
    };
    let now = server_time(seen.token.as_ref()).unwrap_or(seen.checked_at);
    let step = of(tenant, reading, surface, (seen.checked_at, now));
    vec![step]
}

/// The surface that the first token is for; EWS where none is tried.
pub(super) fn first_surface(tenant: &Tenant) -> Surface {
    tenant.target.surfaces.iter().next().unwrap_or(Surface::Ews)
}

/// Returns the step for the token of a further resource.
pub(super) fn of_further(tenant: &Tenant, seen: &Observation, surface: Surface) -> Option<Step> {
    let facts = seen.further_token_for(surface.resource())?;
    let reading = facts.claims.as_ref()?;
    let now = server_time(Some(&facts.exchange)).unwrap_or(seen.checked_at);
    let step = of(tenant, reading, surface, (seen.checked_at, now));
    Some(Step {
        name: match surface {
            Surface::Ews => "ews claims",
            Surface::Graph => "graph claims",
        },
        stage: Some(surface.stage()),
        ..step
    })
}

/// The time that the login service has.
fn server_time(exchange: Option<&Exchange>) -> Option<DateTime<Utc>> {
    answer::of(exchange?).and_then(answer::date)
}

/// `here` is this machine's time, `there` that of the login service.
fn of(
    tenant: &Tenant,
    reading: &TokenReading,
    surface: Surface,
    (here, there): (DateTime<Utc>, DateTime<Utc>),
) -> Step {
    let TokenReading::Claims(claims) = reading else {
        let result = "not readable, and needs not be: access tokens are opaque by contract";
        return Step::new("claims", Stage::Claims, Mark::Unknown, result);
    };
    let lacks = diagnosis::lacks(reading, tenant, surface, here);
    let facts = vec![
        audience(claims, tenant, surface, &lacks),
        directory(claims, tenant),
        app(claims, tenant),
        permissions(claims, &lacks),
        end(claims, &lacks, (here, there)),
    ];
    let mark = facts
        .iter()
        .filter_map(|fact| fact.mark)
        .fold(Mark::Ok, Mark::and);
    let result = match mark {
        Mark::Ok | Mark::Skipped => "all as it should be",
        Mark::Unknown => "something differs; the call tells whether it matters",
        Mark::Failed => "not as it should be",
    };
    Step::new("claims", Stage::Claims, mark, result).with(facts)
}

fn audience(claims: &Claims, tenant: &Tenant, surface: Surface, lacks: &[Found]) -> Fact {
    let due = tenant.endpoints.resource(surface.resource());
    let wrong = lacks
        .iter()
        .any(|lack| matches!(lack, Found::WrongAudience(_)));
    match &claims.audience {
        Some(found) if wrong => Fact::new("aud", found).should_be(Mark::Failed, due),
        Some(found) => Fact::new("aud", found).marked(Mark::Ok),
        None => Fact::new("aud", "none").should_be(Mark::Unknown, due),
    }
}

fn directory(claims: &Claims, tenant: &Tenant) -> Fact {
    let due = tenant.app.tenant_id.as_str();
    let is_guid = uuid::Uuid::try_parse(due).is_ok();
    match &claims.tenant_id {
        Some(found) if found.eq_ignore_ascii_case(due) => Fact::new("tid", found).marked(Mark::Ok),
        Some(found) if is_guid => Fact::new("tid", found).should_be(Mark::Failed, due),
        Some(found) => Fact::new("tid", &format!("{found} (the directory of '{due}')")),
        None => Fact::new("tid", "none").should_be(Mark::Unknown, due),
    }
}

fn app(claims: &Claims, tenant: &Tenant) -> Fact {
    let due = tenant.app.client_id.as_str();
    match &claims.app_id {
        Some(found) if found.eq_ignore_ascii_case(due) => {
            Fact::new("appid", found).marked(Mark::Ok)
        }
        Some(found) => Fact::new("appid", found).should_be(Mark::Failed, due),
        None => Fact::new("appid", "none").should_be(Mark::Unknown, due),
    }
}

/// Permissions may also be granted in Exchange, which no token shows: what lacks here is a question.
fn permissions(claims: &Claims, lacks: &[Found]) -> Fact {
    let (label, held) = if claims.roles.is_empty() && !claims.scopes.is_empty() {
        ("scp", &claims.scopes)
    } else {
        ("roles", &claims.roles)
    };
    let value = match held.as_slice() {
        [] => "none".to_owned(),
        held => held.join(" "),
    };
    let fact = Fact::new(label, &value);
    let due = lacks.iter().find_map(|lack| match lack {
        Found::NoRole(due) | Found::NoScope(due) => Some(due),
        _ => None,
    });
    match due {
        Some(due) => fact.should_be(
            Mark::Unknown,
            format!("{due}, unless Exchange itself grants the access"),
        ),
        None => fact.marked(Mark::Ok),
    }
}

fn end(claims: &Claims, lacks: &[Found], (here, there): (DateTime<Utc>, DateTime<Utc>)) -> Fact {
    let Some(at) = claims.expires_at else {
        return Fact::new("exp", "none").should_be(Mark::Unknown, "in the future");
    };
    let fact = Fact::new("exp", &when(at, here));
    if at <= there {
        return fact.should_be(Mark::Failed, "in the future, also by the server's clock");
    }
    let clocks_differ = [Found::OutsideValidity, Found::NotYetValid];
    if lacks.iter().any(|lack| clocks_differ.contains(lack)) {
        let due = "valid now: by the server's clock it is, so this machine's clock is off";
        return fact.should_be(Mark::Failed, due);
    }
    fact.marked(Mark::Ok)
}
