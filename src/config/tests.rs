//! The corpus under `tests/config`, and what holds for every config.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use chrono::TimeDelta;
use insta::assert_snapshot;
use proptest::prelude::*;
use toml::de::DeTable;

use crate::{
    alert,
    cloud::CLOUDS,
    inventory::Wanted,
    monitor, notify,
    tenant::{
        AssertionAlgorithm, Authority, CertificateFiles, Credential, DirectoryUse, EndDate, Folder,
        Mode, SecretSource, Tenant, Watch,
    },
};

use super::{
    channel,
    fields::Fields,
    file::{self, COMMON_KEYS, Common, SECTIONS, TENANT_KEYS, TenantTable},
    problem::Findings,
    reader::{self, ReaderTable},
    source::Source,
    *,
};

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/config");

const TENANT: &str = r#"
[[tenant]]
name = "contoso-rooms"
tenant_id = "11111111-aaaa-4111-8111-111111111111"
client_id = "22222222-aaaa-4222-8222-222222222222"
mailbox = "room-101@contoso.com"
secret = { env = "CONTOSO_SECRET" }
"#;

fn corpus(folder: &str) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(Path::new(CORPUS).join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

fn load_text(text: &str) -> Result<Config, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    fs::write(&path, text).unwrap();
    load(&path)
}

fn good(name: &str) -> Config {
    load(&Path::new(CORPUS).join("good").join(name)).unwrap()
}

#[test]
fn a_keyring_is_a_source_where_it_is_built_in_and_says_so_elsewhere() {
    let text = "[[tenant]]\nname = \"a\"\ntenant_id = \"t.example\"\n\
                client_id = \"22222222-2222-2222-2222-222222222222\"\n\
                mailbox = \"a@t.example\"\nsecret = { keyring = \"rooms\" }\n";
    let loaded = super::load_text(Path::new("c.toml"), text.to_owned());
    if cfg!(feature = "keyring") {
        let tenant = &loaded.unwrap().tenants[0];
        let rooms = SecretSource::Keyring("rooms".into());
        assert_eq!(tenant.credential, Credential::Secret(rooms));
    } else {
        let said = loaded.unwrap_err().to_string();
        assert!(said.contains("--features keyring"), "{said}");
    }
}

#[test]
fn every_bad_file_is_refused_with_all_its_problems() {
    for path in corpus("bad") {
        let error = load(&path).unwrap_err().to_string();
        assert!(!error.contains("canary"), "a secret is repeated: {error}");
        assert!(
            !error
                .chars()
                .any(|c| c != '\n' && crate::text::is_hostile(c))
        );
        let name = path.file_stem().unwrap().to_str().unwrap();
        insta::with_settings!({
            prepend_module_to_snapshot => false,
            snapshot_path => "../../tests/config/bad",
            omit_expression => true,
        }, {
            assert_snapshot!(name, error.replace(&format!("{CORPUS}/bad/"), ""));
        });
    }
}

