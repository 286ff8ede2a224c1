//! Whole directories, from the binary down to TLS: what a reader lists, what it lends to an app that
//! cannot look at itself, and what is said where it is refused.

use std::fs;

use chrono::TimeDelta;
use credwatch::simulator::{Certificate, Fault, FaultTarget, Integration, WireFault};
use serde_json::Value;

use crate::setting::{Setting, another_secret, now};

const READER: &str = "contoso-reader";

/// A reader of its own directory.
fn reader() -> Integration {
    let one = Integration::named(READER, now());
    let tenant_id = one.tenant_id.clone();
    one.reading([tenant_id])
}

/// An app of the reader's directory.
fn neighbour(name: &str) -> Integration {
    let mut one = Integration::named(name, now());
    one.tenant_id = reader().tenant_id;
    one.end_known = false;
    one
}

fn ending_in(mut one: Integration, days: i64) -> Integration {
    one.secrets[0].ends_at = now() + TimeDelta::days(days) + TimeDelta::hours(1);
    one
}

impl Setting {
    /// Adds lines to what the config says of the reader, which comes last there.
    fn add_to_reader(&self, lines: &str) {
        let config = fs::read_to_string(self.files.config()).unwrap();
        fs::write(self.files.config(), format!("{config}{lines}\n")).unwrap();
    }
}

