//! Every profile's registration as its guide has it, and with each step broken in turn.

mod redirect;
mod secret;

use chrono::TimeDelta;

use super::*;
use crate::{
    monitor::testing,
    profile::{
        Client, PROFILES, Profile,
        guide::{self, PermissionKind, Platform},
    },
    registration::{Consent, Kind, RedirectAddress, Registered, Requested},
    tenant::{Delegation, EndDate, SecretSource, Watch},
};

fn now() -> DateTime<Utc> {
    "2026-11-21T10:00:00Z".parse().unwrap()
}

fn tenant(profile: &'static Profile) -> Tenant {
    let mut tenant = Tenant::clone(&testing::tenant("contoso-rooms"));
    tenant.profile = profile;
    tenant.directory = DirectoryUse::Own {
        home_tenant_id: None,
    };
    tenant.credential = Credential::Secret(SecretSource::Env("SECRET".into()));
    tenant.delegation = profile.delegated.map(|delegated| Delegation {
        authority: delegated.authority,
        start: None,
    });
    tenant
}

fn secret(days: i64) -> Registered {
    Registered {
        kind: Kind::Secret,
        key_id: Some(format!("key {days}")),
        name: Some(format!("of {days} days")),
        hint: Some("abc".into()),
        thumbprint: None,
        starts_at: None,
        end: Some(EndDate::At(now() + TimeDelta::days(days))),
    }
}

/// A reading of a registration in which all is as the guide has it.
fn right(profile: &Profile) -> Reading {
    let guide = profile.guide;
    let mut setup = Setup {
        audience: Some("AzureADMultipleOrgs".into()),
        redirects: Some(Vec::new()),
        enabled: Some(true),
        ..Setup::default()
    };
    for step in guide.steps {
        if let Requirement::Redirect(redirect) = step.asks {
            let usual = redirect.address.unwrap_or("http://localhost");
            let address = RedirectAddress {
                platform: redirect.platform.unwrap_or(Platform::Native),
                address: usual.replace(['<', '>'], ""),
            };
            setup.redirects = Some(vec![address]);
        }
    }
    let ids = |permission: Permission| Requested {
        api: permission.api.app_id().to_uppercase(),
        id: permission.id.to_uppercase(),
    };
    setup.requested = Some(guide.permissions().map(ids).collect());
    setup.roles = Some(guide.permissions().map(|it| it.id.to_owned()).collect());
    setup.consents = Some(vec![Consent {
        for_all: true,
        scopes: guide.permissions().map(|it| it.name.to_owned()).collect(),
    }]);
    let mut reading = Reading::default();
    reading.take(Registration {
        read_at: now(),
        read_with: None,
        credentials: vec![secret(200)],
        setup,
        gap: None,
    });
    reading
}

fn seen(reading: &Reading) -> Seen<'_> {
    Seen {
        reading: Some(reading),
        claims: None,
        cause: None,
        opened: false,
        now: now(),
    }
}

fn setup_of(reading: &mut Reading) -> &mut Setup {
    &mut reading.registration.as_mut().unwrap().setup
}

/// What came of the steps of that name; the worst of several.
fn verdict(findings: &[Finding], label: &str) -> Verdict {
    let of_label = |one: &&Finding| one.step.asks.label() == label;
    let mut verdicts = findings.iter().filter(of_label).map(|one| &one.verdict);
    let first = verdicts.next().unwrap().clone();
    let worse = verdicts.find(|verdict| !matches!(verdict, Verdict::Met(_)));
    worse.cloned().unwrap_or(first)
}

fn is_met(finding: &Finding) -> bool {
    matches!(finding.verdict, Verdict::Met(_))
}

