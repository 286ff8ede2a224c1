//! Addresses that sign-ins come back to.

use super::*;

#[test]
fn a_redirect_address_is_told_by_its_end_its_kind_and_https() {
    let creatio = Profile::by_id("creatio").unwrap();
    let path = "/rest/Microsoft365OAuthAuthenticator/ProcessAuthenticationCode";
    let table = [
        (
            Platform::Web,
            format!("https://contoso.creatio.com/0{path}"),
            true,
        ),
        (
            Platform::Web,
            format!("https://crm.contoso.com{path}"),
            true,
        ),
        (
            Platform::Web,
            format!("http://crm.contoso.com{path}"),
            false,
        ),
        (
            Platform::SinglePage,
            format!("https://crm.contoso.com{path}"),
            false,
        ),
        (
            Platform::Native,
            format!("https://crm.contoso.com{path}"),
            false,
        ),
        (
            Platform::Web,
            format!("https://crm.contoso.com{}", path.to_lowercase()),
            false,
        ),
        (
            Platform::Web,
            format!("https://crm.contoso.com{path}/more"),
            false,
        ),
        (Platform::Web, "http://localhost/".to_owned(), false),
    ];
    for (platform, address, good) in table {
        let mut reading = right(creatio);
        setup_of(&mut reading).redirects = Some(vec![RedirectAddress {
            platform,
            address: address.clone(),
        }]);
        let findings = check(&tenant(creatio), &seen(&reading));
        match verdict(&findings, "redirect address") {
            Verdict::Met(found) => assert!(good, "{found}"),
            Verdict::Unmet { found, todo } => {
                assert!(!good && found.contains(&address), "{found}");
                assert!(todo.contains("--web-redirect-uris"), "{todo}");
            }
            Verdict::Unseen(why) => panic!("{why}"),
        }
    }
}

#[test]
fn an_address_that_somebody_made_up_stays_one_word_of_the_command() {
    let creatio = Profile::by_id("creatio").unwrap();
    let path = "/rest/Microsoft365OAuthAuthenticator/ProcessAuthenticationCode";
    let table = [
        (
            format!("http://crm.contoso.com/$(id)/0{path}"),
            format!(" 'https://crm.contoso.com/$(id)/0{path}'`"),
        ),
        (
            format!("http://crm.contoso.com/;id;{path}"),
            format!(" 'https://crm.contoso.com/;id;{path}'`"),
        ),
        (
            format!("http://crm.contoso.com/';id;'{path}"),
            " '<redirect address>'`".to_owned(),
        ),
    ];
    for (address, word) in table {
        let mut reading = right(creatio);
        setup_of(&mut reading).redirects = Some(vec![RedirectAddress {
            platform: Platform::Web,
            address,
        }]);
        let findings = check(&tenant(creatio), &seen(&reading));
        let Verdict::Unmet { todo, .. } = verdict(&findings, "redirect address") else {
            panic!("{findings:?}");
        };
        assert!(todo.contains(&word), "{todo}");
    }
}
