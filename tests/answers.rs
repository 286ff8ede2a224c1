//! Recorded answers: each file of `tests/answers/<stage>/` is an HTTP answer, and its name, up to
//! `--`, is the cause that it must be given. The answers are our own compositions, in the shapes
//! that the services use.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    sync::{Arc, LazyLock},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use credwatch::{
    claims::Claims,
    cloud::WORLDWIDE,
    config,
    diagnosis::{Judgement, judge},
    observation::{
        Answer, Distrust, Exchange, Fault, FaultKind, FurtherToken, Observation, Outcome, Phases,
        SecretFacts, SecretNote, Stage, TokenReading, Waiting,
    },
    stage::{Resource, Surface},
    tenant::Tenant,
    verdict::{Confidence, Gate, Live, StageStatus, cause::Cause},
};
use proptest::prelude::*;
use url::Url;

const NOW: &str = "2026-11-21T10:00:00Z";
const SUCCESS: &str = r#"<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header><h:ServerVersionInfo MajorVersion="15" MinorVersion="20" xmlns:h="http://schemas.microsoft.com/exchange/services/2006/types"/></s:Header><s:Body><m:GetFolderResponse xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"><m:ResponseMessages><m:GetFolderResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode><m:Folders><t:Folder><t:FolderId Id="AAM=" ChangeKey="AQ=="/></t:Folder></m:Folders></m:GetFolderResponseMessage></m:ResponseMessages></m:GetFolderResponse></s:Body></s:Envelope>"#;

fn now() -> DateTime<Utc> {
    NOW.parse().unwrap()
}

const TENANT: &str = r#"
[[tenant]]
name = "contoso-rooms"
tenant_id = "11111111-1111-1111-1111-111111111111"
client_id = "22222222-2222-2222-2222-222222222222"
mailbox = "room-101@contoso.com"
secret = { env = "CONTOSO_SECRET" }
directory = "off"
"#;

fn tenant(ews: bool, graph: bool) -> Tenant {
    static LOADED: LazyLock<Arc<Tenant>> = LazyLock::new(|| {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), TENANT).unwrap();
        config::load(file.path()).unwrap().tenants.remove(0)
    });
    let mut tenant = Tenant::clone(&LOADED);
    let tried = [(Surface::Ews, ews), (Surface::Graph, graph)];
    let tried = tried.into_iter().filter(|(_, tried)| *tried);
    tenant.target.surfaces = tried.map(|(surface, _)| surface).collect();
    tenant
}

fn exchange(outcome: Outcome) -> Exchange {
    Exchange {
        took: Duration::from_millis(20),
        host: "outlook.office365.com".into(),
        request_id: "our-own-id".into(),
        phases: Phases::default(),
        connection: None,
        outcome,
    }
}

fn answered(status: u16, body: &str) -> Exchange {
    exchange(Outcome::Answer(Answer {
        status,
        headers: Vec::new(),
        body: body.into(),
    }))
}

fn claims(audience: &str, roles: &[&str]) -> TokenReading {
    TokenReading::Claims(Box::new(Claims {
        audience: Some(audience.into()),
        expires_at: Some(now() + TimeDelta::hours(1)),
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        ..Claims::default()
    }))
}

