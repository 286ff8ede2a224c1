//! A registration that departs from its guide, seen through Graph by `credwatch diagnose`.

use credwatch::simulator::{DelegatedClient, Fault, Integration};
use serde_json::Value;

use crate::world::{World, credwatch, named, stdout};

const DESKPRO: &str = "https://help.contoso.example/admin/office365/token";

/// Somebody signed in to this Deskpro, which is set up by the guide.
fn deskpro() -> Integration {
    let delegated = DelegatedClient {
        multi_tenant: true,
        signed_in: true,
        ..DelegatedClient::confidential().returning_to(DESKPRO)
    };
    named("contoso-desk").acting_for_person("deskpro", delegated)
}

/// The step `guide` of the JSON: each label with mark and value, and the exit code.
fn guide(one: Integration) -> (Vec<(String, String, String)>, Option<i32>) {
    let name = one.name.clone();
    let world = World::of([one]);
    let state = tempfile::tempdir().unwrap();
    let output = credwatch(&["diagnose", &name, "--format", "json", "-c"])
        .arg(world.files.config())
        .arg("--state-dir")
        .arg(state.path())
        .output()
        .unwrap();
    let document: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let steps = document["steps"].as_array().unwrap();
    let guide = steps.iter().find(|step| step["name"] == "guide").unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let facts = guide["facts"].as_array().unwrap();
    let lines = facts.iter().map(|fact| {
        let said = format!("{} {}", text(&fact["value"]), text(&fact["due"]));
        (text(&fact["label"]), text(&fact["mark"]), said)
    });
    (lines.collect(), output.status.code())
}

fn marks(lines: &[(String, String, String)]) -> Vec<&str> {
    lines.iter().map(|(_, mark, _)| mark.as_str()).collect()
}

#[test]
fn an_app_for_people_reads_its_own_registration_and_is_as_the_guide_has_it() {
    let (lines, code) = guide(deskpro());
    assert_eq!(code, Some(0), "{lines:?}");
    assert_eq!(
        marks(&lines),
        ["ok", "ok", "ok", "ok", "unknown", "ok"],
        "{lines:?}"
    );
    let consent = &lines[4].2;
    assert!(
        consent.contains("granted for rooms@contoso.example"),
        "{consent}"
    );
}

#[test]
fn what_departs_from_the_guide_is_named_with_what_to_do_and_changes_no_verdict() {
    let mut one = deskpro();
    let delegated = one.delegated.as_mut().unwrap();
    delegated.multi_tenant = false;
    delegated.redirects.pop();
    let (lines, code) = guide(one);
    assert_eq!(code, Some(0), "{lines:?}");
    let wrong: Vec<_> = lines
        .iter()
        .filter(|(_, mark, _)| mark == "failed")
        .collect();
    assert_eq!(wrong.len(), 2, "{lines:?}");
    assert!(wrong[0].2.contains("AzureADMultipleOrgs"), "{wrong:?}");
    assert!(wrong[1].2.contains("--web-redirect-uris"), "{wrong:?}");
}

#[test]
fn grants_are_read_where_the_app_may_read_them() {
    let mut one = deskpro();
    one.graph_roles.push("Application.Read.All".to_owned());
    let (lines, _) = guide(one);
    assert_eq!(marks(&lines), ["ok"; 6], "{lines:?}");

    let mut one = named("contoso-rooms");
    one.profile = "eptura".to_owned();
    one.roles.clear();
    one.graph_roles.push("Application.Read.All".to_owned());
    let (lines, code) = guide(one);
    assert_eq!(code, Some(2));
    let consent = lines.iter().find(|(label, ..)| label == "admin consent");
    let (_, mark, said) = consent.unwrap();
    assert_eq!(mark, "failed");
    assert!(
        said.contains("az ad app permission admin-consent"),
        "{said}"
    );
}

#[test]
fn a_directory_that_refuses_leaves_only_what_the_token_tells() {
    let mut one = named("contoso-rooms").with(Fault::DirectoryDenied);
    one.profile = "eptura".to_owned();
    let (lines, code) = guide(one);
    assert_eq!(code, Some(0));
    assert_eq!(
        marks(&lines),
        ["unknown", "unknown", "ok", "ok", "ok"],
        "{lines:?}"
    );
    assert!(lines[0].2.contains("403"), "{lines:?}");
}

#[test]
fn without_a_sign_in_the_proven_app_still_reads_itself() {
    let mut one = deskpro();
    one.delegated.as_mut().unwrap().signed_in = false;
    let (lines, code) = guide(one);
    assert_eq!(code, Some(3), "nobody has signed in");
    assert_eq!(lines[1].1, "ok", "{lines:?}");
    assert!(lines[4].2.contains("nobody has signed in"), "{lines:?}");
}
