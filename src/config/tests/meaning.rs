//! What the settings of a config come to.

use super::*;
use crate::stage::{Surface, SurfaceSet};

#[test]
fn the_config_overrides_how_a_profile_signs_in() {
    let config = good("delegated.toml");
    let [help, bots, other, app] = config.tenants.as_slice() else {
        panic!("four tenants");
    };
    let authority = |tenant: &Tenant| tenant.delegation.as_ref().map(|one| one.authority);
    assert_eq!(authority(help), Some(Authority::Organizations));
    assert_eq!(authority(bots), Some(Authority::Tenant));
    assert_eq!(authority(other), Some(Authority::Common));
    assert_eq!(authority(app), None);
    let start = help.delegation.as_ref().unwrap().start.clone();
    assert!(matches!(start, Some(SecretSource::File(path)) if path.ends_with("good/start")));
    assert_eq!(bots.credential, Credential::None);
    assert_eq!(help.pace.interval, Duration::from_hours(1));
    assert_eq!(bots.pace.interval, Duration::from_hours(2));
    assert_eq!(app.pace.interval, Duration::from_mins(15));
}

#[test]
fn the_smallest_config_gets_every_default() {
    let config = good("smallest.toml");
    let tenant = &config.tenants[0];
    assert_eq!(tenant.profile.id, "app-only");
    assert_eq!(tenant.mode, Mode::Live);
    assert_eq!(tenant.target.folder, Folder::Inbox);
    assert_eq!(tenant.target.surfaces, SurfaceSet::of(Surface::Ews));
    assert_eq!(tenant.pace.interval, Duration::from_mins(15));
    assert_eq!(tenant.thresholds.critical, TimeDelta::days(3));
    assert_eq!(
        tenant.endpoints.ews.as_str(),
        "https://outlook.office365.com/EWS/Exchange.asmx"
    );
    assert_eq!(
        tenant.endpoints.ews_resource,
        "https://outlook.office365.com"
    );
    assert_eq!(tenant.configured_end, None);
    let home_tenant_id = None;
    assert_eq!(tenant.directory, DirectoryUse::Own { home_tenant_id });
    assert_eq!(config.monitor, monitor::Settings::default());
    assert_eq!(config.alerts, alert::Rules::default());
    assert_eq!(config.notify, notify::Settings::default());
}

#[test]
fn a_tenant_precedes_the_defaults_and_they_its_profile() {
    let config = good("everything.toml");
    let [rooms, dates, token, included] = config.tenants.as_slice() else {
        panic!("{} tenants", config.tenants.len());
    };
    assert_eq!(rooms.target.folder, Folder::Inbox);
    assert_eq!(rooms.support.contact.as_deref(), Some("rooms team"));
    let home = "44444444-aaaa-4444-8444-444444444444".to_owned();
    let home_tenant_id = Some(home);
    assert_eq!(rooms.directory, DirectoryUse::Own { home_tenant_id });
    assert_eq!(token.directory, DirectoryUse::Off);
    assert_eq!(rooms.support.note.as_deref(), Some("two lines"));
    assert_eq!(rooms.endpoints.login.as_str(), "https://login.contoso.com/");
    assert_eq!(rooms.endpoints.ews_resource, "https://mail.contoso.com");
    assert_eq!(rooms.endpoints.graph_resource, "https://graph.microsoft.us");
    let end = |tenant: &Tenant| match tenant.configured_end {
        Some(EndDate::At(at)) => at.to_rfc3339(),
        other => format!("{other:?}"),
    };
    assert_eq!(end(rooms), "2027-03-31T00:00:00+00:00");
    assert_eq!(end(token), "2027-03-31T10:00:00+00:00");
    assert_eq!(dates.configured_end, Some(EndDate::Never));
    assert_eq!(dates.credential, Credential::None);
    assert_eq!(token.watch, Some(Watch::Hint("abc".into())));
    assert_eq!(token.target.folder, Folder::Calendar);
    assert!(token.target.surfaces.is_empty());
    assert_eq!(token.network.user_agent, "contoso-monitor/1");
    assert_eq!(included.support.contact.as_deref(), Some("messaging team"));
    assert_eq!(config.alerts.days, [30, 7]);
    assert_eq!(config.monitor.token_rate, None);
    assert_eq!(config.files.len(), 2);
}

