//! What a walk-through shows of observations in which one thing or another went wrong.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::*;
use crate::{
    assessment::{Known, assemble},
    claims::Claims,
    cloud::WORLDWIDE,
    diagnosis,
    observation::{
        Answer, Connection, Distrust, Exchange, Fault as Met, FaultKind, Outcome, Peer, Phases,
        SecretFacts, SecretNote, TokenReading, Trust, Waiting,
    },
    report::text::Symbols,
    verdict::fixture::tenant,
};

const SUCCESS: &str = r#"<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><m:GetFolderResponse xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages"><m:ResponseMessages><m:GetFolderResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode></m:GetFolderResponseMessage></m:ResponseMessages></m:GetFolderResponse></s:Body></s:Envelope>"#;

fn now() -> DateTime<Utc> {
    "2026-11-21T10:00:00Z".parse().unwrap()
}

const DNS: Option<Duration> = Some(Duration::from_millis(2));
const CONNECT: Option<Duration> = Some(Duration::from_millis(10));
const TLS: Option<Duration> = Some(Duration::from_millis(20));

fn peer() -> Peer {
    Peer {
        subject: "CN=stamp2.login.microsoftonline.com".into(),
        issuer: "C=US, O=DigiCert Inc, CN=DigiCert Global G2".into(),
        not_after: now() + TimeDelta::days(90),
        trust: Trust::Machine,
    }
}

/// An exchange on a connection of its own.
fn exchange(outcome: Outcome) -> Exchange {
    Exchange {
        took: Duration::from_millis(100),
        host: "login.microsoftonline.com".into(),
        request_id: "aaaaaaaa-0000-0000-0000-000000000001".into(),
        phases: Phases {
            dns: DNS,
            connect: CONNECT,
            tls: TLS,
            wait: Some(Duration::from_millis(60)),
            read: Some(Duration::from_millis(8)),
        },
        connection: Some(Box::new(Connection {
            proxy: None,
            addresses: vec!["20.190.160.1".parse().unwrap()],
            peer: Some(peer()),
        })),
        outcome,
    }
}

fn answered(status: u16, body: &str) -> Exchange {
    exchange(Outcome::Answer(Answer {
        status,
        headers: vec![("date".into(), "Sat, 21 Nov 2026 10:00:00 GMT".into())],
        body: body.into(),
    }))
}

fn fault(kind: FaultKind, phases: Phases) -> Exchange {
    let detail = "what the system said".into();
    Exchange {
        phases,
        ..exchange(Outcome::Fault(Met { kind, detail }))
    }
}

fn claims() -> Claims {
    Claims {
        account: None,
        audience: Some(WORLDWIDE.exchange.into()),
        tenant_id: Some(tenant().app.tenant_id),
        app_id: Some(tenant().app.client_id),
        expires_at: Some(now() + TimeDelta::hours(1)),
        not_before: None,
        roles: vec!["full_access_as_app".into()],
        scopes: Vec::new(),
    }
}

fn worked() -> Observation {
    Observation {
        checked_at: now(),
        took: Duration::from_millis(200),
        secret: SecretFacts {
            source: "env CONTOSO_SECRET".into(),
            length: Some(40),
            ..SecretFacts::default()
        },
        token: Some(answered(200, "")),
        claims: Some(TokenReading::Claims(Box::new(claims()))),
        further_token: None,
        calls: vec![(Surface::Ews, answered(200, SUCCESS))],
        confirmed: false,
    }
}

fn refused(token: Exchange) -> Observation {
    Observation {
        token: Some(token),
        claims: None,
        calls: Vec::new(),
        ..worked()
    }
}

fn walk(tenant: &Tenant, seen: &Observation) -> (Report, Vec<Step>) {
    let report = assemble(
        tenant,
        Some((seen, diagnosis::judge(tenant, seen))),
        Known::default(),
        now(),
    );
    let steps = steps(tenant, Some(seen), &report);
    (report, steps)
}

/// Names and marks, in order.
fn marks(seen: &Observation) -> Vec<(&'static str, Mark)> {
    let (_, steps) = walk(&tenant(), seen);
    steps.iter().map(|step| (step.name, step.mark)).collect()
}

fn page() -> Page {
    Page::new(Symbols::UNICODE, 80)
}

fn shown(tenant: &Tenant, seen: &Observation) -> String {
    let (report, steps) = walk(tenant, seen);
    let mut out = page().heading(tenant);
    out.extend(steps.iter().map(|step| page().step(step)));
    out.push_str(&verdict(&report, page()));
    anstream::adapter::strip_str(&out).to_string()
}

fn fact<'a>(steps: &'a [Step], label: &str) -> &'a Fact {
    steps
        .iter()
        .flat_map(|step| &step.facts)
        .find(|fact| fact.label == label)
        .unwrap()
}

#[test]
fn a_working_tenant_step_by_step() {
    insta::assert_snapshot!(shown(&tenant(), &worked()));
}