/// The apps that a document shows beside the tenants, soonest end first.
fn apps(document: &Value) -> Vec<&str> {
    let all = document["credentials"].as_array().unwrap();
    all.iter().filter_map(|one| one["app"].as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_app_of_a_directory_is_listed_once_soonest_first_in_every_format() {
    let mut paid = ending_in(neighbour("payroll").unconfigured(), 20);
    let until = (now() + TimeDelta::days(60)).date_naive();
    let from = (now() - TimeDelta::days(60)).date_naive();
    paid.signing = Some(Certificate::make("saml", from, until).unwrap());
    paid.secrets.push(another_secret(&paid, 1));
    let rooms = ending_in(neighbour("rooms-app"), 100);
    let gone = ending_in(neighbour("forgotten").unconfigured(), -400);
    let setting = Setting::of([rooms, paid, gone, reader()]).await;
    let (document, code) = setting.json(&["expiry"]);
    assert_eq!(code, 1, "{document}");
    assert_eq!(
        apps(&document),
        ["forgotten", "payroll", "payroll", "payroll", READER],
        "the tenant's own credential is not said twice: {document}"
    );
    let all = document["credentials"].as_array().unwrap();
    let tenants: Vec<_> = all
        .iter()
        .filter_map(|one| one["tenant"].as_str())
        .collect();
    assert_eq!(tenants, ["rooms-app"]);
    let kinds: Vec<_> = all
        .iter()
        .filter(|one| one["app"] == "payroll")
        .map(|one| one["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["secret", "secret", "certificate"]);
    let gone = &all[0];
    assert_eq!(
        (&gone["state"], &gone["watched"]),
        (&"expired".into(), &false.into())
    );
    let directory = &document["directories"][0];
    assert_eq!(
        (&directory["name"], &directory["apps"]),
        (&READER.into(), &4.into())
    );
    assert_eq!(directory["status"], "warning");
    for format in ["text", "csv", "markdown", "ics"] {
        let output = setting.run(&["expiry", "--format", format]);
        assert_eq!(output.status.code(), Some(1), "{format}");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(
            text.contains("payroll") && text.contains("rooms-app"),
            "{text}"
        );
        assert_eq!(text.contains("forgotten"), format != "ics", "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_directory_does_no_output_calls_its_apps_ok() {
    let all = Fault::ALL.iter().copied();
    // After `DirectoryPaged` everything is known.
    let faults =
        all.filter(|fault| fault.acts_on_registrations() && *fault != Fault::DirectoryPaged);
    let others = [
        Fault::GraphTokenRejected,
        Fault::TokenSecretExpired,
        Fault::Wire(FaultTarget::Graph, WireFault::Reset),
        Fault::Wire(FaultTarget::Graph, WireFault::HostilePage),
    ];
    let setting = Setting::of([neighbour("payroll").unconfigured(), reader()]).await;
    for fault in faults.chain(others) {
        setting.cloud.set_fault(READER, fault).unwrap();
        let (document, code) = setting.json(&["expiry", "--refresh"]);
        assert_eq!(code, 3, "{fault:?}: {document}");
        let directory = &document["directories"][0];
        assert_eq!(directory["status"], "unknown", "{fault:?}");
        let problem = directory["problem"].as_str().unwrap();
        assert!(problem.starts_with("its apps are not known: "), "{problem}");
        assert_eq!(
            apps(&document),
            [""; 0],
            "a part is never shown as the whole"
        );
        for format in ["text", "csv", "markdown", "ics"] {
            let output = setting.run(&["expiry", "--format", format]);
            assert_eq!(output.status.code(), Some(3), "{fault:?}, {format}");
            let text = String::from_utf8(output.stdout).unwrap();
            assert!(text.contains("not known"), "{fault:?}, {format}: {text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_is_good_for_hours_and_outlives_a_refusal_with_its_age() {
    let setting = Setting::of([neighbour("payroll").unconfigured(), reader()]).await;
    assert_eq!(setting.json(&["expiry"]).1, 0);
    setting.cloud.forget_requests();
    assert_eq!(setting.json(&["expiry"]).1, 0);
    assert_eq!(setting.asked(), 0, "what was listed is still good");

    let denied = Fault::DirectoryDenied;
    setting.cloud.set_fault(READER, denied).unwrap();
    let (document, code) = setting.json(&["expiry", "--refresh"]);
    assert_eq!((code, apps(&document).len()), (3, 2), "{document}");
    let problem = document["directories"][0]["problem"].as_str().unwrap();
    assert!(problem.contains("ago; since then: "), "{problem}");
    assert!(problem.contains("Application.Read.All"), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_of_a_large_directory_is_read_and_filters_choose() {
    let mut fleet: Vec<_> = (0..250)
        .map(|number| neighbour(&format!("app-{number:03}")).unconfigured())
        .collect();
    fleet[7].app_tags = vec!["Finance".into()];
    fleet[8].app_tags = vec!["finance".into()];
    fleet[8].owners = vec!["alice@contoso.example".into()];
    fleet[9].owners = vec!["bob@contoso.example".into()];
    fleet.push(reader());
    let setting = Setting::of(fleet).await;
    let (document, code) = setting.json(&["expiry"]);
    assert_eq!((code, apps(&document).len()), (0, 251));
    assert_eq!(document["directories"][0]["apps"], 251);

    setting.add_to_reader("tags = [\"finance\"]");
    let (document, _) = setting.json(&["expiry"]);
    let mut shown = apps(&document);
    shown.sort_unstable();
    assert_eq!(shown, ["app-007", "app-008"]);
    assert_eq!(
        document["directories"][0]["apps"], 251,
        "of all that it has"
    );
    setting.add_to_reader("owners = [\"Alice@contoso.example\"]");
    assert_eq!(apps(&setting.json(&["expiry"]).0), ["app-008"]);
    setting.add_to_reader("names = [\"app-1*\"]");
    assert_eq!(apps(&setting.json(&["expiry"]).0), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_reader_goes_through_many_directories_and_says_which_could_not_be_read() {
    let (mut first, second) = (reader(), neighbour("payroll").unconfigured());
    let mut other = Integration::named("fabrikam-guest", now()).unconfigured();
    other.client_id.clone_from(&first.client_id);
    other.secrets.clone_from(&first.secrets);
    other.graph_roles.clone_from(&first.graph_roles);
    let mut theirs = Integration::named("their-app", now()).unconfigured();
    theirs.tenant_id.clone_from(&other.tenant_id);
    let ids = [first.tenant_id.clone(), other.tenant_id.clone()];
    first = first.reading(ids.clone());
    let setting = Setting::of([second, other, theirs, first]).await;
    let list = setting.files.path().join("directories");
    let lost = "99999999-aaaa-4999-8999-999999999999";
    let text = format!("# ours\n{}\n{} # theirs\n\n{lost}\n", ids[0], ids[1]);
    fs::write(&list, text).unwrap();
    let config = fs::read_to_string(setting.files.config()).unwrap();
    let lines = config.lines().map(|line| match line.split_once(" = ") {
        Some(("tenant_ids", _)) => "tenant_ids = { file = \"directories\" }\n".to_owned(),
        _ => format!("{line}\n"),
    });
    fs::write(setting.files.config(), lines.collect::<String>()).unwrap();
    let (document, code) = setting.json(&["expiry", READER]);
    assert_eq!(code, 3, "{document}");
    let shown = apps(&document);
    assert!(
        shown.contains(&"payroll") && shown.contains(&"their-app"),
        "{shown:?}"
    );
    let directories = document["directories"].as_array().unwrap();
    let statuses: Vec<_> = directories.iter().map(|one| &one["status"]).collect();
    assert_eq!(statuses, ["ok", "ok", "unknown"]);
    let problem = directories[2]["problem"].as_str().unwrap();
    assert!(problem.contains("AADSTS90002"), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_looks_for_an_app_that_cannot_look_at_itself() {
    let denied = Fault::DirectoryDenied;
    let ended = Fault::TokenSecretExpired;
    let setting = Setting::of([
        neighbour("denied").with(denied),
        neighbour("ended").with(ended),
        neighbour("works"),
        reader(),
    ])
    .await;
    let (document, _) = setting.json(&["check", "--confirm", "0s"]);
    for tenant in document["tenants"].as_array().unwrap() {
        assert_eq!(tenant["expiry"], "ok", "{tenant}");
        assert_eq!(tenant["credentials"][0]["source"], "directory", "{tenant}");
        assert_eq!(tenant["credentials"][0]["watched"], true, "{tenant}");
    }
    // an app that never signs in by itself, and has no secret here, has nobody else to ask
    let config = fs::read_to_string(setting.files.config()).unwrap();
    let (tenants, reader) = config.split_once("[[directory]]").unwrap();
    let is_secret = |line: &str| line.starts_with("secret = ");
    let kept: Vec<_> = tenants.lines().filter(|line| !is_secret(line)).collect();
    let tenants = kept.join("\n");
    let tenants = tenants.replace("[[tenant]]", "[[tenant]]\nmode = \"dates\"");
    fs::write(
        setting.files.config(),
        format!("{tenants}\n[[directory]]{reader}"),
    )
    .unwrap();
    let setting = setting.forgotten();
    let (document, code) = setting.json(&["check"]);
    assert_eq!(code, 0, "{document}");
    for tenant in document["tenants"].as_array().unwrap() {
        let one = &tenant["credentials"][0];
        assert_eq!(one["source"], "directory", "{tenant}");
        assert_eq!(one["presented"], false, "{tenant}");
    }

    let denied = Fault::DirectoryDenied;
    setting.cloud.set_fault(READER, denied).unwrap();
    let setting = setting.forgotten();
    let (document, code) = setting.json(&["check"]);
    assert_eq!(code, 3, "{document}");
    let note = document["tenants"][0]["credentials"][0]["note"].as_str();
    assert!(
        note.unwrap().contains(&format!("the reader '{READER}'")),
        "{note:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_without_a_credential_says_what_it_lacks() {
    let denied = Fault::DirectoryDenied;
    let setting = Setting::of([neighbour("denied").with(denied), reader()]).await;
    let secret = setting.files.path().join("secrets/00001");
    fs::remove_file(secret).unwrap();
    let (document, code) = setting.json(&["check", "--confirm", "0s"]);
    assert_eq!(code, 1, "{document}");
    let note = document["tenants"][0]["credentials"][0]["note"].as_str();
    let said = note.unwrap();
    assert!(said.contains("no credential to ask it with"), "{said}");
    assert!(said.contains("does not exist"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_config_of_directories_alone_is_fine_and_names_choose_among_them() {
    let setting = Setting::of([neighbour("payroll").unconfigured(), reader()]).await;
    let output = setting.run(&["config", "check"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("0 tenants, 1 directory"), "{said}");
    assert_eq!(setting.json(&["expiry", READER]).1, 0);
    for wrong in [["expiry", "nobody"], ["expiry", "--tag=prod"]] {
        assert_eq!(setting.run(&wrong).status.code(), Some(3), "{wrong:?}");
    }
    assert_eq!(
        setting.run(&["check"]).status.code(),
        Some(3),
        "nothing to check"
    );
}
