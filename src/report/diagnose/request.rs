//! The requests of a check: what was sent, and what came back.

use std::time::Duration;

use url::Url;

use super::{
    Fact, Mark, StageReport, StageStatus, Step, answer, claims,
    connection::{self, Phase},
};
use crate::{
    observation::{Exchange, Observation, Outcome, SecretNote, SignIn, Stage},
    stage::{Resource, Surface},
    tenant::{Credential, Tenant},
    text::line,
};

/// Returns the step that reads the secret.
pub(super) fn secret(seen: &Observation) -> Step {
    let facts = &seen.secret;
    let mark = match facts.failure {
        Some(_) => Mark::Failed,
        None => Mark::Ok,
    };
    let result = match &facts.failure {
        Some(why) => line(why),
        None => kept(seen),
    };
    let mut details: Vec<_> = facts.notes.iter().map(note).collect();
    details.extend(sign_in(seen));
    details.extend(facts.changed_at.map(|at| {
        let changed = super::when(at, seen.checked_at);
        Fact::new("changed", &changed)
    }));
    let doubt = if facts.notes.is_empty() {
        mark
    } else {
        mark.and(Mark::Unknown)
    };
    Step::new("secret", Stage::Secret, doubt, result)
        .took(Some(facts.took))
        .with(details)
}

/// What there is to sign in with.
fn kept(seen: &Observation) -> String {
    match (&seen.secret.sign_in, seen.secret.length) {
        (Some(SignIn::Missing), None) => "nobody has signed in yet".to_owned(),
        _ => masked(seen),
    }
}

/// What is known of a person's sign-in; never the token.
fn sign_in(seen: &Observation) -> Vec<Fact> {
    let when = |at| super::when(at, seen.checked_at);
    let kept = match &seen.secret.sign_in {
        None => return Vec::new(),
        Some(SignIn::Missing) => {
            let due = "kept by `credwatch login`";
            return vec![Fact::new("sign-in", "none").should_be(Mark::Unknown, due)];
        }
        Some(SignIn::Kept(kept)) => kept,
    };
    let account = kept.account.as_deref().unwrap_or("somebody");
    let since = format!("{account}, {}", when(kept.obtained_at));
    let mut facts = vec![
        Fact::new("sign-in", &since),
        Fact::new("renewed", &when(kept.rotated_at)),
    ];
    if let Some(refused) = &kept.refused {
        let told = format!("{}, {}", refused.cause, when(refused.at));
        let due = "a new sign-in: this one is not sent again";
        facts.push(Fact::new("refused", &told).should_be(Mark::Failed, due));
    }
    facts
}

/// Where the secret is from and how long it is: all that anybody gets to see of it.
fn masked(seen: &Observation) -> String {
    // a certificate or another provider's token is known by where it is from
    let Some(length) = seen.secret.length else {
        return line(&seen.secret.source);
    };
    let noun = if length == 1 {
        "character"
    } else {
        "characters"
    };
    line(&format!("{}, {length} {noun}", seen.secret.source))
}

fn note(note: &SecretNote) -> Fact {
    let (value, due) = match note {
        SecretNote::Quoted => ("stands between quotation marks", "the bare value"),
        SecretNote::Padded => ("begins or ends with white space", "the bare value"),
        SecretNote::GuidShaped => ("has the shape of a GUID", "the secret's value, not its id"),
        SecretNote::EqualsClientId => ("is the client id", "the secret's value"),
        SecretNote::EqualsTenantId => ("is the tenant id", "the secret's value"),
        SecretNote::CutOff { found, due } => {
            let found = format!("{found} characters");
            let due = format!("{due} characters, as generated secrets have");
            return Fact::new("shape", &found).should_be(Mark::Unknown, due);
        }
        SecretNote::Masked => (
            "a few characters and asterisks",
            "the whole value, which is shown only once",
        ),
        SecretNote::PercentEncoded => ("is percent-encoded", "the bare value"),
    };
    Fact::new("shape", value).should_be(Mark::Unknown, due)
}