/// Takes away what the step of a registration asks for.
fn broken(reading: &mut Reading, asks: Requirement) {
    match asks {
        Requirement::Accounts(_) => {
            setup_of(reading).audience = Some("PersonalMicrosoftAccount".into());
        }
        Requirement::Redirect(_) => setup_of(reading).redirects = Some(Vec::new()),
        Requirement::Secret => reading.registration.as_mut().unwrap().credentials.clear(),
        Requirement::Permission(_) => setup_of(reading).requested = Some(Vec::new()),
        Requirement::Consent => {
            let setup = setup_of(reading);
            (setup.roles, setup.consents) = (Some(Vec::new()), Some(Vec::new()));
        }
        Requirement::Enabled => setup_of(reading).enabled = Some(false),
    }
}

#[test]
fn a_registration_by_the_guide_is_right_in_every_step() {
    for profile in PROFILES {
        let reading = right(profile);
        for finding in check(&tenant(profile), &seen(&reading)) {
            assert!(is_met(&finding), "{}: {finding:?}", profile.id);
        }
    }
}

#[test]
fn each_step_broken_in_turn_is_wrong_where_the_guide_states_it_and_nowhere_else() {
    for profile in PROFILES {
        for step in profile.guide.steps {
            let mut reading = right(profile);
            broken(&mut reading, step.asks);
            for finding in check(&tenant(profile), &seen(&reading)) {
                let same = finding.step.asks.label() == step.asks.label();
                let context = format!("{}: {} broken: {finding:?}", profile.id, step.asks.label());
                match (&finding.verdict, same, finding.step.stated) {
                    (Verdict::Met(_), false, _) | (Verdict::Unseen(_), true, false) => {}
                    (Verdict::Unmet { todo, .. }, true, true) => {
                        assert!(!todo.is_empty(), "{context}");
                    }
                    _ => panic!("{context}"),
                }
            }
        }
    }
}

#[test]
fn where_nothing_was_read_nothing_is_right_or_wrong_and_each_step_says_why() {
    let mut refused = Reading::default();
    refused.refuse(
        "it refused the app a look (HTTP 403)".into(),
        TimeDelta::zero(),
        now(),
    );
    for profile in PROFILES {
        for finding in check(&tenant(profile), &seen(&refused)) {
            let Verdict::Unseen(why) = &finding.verdict else {
                panic!("{}: {finding:?}", profile.id);
            };
            assert!(why.contains("HTTP 403"), "{why}");
        }
    }
    let off = Tenant {
        directory: DirectoryUse::Off,
        ..tenant(PROFILES[1])
    };
    let nothing = Seen {
        reading: None,
        ..seen(&refused)
    };
    let Verdict::Unseen(why) = verdict(&check(&off, &nothing), "account types") else {
        panic!("seen without being read");
    };
    assert!(why.contains("directory = \"off\""), "{why}");
}

#[test]
fn a_permission_that_graph_lists_too_is_good_under_either_api() {
    let creatio = Profile::by_id("creatio").unwrap();
    let permission = creatio.guide.permissions().next().unwrap();
    let places: Vec<_> = permission.places().collect();
    assert_eq!(places.len(), 2);
    let mut swapped = places.clone();
    swapped.reverse();
    for (number, (api, id)) in places.into_iter().enumerate() {
        let mut reading = right(creatio);
        let under = |api: guide::Api| {
            vec![Requested {
                api: api.app_id().to_owned(),
                id: id.to_owned(),
            }]
        };
        setup_of(&mut reading).requested = Some(under(api));
        let found = verdict(&check(&tenant(creatio), &seen(&reading)), "API permission");
        assert!(
            matches!(&found, Verdict::Met(words) if words.contains(api.name())),
            "{found:?}"
        );
        setup_of(&mut reading).requested = Some(under(swapped[number].0));
        let found = verdict(&check(&tenant(creatio), &seen(&reading)), "API permission");
        assert!(
            matches!(found, Verdict::Unmet { .. }),
            "the id of another API: {found:?}"
        );
    }
}

fn claims(roles: &[&str], scopes: &[&str]) -> Claims {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    Claims {
        roles: owned(roles),
        scopes: owned(scopes),
        account: Some("crm@contoso.com".into()),
        ..Claims::default()
    }
}

