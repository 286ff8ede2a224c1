//! Access tokens and decoded payloads: what one lacks, or that it is for another resource.
//!
//! Without a configured tenant only that can be told which no integration of this kind could do
//! without. A token is read, never repeated.

use serde_json::Value as Json;

use super::{collector::Collector, key_values, normalised_text::NormalisedText};
use crate::{claims::Claims, cloud::CLOUDS, diagnosis::evidence::Fact, observation::Stage};

/// The app id of Exchange Online, which may stand for its address in `aud`.
const EXCHANGE_APP: &str = "00000002-0000-0ff1-ce00-000000000000";

/// The app id of Microsoft Graph, likewise.
const GRAPH_APP: &str = "00000003-0000-0000-c000-000000000000";

/// What lets an app into EWS without a user.
const EWS_ROLE: &str = "full_access_as_app";

/// What lets an app into EWS for a user.
const EWS_SCOPES: &[&str] = &["EWS.AccessAsUser.All", "full_access_as_user"];

/// At most so many tokens are read.
const TOKENS: usize = 8;

/// Finds tokens and payloads, and reads them.
pub(super) fn read(form: &NormalisedText<'_>, collector: &mut Collector) {
    let starts = form.text.match_indices("eyJ").take(TOKENS * 4);
    let tokens = starts.filter_map(|(at, _)| Some((at, Claims::from_token(token_at(form, at)?)?)));
    for (at, claims) in tokens.take(TOKENS) {
        judge(form, at, &claims, collector);
    }
    // lines that belong apart run together in a later form of the text
    if let Some((at, claims)) = payload(form).filter(|_| !collector.payload_read) {
        collector.payload_read = true;
        judge(form, at, &claims, collector);
    }
}

fn token_at<'v>(form: &'v NormalisedText<'_>, at: usize) -> Option<&'v str> {
    let rest = form.text.get(at..)?;
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '=');
    let len = rest.len() - rest.trim_start_matches(part).len();
    rest.get(..len)
}

/// Reads the payload that a decoder printed, as JSON or line by line.
fn payload(form: &NormalisedText<'_>) -> Option<(usize, Claims)> {
    // an audience that a console broke is left to the joined text
    let audience = key_values::value(form, "aud").filter(|value| !value.text.contains('\n'))?;
    let others = ["iss", "appid", "roles", "scp", "tid", "azp"];
    let known = others
        .iter()
        .filter(|key| key_values::value(form, key).is_some());
    let services = ["https://", "0000000"];
    let of_service = services.iter().any(|mark| audience.text.starts_with(mark));
    if known.count() < 2 - usize::from(of_service) {
        return None;
    }
    let list = |key: &str| {
        let text = key_values::value(form, key).map_or("", |value| value.text);
        let words = text
            .split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '\\' | '[' | ']' | ','));
        let words = words.filter(|word| !word.is_empty());
        Json::from(words.map(str::to_owned).collect::<Vec<_>>())
    };
    let claims = serde_json::json!({
        "aud": audience.text,
        "appid": key_values::value(form, "appid").map(|value| value.text),
        "roles": list("roles"),
        "scp": list("scp"),
    });
    Some((audience.at, Claims::from_payload(&claims)?))
}

fn judge(form: &NormalisedText<'_>, at: usize, claims: &Claims, collector: &mut Collector) {
    let Some(audience) = claims.audience.as_deref() else {
        return;
    };
    let bare = audience.trim_end_matches('/').to_ascii_lowercase();
    let named = |url: &str, app: &str| bare == url || bare == app;
    let graph = CLOUDS.iter().any(|cloud| named(cloud.graph, GRAPH_APP));
    let exchange = CLOUDS
        .iter()
        .any(|cloud| named(cloud.exchange, EXCHANGE_APP));
    if exchange || bare == "https://outlook.office.com" || bare == "https://ps.outlook.com" {
        permission(form, at, claims, collector);
    } else if graph && collector.hints.stage != Some(Stage::Ews) {
        for_graph(form, at, claims, collector);
    } else {
        collector.add(
            Fact::WrongAudience(audience.to_owned()),
            Some(Stage::Ews),
            form.position(at),
        );
    }
}

fn permission(form: &NormalisedText<'_>, at: usize, claims: &Claims, collector: &mut Collector) {
    let has = |held: &[String], one: &str| held.iter().any(|role| role.eq_ignore_ascii_case(one));
    if !claims.scopes.is_empty() {
        if !EWS_SCOPES.iter().any(|scope| has(&claims.scopes, scope)) {
            let scope = "EWS.AccessAsUser.All".to_owned();
            collector.add(Fact::NoScope(scope), Some(Stage::Ews), form.position(at));
        }
    } else if !has(&claims.roles, EWS_ROLE) {
        collector.add(
            Fact::NoRole(EWS_ROLE.to_owned()),
            Some(Stage::Ews),
            form.position(at),
        );
    }
}

/// A token for Graph is wrong for EWS; for Graph it may lack what opens a mail folder.
fn for_graph(form: &NormalisedText<'_>, at: usize, claims: &Claims, collector: &mut Collector) {
    let held = || claims.roles.iter().chain(&claims.scopes);
    let mail = held().any(|name| name.starts_with("Mail.") || name.starts_with("Calendars."));
    let for_ews = form.speaks(Stage::Ews);
    if for_ews {
        let found = claims.audience.clone().unwrap_or_default();
        collector.add(
            Fact::WrongAudience(found),
            Some(Stage::Ews),
            form.position(at),
        );
    } else if !mail {
        let stage = if form.stage_at(at) == Some(Stage::Graph) {
            Stage::Graph
        } else {
            Stage::Claims
        };
        collector.add(
            Fact::NoRole("Mail.ReadBasic.All".to_owned()),
            Some(stage),
            form.position(at),
        );
    }
}