#[test]
fn an_expired_secret_step_by_step() {
    let body = r#"{"error":"invalid_client","error_description":"AADSTS7000222: The provided client secret keys are expired.","error_codes":[7000222],"trace_id":"bbbbbbbb-0000-0000-0000-000000000002","correlation_id":"cccccccc-0000-0000-0000-000000000003"}"#;
    let (_, steps) = walk(&tenant(), &refused(answered(401, body)));
    let lines: String = steps.iter().map(|step| page().step(step)).collect();
    let lines = anstream::adapter::strip_str(&lines).to_string();
    insta::assert_snapshot!(lines);
}

#[test]
fn a_fault_marks_the_phase_where_it_was_met_and_skips_the_rest() {
    use FaultKind as K;
    let (dns, connect, tls) = (DNS, CONNECT, TLS);
    let none = Phases::default();
    let named = Phases { dns, ..none };
    let connected = Phases { connect, ..named };
    let secured = Phases { tls, ..connected };
    let cases = [
        (K::Dns, named, "resolve"),
        (K::Refused, named, "connect"),
        (K::ProxyLogin, named, "connect"),
        (K::Timeout(Waiting::Connect), named, "connect"),
        (K::Reset, named, "connect"),
        (K::Untrusted(Distrust::UnknownIssuer), connected, "tls"),
        (K::Timeout(Waiting::Handshake), connected, "tls"),
        (K::Reset, connected, "tls"),
        (K::Reset, secured, "token"),
        (K::Timeout(Waiting::Answer), secured, "token"),
        (K::NoClient, none, "token"),
    ];
    for (kind, phases, broken) in cases {
        let marks = marks(&refused(fault(kind, phases)));
        let failed: Vec<_> = marks
            .iter()
            .filter(|(name, mark)| *mark == Mark::Failed && *name != "dates")
            .map(|(name, _)| *name)
            .collect();
        assert_eq!(failed, [broken], "{kind:?} {marks:?}");
        let reached = marks.iter().rposition(|(_, mark)| *mark == Mark::Failed);
        let after = marks.iter().skip(reached.unwrap() + 1);
        for (name, mark) in after.filter(|(name, _)| *name != "dates") {
            assert_eq!(*mark, Mark::Skipped, "{kind:?} {name}");
        }
    }
}

#[test]
fn every_claim_stands_beside_what_it_should_be() {
    let other = "99999999-9999-9999-9999-999999999999".to_owned();
    let change = |change: fn(&mut Claims, String)| {
        let mut claims = claims();
        change(&mut claims, other.clone());
        let mut seen = worked();
        seen.claims = Some(TokenReading::Claims(Box::new(claims)));
        walk(&tenant(), &seen).1
    };
    let steps = change(|claims, other| claims.tenant_id = Some(other));
    assert_eq!(fact(&steps, "tid").mark, Some(Mark::Failed));
    assert_eq!(fact(&steps, "tid").due, Some(tenant().app.tenant_id));
    let steps = change(|claims, other| claims.app_id = Some(other));
    assert_eq!(fact(&steps, "appid").due, Some(tenant().app.client_id));
    let steps = change(|claims, other| claims.audience = Some(other));
    assert_eq!(fact(&steps, "aud").due.as_deref(), Some(WORLDWIDE.exchange));
    let steps = change(|claims, _| claims.roles.clear());
    let roles = fact(&steps, "roles");
    assert_eq!(
        (roles.value.as_str(), roles.mark),
        ("none", Some(Mark::Unknown))
    );
    assert!(
        roles
            .due
            .as_deref()
            .unwrap()
            .starts_with("full_access_as_app")
    );
    let steps = change(|claims, _| claims.expires_at = Some(now() - TimeDelta::minutes(5)));
    assert_eq!(fact(&steps, "exp").mark, Some(Mark::Failed));
}

#[test]
fn a_domain_cannot_be_compared_with_the_directory_of_a_token() {
    let mut tenant = tenant();
    tenant.app.tenant_id = "contoso.com".into();
    let (_, steps) = walk(&tenant, &worked());
    let tid = fact(&steps, "tid");
    assert_eq!(tid.mark, None);
    assert!(tid.value.contains("contoso.com"));
}

#[test]
fn a_clock_that_is_off_is_told_by_the_server() {
    let mut seen = worked();
    seen.checked_at = now() + TimeDelta::hours(2);
    let (_, steps) = walk(&tenant(), &seen);
    assert_eq!(fact(&steps, "date").mark, Some(Mark::Failed));
    assert!(
        fact(&steps, "date")
            .due
            .as_deref()
            .unwrap()
            .ends_with("2h ahead")
    );
    // by the server's clock the token is valid: the clock is to blame, not the token
    assert!(
        fact(&steps, "exp")
            .due
            .as_deref()
            .unwrap()
            .contains("clock is off")
    );
}

