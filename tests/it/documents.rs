//! Documents that cannot rot: the generated parts of the README are compared with what they are
//! generated from. `UPDATE_DOCS=1 cargo test documents` writes them anew.

use std::{fmt::Write as _, fs, path::PathBuf};

use clap::CommandFactory as _;
use credwatch::{
    cli::Cli,
    cloud::WORLDWIDE,
    init::{self, Plan},
    profile::Profile,
    verdict::cause::Cause,
};

use crate::sample;

fn readme_path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("README.md")
}

/// Compares the part of the README between two markers with what it should be.
fn assert_part(name: &str, expected: &str) {
    let readme = fs::read_to_string(readme_path()).unwrap();
    let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let (before, rest) = readme.split_once(&open).expect("the opening marker");
    let (present, after) = rest.split_once(&close).expect("the closing marker");
    if present == expected {
        return;
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "asks whether to write or to compare"
    )]
    let update = std::env::var("UPDATE_DOCS").is_ok();
    assert!(
        update,
        "the README's part '{name}' is stale; run UPDATE_DOCS=1 cargo test documents"
    );
    fs::write(
        readme_path(),
        format!("{before}{open}{expected}{close}{after}"),
    )
    .unwrap();
}

/// All parts in one test: they rewrite one file.
#[test]
fn the_generated_parts_of_the_readme_are_fresh() {
    assert_part("screen", &screen());
    assert_part("check", &check());
    assert_part("causes", &causes());
    assert_part("init-app", &init("eptura"));
    assert_part("init-person", &init_config("creatio-office365"));
    assert_part("init-help", &without_globals("init"));
    assert_part("check-help", &help("check"));
    assert_part("login-help", &help("login"));
    assert_part("expiry-help", &help("expiry"));
    #[cfg(all(feature = "exporter", unix))]
    assert_part("serve-help", &without_globals("serve"));
}

/// The picture of the dashboard that its own tests hold on to.
fn screen() -> String {
    let snapshots = concat!(env!("CARGO_MANIFEST_DIR"), "/src/tui/view/snapshots/");
    let path = format!("{snapshots}credwatch__tui__view__tests__fleet_100x24.snap");
    let snapshot = fs::read_to_string(path).unwrap();
    let rows: Vec<_> = snapshot
        .lines()
        .filter_map(|line| line.strip_prefix('"')?.strip_suffix('"'))
        .map(str::trim_end)
        .collect();
    code_block(&rows.join("\n"))
}

fn check() -> String {
    let said = sample::check();
    let plain = anstream::adapter::strip_str(&said).to_string();
    code_block(&format!(
        "$ credwatch check; echo $?\n{}\n2",
        plain.trim_end()
    ))
}

fn code_block(text: &str) -> String {
    assert!(
        text.lines().all(|line| line.chars().count() <= 100),
        "{text}"
    );
    format!("```text\n{text}\n```\n")
}

fn causes() -> String {
    let mut table = String::from("| cause | who must act | meaning |\n| --- | --- | --- |\n");
    for cause in Cause::ALL {
        let passing = if cause.is_transient() {
            " (may pass by itself)"
        } else {
            ""
        };
        let owner = cause.owner().words();
        writeln!(
            table,
            "| `{cause}` | {owner} | {}{passing} |",
            cause.meaning()
        )
        .unwrap();
    }
    table
}

/// What somebody has who knows every value.
fn plan(profile: &str, name: &str, mailbox: &str) -> Plan {
    Plan {
        profile: Profile::by_id(profile).unwrap(),
        cloud: &WORLDWIDE,
        name: name.to_owned(),
        tenant_id: Some("11111111-1111-1111-1111-111111111111".to_owned()),
        client_id: Some("22222222-2222-2222-2222-222222222222".to_owned()),
        mailbox: Some(mailbox.to_owned()),
        secret: None,
        secret_expires: None,
        dates: false,
        path: "config.toml".into(),
    }
}

/// The steps of an app that signs in alone, and the config.
fn init(profile: &str) -> String {
    let plan = plan(profile, "contoso-rooms", "room-101@contoso.com");
    let (steps, config) = (init::steps(&plan), init::config(&plan));
    format!("```text\n{steps}```\n\n```toml\n{config}```\n")
}

fn init_config(profile: &str) -> String {
    let config = init::config(&plan(profile, "contoso-crm", "crm@contoso.com"));
    format!("```toml\n{config}```\n")
}

/// The help of one command, as a code block of a fixed width.
fn help(command: &str) -> String {
    let mut cli = Cli::command().term_width(96);
    cli.build();
    let help = cli
        .find_subcommand_mut(command)
        .unwrap()
        .render_help()
        .to_string();
    let lines: Vec<_> = help.lines().map(str::trim_end).collect();
    format!("```text\n{}\n```\n", lines.join("\n"))
}

/// The help of a command without the global options, which stand under `check`.
fn without_globals(command: &str) -> String {
    let help = help(command);
    let (own, _global) = help.split_once("\n\nGlobal options:").unwrap();
    format!("{own}\n```\n")
}

#[test]
fn the_readme_names_every_command() {
    let readme = fs::read_to_string(readme_path()).unwrap();
    for command in Cli::command().get_subcommands() {
        let name = format!("credwatch {}", command.get_name());
        assert!(readme.contains(&name), "the README does not say `{name}`");
    }
}
