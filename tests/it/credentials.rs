//! Certificates and federated tokens against the simulated cloud, through the real program.

#![expect(
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its helpers too"
)]

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use assert_cmd::Command;
use chrono::{DateTime, TimeDelta, Utc};
use credwatch::{
    clock::Clock,
    simulator::{Certificate, ConfigDir, Federation, Integration, SimulatedCloud, SimulatedFleet},
};
use serde_json::Value;

fn certificate(name: &str, from: i64, until: i64) -> Certificate {
    let day = |days| (Clock.now() + TimeDelta::days(days)).date_naive();
    Certificate::make(name, day(from), day(until)).unwrap()
}

fn by_certificate(name: &str, from: i64, until: i64) -> Integration {
    let mut one = Integration::named(name, Clock.now());
    one.certificates.push(certificate(name, from, until));
    one
}

fn by_token(name: &str) -> Integration {
    let mut one = Integration::named(name, Clock.now());
    one.federation = Some(Federation::of("job-7"));
    one
}

struct Setting {
    cloud: SimulatedCloud,
    dir: ConfigDir,
}

impl Setting {
    async fn of(fleet: impl IntoIterator<Item = Integration>) -> Self {
        let cloud = SimulatedCloud::start_on_loopback(SimulatedFleet::new(fleet))
            .await
            .unwrap();
        let dir = cloud.temporary_config().unwrap();
        Self { cloud, dir }
    }

    /// The file that proves the tenant of that number.
    fn proof(&self, number: usize) -> std::path::PathBuf {
        self.dir.path().join("secrets").join(format!("{number:05}"))
    }

    fn configured(&self, from: &str, to: &str) {
        let text = fs::read_to_string(self.dir.config()).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(self.dir.config(), text.replacen(from, to, 1)).unwrap();
    }

    /// Runs `credwatch check` and returns the reports by name.
    async fn check(&self, more: &'static [&'static str]) -> BTreeMap<String, Value> {
        let config = self.dir.config().to_owned();
        let run = tokio::task::spawn_blocking(move || run(&config, more));
        let (stdout, stderr) = run.await.unwrap();
        for output in [&stdout, &stderr] {
            assert!(
                !output.contains("eyJ") && !output.contains("PRIVATE KEY"),
                "{output}"
            );
        }
        let fleet: Value = serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{stderr}"));
        let tenants = fleet["tenants"].as_array().unwrap().iter();
        let named = |one: &Value| (one["name"].as_str().unwrap().to_owned(), one.clone());
        tenants.map(named).collect()
    }
}

fn run(config: &Path, more: &[&str]) -> (String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_credwatch"))
        .args(["check", "--format", "json", "--confirm", "0s", "-v", "-c"])
        .arg(config)
        .args(more)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr))
}

fn cause(report: &Value) -> &str {
    report["diagnosis"]["cause"].as_str().unwrap_or("-")
}