/// One request, as it is walked through.
struct Call<'a> {
    name: &'static str,
    stage: Stage,
    url: Url,
    exchange: &'a Exchange,
    status: StageStatus,
    code: Option<&'a str>,
    sent: Vec<Fact>,
}

impl Call<'_> {
    /// The steps that made its connection, and the request itself.
    fn steps(self, seen: &Observation) -> Vec<Step> {
        let broke = connection::broke_at(self.exchange, &self.url);
        let mut steps = connection::steps(self.exchange, &self.url, self.stage, seen.checked_at);
        let reached = matches!(broke, None | Some(Phase::Request | Phase::Client));
        let mark = if reached {
            Mark::of(self.status)
        } else {
            Mark::Skipped
        };
        let took = reached.then(|| connection::request_time(self.exchange));
        let mut facts = self.sent;
        if reached {
            facts.extend(answer::facts(self.exchange, seen.checked_at));
        }
        let result = result(self.exchange, self.code, reached);
        steps.push(
            Step::new(self.name, self.stage, mark, result)
                .took(took.filter(|took| *took > Duration::ZERO))
                .with(facts),
        );
        steps
    }
}

fn result(exchange: &Exchange, code: Option<&str>, reached: bool) -> String {
    match &exchange.outcome {
        Outcome::Answer(answer) => {
            let code = code.map_or_else(String::new, |code| format!(", {}", line(code)));
            format!("HTTP {}{code}", answer.status)
        }
        Outcome::Fault(_) if reached => "no answer".to_owned(),
        Outcome::Fault(_) => "not sent: there is no connection".to_owned(),
    }
}

/// Returns the steps of the token request.
pub(super) fn token(
    tenant: &Tenant,
    seen: &Observation,
    verdict: Option<&StageReport>,
) -> Vec<Step> {
    let Some(exchange) = &seen.token else {
        return vec![unreached("token", Stage::Token, nothing_to_send(seen))];
    };
    let call = Call {
        name: "token",
        stage: Stage::Token,
        url: tenant.endpoints.token(&tenant.app.tenant_id),
        exchange,
        status: verdict.map_or(StageStatus::Skipped, |verdict| verdict.status),
        code: verdict.and_then(|verdict| verdict.code.as_deref()),
        sent: token_request(tenant, seen, tenant.target.surfaces.first_resource()),
    };
    call.steps(seen)
}

/// Why no token was asked for.
fn nothing_to_send(seen: &Observation) -> &'static str {
    match &seen.secret.sign_in {
        _ if seen.secret.failure.is_some() => "there is no credential to be had",
        Some(SignIn::Missing) => "nobody has signed in",
        Some(SignIn::Kept(_)) => "the kept sign-in was refused before, and is not sent again",
        None => "there is no secret",
    }
}

/// What is sent to ask for a token; of what is secret only where it is from, and its length.
fn token_request(tenant: &Tenant, seen: &Observation, resource: Resource) -> Vec<Fact> {
    let url = tenant.endpoints.token(&tenant.app.tenant_id);
    // without a sign-in the app is only proven, as if it acted for itself
    let renews = tenant.delegation.is_some() && seen.secret.sign_in != Some(SignIn::Missing);
    let permission = if renews {
        tenant.delegated_permission(resource)
    } else {
        ".default"
    };
    let resource = tenant.endpoints.resource(resource);
    let scope = format!(
        "{}/{permission}",
        resource.strip_suffix('/').unwrap_or(resource)
    );
    let (grant, scope) = if renews {
        ("refresh_token", format!("{scope} offline_access"))
    } else {
        ("client_credentials", scope)
    };
    let mut sent = vec![
        Fact::new("POST", url.as_str()),
        Fact::new("grant_type", grant),
        Fact::new("client_id", &tenant.app.client_id),
        Fact::new("scope", &scope),
    ];
    sent.extend(match tenant.credential {
        Credential::Secret(_) => Some(Fact::new("client_secret", &masked(seen))),
        Credential::Certificate(_) | Credential::Federated(_) => {
            Some(Fact::new("client_assertion", &masked(seen)))
        }
        Credential::None => None,
    });
    sent.extend(renews.then(|| Fact::new("refresh_token", "the kept sign-in")));
    sent
}