#[test]
fn every_good_file_is_taken_and_doubts_are_told() {
    let mut told = String::new();
    for path in corpus("good") {
        told += &check_text(&load(&path).unwrap_or_else(|error| panic!("{error}")));
    }
    assert_snapshot!(told.replace(&format!("{CORPUS}/good/"), ""), @r#"
    'certificates.toml' is valid: 4 tenants
    'delegated.toml' is valid: 4 tenants
    'directories.toml' is valid: 0 tenants, 3 directories, 1 file included
    warning: doubtful.toml:3:13: tenant 'contoso-rooms': tenant_id: 'organizations' names no directory of its own
      hint: an app-only sign-in needs the customer's tenant id or domain
    warning: doubtful.toml:4:13: tenant 'contoso-rooms': client_id: '00000000-0000-0000-0000-000000000000' is still an example value
      hint: put the real one there
    warning: doubtful.toml:5:11: tenant 'contoso-rooms': mailbox: 'EXAMPLE@contoso.com' is still an example value
      hint: put the real one there
    warning: doubtful.toml:13:10: tenant 'contoso-dates': secret: is never read with `mode = "dates"`
      hint: leave it out
    'doubtful.toml' is valid: 2 tenants, 4 warnings
    'everything.toml' is valid: 4 tenants, 1 file included
    'loopback.toml' is valid: 1 tenant
    'smallest.toml' is valid: 1 tenant
    "#);
}

#[test]
fn a_profile_says_who_acts_for_a_person_and_the_config_has_the_last_word() {
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
    assert!(tenant.target.ews && !tenant.target.graph);
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
fn a_tenant_stands_above_the_defaults_and_they_above_its_profile() {
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
    assert!(!token.target.ews && !token.target.graph);
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
fn a_tenant_may_be_told_of_in_its_own_way_and_have_its_own_longest_lifetime() {
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
fn a_date_that_nobody_will_see_means_never() {
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
fn who_never_signs_in_alone_is_left_to_a_reader() {
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
fn the_directory_of_the_example_is_valid_and_shows_every_key() {
    let mut lines = EXAMPLE
        .lines()
        .skip_while(|line| *line != "#   [[directory]]")
        .take_while(|line| line.starts_with("#   "))
        .map(|line| line.trim_start_matches("#   "));
    let heading = lines.next();
    assert_eq!(heading, Some("[[directory]]"));
    let lines: Vec<_> = lines.collect();
    for key in reader::KEYS {
        let written = |line: &&str| {
            let line = line.trim_start_matches("# ");
            line.strip_prefix(key)
                .is_some_and(|rest| rest.starts_with(" ="))
        };
        assert!(lines.iter().any(written), "the example lacks `{key}`");
    }
    let text = format!("[[directory]]\n{}\n{TENANT}", lines.join("\n"));
    let config = load_text(&text).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(config.readers.len(), 1);
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
fn an_include_of_everything_here_does_not_include_itself() {
    let folder = tempfile::tempdir().unwrap();
    let main = folder.path().join("main.toml");
    fs::write(&main, "include = [\"*.toml\", \"./b*.toml\"]").unwrap();
    for name in ["b", "a"] {
        let tenant = TENANT.replace("contoso-rooms", name);
        fs::write(folder.path().join(format!("{name}.toml")), tenant).unwrap();
    }
    let config = load(&main).unwrap();
    let names: Vec<_> = config.tenants.iter().map(|t| t.name.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
}

#[test]
fn a_file_that_cannot_be_a_config_is_told_from_a_wrong_one() {
    let folder = tempfile::tempdir().unwrap();
    let large = folder.path().join("large.toml");
    let file = fs::File::create(&large).unwrap();
    file.set_len(16 * 1024 * 1024 + 1).unwrap();
    for (path, message) in [
        (folder.path().join("none.toml"), "does not exist"),
        (folder.path().to_owned(), "is a directory, not a file"),
        (large, "is larger than 16 MiB"),
    ] {
        let error = load(&path).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn no_depth_of_nesting_overflows_the_stack() {
    let deep = 200_000;
    for text in [
        format!("a = {}", "[".repeat(deep)),
        format!("a = {}", "{a=".repeat(deep)),
        format!("a{} = 1", ".a".repeat(deep)),
        format!("[a{}]", ".a".repeat(deep)),
        format!("{TENANT}watch{} = 1", ".a".repeat(deep)),
    ] {
        assert!(load_text(&text).is_err());
    }
}

#[test]
fn problems_past_the_first_hundreds_are_counted() {
    let text = "[[tenant]]\nname = \"\"\n".repeat(1000);
    let error = load_text(&text).unwrap_err();
    let ConfigError::Invalid { problems, unlisted } = &error else {
        panic!("{error}");
    };
    assert_eq!(problems.len(), 200);
    assert_eq!(*unlisted, 5 * 1000 - 200);
    assert!(
        error
            .to_string()
            .ends_with("5000 problems, the first 200 are shown")
    );
}

#[test]
fn the_example_is_a_valid_config_with_the_built_in_defaults() {
    let example = load_text(EXAMPLE).unwrap_or_else(|error| panic!("{error}"));
    let built_in = load_text(TENANT).unwrap();
    let (shown, real) = (&example.tenants[0], &built_in.tenants[0]);
    assert_eq!(shown.pace, real.pace);
    assert_eq!(shown.thresholds, real.thresholds);
    assert_eq!(shown.endpoints, real.endpoints);
    assert_eq!(shown.network, real.network);
    assert_eq!(shown.support, real.support);
    assert_eq!(shown.mode, real.mode);
    assert_eq!(shown.target.ews, real.target.ews);
    assert_eq!(shown.target.graph, real.target.graph);
    assert_eq!(example.monitor, built_in.monitor);
    assert_eq!(example.alerts, built_in.alerts);
    assert_eq!(example.notify, built_in.notify);
    assert!(!example.warnings.is_empty(), "its ids are examples");
}

#[test]
fn every_commented_key_of_the_example_is_valid_too() {
    for (number, line) in EXAMPLE.lines().enumerate() {
        let is_key = |text: &str| text.starts_with(|c: char| c.is_ascii_lowercase());
        let Some(key) = line.strip_prefix('#').filter(|text| is_key(text)) else {
            continue;
        };
        let mut text: Vec<_> = EXAMPLE.lines().collect();
        text[number] = key;
        if key.starts_with("certificate") || key.starts_with("federated_token") {
            // one of these stands in the place of its tenant's secret, which is the first one
            let secret = text.iter().position(|line| line.starts_with("secret ="));
            text.remove(secret.unwrap());
        }
        let result = load_text(&text.join("\n"));
        // the folder of further files does not exist here
        if !key.starts_with("include") {
            result.unwrap_or_else(|error| panic!("{error}"));
        }
    }
}

/// Returns the keys that a section asks for.
fn keys_of<T>(read: impl FnOnce(&mut Fields<'_, '_>) -> T) -> Vec<&'static str> {
    let table = DeTable::new();
    let source = Source::new(Path::new("x"), String::new());
    let mut findings = Findings::default();
    let mut fields = Fields::root(&table, false, &source, &mut findings);
    let _section = read(&mut fields);
    fields.asked().to_vec()
}

#[test]
fn every_key_that_is_read_is_listed_and_stands_in_the_example() {
    let sorted = |mut keys: Vec<&'static str>| {
        keys.sort_unstable();
        keys
    };
    let common = keys_of(Common::read);
    let tenant = keys_of(TenantTable::read);
    let sections = [
        common.clone(),
        tenant.clone(),
        keys_of(file::monitor),
        keys_of(file::alerts),
        keys_of(file::notify),
        keys_of(ReaderTable::read),
    ];
    assert_eq!(sorted(common), sorted(COMMON_KEYS.to_vec()));
    let both = [TENANT_KEYS, COMMON_KEYS].concat();
    assert_eq!(sorted(tenant), sorted(both));
    for (place, keys) in SECTIONS.iter().skip(2).zip(&sections[2..]) {
        assert_eq!(sorted(place.keys.to_vec()), sorted(keys.clone()));
    }
    for kind in channel::KINDS {
        let shown = format!("#   kind = \"{kind}\"");
        assert!(EXAMPLE.contains(&shown), "the example lacks `{shown}`");
    }
    // those of a directory stand in a block of their own
    for key in sections[..sections.len() - 1].concat() {
        // shown above, as a table
        if key == "channel" {
            continue;
        }
        let written = |line: &str| {
            let line = line.strip_prefix('#').unwrap_or(line);
            line.strip_prefix(key)
                .is_some_and(|rest| rest.starts_with(" ="))
        };
        assert!(EXAMPLE.lines().any(written), "the example lacks `{key}`");
    }
}

#[test]
fn every_cloud_has_addresses() {
    for cloud in CLOUDS {
        let text = format!("[defaults]\ncloud = \"{}\"\n{TENANT}", cloud.id);
        let config = load_text(&text).unwrap_or_else(|error| panic!("{error}"));
        let endpoints = &config.tenants[0].endpoints;
        assert_eq!(endpoints.ews.as_str(), cloud.ews_url());
        assert_eq!(endpoints.graph_resource, cloud.graph);
    }
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

/// A text of config words in any order, more like a config than any string of characters is.
fn config_like() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        prop::sample::select(COMMON_KEYS.to_vec()).prop_map(str::to_owned),
        prop::sample::select(TENANT_KEYS.to_vec()).prop_map(str::to_owned),
        prop::sample::select(vec![
            "\n",
            " = ",
            "=",
            "[[tenant]]\n",
            "[defaults]\n",
            "[[directory]]\n",
            "tenant_ids",
            "[monitor]\n",
            "[alerts]\n",
            "{",
            "}",
            "[",
            "]",
            ",",
            ".",
            "\"",
            "'",
            "\"\"\"",
            "#",
            "env",
            "true",
            "12",
            "-1",
            "1e400",
            "2027-02-30",
            "2027-02-28T25:00:00",
            "07:00",
            "\"15m\"",
            "\"x\"",
            "\"~/\"",
            "\"http://\"",
            "\u{feff}",
            "\r",
            "\0",
            "é",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,6}",
    ];
    prop::collection::vec(word, 0..60).prop_map(|words| words.concat())
}

/// A tenant whose values are anything.
fn any_values() -> impl Strategy<Value = String> {
    let key = prop::sample::select([COMMON_KEYS, TENANT_KEYS].concat());
    let value = prop_oneof![
        any::<String>().prop_map(|text| format!("{text:?}")),
        any::<i64>().prop_map(|n| n.to_string()),
        "\"[0-9]{1,25}(ns|s|m|h|d|w|y)\"",
        "\"(https?|socks5|ftp)://[a-z0-9.:@/?#\\[\\]%-]{0,20}\"",
        "[0-9]{4}-[0-1][0-9]-[0-3][0-9](T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](Z|[+-][0-9]{2}:[0-9]{2})?)?",
        "\\{ (env|file|command|credential|keyring|hint|key_id) = \"[a-z/.~$]{0,8}\" \\}",
        "\\[(\"[a-z ]{0,4}\",){0,3}\\]",
    ];
    prop::collection::vec((key, value), 0..12).prop_map(|lines| {
        let mut text = "[[tenant]]\n".to_owned();
        for (key, value) in lines {
            writeln!(text, "{key} = {value}").unwrap();
        }
        text
    })
}

proptest! {
    #[test]
    fn no_text_makes_loading_panic(text in prop_oneof![config_like(), any_values(), any::<String>()]) {
        if let Err(error) = load_text(&text) {
            let hostile = |c| c != '\n' && crate::text::is_hostile(c);
            prop_assert!(!error.to_string().contains(hostile));
        }
    }
}