fn ends(credential: &Value) -> DateTime<Utc> {
    credential["expires_at"].as_str().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_signs_in_and_tells_its_own_end() {
    let setting = Setting::of([
        by_certificate("pss", -10, 45),
        by_certificate("pkcs1", -10, 20),
        by_certificate("soon", -10, 2),
    ])
    .await;
    setting.configured(
        "certificate = { file = \"secrets/00001\" }",
        "certificate = { file = \"secrets/00001\", algorithm = \"RS256\" }\n\
         secret_expires = \"never\"",
    );
    let reports = setting.check(&[]).await;
    for (name, status, expiry) in [
        ("pss", "ok", "ok"),
        // what the file says stands above what the config says
        ("pkcs1", "warning", "warning"),
        ("soon", "critical", "critical"),
    ] {
        let report = &reports[name];
        assert_eq!(
            (&report["live"], &report["status"]),
            (&"ok".into(), &status.into())
        );
        assert_eq!(report["expiry"], expiry);
        // the app's secret, which nobody uses, is the only other one: file and directory are merged
        let [credential, unused] = report["credentials"].as_array().unwrap().as_slice() else {
            panic!("{report}");
        };
        assert!(credential["key_id"].is_string(), "{credential}");
        assert_eq!(
            (&unused["kind"], &unused["watched"]),
            (&"secret".into(), &false.into())
        );
        assert_eq!(
            (&credential["kind"], &credential["source"]),
            (&"certificate".into(), &"file".into())
        );
        assert_eq!(
            (&credential["name"], &credential["presented"]),
            (&name.into(), &true.into())
        );
        let registered = &setting.cloud.integration(name).unwrap().certificates[0];
        assert_eq!(ends(credential), registered.ends_at);
    }
    let sent = setting.cloud.requests_of("pss");
    let form = &sent.first().unwrap().form;
    let names: Vec<_> = form.iter().map(|(name, _)| name.as_str()).collect();
    assert!(
        names.contains(&"client_assertion") && !names.contains(&"client_secret"),
        "{names:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_cloud_refuses_is_named() {
    let mut subject = by_token("subject");
    subject.mistaken_federation = Some(Federation::of("job-8"));
    let mut issuer = by_token("issuer");
    issuer.mistaken_federation = Some(Federation {
        issuer: "https://other.example".into(),
        ..Federation::of("job-7")
    });
    let setting = Setting::of([
        by_certificate("unregistered", -10, 45),
        by_certificate("ended", -40, -5),
        subject,
        issuer,
        by_certificate("unreadable", -10, 45),
    ])
    .await;
    let other = certificate("another one", -1, 45);
    fs::write(setting.proof(0), format!("{}{}", other.pem, other.key_pem)).unwrap();
    fs::write(setting.proof(4), &other.pem).unwrap();
    let reports = setting.check(&[]).await;
    for (name, due, code, words) in [
        (
            "unregistered",
            "certificate-unknown",
            "AADSTS700027",
            "another one",
        ),
        ("ended", "certificate-unknown", "AADSTS1000502", "it ended"),
        (
            "subject",
            "federated-credential-mismatch",
            "AADSTS700213",
            "'job-8'",
        ),
        (
            "issuer",
            "federated-credential-mismatch",
            "AADSTS700211",
            "'https://other.example'",
        ),
    ] {
        let report = &reports[name];
        assert_eq!(
            (cause(report), &report["diagnosis"]["code"]),
            (due, &code.into())
        );
        assert_eq!(report["live"], "failing");
        let detail = report["diagnosis"]["detail"].as_str().unwrap();
        assert!(detail.contains(words), "{detail}");
    }
    assert_eq!(reports["ended"]["expiry"], "expired");
    let unreadable = &reports["unreadable"];
    assert_eq!(
        (cause(unreadable), &unreadable["live"]),
        ("secret-unavailable", &"unknown".into())
    );
    assert!(setting.cloud.requests_of("unreadable").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_federated_token_is_judged_by_whether_it_still_renews() {
    let setting = Setting::of([by_token("fresh"), by_token("missing")]).await;
    fs::remove_file(setting.proof(1)).unwrap();
    let reports = setting.check(&[]).await;
    let fresh = &reports["fresh"];
    // it ends within a day, and that is no alarm
    assert_eq!(
        (&fresh["status"], &fresh["expiry"]),
        (&"ok".into(), &"ok".into())
    );
    assert_eq!(fresh["credentials"][0]["kind"], "federated");
    assert!(ends(&fresh["credentials"][0]) < Clock.now() + TimeDelta::days(2));
    assert_eq!(cause(&reports["missing"]), "secret-unavailable");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_certificate_needs_no_network() {
    let setting = Setting::of([by_certificate("pss", -10, 20)]).await;
    setting.configured("checks = ", "directory = \"off\"\nchecks = ");
    let reports = setting.check(&["--only", "expiry"]).await;
    assert_eq!(reports["pss"]["status"], "warning");
    assert_eq!(reports["pss"]["credentials"][0]["source"], "file");
    assert!(setting.cloud.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assertion_of_a_clock_that_is_off_is_told_from_an_unknown_certificate() {
    let ahead = || Clock.now() + TimeDelta::hours(1);
    let fleet = SimulatedFleet::new([by_certificate("late", -10, 45)]);
    let address = ([127, 0, 0, 1], 0).into();
    let cloud = SimulatedCloud::start(fleet, address, Arc::new(ahead))
        .await
        .unwrap();
    let dir = cloud.temporary_config().unwrap();
    let reports = Setting { cloud, dir }.check(&[]).await;
    assert_eq!(cause(&reports["late"]), "clock-skew");
    assert_eq!(reports["late"]["diagnosis"]["code"], "AADSTS700024");
}