#[test]
fn where_grants_cannot_be_read_the_roles_of_the_token_tell() {
    let eptura = Profile::by_id("eptura").unwrap();
    let mut reading = right(eptura);
    setup_of(&mut reading).roles = None;
    let consent = |claims: &Claims, opened| {
        let seen = Seen {
            claims: Some(claims),
            opened,
            ..seen(&reading)
        };
        verdict(&check(&tenant(eptura), &seen), "admin consent")
    };
    let held = consent(&claims(&["full_access_as_app"], &[]), false);
    assert!(matches!(held, Verdict::Met(_)), "{held:?}");
    let lacking = consent(&claims(&[], &[]), false);
    let Verdict::Unmet { todo, .. } = &lacking else {
        panic!("{lacking:?}");
    };
    assert!(todo.contains("admin-consent"), "{todo}");
    let Verdict::Unseen(why) = consent(&claims(&[], &[]), true) else {
        panic!("what Exchange grants itself is no fault");
    };
    assert!(why.contains("Exchange itself"), "{why}");
}

#[test]
fn a_persons_token_proves_that_persons_consent_alone() {
    let creatio = Profile::by_id("creatio").unwrap();
    let mut reading = right(creatio);
    setup_of(&mut reading).consents = None;
    let claims = claims(&[], &["EWS.AccessAsUser.All"]);
    let with = Seen {
        claims: Some(&claims),
        ..seen(&reading)
    };
    let Verdict::Unseen(why) = verdict(&check(&tenant(creatio), &with), "admin consent") else {
        panic!("one person's consent is nobody else's");
    };
    assert!(why.contains("granted for crm@contoso.com"), "{why}");
    setup_of(&mut reading).consents = Some(vec![Consent {
        for_all: false,
        scopes: vec!["EWS.AccessAsUser.All".into()],
    }]);
    let single = verdict(&check(&tenant(creatio), &seen(&reading)), "admin consent");
    assert!(matches!(single, Verdict::Unmet { .. }), "{single:?}");
}

#[test]
fn a_public_client_is_judged_by_its_token_where_nothing_can_be_read() {
    let bots = Profile::by_id("automation-anywhere").unwrap();
    assert_eq!(bots.delegation().client, Client::Public);
    let tenant = Tenant {
        credential: Credential::None,
        directory: DirectoryUse::Off,
        ..tenant(bots)
    };
    let claims = claims(&[], &["EWS.AccessAsUser.All"]);
    let with = Seen {
        reading: None,
        claims: Some(&claims),
        cause: None,
        opened: true,
        now: now(),
    };
    let findings = check(&tenant, &with);
    let met = |label| matches!(verdict(&findings, label), Verdict::Met(_));
    assert!(met("API permission") && met("app enabled"));
    let Verdict::Unseen(why) = verdict(&findings, "redirect address") else {
        panic!("{findings:?}");
    };
    assert!(why.contains("public client"), "{why}");
}

#[test]
fn a_refusal_of_this_check_counts_for_more_than_an_older_reading() {
    let eptura = Profile::by_id("eptura").unwrap();
    let reading = right(eptura);
    let table = [
        (Cause::AppDisabled, "app enabled"),
        (Cause::SecretExpired, "client secret"),
    ];
    for (cause, label) in table {
        let refused = Seen {
            cause: Some(cause),
            ..seen(&reading)
        };
        let found = verdict(&check(&tenant(eptura), &refused), label);
        assert!(matches!(found, Verdict::Unmet { .. }), "{cause}: {found:?}");
    }
    let creatio = Profile::by_id("creatio").unwrap();
    let unread = Reading::default();
    let refused = Seen {
        cause: Some(Cause::ConsentRequired),
        ..seen(&unread)
    };
    let found = verdict(&check(&tenant(creatio), &refused), "admin consent");
    assert!(matches!(found, Verdict::Unmet { .. }), "{found:?}");
}

#[test]
fn only_delegated_permissions_ask_people() {
    for profile in PROFILES {
        for permission in profile.guide.permissions() {
            let delegated = permission.kind == PermissionKind::Delegated;
            assert_eq!(delegated, profile.delegated.is_some(), "{}", profile.id);
        }
    }
}
