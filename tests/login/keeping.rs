//! Keeping a person's sign-in: rotation, refusal, processes at once, deaths, clocks.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use chrono::TimeDelta;
use credwatch::simulator::{DelegatedClient, Fault};
use serde_json::{Value, json};

use crate::scene::{Scene, begun, now, person};

fn everything_below(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            everything_below(&path, out);
        } else {
            out.push(path);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_refused_for_good_is_not_sent_again() {
    let scene = Scene::begun("coho-bots").await;
    for (fault, cause) in [
        (Fault::GrantRefreshExpired, "refresh-token-expired"),
        (Fault::GrantRefreshRevoked, "refresh-token-revoked"),
        (Fault::GrantRefreshInvalid, "refresh-token-invalid"),
    ] {
        scene.cloud.set_fault("coho-bots", fault).unwrap();
        let first = scene.check("coho-bots").await;
        assert_eq!(first["live"], "failing");
        assert_eq!(first["diagnosis"]["cause"], cause);
        scene.cloud.follow_script("coho-bots").unwrap();
        let sent = scene.token_requests("coho-bots");
        let second = scene.check("coho-bots").await;
        assert_eq!(scene.token_requests("coho-bots"), sent);
        assert_eq!(second["live"], "failing");
        assert_eq!(second["diagnosis"]["cause"], cause);
        assert_eq!(second["diagnosis"]["stage"], "token");
        assert_eq!(second["diagnosis"]["code"], first["diagnosis"]["code"]);
        let detail = second["diagnosis"]["detail"].as_str().unwrap();
        assert!(detail.contains("ago"), "{detail}");
        for refused in [&first, &second] {
            let token = &refused["credentials"][0];
            assert_eq!(
                (&token["state"], &token["days_left"]),
                (&json!("expired"), &json!(0))
            );
            // times of one form sort as they follow each other
            let at = |time: &Value| time.as_str().unwrap().to_owned();
            let known = at(&first["checked_at"])..=at(&second["checked_at"]);
            assert!(known.contains(&at(&token["expires_at"])), "{refused:#}");
        }
        let login = scene.run(&["login", "coho-bots"]).await;
        assert_eq!(login.status.code(), Some(0), "{login:?}");
        assert_eq!(scene.check("coho-bots").await["live"], "ok");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_other_refusal_leaves_the_sign_in_alone() {
    let scene = Scene::begun("coho-bots").await;
    let table = [
        (Fault::GrantConsentMissing, "consent-required"),
        (Fault::GrantMfaRequired, "mfa-required"),
        (Fault::GrantInteraction, "interaction-required"),
        (Fault::GrantUserDisabled, "user-disabled"),
        (Fault::GrantUserLocked, "user-locked"),
        (Fault::GrantUserGone, "user-not-found"),
        (Fault::GrantPasswordExpired, "user-password-expired"),
        (Fault::TokenConditionalAccess, "conditional-access-blocked"),
        (Fault::TokenUnavailable, "entra-unavailable"),
        (Fault::GrantOtherScope, "delegated-scope-missing"),
        (Fault::TokenNoRoles, "delegated-scope-missing"),
        (Fault::TokenAlreadyExpired, "token-expired"),
        (Fault::TokenWrongAudience, "audience-wrong"),
    ];
    for (behaviour, cause) in table {
        scene.cloud.set_fault("coho-bots", behaviour).unwrap();
        assert_eq!(scene.check("coho-bots").await["diagnosis"]["cause"], cause);
    }
    scene.cloud.follow_script("coho-bots").unwrap();
    assert_eq!(scene.check("coho-bots").await["live"], "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_stops_rotating_warns() {
    let scene = Scene::begun("coho-bots").await;
    scene
        .cloud
        .set_fault("coho-bots", Fault::GrantNotRotated)
        .unwrap();
    let report = scene.check("coho-bots").await;
    assert_eq!(report["live"], "ok");
    assert_eq!(report["status"], "warning");
    let note = report["credentials"][0]["note"].as_str().unwrap();
    assert!(note.contains("no new token"), "{note}");
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_check_at_once_are_all_green_and_keep_one_token() {
    let scene = Scene::begun("blue-crm").await;
    let (one, two, three, four) = tokio::join!(
        scene.check("blue-crm"),
        scene.check("blue-crm"),
        scene.check("blue-crm"),
        scene.check("blue-crm"),
    );
    for report in [one, two, three, four] {
        assert_eq!(report["status"], "ok", "{report:#}");
    }
    let requests = scene.cloud.requests_of("blue-crm");
    let renews = |grant| grant == Some("refresh_token");
    let renewals = requests
        .iter()
        .filter(|seen| renews(seen.field("grant_type")));
    assert_eq!(renewals.count(), 4);
    let token = scene.kept_token();
    assert_eq!(scene.check("blue-crm").await["status"], "ok");
    assert_ne!(scene.kept_token(), token, "every use brings a new one");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_death_between_answer_and_store_leaves_a_token_that_works() {
    let scene = Scene::begun("blue-crm").await;
    assert_eq!(scene.check("blue-crm").await["status"], "ok");
    let path = scene.kept_files().remove(0);
    let before = fs::read(&path).unwrap();
    assert_eq!(scene.check("blue-crm").await["status"], "ok");
    // what a process leaves that dies after the answer came and before it was written
    fs::write(&path, &before).unwrap();
    fs::write(path.with_added_extension("new"), "{").unwrap();
    assert_eq!(scene.check("blue-crm").await["status"], "ok");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_can_be_kept_nothing_is_sent() {
    let scene = Scene::begun("blue-crm").await;
    // a directory in the place of the lock: works for root too, who may write to any folder
    assert_eq!(scene.check("blue-crm").await["status"], "ok");
    let path = scene.kept_files().remove(0);
    let token = scene.kept_token();
    let lock = path.with_extension("lock");
    fs::remove_file(&lock).unwrap();
    fs::create_dir(&lock).unwrap();
    let sent = scene.token_requests("blue-crm");
    let report = scene.check("blue-crm").await;
    assert_eq!(report["live"], "unknown");
    assert_eq!(report["diagnosis"]["cause"], "secret-unavailable");
    assert_eq!(scene.token_requests("blue-crm"), sent);
    assert_eq!(scene.kept_token(), token);
    fs::remove_dir(&lock).unwrap();
    let login = scene.run(&["login", "blue-crm", "--forget"]).await;
    assert_eq!(login.status.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_loses_no_sign_in() {
    let scene = Scene::begun("coho-bots").await;
    assert_eq!(scene.check("coho-bots").await["status"], "ok");
    let path = scene.kept_files().remove(0);
    for days in [-4000, 4000] {
        let mut kept: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let at = (now() + TimeDelta::days(days)).to_rfc3339();
        kept["rotated_at"] = at.clone().into();
        kept["obtained_at"] = at.into();
        fs::write(&path, kept.to_string()).unwrap();
        assert_eq!(scene.check("coho-bots").await["status"], "ok", "{days}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_start_value_takes_the_place_of_a_refused_sign_in() {
    let scene = Scene::of([
        person(
            "coho-bots",
            "automation-anywhere",
            begun(DelegatedClient::public()),
        ),
        person("other", "automation-anywhere", DelegatedClient::public()),
    ])
    .await;
    let start = scene.files.path().join("secrets/00000.refresh");
    let good = fs::read_to_string(&start).unwrap();
    fs::write(&start, "1.nonsense").unwrap();
    let refused = scene.check("coho-bots").await;
    assert_eq!(refused["diagnosis"]["cause"], "refresh-token-invalid");
    fs::write(&start, good).unwrap();
    assert_eq!(scene.check("coho-bots").await["live"], "ok");
    fs::remove_file(&start).unwrap();
    assert_eq!(scene.check("coho-bots").await["live"], "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_token_stands_anywhere_but_in_its_own_file() {
    let scene = Scene::begun("blue-crm").await;
    let start = scene.cloud.integration("blue-crm").unwrap().start_token();
    let secret = scene
        .cloud
        .integration("blue-crm")
        .unwrap()
        .presented_secret()
        .to_owned();
    let log = scene.state.path().join("log");
    let said = Arc::new(Mutex::new(Vec::new()));
    let mut tokens = vec![start, secret];
    for fault in [
        None,
        Some(Fault::GrantRefreshInvalid),
        Some(Fault::GrantMfaRequired),
    ] {
        if let Some(fault) = fault {
            scene.cloud.set_fault("blue-crm", fault).unwrap();
        }
        for format in ["text", "json", "nagios", "prometheus", "csv", "markdown"] {
            let arguments = [
                "-vvv",
                "--log-file",
                log.to_str().unwrap(),
                "check",
                "--confirm",
                "0s",
                "--format",
                format,
            ];
            let out = scene.run(&arguments).await;
            said.lock()
                .unwrap()
                .extend([out.stdout, out.stderr].concat());
            tokens.push(scene.kept_token());
        }
    }
    let mut files = Vec::new();
    everything_below(scene.state.path(), &mut files);
    for path in files {
        if path.extension().is_none_or(|end| end != "json") {
            said.lock().unwrap().extend(fs::read(path).unwrap());
        }
    }
    let said = String::from_utf8_lossy(&said.lock().unwrap()).into_owned();
    for token in tokens {
        assert!(!said.contains(&token), "a token or secret got out");
    }
}
