//! `credwatch diagnose` as a process, against the simulated cloud and worse.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    path::Path,
    process::Output,
    thread,
};

use assert_cmd::Command;
use credwatch::clock::Clock;
use credwatch::simulator::{ConfigDir, Fault, Integration, SimulatedCloud, SimulatedFleet};
use serde_json::Value;

/// A cloud with one integration, and a config for it.
struct Stage {
    _cloud: SimulatedCloud,
    files: ConfigDir,
    secret: String,
}

impl Stage {
    async fn with(fault: impl Into<Option<Fault>>) -> Self {
        let one = Integration::named("contoso-rooms", Clock.now()).with(fault);
        let secret = one.presented_secret().to_owned();
        let cloud = SimulatedCloud::start_on_loopback(SimulatedFleet::new([one]))
            .await
            .unwrap();
        let files = cloud.temporary_config().unwrap();
        Self {
            _cloud: cloud,
            files,
            secret,
        }
    }

    /// Runs the command; whatever it prints, the secret is never in it.
    async fn run(&self, command: &'static [&'static str]) -> Output {
        let config = self.files.config().to_owned();
        let output = tokio::task::spawn_blocking(move || credwatch(&config, command));
        let output = output.await.unwrap();
        for said in [&output.stdout, &output.stderr] {
            let said = String::from_utf8_lossy(said);
            assert!(!said.contains(&self.secret), "the secret is in\n{said}");
        }
        output
    }

    async fn json(&self) -> (Option<i32>, Value) {
        let output = self
            .run(&["diagnose", "contoso-rooms", "--format", "json"])
            .await;
        let document = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code(), document)
    }

    /// Changes the config.
    fn edit(&self, edit: impl Fn(&str) -> String) {
        let config = fs::read_to_string(self.files.config()).unwrap();
        fs::write(self.files.config(), edit(&config)).unwrap();
    }
}

fn credwatch(config: &Path, arguments: &[&str]) -> Output {
    command(config, arguments).output().unwrap()
}

fn command(config: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_credwatch"));
    command.arg("--config").arg(config).args(arguments);
    command.env("LANG", "C.UTF-8");
    command
}

