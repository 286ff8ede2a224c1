//! What `init` writes and says for each profile, and how it asks.

use std::path::Path;

use super::{ask::Person, *};
use crate::{
    cloud::{CLOUDS, WORLDWIDE},
    config::{check_value, load_text},
    profile::PROFILES,
    tenant::{Credential, Mode},
};

fn plan(profile: &'static Profile) -> Plan {
    Plan {
        profile,
        cloud: &WORLDWIDE,
        name: "contoso-one".to_owned(),
        tenant_id: None,
        client_id: None,
        mailbox: None,
        secret: None,
        secret_expires: None,
        dates: false,
        path: "config.toml".into(),
    }
}

fn by_id(id: &str) -> Plan {
    plan(Profile::by_id(id).unwrap())
}

/// What a plan of which everything is known has.
fn known(plan: Plan) -> Plan {
    Plan {
        tenant_id: Some("contoso.com".into()),
        client_id: Some("22222222-2222-2222-2222-222222222222".into()),
        mailbox: Some("it's@contoso.com".into()),
        ..plan
    }
}

#[test]
fn every_profile_gives_a_valid_config_whether_anything_is_known_or_not() {
    for profile in PROFILES {
        for dates in [false, true] {
            let open = Plan {
                dates,
                ..plan(profile)
            };
            let text = config(&open);
            let loaded = load_text(Path::new("c.toml"), text.clone()).unwrap();
            assert!(!loaded.warnings.is_empty(), "examples are marked: {text}");
            let text = config(&known(open));
            let loaded = load_text(Path::new("c.toml"), text.clone()).unwrap();
            assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
            let tenant = &loaded.tenants[0];
            assert_eq!(tenant.profile, *profile);
            assert_eq!(tenant.mode == Mode::Dates, dates);
            if dates {
                assert_eq!(tenant.credential, Credential::None, "{text}");
            }
        }
    }
}

#[test]
fn whatever_stands_in_a_value_stays_in_it() {
    let odd = Plan {
        name: "a\"b\\c # d".into(),
        secret: Some(SecretSource::File("/a \"b\"/ü".into())),
        secret_expires: Some("never".into()),
        cloud: &CLOUDS[3],
        ..known(by_id("eptura"))
    };
    let loaded = load_text(Path::new("c.toml"), config(&odd)).unwrap();
    let tenant = &loaded.tenants[0];
    assert_eq!(tenant.name.as_str(), "a\"b\\c # d");
    assert_eq!(tenant.credential, Credential::Secret(odd.secret.unwrap()));
}

#[test]
fn steps_name_todays_places_and_warn_of_every_mailbox() {
    let said = steps(&by_id("eptura"));
    let flat = said.split_whitespace().collect::<Vec<_>>().join(" ");
    for needed in [
        "APIs my organization uses > Office 365 Exchange Online > Application permissions > \
         full_access_as_app",
        "24 months at most",
        "opens every mailbox",
        "Application EWS.AccessAsApp",
        "Admin > Reservations > Preferences",
        "credwatch --config config.toml check contoso-one",
        "1 April 2027",
    ] {
        assert!(flat.contains(needed), "{needed} is missing in\n{said}");
    }
    assert!(!said.contains("credwatch --config config.toml login"));
}

#[test]
fn a_delegated_guide_has_its_redirect_and_credwatchs_own_and_no_public_client_flows() {
    let said = steps(&known(by_id("creatio")));
    assert!(said.contains("https://<site>.creatio.com/0/rest/Microsoft365OAuthAuthenticator"));
    assert!(said.contains("--output tsv) http://localhost/"), "{said}");
    assert!(said.contains("login contoso-one"), "{said}");
    assert!(said.contains("Leave public client flows off"), "{said}");
    let bots = steps(&known(by_id("automation-anywhere")));
    assert!(!bots.contains("client secret\n"), "{bots}");
    assert!(bots.contains("ends after 2 minutes"), "{bots}");
}

#[test]
fn no_command_is_broken_by_a_value_or_takes_other_apps_from_the_list() {
    for profile in PROFILES {
        for plan in [plan(profile), known(plan(profile))] {
            let said = steps(&plan);
            for command in said.lines().filter(|line| line.starts_with("     ")) {
                assert!(!command.contains("it's"), "{command}");
                assert_eq!(command.matches('\'').count() % 2, 0, "{command}");
                assert!(!command.contains(" <"), "a redirection: {command}");
                if command.contains("-EwsAllowedAppIDs") {
                    assert!(command.contains("-RetrieveEwsOperationAccessPolicy"));
                }
            }
        }
    }
}

