//! People's sign-ins from end to end: the binary and the rooms against the simulated cloud.

#![cfg(feature = "demo")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod init;
mod scene;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use chrono::TimeDelta;
use credwatch::simulator::{
    Behaviour, Certificate, Delegated, GrantFault, Integration, TokenFault,
};
use serde_json::Value;

use scene::{Scene, Waiting, ask, begun, now, person, target};

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
async fn a_public_client_goes_from_device_code_to_a_green_check() {
    let scene = Scene::of([person(
        "coho-bots",
        "automation-anywhere",
        Delegated::public(),
    )])
    .await;
    let before = scene.check("coho-bots").await;
    assert_eq!(before["live"], "unknown");
    assert_eq!(before["diagnosis"]["cause"], "login-missing");
    assert_eq!(scene.token_requests("coho-bots"), 0);

    let out = scene.run(&["login", "coho-bots"]).await;
    let said = String::from_utf8_lossy(&out.stdout);
    assert_eq!(out.status.code(), Some(0), "{out:?}");
    assert!(said.contains("https://microsoft.com/devicelogin"), "{said}");
    assert!(said.contains("signed in as rooms@coho.example"), "{said}");

    let report = scene.check("coho-bots").await;
    assert_eq!(report["status"], "ok", "{report:#}");
    let credential = &report["credentials"][0];
    assert_eq!(credential["kind"], "refresh-token");
    assert_eq!(credential["source"], "computed");
    assert_eq!(credential["days_left"], 89);
    assert!(
        credential["note"]
            .as_str()
            .unwrap()
            .starts_with("own sign-in")
    );
    let seen = scene.cloud.requests_of("coho-bots");
    let renewal = seen
        .iter()
        .find(|seen| seen.field("grant_type") == Some("refresh_token"))
        .unwrap();
    assert_eq!(renewal.field("client_secret"), None);
    assert_eq!(
        renewal.field("scope"),
        Some("https://outlook.office365.com/EWS.AccessAsUser.All offline_access")
    );
    let call = seen.iter().find(|seen| seen.operation.is_some()).unwrap();
    assert_eq!(call.impersonated, None);
    assert_eq!(call.header("x-anchormailbox"), Some("rooms@coho.example"));

    let forgot = scene.run(&["login", "--forget", "coho-bots"]).await;
    assert_eq!(forgot.status.code(), Some(0));
    assert!(scene.kept_files().is_empty());
    let after = scene.check("coho-bots").await;
    assert_eq!(after["diagnosis"]["cause"], "login-missing");
}

