//! What a check sends, byte for byte, and what it keeps of the answers.

use std::{sync::Arc, time::Duration};

use credwatch::{
    check::Checker,
    clock::Clock,
    http::Clients,
    observation::{Answer, Exchange, FaultKind, Observation, Outcome, Stage, TokenReading},
    profile,
    secret::Secrets,
    stage::{Surface, SurfaceSet},
    tenant::{
        App, AssertionAlgorithm, CertificateFiles, CertificateSource, Credential, Endpoints,
        Folder, Mode, Pace, SecretSource, Support, Target, Tenant, Thresholds,
    },
};
use secrecy::SecretString;
use tempfile::TempDir;

use crate::server::{Authority, Heard, answer, conversing};

const SECRET: &str = "s3cr8Q~+ %&=~\"end";
const SECRET_IN_A_FORM: &str = "s3cr8Q%7E%2B+%25%26%3D%7E%22end";
/// `{"alg":"none"}` and `{"aud":"https://ews.example","roles":["full_access_as_app"]}`.
const TOKEN: &str = "eyJhbGciOiJub25lIn0.eyJhdWQiOiJodHRwczovL2V3cy5leGFtcGxlIiwicm9sZXMiOlsiZnVsbF9hY2Nlc3NfYXNfYXBwIl19.c2ln";

/// A tenant, its checker, and a server that plays all three services.
struct Scene {
    tenant: Tenant,
    checker: Checker,
    heard: Heard,
    _files: (Authority, TempDir),
}

impl Scene {
    async fn with(reply: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        let (port, heard) = conversing(reply).await;
        let (authority, dir) = (Authority::new(), tempfile::tempdir().unwrap());
        let secret = dir.path().join("secret");
        std::fs::write(&secret, format!("{SECRET}\n")).unwrap();
        let mut network = authority.network();
        network.user_agent = "Vendor/1.0".into();
        let base = format!("http://127.0.0.1:{port}");
        let tenant = Tenant {
            name: "contoso".into(),
            profile: &profile::APP_ONLY,
            app: App {
                tenant_id: "contoso.com".into(),
                client_id: "app-id".into(),
            },
            credential: Credential::Secret(SecretSource::File(secret)),
            delegation: None,
            configured_end: None,
            directory: credwatch::tenant::DirectoryUse::Off,
            watch: None,
            mode: Mode::Live,
            target: Target {
                mailbox: Some("o'neil@contoso.com".into()),
                folder: Folder::Calendar,
                surfaces: SurfaceSet::of(Surface::Ews),
            },
            endpoints: Endpoints {
                login: base.parse().unwrap(),
                ews: format!("{base}/EWS/Exchange.asmx").parse().unwrap(),
                graph: base.parse().unwrap(),
                ews_resource: "https://ews.example".into(),
                graph_resource: "https://graph.example".into(),
            },
            network,
            pace: Pace {
                interval: Duration::from_mins(15),
                timeout: Duration::from_mins(1),
                secret_ttl: Duration::ZERO,
            },
            thresholds: Thresholds {
                warn: chrono::TimeDelta::days(30),
                critical: chrono::TimeDelta::days(3),
                max_lifetime: None,
            },
            tags: Vec::new(),
            support: Support::default(),
        };
        let checker = Checker::new(
            Arc::new(Clients::new()),
            Arc::new(Secrets::default()),
            Clock,
        );
        Self {
            tenant,
            checker,
            heard,
            _files: (authority, dir),
        }
    }

    fn target(mut self, ews: bool, graph: bool) -> Self {
        let tried = [(Surface::Ews, ews), (Surface::Graph, graph)];
        let tried = tried.into_iter().filter(|(_, tried)| *tried);
        self.tenant.target.surfaces = tried.map(|(surface, _)| surface).collect();
        self
    }

    async fn check(&self) -> Observation {
        self.checker.check(&self.tenant).await.0
    }
}

fn json(status: &str, body: &str) -> String {
    answer(status, "content-type: application/json\r\n", body)
}

