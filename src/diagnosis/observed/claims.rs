//! Compares what an access token says with what the calls need.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    claims::Claims,
    cloud::CLOUDS,
    diagnosis::evidence::{Evidence, Fact},
    observation::TokenReading,
    stage::{Resource, Surface},
    tenant::Tenant,
};

/// The app id of Exchange Online, which may stand for its address in `aud`.
const EXCHANGE_APP: &str = "00000002-0000-0ff1-ce00-000000000000";
/// The app id of Microsoft Graph, likewise.
const GRAPH_APP: &str = "00000003-0000-0000-c000-000000000000";
/// Another address of Exchange Online that tokens may be issued for.
const EXCHANGE_ALIAS: &str = "https://outlook.office.com";

/// Application permissions of Graph, each of which opens a mail folder.
const GRAPH_ROLES: &[&str] = &[
    "Mail.ReadBasic.All",
    "Mail.ReadBasic",
    "Mail.Read",
    "Mail.ReadWrite",
];
/// Delegated permissions on Exchange, each of which lets EWS in.
const EWS_SCOPES: &[&str] = &["EWS.AccessAsUser.All", "full_access_as_user"];

/// A token may begin this much later than now.
const EARLY: TimeDelta = TimeDelta::minutes(5);

/// Returns what a token lacks; it counts only if the call was refused.
pub(in crate::diagnosis) fn read(
    reading: &TokenReading,
    tenant: &Tenant,
    surface: Surface,
    now: DateTime<Utc>,
) -> Vec<Evidence> {
    let TokenReading::Claims(claims) = reading else {
        return Vec::new();
    };
    let audience = audience(claims, tenant, surface);
    let permission = permission(claims, tenant, surface);
    let ended = claims.expires_at.is_some_and(|end| end <= now);
    let early = claims.not_before.is_some_and(|start| start > now + EARLY);
    let validity = match (ended, early) {
        (true, _) => Some(Fact::OutsideValidity),
        (false, true) => Some(Fact::NotYetValid),
        (false, false) => None,
    };
    let evidence = |fact| Evidence::new(fact, Some(surface.stage()), 0);
    [validity, permission, audience]
        .into_iter()
        .flatten()
        .map(evidence)
        .collect()
}

fn audience(claims: &Claims, tenant: &Tenant, surface: Surface) -> Option<Fact> {
    let found = claims.audience.as_deref()?.trim_end_matches('/');
    let resource = surface.resource();
    let (app, alias) = match resource {
        Resource::Exchange => (EXCHANGE_APP, Some(EXCHANGE_ALIAS)),
        Resource::Graph => (GRAPH_APP, None),
    };
    let due = tenant.endpoints.resource(resource).trim_end_matches('/');
    let online = CLOUDS
        .iter()
        .any(|cloud| [cloud.exchange, cloud.graph].contains(&due));
    let fits = found.eq_ignore_ascii_case(due)
        || (online && found.eq_ignore_ascii_case(app))
        || (online && alias.is_some_and(|alias| found.eq_ignore_ascii_case(alias)));
    (!fits).then(|| Fact::WrongAudience(found.to_owned()))
}

fn permission(claims: &Claims, tenant: &Tenant, surface: Surface) -> Option<Fact> {
    let has = |held: &[String], one: &str| held.iter().any(|role| role.eq_ignore_ascii_case(one));
    let delegated =
        tenant.delegation.is_some() || claims.roles.is_empty() && !claims.scopes.is_empty();
    match surface {
        Surface::Ews if delegated => {
            let enough = EWS_SCOPES.iter().any(|scope| has(&claims.scopes, scope));
            (!enough).then(|| Fact::NoScope("EWS.AccessAsUser.All".to_owned()))
        }
        Surface::Ews => {
            let role = tenant.profile.ews_role?;
            (!has(&claims.roles, role)).then(|| Fact::NoRole(role.to_owned()))
        }
        Surface::Graph => {
            let held = if delegated {
                &claims.scopes
            } else {
                &claims.roles
            };
            let enough = GRAPH_ROLES.iter().any(|role| has(held, role));
            (!enough).then(|| Fact::NoRole("Mail.ReadBasic.All".to_owned()))
        }
    }
}