#[test]
fn a_directory_is_read_by_one_app_or_many_are_from_a_file() {
    let config = good("directories.toml");
    let [one, many] = config.readers.as_slice() else {
        panic!("{:?}", config.readers);
    };
    assert_eq!(one.tenant_ids, ["contoso.com"]);
    assert_eq!(one.wanted, Wanted::default());
    assert_eq!(one.sign_in.thresholds.warn, TimeDelta::days(45));
    assert_eq!(
        one.sign_in.support.contact.as_deref(),
        Some("identity team")
    );
    assert!(matches!(one.sign_in.credential, Credential::Certificate(_)));
    assert_eq!(
        many.tenant_ids,
        [
            "11111111-aaaa-4111-8111-111111111111",
            "33333333-AAAA-4333-8333-333333333333"
        ]
    );
    assert!(many.reads("33333333-aaaa-4333-8333-333333333333"));
    assert_eq!(many.wanted.names, ["contoso-*"]);
    assert_eq!(many.sign_in.thresholds.warn, TimeDelta::days(60));
    let graph = &many.sign_in.endpoints.graph_resource;
    assert_eq!(graph, "https://graph.microsoft.us");
    let at_home = many.in_directory("contoso.com");
    assert_eq!(at_home.app.tenant_id, "contoso.com");
    assert_eq!(config.files.len(), 2, "the list is a part of the config");
}

#[test]
fn a_tenant_may_have_its_own_alert_rules_and_lifetime() {
    let own = "alerts = { days = [0, 60], remind = \"0s\" }\nmax_lifetime = \"0s\"\n";
    let other = TENANT.replace("contoso-rooms", "other");
    let text = format!(
        "[defaults]\nmax_lifetime = \"365d\"\n[alerts]\nfailing_after = 5\n{TENANT}{own}{other}"
    );
    let config = load_text(&text).unwrap();
    let rules = |name: &str| config.alerts.of(&name.into());
    assert_eq!(rules("contoso-rooms").days, [60, 0]);
    assert_eq!(rules("contoso-rooms").remind, None);
    assert_eq!(rules("contoso-rooms").failing_after, 5);
    assert_eq!(rules("other").days, alert::Rules::default().days);
    assert_eq!(rules("other").failing_after, 5);
    let longest = |tenant: &Tenant| tenant.thresholds.max_lifetime;
    assert_eq!(longest(&config.tenants[0]), None);
    assert_eq!(longest(&config.tenants[1]), Some(TimeDelta::days(365)));

    let wrong = load_text(&format!("{TENANT}alerts = {{ days = 7, quiet = \"x\" }}\n"));
    let wrong = wrong.unwrap_err().to_string();
    for said in [
        "tenant 'contoso-rooms': alerts: days: must be a list of whole numbers",
        "tenant 'contoso-rooms': alerts: quiet: is an unknown key",
    ] {
        assert!(wrong.contains(said), "{wrong}");
    }
}

#[test]
fn a_date_far_in_the_future_means_never() {
    for (written, expected) in [
        ("2299-12-31", EndDate::Never),
        ("\"Never\"", EndDate::Never),
        ("9999-12-31T23:59:59Z", EndDate::Never),
        (
            "2199-12-31",
            EndDate::At("2199-12-31T00:00:00Z".parse().unwrap()),
        ),
    ] {
        let config = load_text(&format!("{TENANT}secret_expires = {written}\n")).unwrap();
        assert_eq!(
            config.tenants[0].configured_end,
            Some(expected),
            "{written}"
        );
    }
}

#[test]
fn an_app_without_its_own_sign_in_needs_a_reader() {
    let config = load_text(&format!("{TENANT}mode = \"dates\"\n")).unwrap();
    let by_reader = DirectoryUse::Reader {
        home_tenant_id: None,
    };
    assert_eq!(config.tenants[0].directory, by_reader);
    let off = "mode = \"dates\"\ndirectory = \"off\"\n";
    let config = load_text(&format!("{TENANT}{off}")).unwrap();
    assert_eq!(config.tenants[0].directory, DirectoryUse::Off);
}