#[test]
fn who_opens_tls_on_the_way_to_a_cloud_is_noticed() {
    let with = |issuer: &str, trust| {
        let mut seen = worked();
        let connection = seen.token.as_mut().unwrap().connection.as_mut().unwrap();
        connection.peer = Some(Peer {
            issuer: issuer.into(),
            trust,
            ..peer()
        });
        let (_, steps) = walk(&tenant(), &seen);
        let tls = steps.iter().find(|step| step.name == "tls").unwrap();
        (tls.mark, tls.result.clone())
    };
    let (mark, result) = with("CN=Contoso Web Gateway", Trust::Machine);
    assert_eq!(mark, Mark::Unknown);
    assert!(result.contains("opens TLS"));
    assert_eq!(with("O=DigiCert Inc", Trust::Machine).0, Mark::Ok);
}

#[test]
fn a_connection_that_was_there_has_no_phases_to_show() {
    let mut seen = worked();
    let calls = seen.calls.iter_mut().map(|(_, call)| call);
    for exchange in seen.token.iter_mut().chain(calls) {
        exchange.connection = None;
        exchange.phases = Phases::default();
    }
    let names: Vec<_> = marks(&seen).into_iter().map(|(name, _)| name).collect();
    let due = [
        "secret", "connect", "token", "claims", "connect", "ews", "graph", "dates",
    ];
    assert_eq!(names, due);
}

#[test]
fn what_the_shape_of_a_secret_gives_away_is_said_without_the_secret() {
    let mut seen = worked();
    seen.secret.notes = vec![
        SecretNote::GuidShaped,
        SecretNote::CutOff { found: 39, due: 40 },
    ];
    let (_, steps) = walk(&tenant(), &seen);
    assert_eq!(steps[0].mark, Mark::Unknown);
    assert_eq!(steps[0].result, "env CONTOSO_SECRET, 40 characters");
    assert_eq!(steps[0].facts.len(), 2);
}

#[test]
fn dates_alone_are_one_step() {
    let mut tenant = tenant();
    tenant.mode = Mode::Dates;
    let report = assemble(&tenant, None, Known::default(), now());
    let names: Vec<_> = steps(&tenant, None, &report)
        .iter()
        .map(|s| s.name)
        .collect();
    assert_eq!(names, ["dates"]);
}

#[test]
fn the_document_is_the_report_of_check_with_its_steps() {
    let seen = worked();
    let (report, steps) = walk(&tenant(), &seen);
    let document: serde_json::Value =
        serde_json::from_str(&json(&report, &steps).unwrap()).unwrap();
    let mut document = document.as_object().unwrap().clone();
    assert_eq!(document.remove("schema"), Some(1.into()));
    let steps = document.remove("steps").unwrap();
    assert_eq!(
        serde_json::Value::Object(document),
        serde_json::to_value(&report).unwrap()
    );
    for step in steps.as_array().unwrap() {
        let keys: Vec<_> = step.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["facts", "mark", "ms", "name", "result", "stage"]);
    }
    let audience = serde_json::json!({
        "label": "aud", "value": "https://outlook.office365.com", "mark": "ok", "due": null
    });
    assert_eq!(steps[5]["facts"][0], audience);
}

#[test]
fn the_ticket_has_what_support_asks_for_and_nothing_of_ours_alone() {
    let body = r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided. <b>client_secret=abc8Q~hunter2hunter2hunter2</b>","error_codes":[7000215],"trace_id":"bbbbbbbb-0000-0000-0000-000000000002","correlation_id":"cccccccc-0000-0000-0000-000000000003"}"#;
    let seen = refused(answered(401, body));
    let (report, _) = walk(&tenant(), &seen);
    let ticket = ticket(&tenant(), Some(&seen), &report, None);
    for needed in [
        "AADSTS7000215",
        "bbbbbbbb-0000-0000-0000-000000000002",
        "cccccccc-0000-0000-0000-000000000003",
        "11111111-1111-1111-1111-111111111111",
        "22222222-2222-2222-2222-222222222222",
        "room-101@contoso.com",
        "2026-11-21 10:00:00 UTC",
        concat!("credwatch ", env!("CARGO_PKG_VERSION")),
        "env CONTOSO_SECRET, 40 characters",
    ] {
        assert!(ticket.contains(needed), "{needed} is missing in\n{ticket}");
    }
    for forbidden in ["hunter2", "wiki.contoso.com", "\u{1b}"] {
        assert!(!ticket.contains(forbidden), "{forbidden} in\n{ticket}");
    }
}

#[test]
fn hostile_words_drive_no_terminal() {
    let mut seen = worked();
    seen.secret.source = "env \u{1b}[2JX\u{202e}".into();
    seen.set_call(
        Surface::Ews,
        answered(403, "\u{1b}]0;owned\u{7}<html>\u{9b}31m"),
    );
    let mut tenant = tenant();
    tenant.target.mailbox = Some("a\u{1b}[31m@b\n.c".into());
    let said = shown(&tenant, &seen);
    assert!(
        !said
            .chars()
            .any(|c| c != '\n' && crate::text::is_hostile(c)),
        "{said}"
    );
}
