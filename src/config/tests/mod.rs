//! The corpus under `tests/config`, and what holds for every config.

mod example;
mod hostile;
mod meaning;

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use chrono::TimeDelta;
use insta::assert_snapshot;
use proptest::prelude::*;

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
    fields::{Key, Section},
    tables::SECTIONS,
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

/// Returns the names of the keys of a section.
fn keys_of(place: &str) -> Vec<&'static str> {
    let section = SECTIONS.iter().find(|section| section.place == place);
    let keys = section.unwrap().keys();
    keys.map(|key: &Key| key.name).collect()
}

const OF_COMMON: &str = "`[defaults]` or a `[[tenant]]`";
const OF_TENANT: &str = "a `[[tenant]]`";

fn good(name: &str) -> Config {
    load(&Path::new(CORPUS).join("good").join(name)).unwrap()
}

#[test]
fn a_keyring_is_a_source_only_where_it_is_built_in() {
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
            snapshot_path => "../../../tests/config/bad",
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