#[test]
fn a_national_cloud_is_told_to_the_commands_first_and_stands_in_the_config() {
    let china = Plan {
        cloud: &CLOUDS[3],
        ..known(by_id("eptura"))
    };
    assert!(config(&china).contains("cloud = \"china\""));
    let said = steps(&china);
    assert!(
        said.contains("az cloud set --name AzureChinaCloud"),
        "{said}"
    );
    assert!(!said.contains("1 April 2027"), "its dates are not known");
}

/// Answers each question with a line; returns the plan and what was said.
fn asked(profile: &str, answers: &str) -> (std::io::Result<Plan>, String) {
    let mut said = String::new();
    let mut plan = by_id(profile);
    let mut person = Person {
        input: &mut answers.as_bytes(),
        say: &mut |words| said.push_str(words),
        validate: &check_value,
    };
    let done = person.complete(&mut plan, false);
    (done.map(|()| plan), said)
}

#[test]
fn enter_leaves_everything_open_and_the_config_is_still_valid() {
    for profile in PROFILES {
        let (plan, _) = asked(profile.id, &"\n".repeat(10));
        let plan = plan.unwrap();
        assert_eq!(plan.name, "contoso-one");
        load_text(Path::new("c.toml"), config(&plan)).unwrap();
    }
}

#[test]
fn answers_are_checked_and_asked_for_again() {
    let answers = "rooms\nnot a domain\ncontoso.com\n123\n22222222-2222-2222-2222-222222222222\n\
                   perhaps\ny\nfile:/run/rooms\nno address\nroom@contoso.com\n2027-02-30\n2027-03-31\n";
    let (plan, said) = asked("eptura", answers);
    let plan = plan.unwrap();
    assert_eq!(plan.name, "rooms");
    assert_eq!(plan.tenant_id.as_deref(), Some("contoso.com"));
    assert_eq!(plan.secret, Some(SecretSource::File("/run/rooms".into())));
    assert_eq!(plan.mailbox.as_deref(), Some("room@contoso.com"));
    assert_eq!(plan.secret_expires.as_deref(), Some("2027-03-31"));
    assert!(said.contains("is neither a GUID nor a domain"), "{said}");
}

#[test]
fn a_secret_that_is_typed_all_the_same_is_not_said_back() {
    let secret = format!("abc8Q~{}", "x".repeat(34));
    let answers = format!("\n\n\ny\n{secret}\nenv:ROOMS\n\n\n");
    let (plan, said) = asked("eptura", &answers);
    assert_eq!(
        plan.unwrap().secret,
        Some(SecretSource::Env("ROOMS".into()))
    );
    assert!(!said.contains(&secret), "{said}");
    assert!(said.contains("make a new one"), "{said}");
}

#[test]
fn who_holds_no_secret_watches_dates_and_a_public_client_needs_none() {
    let (plan, _) = asked("eptura", "\n\n\nn\nnever\n");
    let plan = plan.unwrap();
    assert!(plan.dates && plan.secret_source().is_none());
    assert!(config(&plan).contains("mode = \"dates\""));
    let (plan, said) = asked("automation-anywhere", "\n\n\n\n");
    assert!(!plan.unwrap().dates);
    assert!(!said.contains("hold a secret"), "{said}");
    let (plan, _) = asked("delegated", "\n\n\nn\n\n");
    let plan = plan.unwrap();
    assert!(!plan.dates && plan.secret_source().is_none());
}

#[test]
fn no_more_answers_end_it() {
    let (plan, _) = asked("eptura", "rooms\n");
    assert!(plan.is_err());
}

#[test]
fn a_profile_is_chosen_by_number_or_word() {
    for (answers, expected) in [("2\n", PROFILES[1].id), ("99\nno\n0\ncreatio\n", "creatio")] {
        let mut person = Person {
            input: &mut answers.as_bytes(),
            say: &mut |_| {},
            validate: &check_value,
        };
        assert_eq!(person.profile(PROFILES).unwrap().id, expected);
    }
}

#[test]
fn a_variable_is_named_after_the_integration() {
    let named = |name: &str| Plan {
        name: name.into(),
        ..by_id("eptura")
    };
    assert_eq!(
        named("contoso-rooms").usual_variable(),
        "CONTOSO_ROOMS_SECRET"
    );
    assert_eq!(named("1. Büro").usual_variable(), "_1__B_RO_SECRET");
}