#[tokio::test(flavor = "multi_thread")]
async fn confidential_clients_go_from_the_browser_to_a_green_check() {
    let anywhere = Delegated {
        multi_tenant: true,
        ..Delegated::confidential()
    };
    let scene = Scene::of([
        person("datum-help", "deskpro", anywhere),
        person("blue-crm", "creatio", Delegated::confidential()),
        person("yonder-crm", "creatio-office365", Delegated::confidential()),
    ])
    .await;
    for name in ["datum-help", "blue-crm", "yonder-crm"] {
        let before = scene.check(name).await;
        assert_eq!(before["diagnosis"]["cause"], "login-missing");
        let detail = before["diagnosis"]["detail"].as_str().unwrap();
        assert!(
            detail.contains("the client secret itself works"),
            "{detail}"
        );

        let login = Waiting::start(&scene, name).await;
        assert!(
            login.said.contains("az ad app update --id"),
            "{}",
            login.said
        );
        assert!(login.said.contains("ssh -L"), "{}", login.said);
        assert!(!login.said.contains("public"), "{}", login.said);
        let organizations = login.address.contains("/organizations/");
        assert_eq!(organizations, name == "datum-help");
        let back = scene.approve(&login.address).await;
        let answered = ask(back.port().unwrap(), &target(&back));
        assert!(answered.contains("200"), "{answered}");
        let (code, said) = login.end().await;
        assert_eq!(code, Some(0), "{said}");

        let report = scene.check(name).await;
        assert_eq!(report["live"], "ok", "{report:#}");
        assert_eq!(report["status"], "ok", "{report:#}");
        // redeemed where people sign in, renewed at the tenant's own address
        let seen = scene.cloud.requests_of(name);
        let renewal = seen
            .iter()
            .find(|seen| seen.field("grant_type") == Some("refresh_token"))
            .unwrap();
        assert!(!renewal.path.contains("organizations"));
        assert_eq!(renewal.secret_matched, Some(true));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_is_renewed_with_the_assertion_of_a_certificate() {
    let with_certificate = |name, delegated| {
        let mut one = person(name, "creatio", delegated);
        let day = |days| (now() + TimeDelta::days(days)).date_naive();
        let made = Certificate::make(name, day(-1), day(90)).unwrap();
        one.certificates.push(made);
        one
    };
    let scene = Scene::of([
        with_certificate("blue-crm", Delegated::confidential()),
        with_certificate("yonder-crm", begun(Delegated::confidential())),
    ])
    .await;
    let missing = scene.check("blue-crm").await;
    assert_eq!(missing["diagnosis"]["cause"], "login-missing");
    let detail = missing["diagnosis"]["detail"].as_str().unwrap();
    assert!(detail.contains("the certificate itself works"), "{detail}");

    let report = scene.check("yonder-crm").await;
    assert_eq!(report["live"], "ok", "{report:#}");
    let seen = scene.cloud.requests_of("yonder-crm");
    let renewal = seen
        .iter()
        .find(|seen| seen.field("grant_type") == Some("refresh_token"))
        .unwrap();
    assert_eq!(renewal.field("client_secret"), None);
    assert!(renewal.field("client_assertion").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_through_shows_what_each_kind_of_sign_in_sends() {
    let scene = Scene::of([
        person("blue-crm", "creatio", begun(Delegated::confidential())),
        person("new-crm", "creatio", Delegated::confidential()),
        person("coho-bots", "delegated", begun(Delegated::public())),
        person("new-bots", "delegated", Delegated::public()),
    ])
    .await;
    let kept = "the kept sign-in";
    let table = [
        ("blue-crm", "ok", Some("refresh_token"), true, Some(kept)),
        ("new-crm", "skipped", Some("client_credentials"), true, None),
        ("coho-bots", "ok", Some("refresh_token"), false, Some(kept)),
        ("new-bots", "skipped", None, false, None),
    ];
    for (name, mark, grant, secret, refresh) in table {
        let out = scene.run(&["diagnose", name, "--format", "json"]).await;
        let document: Value = serde_json::from_slice(&out.stdout).unwrap();
        let steps = document["steps"].as_array().unwrap();
        let token = steps.iter().find(|step| step["name"] == "token").unwrap();
        let fact = |label: &str| {
            let mut facts = token["facts"].as_array().unwrap().iter();
            let found = facts.find(|fact| fact["label"] == label)?;
            found["value"].as_str()
        };
        assert_eq!(token["mark"], mark, "{name}: {token:#}");
        assert_eq!(fact("grant_type"), grant, "{name}");
        assert_eq!(fact("client_secret").is_some(), secret, "{name}");
        assert_eq!(fact("refresh_token"), refresh, "{name}");
        let call = steps.iter().find(|step| step["name"] == "ews").unwrap();
        assert!(!call.to_string().contains("impersonation"), "{name}");
        let said = String::from_utf8_lossy(&out.stdout);
        let start = scene.cloud.integration(name).unwrap().start_token();
        assert!(!said.contains(&start), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attacker_on_loopback_changes_nothing() {
    let scene = Scene::of([person("blue-crm", "creatio", Delegated::confidential())]).await;
    let login = Waiting::start(&scene, "blue-crm").await;
    let back = scene.approve(&login.address).await;
    let port = back.port().unwrap();
    assert!(ask(port, "/favicon.ico").contains("404"));
    assert!(ask(port, "/?code=stolen&state=guessed").contains("400"));
    assert!(ask(port, "/?error=access_denied&state=").contains("400"));
    let endless = format!("/?code={}", "x".repeat(100_000));
    assert!(!ask(port, &endless).contains("200"));
    assert!(ask(port, &target(&back)).contains("200"));
    let again = ask(port, &target(&back));
    assert!(!again.contains("200"), "{again}");
    let (code, said) = login.end().await;
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(scene.check("blue-crm").await["live"], "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_while_signing_in_is_diagnosed() {
    let scene = Scene::of([
        person("blue-crm", "creatio", Delegated::confidential()),
        person("coho-bots", "automation-anywhere", Delegated::public()),
        Integration::named("contoso-app", now()),
    ])
    .await;
    for (fault, cause) in [
        (GrantFault::Declined, "consent"),
        (GrantFault::ConsentMissing, "onsent"),
    ] {
        scene
            .cloud
            .set_behaviour("blue-crm", Behaviour::Grant(fault))
            .unwrap();
        let login = Waiting::start(&scene, "blue-crm").await;
        let back = scene.approve(&login.address).await;
        assert!(ask(back.port().unwrap(), &target(&back)).contains("200"));
        let (code, said) = login.end().await;
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains(cause), "{said}");
    }
    for (fault, cause) in [
        (GrantFault::Declined, "device-code-expired"),
        (GrantFault::CodeExpired, "device-code-expired"),
        (GrantFault::MfaRequired, "mfa-required"),
    ] {
        scene
            .cloud
            .set_behaviour("coho-bots", Behaviour::Grant(fault))
            .unwrap();
        let out = scene.run(&["login", "coho-bots"]).await;
        let said = String::from_utf8_lossy(&out.stderr);
        assert_eq!(out.status.code(), Some(1), "{said}");
        assert!(said.contains(cause), "{said}");
    }
    let app = scene.run(&["login", "contoso-app"]).await;
    assert_eq!(app.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&app.stderr).contains("signs in as an app"));
    assert!(scene.kept_files().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_the_diagnosis_also_where_nobody_signed_in() {
    let mut one = person("blue-crm", "creatio", Delegated::confidential());
    one.mistaken_secret = Some("wrong8Q~secret".to_owned());
    let scene = Scene::of([one]).await;
    let report = scene.check("blue-crm").await;
    assert_eq!(report["live"], "failing");
    assert_eq!(report["diagnosis"]["cause"], "secret-invalid");
    assert_eq!(report["diagnosis"]["stage"], "token");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_refused_for_good_is_not_sent_again() {
    let scene = Scene::begun("coho-bots").await;
    for (fault, cause) in [
        (GrantFault::RefreshExpired, "refresh-token-expired"),
        (GrantFault::RefreshRevoked, "refresh-token-revoked"),
        (GrantFault::RefreshInvalid, "refresh-token-invalid"),
    ] {
        scene
            .cloud
            .set_behaviour("coho-bots", Behaviour::Grant(fault))
            .unwrap();
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
        assert_eq!(second["credentials"][0]["state"], "expired");
        let login = scene.run(&["login", "coho-bots"]).await;
        assert_eq!(login.status.code(), Some(0), "{login:?}");
        assert_eq!(scene.check("coho-bots").await["live"], "ok");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_other_refusal_leaves_the_sign_in_alone() {
    let scene = Scene::begun("coho-bots").await;
    let table = [
        (
            Behaviour::Grant(GrantFault::ConsentMissing),
            "consent-required",
        ),
        (Behaviour::Grant(GrantFault::MfaRequired), "mfa-required"),
        (
            Behaviour::Grant(GrantFault::Interaction),
            "interaction-required",
        ),
        (Behaviour::Grant(GrantFault::UserDisabled), "user-disabled"),
        (Behaviour::Grant(GrantFault::UserLocked), "user-locked"),
        (Behaviour::Grant(GrantFault::UserGone), "user-not-found"),
        (
            Behaviour::Grant(GrantFault::PasswordExpired),
            "user-password-expired",
        ),
        (
            Behaviour::Token(TokenFault::ConditionalAccess),
            "conditional-access-blocked",
        ),
        (
            Behaviour::Token(TokenFault::Unavailable),
            "entra-unavailable",
        ),
        (
            Behaviour::Grant(GrantFault::OtherScope),
            "delegated-scope-missing",
        ),
        (
            Behaviour::Token(TokenFault::NoRoles),
            "delegated-scope-missing",
        ),
        (
            Behaviour::Token(TokenFault::AlreadyExpired),
            "token-expired",
        ),
        (
            Behaviour::Token(TokenFault::WrongAudience),
            "audience-wrong",
        ),
    ];
    for (behaviour, cause) in table {
        scene.cloud.set_behaviour("coho-bots", behaviour).unwrap();
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
        .set_behaviour("coho-bots", Behaviour::Grant(GrantFault::NotRotated))
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
    // a directory in the place of the file that is written beside: works for root too
    assert_eq!(scene.check("blue-crm").await["status"], "ok");
    let path = scene.kept_files().remove(0);
    let token = scene.kept_token();
    fs::create_dir(path.with_added_extension("new")).unwrap();
    let sent = scene.token_requests("blue-crm");
    let report = scene.check("blue-crm").await;
    assert_eq!(report["live"], "unknown");
    assert_eq!(report["diagnosis"]["cause"], "secret-unavailable");
    assert_eq!(scene.token_requests("blue-crm"), sent);
    assert_eq!(scene.kept_token(), token);
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
            begun(Delegated::public()),
        ),
        person("other", "automation-anywhere", Delegated::public()),
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
        Some(GrantFault::RefreshInvalid),
        Some(GrantFault::MfaRequired),
    ] {
        if let Some(fault) = fault {
            scene
                .cloud
                .set_behaviour("blue-crm", Behaviour::Grant(fault))
                .unwrap();
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
