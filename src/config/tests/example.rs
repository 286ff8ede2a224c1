//! The example shows every key, and its values are the defaults.

use super::*;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/config.example.toml");

#[test]
fn the_file_in_the_repository_is_the_example() {
    if std::env::var_os("CREDWATCH_WRITE_EXAMPLE").is_some() {
        fs::write(FILE, example()).unwrap();
    }
    let file = fs::read_to_string(FILE).unwrap();
    assert!(
        file == example(),
        "the table of keys has changed: run `CREDWATCH_WRITE_EXAMPLE=1 cargo test config::`"
    );
}

#[test]
fn the_directory_of_the_example_is_valid_and_shows_every_key() {
    let example = example();
    let mut lines = example
        .lines()
        .skip_while(|line| *line != "#   [[directory]]")
        .take_while(|line| line.starts_with("#   "))
        .map(|line| line.trim_start_matches("#   "));
    let heading = lines.next();
    assert_eq!(heading, Some("[[directory]]"));
    let lines: Vec<_> = lines.collect();
    for key in keys_of("a `[[directory]]`") {
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
    let example = load_text(&example()).unwrap_or_else(|error| panic!("{error}"));
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
    let example = example();
    for (number, line) in example.lines().enumerate() {
        let is_key = |text: &str| text.starts_with(|c: char| c.is_ascii_lowercase());
        let Some(key) = line.strip_prefix('#').filter(|text| is_key(text)) else {
            continue;
        };
        let mut text: Vec<_> = example.lines().collect();
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

#[test]
fn the_example_shows_every_key_and_every_kind_of_channel() {
    let example = example();
    let lines: Vec<_> = example
        .lines()
        .map(|line| line.trim_start_matches(['#', ' ']))
        .collect();
    for key in SECTIONS.iter().flat_map(Section::keys) {
        // an own table, or one of the keys that stand beside their kind of channel
        let shown = |line: &&str| {
            line.starts_with(&format!("{} = ", key.name))
                || line.contains(&format!(" {} = ", key.name))
                || line.ends_with(&format!(".{}]]", key.name))
        };
        assert!(lines.iter().any(shown), "the example lacks `{}`", key.name);
    }
    for kind in channel_values::kinds() {
        let shown = format!("#   kind = \"{kind}\"");
        assert!(example.contains(&shown), "the example lacks `{shown}`");
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
