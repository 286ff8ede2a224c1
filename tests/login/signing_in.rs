//! Signing a person in, and what is said while nobody has.

use std::{fs, sync::Arc};

use chrono::TimeDelta;
use credwatch::{
    check::Checker,
    clock::Clock,
    config,
    secret::tokens::TokenStore,
    simulator::{Certificate, DelegatedClient, Fault, Integration},
};
use serde_json::Value;

use crate::scene::{Scene, Waiting, ask, begun, now, person, target};

#[tokio::test(flavor = "multi_thread")]
async fn a_public_client_goes_from_device_code_to_a_green_check() {
    let scene = Scene::of([person(
        "coho-bots",
        "automation-anywhere",
        DelegatedClient::public(),
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
    let anywhere = DelegatedClient {
        multi_tenant: true,
        ..DelegatedClient::confidential()
    };
    let scene = Scene::of([
        person("datum-help", "deskpro", anywhere),
        person("blue-crm", "creatio", DelegatedClient::confidential()),
        person(
            "yonder-crm",
            "creatio-office365",
            DelegatedClient::confidential(),
        ),
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
        with_certificate("blue-crm", DelegatedClient::confidential()),
        with_certificate("yonder-crm", begun(DelegatedClient::confidential())),
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
        person(
            "blue-crm",
            "creatio",
            begun(DelegatedClient::confidential()),
        ),
        person("new-crm", "creatio", DelegatedClient::confidential()),
        person("coho-bots", "delegated", begun(DelegatedClient::public())),
        person("new-bots", "delegated", DelegatedClient::public()),
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
    let scene = Scene::of([person(
        "blue-crm",
        "creatio",
        DelegatedClient::confidential(),
    )])
    .await;
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
        person("blue-crm", "creatio", DelegatedClient::confidential()),
        person(
            "coho-bots",
            "automation-anywhere",
            DelegatedClient::public(),
        ),
        Integration::named("contoso-app", now()),
    ])
    .await;
    for (fault, cause) in [
        (Fault::GrantDeclined, "consent"),
        (Fault::GrantConsentMissing, "onsent"),
    ] {
        scene.cloud.set_fault("blue-crm", fault).unwrap();
        let login = Waiting::start(&scene, "blue-crm").await;
        let back = scene.approve(&login.address).await;
        assert!(ask(back.port().unwrap(), &target(&back)).contains("200"));
        let (code, said) = login.end().await;
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains(cause), "{said}");
    }
    for (fault, cause) in [
        (Fault::GrantDeclined, "device-code-expired"),
        (Fault::GrantCodeExpired, "device-code-expired"),
        (Fault::GrantMfaRequired, "mfa-required"),
    ] {
        scene.cloud.set_fault("coho-bots", fault).unwrap();
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
async fn a_sign_in_that_nobody_answers_was_not_refused() {
    let one = person(
        "coho-bots",
        "automation-anywhere",
        DelegatedClient::public(),
    );
    let mut scene = Scene::of([one]).await;
    // a port on which nobody listens
    scene.change("login_url", "\"http://127.0.0.1:1\"");
    let out = scene.run(&["login", "coho-bots"]).await;
    let said = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(3), "{said}");
    assert!(said.contains("127.0.0.1"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_of_somebody_else_is_not_ok_because_ones_own_opens() {
    let mut one = person(
        "blue-crm",
        "creatio",
        begun(DelegatedClient::confidential()),
    );
    one.mistaken_mailbox = Some("boss@blue.example".to_owned());
    let scene = Scene::of([one]).await;
    let report = scene.check("blue-crm").await;
    assert_eq!(report["live"], "failing", "{report:#}");
    assert_eq!(report["diagnosis"]["code"], "ErrorAccessDenied");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_was_proven_is_not_asked_for_again_where_nobody_signed_in() {
    let mut scene = Scene::of([person(
        "blue-crm",
        "creatio",
        DelegatedClient::confidential(),
    )])
    .await;
    let asked = scene.state.path().join("asked");
    let secret = scene.files.path().join("secrets/00000");
    let tell = format!("echo >> '{}'; cat '{}'", asked.display(), secret.display());
    scene.change(
        "secret",
        &format!("{{ command = [\"sh\", \"-c\", \"{tell}\"] }}"),
    );
    let tenant = config::load(&scene.config).unwrap().tenants.remove(0);
    let checker = Checker::new(Arc::default(), Arc::default(), Clock)
        .keeping_tokens_in(TokenStore::new(Some(scene.state.path().to_owned())));
    for _ in 0..2 {
        let (seen, session) = checker.check(&tenant).await;
        assert!(session.is_accepted(), "{seen:?}");
    }
    assert_eq!(fs::read_to_string(asked).unwrap().lines().count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_the_diagnosis_also_where_nobody_signed_in() {
    let mut one = person("blue-crm", "creatio", DelegatedClient::confidential());
    one.mistaken_secret = Some("wrong8Q~secret".to_owned());
    let scene = Scene::of([one]).await;
    let report = scene.check("blue-crm").await;
    assert_eq!(report["live"], "failing");
    assert_eq!(report["diagnosis"]["cause"], "secret-invalid");
    assert_eq!(report["diagnosis"]["stage"], "token");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_signed_in_a_refused_app_is_the_diagnosis_and_what_was_not_told_is_none() {
    let scene = Scene::of([person(
        "blue-crm",
        "creatio",
        DelegatedClient::confidential(),
    )])
    .await;
    for (fault, live, cause, words) in [
        (Fault::TokenAppNotFound, "failing", "app-not-found", ""),
        (Fault::TokenAppDisabled, "failing", "app-disabled", ""),
        (
            Fault::TokenTenantNotFound,
            "failing",
            "tenant-not-found",
            "",
        ),
        (
            Fault::TokenConditionalAccess,
            "unknown",
            "login-missing",
            "not refused as wrong or ended",
        ),
        (
            Fault::TokenPage,
            "unknown",
            "login-missing",
            "cannot be told (unexpected-page)",
        ),
        (
            Fault::TokenUnavailable,
            "unknown",
            "login-missing",
            "cannot be told (entra-unavailable)",
        ),
    ] {
        scene.cloud.set_fault("blue-crm", fault).unwrap();
        let report = scene.check("blue-crm").await;
        assert_eq!(report["live"], live, "{report:#}");
        assert_eq!(report["diagnosis"]["cause"], cause, "{report:#}");
        let detail = report["diagnosis"]["detail"].as_str().unwrap();
        assert!(detail.contains(words), "{detail}");
    }
}
