//! The example shows every key, and its values are the defaults.

use super::*;

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
    assert_eq!(shown.target.surfaces, real.target.surfaces);
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