#[test]
fn certificates_and_federated_tokens_are_read_as_written() {
    let config = good("certificates.toml");
    let base = Path::new(CORPUS).join("good");
    let [pem, two, pfx, federated] = config.tenants.as_slice() else {
        panic!("{} tenants", config.tenants.len());
    };
    let source = |tenant: &Tenant| match &tenant.credential {
        Credential::Certificate(source) => source.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(source(pem).files.paths(), [&base.join("app.pem")]);
    assert_eq!(source(pem).algorithm, AssertionAlgorithm::Ps256);
    assert_eq!(
        source(two).files.paths(),
        [&base.join("app.pem"), &base.join("app.key")]
    );
    assert_eq!(source(two).algorithm, AssertionAlgorithm::Rs256);
    assert_eq!(source(two).password, Some(SecretSource::Env("KEY".into())));
    assert_eq!(
        source(pfx).files,
        CertificateFiles::Pfx(base.join("app.pfx"))
    );
    assert_eq!(
        federated.credential,
        Credential::Federated(base.join("token"))
    );
}

#[test]
fn each_cloud_sets_every_address_by_one_word() {
    for cloud in CLOUDS {
        let text = format!(
            "[[tenant]]\nname = \"a\"\ncloud = \"{}\"\ntenant_id = \"contoso.com\"\n\
             client_id = \"22222222-aaaa-4222-8222-222222222222\"\n\
             mailbox = \"room@contoso.com\"\nsecret = {{ env = \"X\" }}\n",
            cloud.id
        );
        let config = load_text(&text).unwrap_or_else(|error| panic!("{error}"));
        let to = &config.tenants[0].endpoints;
        assert_eq!(
            to.token("contoso.com").as_str(),
            format!("{}/contoso.com/oauth2/v2.0/token", cloud.login)
        );
        assert_eq!(
            to.ews.as_str(),
            format!("{}/EWS/Exchange.asmx", cloud.exchange)
        );
        assert_eq!(to.ews_resource, cloud.exchange);
        assert_eq!(to.graph_resource, cloud.graph);
        assert_eq!(to.graph_v1(&[]).as_str(), format!("{}/v1.0", cloud.graph));
    }
}

#[test]
fn relative_paths_start_at_the_file_that_names_them() {
    let config = good("everything.toml");
    let secret = |tenant: &Tenant| match &tenant.credential {
        Credential::Secret(SecretSource::File(path)) => path.clone(),
        other => panic!("{other:?}"),
    };
    let base = Path::new(CORPUS).join("good");
    assert_eq!(secret(&config.tenants[0]), base.join("secrets/rooms"));
    let included = &config.tenants[3];
    assert_eq!(secret(included), base.join("tenants.d/fabrikam.secret"));
    let ca_file = included.network.ca_file.clone();
    assert_eq!(ca_file, Some(base.join("corp-ca.pem")));
}

#[test]
fn a_path_below_the_home_folder_is_found_there() {
    let config = load_text(&format!("[defaults]\nca_file = \"~/ca.pem\"\n{TENANT}")).unwrap();
    let home = etcetera::home_dir().unwrap();
    assert_eq!(config.tenants[0].network.ca_file, Some(home.join("ca.pem")));
}

#[test]
fn flags_stand_above_the_config_and_keep_its_rules() {
    let config = good("smallest.toml");
    let day = Duration::from_hours(24);
    let flags = Overrides {
        warn: Some(60 * day),
        critical: Some(10 * day),
        timeout: Some(Duration::from_secs(3)),
        concurrency: Some(4),
        confirm: Some(Duration::ZERO),
    };
    let changed = config.clone().with(&flags).unwrap();
    assert_eq!(changed.tenants[0].thresholds.warn, TimeDelta::days(60));
    assert_eq!(changed.tenants[0].pace.timeout, Duration::from_secs(3));
    assert_eq!(changed.monitor.concurrency, 4);
    assert_eq!(changed.monitor.confirm, Duration::ZERO);

    let short = Overrides {
        warn: Some(day),
        timeout: Some(Duration::from_millis(1)),
        concurrency: Some(0),
        ..Overrides::default()
    };
    assert_snapshot!(config.with(&short).unwrap_err(), @r"
    --timeout: must be at least 100ms, not '1ms'
    --concurrency: must be from 1 to 1024, not 0
    tenant 'contoso-rooms': `critical` (3d) must not be longer than `warn` (1d)
      hint: give both `--warn` and `--critical`
    3 problems
    ");
}

#[test]
fn a_duration_on_the_command_line_reads_like_one_in_the_config() {
    assert_eq!(parse_duration("90s"), Ok(Duration::from_secs(90)));
    let error = parse_duration("90").unwrap_err();
    assert_eq!(
        error,
        "'90' is not a duration; write it like `90s`, `5m`, `12h` or `30d`"
    );
}
