//! Generated parts of README and manual, compared with what they are generated from.
//! `UPDATE_DOCS=1 cargo test documents` writes them anew.

use std::{fmt::Write as _, fs, path::Path};

use clap::CommandFactory as _;
use credwatch::{
    cli::Cli,
    cloud::WORLDWIDE,
    init::{self, Plan},
    profile::Profile,
    verdict::cause::Cause,
};

use crate::{
    manual::{chapter_path, root},
    sample,
};

/// Compares the part of a document between two markers with what it should be.
fn assert_part(document: &Path, name: &str, expected: &str) {
    let text = fs::read_to_string(document).unwrap();
    let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let (before, rest) = text.split_once(&open).expect("the opening marker");
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
        "the part '{name}' of {} is stale; run UPDATE_DOCS=1 cargo test documents",
        document.display()
    );
    fs::write(document, format!("{before}{open}{expected}{close}{after}")).unwrap();
}

/// All parts in one test: several of them rewrite one file.
#[test]
fn generated_parts_are_fresh() {
    let readme = |name, expected: String| assert_part(&root().join("README.md"), name, &expected);
    readme("screen", screen("fleet_100x24"));
    readme("check", check());

    let chapter = |topic, name, expected: String| {
        assert_part(&chapter_path(topic), name, &expected);
    };
    chapter("causes", "causes", causes());
    chapter("causes", "explain-help", without_globals("explain"));
    chapter("guides", "init-app", init("eptura"));
    chapter("guides", "init-person", init_config("creatio-office365"));
    chapter("guides", "init-help", without_globals("init"));
    chapter("guides", "login-help", without_globals("login"));
    chapter("checks", "check-help", help("check"));
    chapter("checks", "diagnose-help", without_globals("diagnose"));
    chapter("expiry", "expiry-help", without_globals("expiry"));
    chapter("alerts", "snooze-help", without_globals("snooze"));
    let keys = help_screen("keys", "| key | does |");
    chapter("dashboard", "keys", keys);
    let status = help_screen("status", "| status | meaning |");
    chapter("dashboard", "status", status);
    chapter("dashboard", "detail", screen("detail_80x24"));
    #[cfg(all(feature = "exporter", unix))]
    chapter("service", "serve-help", without_globals("serve"));
}

/// A picture of the dashboard that its own tests keep true.
fn screen(picture: &str) -> String {
    code_block(&rows(picture).join("\n"))
}

/// A part of the help screen as a table with these titles.
fn help_screen(part: &str, titles: &str) -> String {
    /// Where the words begin, behind a key or a status.
    const WORDS: usize = 14;
    let mut table = format!("{titles}\n| --- | --- |\n");
    let rows = rows("help_200x60");
    let part = rows
        .iter()
        .skip_while(|row| !row.contains(&format!("─ {part} ─")))
        .skip(1)
        .take_while(|row| row.starts_with("  "));
    for row in part {
        let first: String = row.chars().take(WORDS).collect();
        let words: String = row.chars().skip(WORDS).collect();
        assert!(!first.trim().is_empty(), "a second line of help: {row}");
        writeln!(table, "| {} | {words} |", first.trim()).unwrap();
    }
    table
}

fn rows(picture: &str) -> Vec<String> {
    let file = format!("src/tui/view/snapshots/credwatch__tui__view__tests__{picture}.snap");
    let snapshot = fs::read_to_string(root().join(file)).unwrap();
    snapshot
        .lines()
        .filter_map(|line| line.strip_prefix('"')?.strip_suffix('"'))
        .map(|row| row.trim_end().to_owned())
        .collect()
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
