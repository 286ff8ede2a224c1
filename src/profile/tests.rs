//! The guides against what is known of the vendors' pages.

use super::{
    guide::{Accounts, Platform, Requirement, Step},
    *,
};

fn profile(id: &str) -> &'static Profile {
    Profile::by_id(id).unwrap()
}

fn step(id: &str, label: &str) -> &'static Step {
    let mut steps = profile(id).guide.steps.iter();
    steps.find(|step| step.asks.label() == label).unwrap()
}

#[test]
fn what_a_guide_does_not_state_is_marked_as_ours() {
    let table = [
        ("eptura", "API permission", true),
        ("eptura", "admin consent", true),
        ("eptura", "account types", false),
        ("deskpro", "account types", true),
        ("deskpro", "redirect address", true),
        ("deskpro", "API permission", false),
        ("deskpro", "admin consent", false),
        ("creatio", "account types", false),
        ("creatio", "redirect address", true),
        ("creatio", "API permission", true),
        ("creatio-office365", "admin consent", true),
        ("automation-anywhere", "redirect address", true),
        ("automation-anywhere", "API permission", false),
        ("app-only", "API permission", false),
        ("delegated", "redirect address", false),
    ];
    for (id, label, stated) in table {
        assert_eq!(step(id, label).stated, stated, "{id}: {label}");
    }
}

#[test]
fn a_guide_asks_for_what_its_kind_of_client_needs() {
    for profile in PROFILES {
        let has = |label| {
            let mut steps = profile.guide.steps.iter();
            steps.any(|step| step.asks.label() == label)
        };
        let client = profile.delegated.map(|delegated| delegated.client);
        let keeps_one = !matches!(client, Some(Client::Public | Client::Either));
        assert_eq!(has("client secret"), keeps_one, "{}", profile.id);
        assert_eq!(has("redirect address"), client.is_some(), "{}", profile.id);
        assert!(has("app enabled") && has("admin consent"), "{}", profile.id);
    }
}

#[test]
fn every_redirect_of_a_vendor_is_https_and_ends_as_it_says() {
    for profile in PROFILES {
        for step in profile.guide.steps {
            if let Requirement::Redirect(redirect) = step.asks
                && let Some(address) = redirect.address
            {
                assert!(address.starts_with("https://<"), "{address}");
                assert!(address.ends_with(redirect.path), "{address}");
                assert_eq!(redirect.platform, Some(Platform::Web));
            }
        }
    }
}

#[test]
fn the_two_creatios_differ_in_redirect_and_permissions() {
    let names = |id| -> Vec<_> {
        let permissions = profile(id).guide.permissions();
        permissions.map(|permission| permission.name).collect()
    };
    assert_eq!(names("creatio"), ["EWS.AccessAsUser.All"]);
    assert_eq!(
        names("creatio-office365"),
        ["EWS.AccessAsUser.All", "User.Read"]
    );
    assert_ne!(
        step("creatio", "redirect address").asks,
        step("creatio-office365", "redirect address").asks
    );
}

#[test]
fn commands_name_the_app_and_keep_what_is_there() {
    let commands = |id: &str| -> Vec<String> {
        let steps = profile(id).guide.steps.iter();
        steps.filter_map(|step| step.asks.command("APP")).collect()
    };
    assert_eq!(
        commands("deskpro"),
        [
            "az ad app update --id APP --sign-in-audience AzureADMultipleOrgs",
            "az ad app update --id APP --web-redirect-uris $(az ad app show --id APP --query \
             'web.redirectUris' --output tsv) 'https://<helpdesk>/admin/office365/token'",
            "az ad app credential reset --id APP --append --years 1 --query password --output tsv",
            "az ad app permission add --id APP --api 00000002-0000-0ff1-ce00-000000000000 \
             --api-permissions 3b5f3d61-589b-4a3c-a359-5dd4b5ee5bd5=Scope",
            "az ad app permission admin-consent --id APP",
            "az ad sp update --id APP --set accountEnabled=true",
        ]
    );
    assert!(commands("eptura")[1].ends_with("dc890d15-9560-4a4c-9b7f-a736ec74ec40=Role"));
}

#[test]
fn account_types_fit_or_not_by_their_word() {
    let table = [
        ("AzureADMyOrg", Some(false), Some(true)),
        ("AzureADMultipleOrgs", Some(true), Some(true)),
        ("AzureADandPersonalMicrosoftAccount", Some(true), Some(true)),
        ("PersonalMicrosoftAccount", Some(false), Some(false)),
        ("SomethingNew", None, None),
    ];
    for (word, any, own) in table {
        assert_eq!(Accounts::AnyOrganisation.fits(word), any, "{word}");
        assert_eq!(Accounts::AtLeastOwn.fits(word), own, "{word}");
    }
}
