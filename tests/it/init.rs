//! `credwatch init` as a process: what it writes, and what it leaves alone.

use std::{fs, path::Path, process::Output};

use crate::{
    dashboard::Terminal,
    world::{credwatch, stderr, stdout},
};

fn init(config: &Path, arguments: &[&str]) -> Output {
    let mut command = credwatch(&["init", "--config"]);
    command.arg(config).args(arguments).output().unwrap()
}

#[test]
fn what_is_not_known_becomes_a_marked_example_that_config_check_accepts() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("new/folder/config.toml");
    let out = init(&config, &["--profile", "creatio"]);
    assert_eq!(out.status.code(), Some(0), "{out:?}");
    let said = stdout(&out);
    assert!(said.contains("'<client id>'"), "{said}");
    let check = credwatch(&["config", "check", "-c"])
        .arg(&config)
        .output()
        .unwrap();
    assert_eq!(check.status.code(), Some(0));
    assert!(stdout(&check).contains("is still an example value"));
}

#[test]
fn a_file_that_is_there_stays_unless_a_flag_says_otherwise() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("config.toml");
    fs::write(&config, "# mine").unwrap();
    let refused = init(&config, &["--profile", "eptura"]);
    assert_eq!(refused.status.code(), Some(3));
    assert!(stderr(&refused).contains("--append"), "{refused:?}");
    assert!(refused.stdout.is_empty());
    assert_eq!(fs::read_to_string(&config).unwrap(), "# mine");

    let added = init(&config, &["--append", "--profile", "eptura"]);
    assert_eq!(added.status.code(), Some(0), "{added:?}");
    let text = fs::read_to_string(&config).unwrap();
    assert!(text.starts_with("# mine\n") && text.contains("profile = \"eptura\""));

    let twice = init(&config, &["--append", "--profile", "eptura"]);
    assert_eq!(twice.status.code(), Some(1), "the name is taken");
    assert!(stderr(&twice).contains("nothing was written"), "{twice:?}");
    assert_eq!(fs::read_to_string(&config).unwrap(), text);

    let forced = init(&config, &["--force"]);
    assert_eq!(forced.status.code(), Some(0), "{forced:?}");
    let aside = dir.path().join("config.toml.old");
    assert_eq!(fs::read_to_string(&aside).unwrap(), text);
    let again = init(&config, &["--force"]);
    assert_eq!(again.status.code(), Some(3), "what was moved aside stays");
    assert_eq!(fs::read_to_string(&aside).unwrap(), text);
}

#[test]
fn a_secret_on_the_command_line_is_refused_and_not_said_back() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("config.toml");
    let secret = format!("abc8Q~{}", "x".repeat(34));
    let out = init(&config, &["--secret", &secret]);
    assert_eq!(out.status.code(), Some(3));
    assert!(!config.exists());
    assert!(!stderr(&out).contains(&secret), "{out:?}");
    assert!(stderr(&out).contains("env:NAME"), "{out:?}");
    let wrong = init(
        &config,
        &["--profile", "automation-anywhere", "--secret", "env:A"],
    );
    assert_eq!(wrong.status.code(), Some(3));
    assert!(stderr(&wrong).contains("public client"), "{wrong:?}");
    for (flag, value) in [
        ("--tenant-id", "not a domain"),
        ("--client-id", "123"),
        ("--mailbox", "nobody"),
        ("--secret-expires", "soon"),
        ("--profile", "eptora"),
        ("--cloud", "mars"),
    ] {
        let out = init(&config, &[flag, value]);
        assert_eq!(out.status.code(), Some(3), "{flag}");
        assert!(!config.exists(), "{flag}");
    }
}

#[test]
fn a_secret_file_is_named_from_here_and_dates_need_none() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("etc/config.toml");
    let out = credwatch(&["init", "--secret", "file:rooms", "--config"])
        .arg(&config)
        .current_dir(dir.path())
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(0), "{out:?}");
    let text = fs::read_to_string(&config).unwrap();
    assert!(
        text.contains(&format!("{}/rooms", dir.path().display())),
        "{text}"
    );
    let dates = init(&config, &["--append", "--name", "two", "--dates"]);
    assert_eq!(dates.status.code(), Some(0), "{dates:?}");
    let text = fs::read_to_string(&config).unwrap();
    assert!(text.contains("mode = \"dates\""), "{text}");
}

#[test]
fn on_a_terminal_it_asks_and_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("config.toml");
    let mut terminal = Terminal::running(&["init", "--config", config.to_str().unwrap()]);
    terminal.until_shown("Number or word:");
    let answers = [
        ("eptura\r", "Name [my-eptura]:"),
        ("rooms\r", "Directory (tenant) ID"),
        ("contoso.com\r", "Application (client) ID"),
        ("\r", "[Y/n]"),
        ("\r", "[env:ROOMS_SECRET]"),
        ("\r", "Mailbox that the test call opens"),
        ("room@contoso.com\r", "When the secret ends"),
        ("2027-03-31\r", "is valid: 1 tenant, 1 warning"),
    ];
    for (answer, then) in answers {
        terminal.press(answer);
        terminal.until_shown(then);
    }
    let text = fs::read_to_string(&config).unwrap();
    assert!(
        text.contains("secret = { env = \"ROOMS_SECRET\" }"),
        "{text}"
    );
    assert!(text.contains("secret_expires = 2027-03-31"), "{text}");
}
