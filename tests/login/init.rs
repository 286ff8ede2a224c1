//! Every profile from `credwatch init` over `login`, where one is due, to a green `check`.

use std::fs;
#[cfg(unix)]
use std::os::unix::fs::PermissionsExt as _;

use credwatch::simulator::{DelegatedClient, Integration};

use crate::scene::{Scene, Waiting, ask, now, person, target};

const DESKPRO: &str = "https://help.contoso.example/admin/office365/token";
const CREATIO: &str =
    "https://crm.creatio.com/0/rest/Microsoft365OAuthAuthenticator/ProcessAuthenticationCode";
const CREATIO_OFFICE365: &str =
    "https://crm.creatio.com/0/rest/Office365OAuthAuthenticator/ProcessAuthenticationCode";

/// One integration of each profile, named after it, as its guide leaves it.
fn of_every_profile() -> Vec<Integration> {
    let alone = |profile: &str| Integration {
        profile: profile.to_owned(),
        ..Integration::named(&format!("{profile}-one"), now())
    };
    let acting = |profile: &str, delegated| person(&format!("{profile}-one"), profile, delegated);
    let confidential = |address| DelegatedClient::confidential().returning_to(address);
    vec![
        alone("eptura"),
        acting(
            "deskpro",
            DelegatedClient {
                multi_tenant: true,
                ..confidential(DESKPRO)
            },
        ),
        acting("creatio", confidential(CREATIO)),
        acting("creatio-office365", confidential(CREATIO_OFFICE365)),
        acting("automation-anywhere", DelegatedClient::public()),
        alone("app-only"),
        acting("delegated", DelegatedClient::public()),
    ]
}

impl Scene {
    /// Begins a config that only says where the cloud is.
    fn with_bare_config(mut self) -> Self {
        let whole = fs::read_to_string(self.files.config()).unwrap();
        let (defaults, _tenants) = whole.split_once("[[tenant]]").unwrap();
        self.config = self.files.path().join("own.toml");
        fs::write(&self.config, defaults).unwrap();
        self
    }

    /// Writes the entry of an integration, as somebody does who knows all values.
    async fn init(&self, one: &Integration) {
        let secret = self.files.path().join(format!("{}.secret", one.name));
        fs::write(&secret, one.presented_secret()).unwrap();
        // a secret that others can read is a warning, and this config is to have none
        #[cfg(unix)]
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
        let source = format!("file:{}", secret.display());
        let mut arguments = vec!["init", "--append", "--profile", &one.profile];
        arguments.extend(["--name", &one.name, "--tenant-id", &one.tenant_id]);
        arguments.extend(["--client-id", &one.client_id, "--mailbox", &one.mailbox]);
        let public = one.delegated.as_ref().is_some_and(|one| one.public);
        if !public {
            arguments.extend(["--secret", &source]);
        }
        let out = self.run(&arguments).await;
        assert_eq!(out.status.code(), Some(0), "{out:?}");
        let said = String::from_utf8(out.stdout).unwrap();
        assert!(said.contains(&one.client_id), "{said}");
        assert!(!said.contains("warning:"), "{said}");
        assert!(!said.contains(one.presented_secret()), "{said}");
    }

    async fn sign_in(&self, one: &Integration) {
        let Some(delegated) = &one.delegated else {
            return;
        };
        if delegated.public {
            let out = self.run(&["login", &one.name]).await;
            assert_eq!(out.status.code(), Some(0), "{out:?}");
            return;
        }
        let login = Waiting::start(self, &one.name).await;
        let back = self.approve(&login.address).await;
        assert!(ask(back.port().unwrap(), &target(&back)).contains("200"));
        let (code, said) = login.end().await;
        assert_eq!(code, Some(0), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_profile_goes_from_init_over_login_to_a_green_check() {
    let fleet = of_every_profile();
    let scene = Scene::of(fleet.clone()).await.with_bare_config();
    for one in &fleet {
        scene.init(one).await;
    }
    let valid = scene.run(&["config", "check"]).await;
    let said = String::from_utf8(valid.stdout).unwrap();
    assert!(said.contains("is valid: 7 tenants\n"), "{said}");
    for one in &fleet {
        scene.sign_in(one).await;
    }
    let out = scene.run(&["check", "--confirm", "0s"]).await;
    let said = String::from_utf8(out.stdout).unwrap();
    assert_eq!(out.status.code(), Some(0), "{said}");
    assert!(said.contains("7 tenants: 7 ok"), "{said}");
    for one in &fleet {
        let out = scene.run(&["diagnose", &one.name]).await;
        let said = String::from_utf8(out.stdout).unwrap();
        let (_, guide) = said.split_once(" guide ").unwrap();
        assert!(!guide.contains('✖'), "{}: {guide}", one.name);
    }
}
