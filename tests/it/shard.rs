//! `--shard`: a fleet in parts.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A config of which only dates are judged: nothing is sent.
fn dates_only(count: usize) -> (tempfile::TempDir, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("config.toml");
    let tenant = |number| {
        format!(
            "[[tenant]]\nname = \"t{number}\"\nmode = \"dates\"\nsecret_expires = \"never\"\n\
             tenant_id = \"11111111-1111-1111-1111-111111111111\"\n\
             client_id = \"22222222-2222-2222-2222-222222222222\"\n"
        )
    };
    fs::write(&config, (0..count).map(tenant).collect::<String>()).unwrap();
    (home, config)
}

fn check(config: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_credwatch"))
        .arg("check")
        .arg("--config")
        .arg(config)
        .args(arguments)
        .output()
        .unwrap();
    (
        output.status.code(),
        String::from_utf8(output.stdout).unwrap(),
    )
}

#[test]
fn the_parts_of_a_fleet_add_up_and_an_empty_part_is_fine() {
    let (_home, config) = dates_only(7);
    let mut names = Vec::new();
    let mut empty = Vec::new();
    for part in 1..=20 {
        let shard = format!("{part}/20");
        let (code, json) = check(&config, &["--shard", &shard, "--format", "json"]);
        assert_eq!(code, Some(0), "{json}");
        let report: serde_json::Value = serde_json::from_str(&json).unwrap();
        let tenants = report["tenants"].as_array().unwrap();
        if tenants.is_empty() {
            empty.push(shard);
        }
        names.extend(tenants.iter().map(|tenant| tenant["name"].to_string()));
    }
    names.sort();
    assert_eq!(
        names,
        (0..7).map(|n| format!("\"t{n}\"")).collect::<Vec<_>>()
    );
    let (code, line) = check(&config, &["--shard", &empty[0], "--format", "nagios"]);
    assert_eq!(
        (code, line.as_str()),
        (Some(0), "CREDWATCH OK: no tenant belongs to this part\n")
    );
    for wrong in [
        &["--shard", "1/20", "nobody"][..],
        &["--shard", "1/20", "--tag", "no"],
        &["--shard", "21/20"],
    ] {
        assert_eq!(check(&config, wrong).0, Some(3), "{wrong:?}");
    }
}