/// An observation in which everything worked, for tenants that try EWS, Graph or both.
fn worked() -> Observation {
    Observation {
        checked_at: now(),
        took: Duration::from_millis(60),
        secret: SecretFacts::default(),
        token: Some(answered(200, "")),
        claims: Some(claims(WORLDWIDE.exchange, &["full_access_as_app"])),
        further_token: Some(FurtherToken {
            resource: Resource::Graph,
            exchange: answered(200, ""),
            claims: Some(claims(WORLDWIDE.graph, &["Mail.Read"])),
        }),
        calls: vec![
            (Surface::Ews, answered(200, SUCCESS)),
            (
                Surface::Graph,
                answered(200, r#"{"@odata.context":"x","id":"AAM="}"#),
            ),
        ],
        confirmed: false,
    }
}

fn with_token(answer: Exchange) -> Observation {
    Observation {
        token: Some(answer),
        claims: None,
        further_token: None,
        calls: Vec::new(),
        ..worked()
    }
}

fn with_ews(answer: Exchange) -> Observation {
    let mut observation = worked();
    observation.set_call(Surface::Ews, answer);
    observation
}

fn with_graph(answer: Exchange) -> Observation {
    let mut observation = worked();
    observation.set_call(Surface::Graph, answer);
    observation
}

fn cause(judgement: &Judgement) -> Cause {
    judgement.diagnosis.as_ref().unwrap().cause
}

/// Reads a recorded answer: status line, headers, an empty line, body.
fn recorded(text: &str) -> Answer {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap();
    Answer {
        status: status.parse().unwrap(),
        headers: lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect(),
        body: body.to_owned(),
    }
}

/// Every recorded answer: its stage, the cause it is due, its name, itself.
fn corpus() -> Vec<(Stage, Cause, String, Answer)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/answers");
    let mut found = Vec::new();
    for stage in [Stage::Token, Stage::Ews, Stage::Graph] {
        for entry in fs::read_dir(root.join(stage.name())).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let cause = name.split_once("--").unwrap().0.parse().unwrap();
            let answer = recorded(&fs::read_to_string(&path).unwrap());
            found.push((stage, cause, format!("{}/{name}", stage.name()), answer));
        }
    }
    found
}

fn judge_at(stage: Stage, answer: Answer) -> Judgement {
    let exchange = exchange(Outcome::Answer(answer));
    match stage {
        Stage::Token => judge(&tenant(true, false), &with_token(exchange)),
        Stage::Ews => judge(&tenant(true, false), &with_ews(exchange)),
        _ => {
            // nothing is known of the token here: what it holds has tests of its own
            let mut observation = with_graph(exchange);
            observation.further_token.as_mut().unwrap().claims = Some(TokenReading::Opaque);
            judge(&tenant(false, true), &observation)
        }
    }
}