/// Returns the steps of a surface, with its own token where it needs one.
pub(super) fn surface(
    tenant: &Tenant,
    seen: &Observation,
    verdict: Option<&StageReport>,
    surface: Surface,
) -> Vec<Step> {
    let stage = surface.stage();
    let configured = tenant.target.surfaces.contains(surface);
    let further = seen.further_token_for(surface.resource());
    let made = seen.call(surface);
    if further.is_none() && made.is_none() {
        return vec![untried(stage, configured)];
    }
    let status = verdict.map_or(StageStatus::Skipped, |verdict| verdict.status);
    let code = verdict.and_then(|verdict| verdict.code.as_deref());
    let mut steps = Vec::new();
    if let Some(token) = further {
        let refused = made.is_none();
        let call = Call {
            name: match surface {
                Surface::Ews => "ews token",
                Surface::Graph => "graph token",
            },
            stage,
            url: tenant.endpoints.token(&tenant.app.tenant_id),
            exchange: &token.exchange,
            status: if refused { status } else { StageStatus::Ok },
            code: code.filter(|_| refused),
            sent: token_request(tenant, seen, surface.resource()),
        };
        steps.extend(call.steps(seen));
        steps.extend(claims::of_further(tenant, seen, surface));
    }
    let Some(exchange) = made else {
        steps.push(unreached(stage.name(), stage, "there is no token for it"));
        return steps;
    };
    let (url, sent) = match surface {
        Surface::Ews => ews_request(tenant),
        Surface::Graph => graph_request(tenant),
    };
    let call = Call {
        name: stage.name(),
        stage,
        url,
        exchange,
        status,
        code,
        sent,
    };
    steps.extend(call.steps(seen));
    steps
}

/// What the EWS test call sends, and where to.
fn ews_request(tenant: &Tenant) -> (Url, Vec<Fact>) {
    let url = &tenant.endpoints.ews;
    let mailbox = tenant.target.mailbox.as_deref().unwrap_or_default();
    let operation = format!("GetFolder {}", tenant.target.folder.id());
    let mut sent = vec![
        Fact::new("POST", url.as_str()),
        Fact::new("operation", &operation),
        Fact::new("mailbox", mailbox),
    ];
    // a token for a person opens that person's mailbox, without impersonation
    if tenant.delegation.is_none() {
        let impersonated = format!("PrimarySmtpAddress {mailbox}");
        sent.push(Fact::new("impersonation", &impersonated));
    }
    sent.push(Fact::new("user-agent", &tenant.network.user_agent));
    (url.clone(), sent)
}

/// What the Graph test call sends, and where to.
fn graph_request(tenant: &Tenant) -> (Url, Vec<Fact>) {
    let mailbox = tenant.target.mailbox.as_deref().unwrap_or_default();
    let path = ["users", mailbox, "mailFolders", "inbox"];
    let url = tenant.endpoints.graph_v1(&path);
    let sent = vec![
        Fact::new("GET", &format!("{url}?$select=id")),
        Fact::new("mailbox", mailbox),
        Fact::new("user-agent", &tenant.network.user_agent),
    ];
    (url, sent)
}

fn untried(stage: Stage, configured: bool) -> Step {
    if configured {
        return unreached(stage.name(), stage, "there is no token");
    }
    Step::new(stage.name(), stage, Mark::Skipped, "not in `checks`")
}

fn unreached(name: &'static str, stage: Stage, why: &str) -> Step {
    Step::new(name, stage, Mark::Skipped, format!("not reached: {why}"))
}