fn token() -> String {
    json(
        "200 OK",
        &format!(r#"{{"token_type":"Bearer","expires_in":3599,"access_token":"{TOKEN}"}}"#),
    )
}

/// Plays services that work.
fn works(request: &str) -> String {
    if request.contains("/oauth2/") {
        token()
    } else {
        answer("200 OK", "x-diaginfo: A\r\n", "<ok/>")
    }
}

fn answered(exchange: Option<&Exchange>) -> &Answer {
    match &exchange.expect("an exchange").outcome {
        Outcome::Answer(answer) => answer,
        Outcome::Fault(fault) => panic!("a fault: {fault:?}"),
    }
}

/// The head of a request as sorted lines, without what differs every time.
fn head(request: &str) -> Vec<&str> {
    let (head, _) = request.split_once("\r\n\r\n").unwrap();
    let varies = ["host:", "client-request-id:", "content-length:"];
    let mut lines: Vec<_> = head
        .lines()
        .filter(|line| !varies.iter().any(|name| line.starts_with(name)))
        .collect();
    lines.sort_unstable();
    lines
}

fn body(request: &str) -> &str {
    request.split_once("\r\n\r\n").unwrap().1
}

#[tokio::test]
async fn the_token_request_is_a_form_as_rfc_6749_asks() {
    let scene = Scene::with(works).await;
    let observation = scene.check().await;
    let [request] = &scene.heard.requests("oauth2")[..] else {
        panic!("one request");
    };
    assert_eq!(
        head(request),
        [
            "POST /contoso.com/oauth2/v2.0/token HTTP/1.1",
            "accept-encoding: gzip",
            "accept: application/json",
            "content-type: application/x-www-form-urlencoded",
            "return-client-request-id: true",
            "user-agent: Vendor/1.0",
        ]
    );
    assert_eq!(
        body(request),
        format!(
            "grant_type=client_credentials&scope=https%3A%2F%2Fews.example%2F.default\
             &client_id=app-id&client_secret={SECRET_IN_A_FORM}"
        )
    );
    let record = observation.token.unwrap();
    assert!(request.contains(&format!("client-request-id: {}\r\n", record.request_id)));
    assert_eq!(answered(Some(&record)).body, "");
}

#[tokio::test]
async fn the_ews_request_is_get_folder_on_behalf_of_the_mailbox() {
    let scene = Scene::with(works).await;
    let observation = scene.check().await;
    let [request] = &scene.heard.requests("/EWS/Exchange.asmx")[..] else {
        panic!("one request");
    };
    assert_eq!(
        head(request),
        [
            "POST /EWS/Exchange.asmx HTTP/1.1",
            "accept-encoding: gzip",
            "accept: text/xml",
            &format!("authorization: Bearer {TOKEN}"),
            "content-type: text/xml; charset=utf-8",
            "return-client-request-id: true",
            "user-agent: Vendor/1.0",
            "x-anchormailbox: o'neil@contoso.com",
        ]
    );
    for part in [
        r#"<t:RequestServerVersion Version="Exchange2013_SP1"/>"#,
        "<t:PrimarySmtpAddress>o&apos;neil@contoso.com</t:PrimarySmtpAddress>",
        "<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape>",
        r#"<t:DistinguishedFolderId Id="calendar"/>"#,
    ] {
        assert!(body(request).contains(part), "{part}");
    }
    let ews = answered(observation.call(Surface::Ews));
    assert_eq!((ews.status, &*ews.body), (200, "<ok/>"));
    assert_eq!(ews.header("x-diaginfo"), Some("A"));
    let Some(TokenReading::Claims(claims)) = &observation.claims else {
        panic!("claims");
    };
    assert_eq!(claims.roles, ["full_access_as_app"]);
    assert!(observation.call(Surface::Graph).is_none());
}

#[tokio::test]
async fn graph_has_a_token_of_its_own_beside_ews_and_shares_the_first_alone() {
    for (ews, tokens) in [(true, 2), (false, 1)] {
        let scene = Scene::with(works).await.target(ews, true);
        let observation = scene.check().await;
        let asked = scene.heard.requests("oauth2");
        assert_eq!(asked.len(), tokens);
        assert!(body(&asked[tokens - 1]).contains("scope=https%3A%2F%2Fgraph.example%2F.default"));
        let [request] = &scene.heard.requests("/v1.0/")[..] else {
            panic!("one request");
        };
        assert!(request.starts_with(
            "GET /v1.0/users/o'neil@contoso.com/mailFolders/inbox?$select=id HTTP/1.1\r\n"
        ));
        let further = observation.further_token.as_ref();
        assert_eq!(further.is_some(), ews);
        assert_eq!(further.is_some_and(|token| token.claims.is_some()), ews);
        assert_eq!(answered(observation.call(Surface::Graph)).status, 200);
        assert_eq!(observation.call(Surface::Ews).is_some(), ews);
    }
}

#[tokio::test]
async fn without_checks_a_token_is_enough() {
    let scene = Scene::with(works).await.target(false, false);
    let observation = scene.check().await;
    assert!(observation.token.is_some() && observation.claims.is_some());
    assert!(observation.calls.is_empty());
}

#[tokio::test]
async fn an_answer_without_a_usable_token_keeps_its_words_and_ends_the_run() {
    let long = format!(
        r#"{{"token_type":"Bearer","access_token":"{}"}}"#,
        "x".repeat(70_000)
    );
    for (reply, kept) in [
        (
            answer(
                "200 OK",
                "content-type: text/html\r\n",
                "<html>portal</html>",
            ),
            "portal",
        ),
        (
            json("200 OK", r#"{"token_type":"Bearer","hint":"none"}"#),
            "none",
        ),
        (
            json("200 OK", r#"{"token_type":"Bearer","access_token":""}"#),
            "token_type",
        ),
        (
            json("200 OK", r#"{"token_type":"Bearer","access_token":"a b"}"#),
            "token_type",
        ),
        (
            json(
                "200 OK",
                r#"{"token_type":"pop","access_token":"eyJ0b2tlbi4uLi4uLi4uLi4u"}"#,
            ),
            "pop",
        ),
        (
            json(
                "200 OK",
                r#"{"access_token":"eyJ0b2tlbi4uLi4uLi4uLi4u","x":1}"#,
            ),
            "x",
        ),
        (json("200 OK", &long), "token_type"),
        (
            json("400 Bad Request", r#"{"error":"invalid_client"}"#),
            "invalid_client",
        ),
        (json("502 Bad Gateway", "upstream"), "upstream"),
    ] {
        let what = reply.clone();
        let scene = Scene::with(move |_| reply.clone()).await.target(true, true);
        let observation = scene.check().await;
        let answer = answered(observation.token.as_ref());
        assert!(answer.body.contains(kept), "{what:.300}");
        assert!(!answer.body.contains("eyJ0b2"), "{what:.300}");
        assert!(
            observation.claims.is_none() && observation.calls.is_empty(),
            "{what:.300}"
        );
        assert!(observation.call(Surface::Graph).is_none(), "{what:.300}");
    }
}

#[tokio::test]
async fn what_servers_send_back_of_ours_is_in_no_output() {
    let scene = Scene::with(|request| {
        // what came in goes out again, in the body and in a header
        let echo = request.replace(['\r', '\n'], " ");
        let header = format!("x-echo: {echo}\r\n");
        if request.contains("/oauth2/") && !request.contains("graph.example") {
            let body = format!(r#"{{"token_type":"Bearer","access_token":"{TOKEN}","echo":1}}"#);
            answer(
                "200 OK",
                &format!("{header}content-type: application/json\r\n"),
                &body,
            )
        } else {
            answer("400 Bad Request", &header, &format!("{echo} {SECRET}"))
        }
    })
    .await
    .target(true, true);
    let (observation, session) = scene.checker.check(&scene.tenant).await;
    let further = observation.further_token.as_ref().unwrap();
    assert!(
        answered(Some(&further.exchange))
            .body
            .contains("client_credentials")
    );
    assert!(
        answered(observation.call(Surface::Ews))
            .body
            .contains("GetFolder")
    );
    let shown = format!("{observation:?} {session:?} {:?}", scene.checker);
    for secret in [SECRET, SECRET_IN_A_FORM, "s3cr8Q", TOKEN] {
        assert!(!shown.contains(secret), "{secret}");
    }
}

fn certificate() -> Credential {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/certificates");
    let both = folder.join("both.pem");
    Credential::Certificate(CertificateSource {
        files: CertificateFiles::Pem {
            certificate: both.clone(),
            key: both,
        },
        password: None,
        algorithm: AssertionAlgorithm::Ps256,
    })
}

/// The assertions that token requests carried.
fn assertions(heard: &Heard) -> Vec<String> {
    let requests = heard.requests("/oauth2/");
    let form = |request: &String| request.split("\r\n\r\n").nth(1).unwrap().to_owned();
    requests
        .iter()
        .map(form)
        .filter_map(|form| {
            let mut fields = url::form_urlencoded::parse(form.as_bytes());
            assert!(!form.contains("client_secret"), "{form}");
            assert!(
                form.contains("client_assertion_type=urn%3Aietf%3A"),
                "{form}"
            );
            let found = fields.find(|(name, _)| name == "client_assertion");
            found.map(|(_, value)| value.into_owned())
        })
        .collect()
}

#[tokio::test]
async fn each_token_request_carries_an_assertion_of_its_own() {
    let mut scene = Scene::with(works).await.target(true, true);
    scene.tenant.credential = certificate();
    let observation = scene.check().await;
    assert!(observation.secret.certificate.is_some() && observation.call(Surface::Ews).is_some());
    let assertions = assertions(&scene.heard);
    assert_eq!(assertions.len(), 2);
    assert_ne!(assertions[0], assertions[1]);
}

#[tokio::test]
async fn an_assertion_that_is_sent_back_is_in_no_output() {
    let scene = Scene::with(|request| {
        let echo = request.replace(['\r', '\n'], " ");
        let header = format!("x-echo: {echo}\r\n");
        answer(
            "400 Bad Request",
            &header,
            &format!("{{\"error\":\"{echo}\"}}"),
        )
    });
    let mut scene = scene.await;
    scene.tenant.credential = certificate();
    let (observation, session) = scene.checker.check(&scene.tenant).await;
    let shown = format!("{observation:?} {session:?} {:?}", scene.checker);
    for assertion in assertions(&scene.heard) {
        let signature = assertion.rsplit('.').next().unwrap();
        assert!(
            !shown.contains(signature) && !shown.contains("eyJ"),
            "{shown}"
        );
    }
    assert!(!assertions(&scene.heard).is_empty() && shown.contains("client_assertion"));
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_ends_the_run_before_the_network() {
    let mut scene = Scene::with(works).await;
    scene.tenant.credential =
        Credential::Secret(SecretSource::File("/nonexistent/credwatch".into()));
    let observation = scene.check().await;
    assert!(observation.secret.failure.is_some());
    assert_eq!(observation.secret.source, "file /nonexistent/credwatch");
    assert!(observation.token.is_none() && scene.heard.requests("").is_empty());
}

#[tokio::test]
async fn a_repeated_stage_goes_alone_on_a_new_connection() {
    let scene = Scene::with(works).await.target(true, true);
    let first = scene.checker.check(&scene.tenant).await;
    let (took, token_id) = (
        first.0.took,
        first.0.token.as_ref().unwrap().request_id.clone(),
    );
    let (second, _) = scene.checker.repeat(&scene.tenant, first, Stage::Ews).await;
    assert!(second.confirmed && second.took > took);
    assert_eq!(second.token.as_ref().unwrap().request_id, token_id);
    assert!(second.call(Surface::Ews).unwrap().phases.connect.is_some());
    assert_eq!(scene.heard.requests("EWS").len(), 2);
    assert_eq!(scene.heard.requests("/v1.0/").len(), 1);
    assert_eq!(scene.heard.requests("oauth2").len(), 2);
}

#[tokio::test]
async fn a_token_that_comes_at_the_second_try_lets_the_later_stages_run() {
    let refused = std::sync::atomic::AtomicBool::new(false);
    let scene = Scene::with(move |request| {
        if refused.swap(true, std::sync::atomic::Ordering::Relaxed) {
            works(request)
        } else {
            json(
                "503 Service Unavailable",
                r#"{"error":"temporarily_unavailable"}"#,
            )
        }
    })
    .await;
    let first = scene.checker.check(&scene.tenant).await;
    assert_eq!(answered(first.0.token.as_ref()).status, 503);
    let (second, _) = scene
        .checker
        .repeat(&scene.tenant, first, Stage::Token)
        .await;
    assert_eq!(answered(second.token.as_ref()).status, 200);
    assert_eq!(answered(second.call(Surface::Ews)).status, 200);
}

#[tokio::test]
async fn all_stages_share_one_deadline() {
    let mut scene = Scene::with(works).await;
    scene.tenant.pace.timeout = Duration::from_millis(1500);
    let silent = crate::server::listen(crate::server::hold).await;
    scene.tenant.endpoints.ews = format!("http://127.0.0.1:{silent}/").parse().unwrap();
    let observation = scene.check().await;
    let Outcome::Fault(fault) = &observation.call(Surface::Ews).unwrap().outcome else {
        panic!("a fault");
    };
    assert!(matches!(fault.kind, FaultKind::Timeout(_)));
    let stages = observation.took;
    assert!(stages >= scene.tenant.pace.timeout && stages < Duration::from_secs(10));
}

#[tokio::test]
async fn a_user_agent_that_is_no_header_is_a_fault_and_no_panic() {
    let mut scene = Scene::with(works).await;
    scene.tenant.network.user_agent = "bad\nagent".into();
    let Outcome::Fault(fault) = scene.check().await.token.unwrap().outcome else {
        panic!("a fault");
    };
    assert_eq!(fault.kind, FaultKind::Other);
    assert!(fault.detail.contains("user_agent"));
}

#[tokio::test]
async fn a_check_may_run_on_any_thread() {
    fn sendable<T: Send>(value: T) -> T {
        value
    }
    let scene = Scene::with(works).await;
    let secret = SecretString::from(SECRET);
    let (observation, _) = sendable(scene.checker.check(&scene.tenant)).await;
    assert_eq!(
        observation.secret.length,
        Some(secrecy::ExposeSecret::expose_secret(&secret).len())
    );
}