/// The first step that failed, apart from the dates.
fn failed(document: &Value) -> Option<&str> {
    let steps = document["steps"].as_array().unwrap();
    let failed = |step: &&Value| step["mark"] == "failed" && step["name"] != "dates";
    steps.iter().find(failed)?["name"].as_str()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_working_tenant_is_walked_through_to_the_end() {
    let stage = Stage::with(None).await;
    let (code, document) = stage.json().await;
    assert_eq!(code, Some(0), "{document}");
    assert_eq!(document["live"], "ok");
    assert_eq!(failed(&document), None);
    let steps = document["steps"].as_array().unwrap();
    let names: Vec<_> = steps
        .iter()
        .map(|step| step["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "secret", "resolve", "connect", "tls", "token", "claims", "resolve", "connect", "tls",
            "ews", "graph", "dates", "guide"
        ]
    );
    let tls = &steps[3];
    assert_eq!(tls["facts"][1]["value"], "CN=Simulated Cloud Root");
    assert!(
        tls["result"]
            .as_str()
            .unwrap()
            .contains("private authority")
    );
    // the whole of `check`'s report stands there too
    for key in [
        "name",
        "status",
        "expiry",
        "stages",
        "credentials",
        "checked_at",
    ] {
        assert!(document.get(key).is_some(), "{key}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_are_marked_where_they_are_met() {
    let cases = [
        (Fault::TokenSecretExpired, "token", "secret-expired"),
        (Fault::EwsDisabled, "ews", "ews-disabled"),
    ];
    for (behaviour, step, cause) in cases {
        let stage = Stage::with(behaviour).await;
        let (code, document) = stage.json().await;
        assert_eq!(code, Some(2), "{document}");
        assert_eq!(failed(&document), Some(step), "{document}");
        assert_eq!(document["diagnosis"]["cause"], cause);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_untrusted_certificate_shows_its_issuer() {
    let stage = Stage::with(None).await;
    stage.edit(|config| config.replace("ca_file", "#ca_file"));
    let (code, document) = stage.json().await;
    assert_eq!(code, Some(2));
    assert_eq!(failed(&document), Some("tls"));
    assert_eq!(document["diagnosis"]["cause"], "tls-untrusted");
    let tls = document["steps"].as_array().unwrap();
    let tls = tls.iter().find(|step| step["name"] == "tls").unwrap();
    assert_eq!(tls["facts"][1]["value"], "CN=Simulated Cloud Root");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_wants_a_login_is_named_without_ours() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = listener.local_addr().unwrap();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 1024];
            let _request = stream.read(&mut request);
            let answer = b"HTTP/1.1 407 Proxy Authentication Required\r\n\
                Proxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n";
            let _gone = stream.write_all(answer);
        }
    });
    let stage = Stage::with(None).await;
    // no proxy is asked for loopback addresses, and no name like this resolves without one
    stage.edit(|config| {
        let away = config.replace(
            "login_url = \"https://localhost",
            "login_url = \"https://login.invalid",
        );
        away.replace("interval = \"15s\"", "interval = \"15m\"")
    });
    let config = stage.files.config().to_owned();
    let output = tokio::task::spawn_blocking(move || {
        command(&config, &["diagnose", "contoso-rooms", "--format", "json"])
            .env("HTTPS_PROXY", format!("http://user:hunter2@{proxy}"))
            .output()
            .unwrap()
    });
    let output = output.await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let document: Value = serde_json::from_slice(&output.stdout).expect(&said);
    assert_eq!(output.status.code(), Some(2), "{document}");
    assert_eq!(failed(&document), Some("connect"));
    assert_eq!(document["diagnosis"]["cause"], "proxy-auth-required");
    let said = document.to_string();
    assert!(
        said.contains(&format!("through the proxy http://{proxy}")),
        "{said}"
    );
    assert!(!said.contains("hunter2"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn text_and_ticket_say_what_the_json_says() {
    let stage = Stage::with(Fault::TokenSecretExpired).await;
    let text = stage.run(&["diagnose", "contoso-rooms"]).await;
    assert_eq!(text.status.code(), Some(2));
    let text = String::from_utf8(text.stdout).unwrap();
    for needed in [
        "✖ token",
        "secret-expired (AADSTS7000222, certain)",
        "1. ",
        "trace id",
    ] {
        assert!(text.contains(needed), "{needed} is missing in\n{text}");
    }
    assert!(!text.contains('\u{1b}'), "styles in a pipe");
    let ticket = stage
        .run(&["diagnose", "contoso-rooms", "--format", "markdown"])
        .await;
    let ticket = String::from_utf8(ticket.stdout).unwrap();
    assert!(ticket.starts_with("## `contoso-rooms`: "), "{ticket}");
    assert!(ticket.contains("AADSTS7000222"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_tenant_is_bad_usage() {
    let stage = Stage::with(None).await;
    let output = stage.run(&["diagnose", "nobody"]).await;
    assert_eq!(output.status.code(), Some(3));
    assert!(output.stdout.is_empty());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("the config has contoso-rooms"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_candidate_is_doubted_where_its_file_is_minutes_old() {
    let stage = Stage::with(None).await;
    let candidate = stage.files.path().join("new");
    fs::write(&candidate, format!("abc8Q~{}", "x".repeat(34))).unwrap();
    let config = stage.files.config().to_owned();
    let source = format!("file:{}", candidate.display());
    let check = move || {
        let command = [
            "check",
            "contoso-rooms",
            "--format",
            "json",
            "--confirm",
            "0s",
        ];
        let arguments: Vec<_> = command
            .into_iter()
            .chain(["--candidate", &source])
            .collect();
        let output = credwatch(&config, &arguments);
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (document["tenants"][0]["diagnosis"]["cause"].clone(), said)
    };
    let old = std::time::SystemTime::UNIX_EPOCH;
    let (new, aged) = tokio::task::spawn_blocking(move || {
        let new = check();
        let file = fs::File::options().write(true).open(candidate).unwrap();
        file.set_modified(old).unwrap();
        (new, check())
    })
    .await
    .unwrap();
    assert_eq!(new.0, "secret-propagating", "{}", new.1);
    assert_eq!(aged.0, "secret-invalid");
    assert!(aged.1.contains("may not have spread yet"), "{}", aged.1);
}