#[test]
fn every_recorded_answer_is_given_the_cause_of_its_name() {
    let mut wrong = Vec::new();
    for (stage, due, name, answer) in corpus() {
        let judgement = judge_at(stage, answer);
        let Some(diagnosis) = &judgement.diagnosis else {
            wrong.push(format!("{name}: ok"));
            continue;
        };
        if diagnosis.cause != due || diagnosis.stage.is_none() || diagnosis.fix.is_empty() {
            wrong.push(format!("{name}: {} {:?}", diagnosis.cause, diagnosis.codes));
        }
        assert_ne!(judgement.live, Live::Ok, "{name}");
        assert!(
            !diagnosis.also_possible.contains(&diagnosis.cause),
            "{name}"
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_cause_that_a_service_can_state_has_a_recorded_answer() {
    // these show on this machine, below HTTP, in a token, by the time of day, or in people's words
    let elsewhere = [
        Cause::SecretUnavailable,
        Cause::LoginMissing,
        Cause::DnsFailure,
        Cause::ConnectFailure,
        Cause::Timeout,
        Cause::TlsUntrusted,
        Cause::TlsFailure,
        Cause::SecretPropagating,
        Cause::DelegatedScopeMissing,
        Cause::BasicAuthRetired,
        Cause::EwsRetired,
        // mail protocols answer in lines, not in HTTP
        Cause::MailProtocolDisabled,
        Cause::MailboxPermissionMissing,
        Cause::MailThrottled,
        Cause::MailUnavailable,
    ];
    let recorded: BTreeSet<_> = corpus().into_iter().map(|(_, cause, _, _)| cause).collect();
    for cause in Cause::ALL {
        assert!(
            recorded.contains(cause) || elsewhere.contains(cause),
            "{cause}"
        );
    }
}

#[test]
fn a_firewall_is_asked_for_each_place_once_and_with_its_port() {
    let refused = Observation {
        token: Some(exchange(Outcome::Fault(Fault {
            kind: FaultKind::Refused,
            detail: "connection refused".into(),
        }))),
        ..with_token(answered(200, ""))
    };
    let step = |tenant: &Tenant| {
        let diagnosis = judge(tenant, &refused).diagnosis.unwrap();
        let mut steps = diagnosis.fix.into_iter();
        steps.find(|step| step.contains("outgoing TCP")).unwrap()
    };
    let mut tenant = tenant(true, false);
    let usual = step(&tenant);
    assert!(
        usual.contains("login.microsoftonline.com:443 and outlook.office365.com:443"),
        "{usual}"
    );
    let own: Url = "https://mail.contoso.com:8443/".parse().unwrap();
    (tenant.endpoints.login, tenant.endpoints.ews) = (own.clone(), own);
    let own = step(&tenant);
    assert!(own.contains("TCP to mail.contoso.com:8443, or"), "{own}");
}

#[test]
fn a_success_is_ok_in_all_five_stages() {
    let judgement = judge(&tenant(true, true), &worked());
    assert_eq!(judgement.live, Live::Ok);
    assert!(judgement.diagnosis.is_none());
    assert_eq!(judgement.gate, Gate::Open);
    assert_eq!(judgement.graph_works, Some(true));
    let names: Vec<_> = judgement.stages.iter().map(|stage| stage.name).collect();
    assert_eq!(names, Stage::ALL);
    assert!(
        judgement
            .stages
            .iter()
            .all(|stage| stage.status == StageStatus::Ok)
    );
}

#[test]
fn stages_that_are_not_tried_are_skipped_and_a_missing_role_alone_is_no_fault() {
    let mut observation = worked();
    observation.claims = Some(claims(WORLDWIDE.exchange, &[]));
    let judgement = judge(&tenant(true, false), &observation);
    assert_eq!(judgement.live, Live::Ok);
    assert_eq!(judgement.stages[2].status, StageStatus::Ok);
    assert_eq!(judgement.stages[4].status, StageStatus::Skipped);
    assert_eq!(judgement.stages[4].ms, None);
    assert_eq!(judgement.graph_works, None);
}

#[test]
fn a_missing_role_and_a_wrong_audience_explain_a_refusal() {
    let reading = [
        (claims(WORLDWIDE.exchange, &[]), Cause::AppRoleMissing),
        (
            claims(WORLDWIDE.graph, &["full_access_as_app"]),
            Cause::AudienceWrong,
        ),
    ];
    for (claims, due) in reading {
        for answer in [answered(401, ""), answered(403, "")] {
            let mut observation = with_ews(answer);
            observation.claims = Some(claims.clone());
            let judgement = judge(&tenant(true, false), &observation);
            assert_eq!(cause(&judgement), due);
            assert_eq!(
                judgement.diagnosis.as_ref().unwrap().stage,
                Some(Stage::Claims)
            );
            assert_eq!(judgement.stages[2].status, StageStatus::Failed);
        }
    }
    // but not a time-out, and not a switch that Exchange names itself
    let fault = Outcome::Fault(Fault {
        kind: FaultKind::Timeout(Waiting::Answer),
        detail: String::new(),
    });
    let mut observation = with_ews(exchange(fault));
    observation.claims = Some(claims(WORLDWIDE.exchange, &[]));
    assert_eq!(
        cause(&judge(&tenant(true, false), &observation)),
        Cause::Timeout
    );
}

#[test]
fn a_token_that_lacks_nothing_rules_out_what_it_might_lack() {
    let denied = r#"{"error":{"code":"ErrorAccessDenied","message":"Access is denied."}}"#;
    let mut observation = with_graph(answered(403, denied));
    let excluded = judge(&tenant(false, true), &observation);
    assert_eq!(cause(&excluded), Cause::AppAccessPolicyDenied);
    let lacking = Some(claims(WORLDWIDE.graph, &["User.Read.All"]));
    observation.further_token.as_mut().unwrap().claims = lacking;
    let lacking = judge(&tenant(false, true), &observation);
    assert_eq!(cause(&lacking), Cause::GraphPermissionMissing);

    let refused = judge(&tenant(true, false), &with_ews(answered(401, "")))
        .diagnosis
        .unwrap();
    assert_eq!(refused.cause, Cause::TokenRejected);
    assert!(!refused.also_possible.contains(&Cause::AppRoleMissing));
}

#[test]
fn a_national_cloud_is_named_before_any_command() {
    let mut tenant = tenant(true, false);
    tenant.endpoints.graph_resource = "https://graph.microsoft.us".into();
    let refused = r#"{"error":"invalid_client","error_codes":[7000222]}"#;
    let fix = judge(&tenant, &with_token(answered(401, refused)))
        .diagnosis
        .unwrap()
        .fix;
    assert!(
        fix[0].contains("az cloud set --name AzureUSGovernment"),
        "{}",
        fix[0]
    );
}

#[test]
fn notes_about_the_secret_sharpen_a_refused_one() {
    let refused = r#"{"error":"invalid_client","error_codes":[7000215],"error_description":"AADSTS7000215: Invalid client secret provided."}"#;
    let mut observation = with_token(answered(401, refused));
    let plain = judge(&tenant(true, false), &observation).diagnosis.unwrap();
    assert_eq!(
        (plain.cause, plain.confidence),
        (Cause::SecretInvalid, Confidence::Likely)
    );
    assert!(plain.also_possible.contains(&Cause::SecretExpired));

    observation.secret.changed_at = Some(now() - TimeDelta::minutes(5));
    let fresh = judge(&tenant(true, false), &observation).diagnosis.unwrap();
    assert_eq!(fresh.cause, Cause::SecretPropagating);

    observation.secret.notes = vec![SecretNote::GuidShaped];
    let noted = judge(&tenant(true, false), &observation).diagnosis.unwrap();
    assert_eq!(
        (noted.cause, noted.confidence),
        (Cause::SecretInvalid, Confidence::Certain)
    );
    assert!(noted.detail.contains("Secret ID"), "{}", noted.detail);
    assert!(
        noted
            .fix
            .iter()
            .any(|step| step.contains("--candidate env:NEW_SECRET"))
    );
    assert!(
        noted
            .fix
            .iter()
            .any(|step| step.contains("22222222-2222-2222-2222-222222222222"))
    );
}

#[test]
fn every_fault_below_http_is_given_its_cause_at_every_stage() {
    let faults = [
        (FaultKind::Dns, Cause::DnsFailure),
        (FaultKind::Refused, Cause::ConnectFailure),
        (FaultKind::Reset, Cause::ConnectFailure),
        (FaultKind::Unreachable, Cause::ConnectFailure),
        (FaultKind::Closed, Cause::ConnectFailure),
        (FaultKind::Timeout(Waiting::Connect), Cause::Timeout),
        (
            FaultKind::Untrusted(Distrust::UnknownIssuer),
            Cause::TlsUntrusted,
        ),
        (FaultKind::NoClient, Cause::TlsUntrusted),
        (FaultKind::Handshake, Cause::TlsFailure),
        (FaultKind::ProxyLogin, Cause::ProxyAuthRequired),
        (FaultKind::ProxyRefused, Cause::ConnectFailure),
        (FaultKind::TooLarge, Cause::UnexpectedPage),
        (FaultKind::Garbled, Cause::UnexpectedPage),
        (FaultKind::Other, Cause::Unknown),
    ];
    for (kind, due) in faults {
        let fault = || {
            exchange(Outcome::Fault(Fault {
                kind,
                detail: "os error 111".into(),
            }))
        };
        let at = [
            judge(&tenant(true, false), &with_token(fault())),
            judge(&tenant(true, false), &with_ews(fault())),
            judge(&tenant(false, true), &with_graph(fault())),
        ];
        for judgement in at {
            assert_eq!(cause(&judgement), due, "{kind:?}");
            assert_eq!(
                judgement.diagnosis.unwrap().correlation_id.as_deref(),
                Some("our-own-id")
            );
        }
    }
}

#[test]
fn no_secret_ends_the_run() {
    let mut observation = with_token(answered(200, ""));
    observation.token = None;
    observation.secret.failure = Some("variable 'CONTOSO_SECRET' is not set".into());
    let judgement = judge(&tenant(true, false), &observation);
    assert_eq!(cause(&judgement), Cause::SecretUnavailable);
    assert_eq!(judgement.live, Live::Unknown);
    assert_eq!(judgement.stages[0].status, StageStatus::Failed);
    assert!(
        judgement.stages[1..]
            .iter()
            .all(|s| s.status == StageStatus::Skipped)
    );
}

#[test]
fn ews_speaks_before_graph_and_waits_are_told() {
    let mut observation = with_ews(answered(503, ""));
    if let Outcome::Answer(answer) = &mut observation.calls[0].1.outcome {
        answer.headers.push(("retry-after".into(), "90".into()));
    }
    observation.set_call(Surface::Graph, answered(403, ""));
    let judgement = judge(&tenant(true, true), &observation);
    assert_eq!(cause(&judgement), Cause::EwsThrottled);
    assert_eq!(judgement.retry_after, Some(Duration::from_secs(90)));
    assert_eq!(judgement.graph_works, Some(false));
}

#[test]
fn the_policy_header_closes_the_gate_and_after_the_last_day_ews_is_retired() {
    let mut observation = with_ews(answered(403, ""));
    if let Outcome::Answer(answer) = &mut observation.calls[0].1.outcome {
        let reason = "EWS is disabled for this user or tenant";
        answer
            .headers
            .push(("x-ews-policy-reason".into(), reason.into()));
    }
    let before = judge(&tenant(true, false), &observation);
    assert_eq!(
        (cause(&before), before.gate),
        (Cause::EwsDisabled, Gate::Blocked)
    );
    observation.checked_at = "2027-04-02T00:00:00Z".parse().unwrap();
    assert_eq!(
        cause(&judge(&tenant(true, false), &observation)),
        Cause::EwsRetired
    );
}

#[test]
fn hostile_words_reach_nobody() {
    let body = "{\"error\":\"invalid_client\\u001b[2J\",\"error_description\":\"\\u001b]0;x\\u0007 client_secret=hunter2 \\u202e\"}";
    let diagnosis = judge(&tenant(true, false), &with_token(answered(401, body))).diagnosis;
    let shown = serde_json::to_string(&diagnosis).unwrap();
    for bad in ["hunter2", "\\u001b", "\u{202e}"] {
        assert!(!shown.contains(bad), "{shown}");
    }
}

/// Any JSON, a little deep.
fn json() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,40}|AADSTS[0-9]{0,12}|[0-9]{0,25}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-zA-Z_@.]{0,12}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_answer_makes_a_judgement_panic_or_pass(
        status in 100u16..600,
        body in "\\PC{0,200}|[{}\\[\\]\"<>/:a-z ]{0,200}|<s:Envelope><[a-zA-Z:]{1,12} ResponseClass=\"Success\">\\PC{0,60}",
        header in "\\PC{0,80}",
        name in prop::sample::select(vec!["retry-after", "date", "www-authenticate", "x-ms-diagnostics", "x-ews-policy-reason", "location"]),
    ) {
        let answer = Answer { status, headers: vec![(name.into(), header)], body };
        for stage in [Stage::Token, Stage::Ews] {
            let judgement = judge_at(stage, answer.clone());
            prop_assert_ne!(judgement.live, Live::Ok);
            prop_assert_eq!(judgement.stages.len(), 5);
        }
        let _judgement = judge_at(Stage::Graph, answer);
    }

    #[test]
    fn no_json_under_the_known_names_makes_a_judgement_panic_or_pass(
        status in prop::sample::select(vec![200_u16, 400, 401, 403, 429, 500, 503]),
        key in prop::sample::select(vec!["error", "error_codes", "error_description", "suberror", "access_token", "expires_in", "code", "innerError", "value"]),
        value in json(),
    ) {
        let flat = serde_json::json!({ key: value, "error": "invalid_client" });
        let nested = serde_json::json!({ "error": { key: value } });
        for body in [flat.to_string(), nested.to_string()] {
            let answer = Answer { status, headers: Vec::new(), body };
            if key != "access_token" {
                prop_assert_ne!(judge_at(Stage::Token, answer.clone()).live, Live::Ok);
            }
            let _judgement = judge_at(Stage::Graph, answer);
        }
    }

    #[test]
    fn a_cut_off_success_is_never_ok(keep in 0usize..SUCCESS.len() - 1) {
        let body = SUCCESS.get(..keep).unwrap();
        prop_assert_ne!(judge(&tenant(true, false), &with_ews(answered(200, body))).live, Live::Ok);
    }
}
