//! What outlives a process, through the binary: who is told, how often, and what a crash leaves.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod mail;
mod receiver;

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use credwatch::{
    alert::{Claim, HOLD, Ledger as _},
    history::Store,
};
use receiver::Receiver;

/// A config that needs no network: one tenant whose secret has ended, and a webhook.
const CONFIG: &str = r#"
[alerts]
failing_after = 1

[notify]
desktop = false

[[notify.channel]]
name = "hook"
kind = "webhook"
url = { env = "HOOK" }

[[tenant]]
name = "contoso"
tenant_id = "11111111-2222-3333-4444-555555555555"
client_id = "11111111-2222-3333-4444-555555555555"
checks = ["graph"]
mode = "dates"
secret_expires = 2020-01-01
tags = ["prod"]
"#;

/// The app of that config.
const APP: &str = "11111111-2222-3333-4444-555555555555";

struct Home(tempfile::TempDir);

impl Home {
    fn new(config: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("config.toml"), config).unwrap();
        Self(home)
    }

    fn history(&self) -> std::path::PathBuf {
        self.0.path().join("state/history.db")
    }

    fn command(&self, arguments: &[&str], hook: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_credwatch"));
        command
            .args(arguments)
            .arg("--config")
            .arg(self.0.path().join("config.toml"))
            .arg("--state-dir")
            .arg(self.0.path().join("state"))
            .env("HOOK", hook)
            .stdin(Stdio::null());
        command
    }

    /// Runs to the end; returns exit code, standard output and standard error.
    fn run(&self, arguments: &[&str], hook: &str) -> (i32, String, String) {
        let output = self.command(arguments, hook).output().unwrap();
        (
            output.status.code().unwrap(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    }

    fn start(&self, arguments: &[&str], hook: &str) -> Child {
        let mut command = self.command(arguments, hook);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().unwrap()
    }
}

const PASS: &[&str] = &["check", "--notify"];

#[test]
fn what_is_due_is_sent_once_over_many_passes_and_only_when_asked() {
    let (home, receiver) = (Home::new(CONFIG), Receiver::start(200));
    let hook = receiver.url("/hook");
    assert_eq!(home.run(&["check"], &hook).0, 2);
    assert!(receiver.taken().is_empty());
    for _ in 0..3 {
        let (code, _, said) = home.run(PASS, &hook);
        assert_eq!((code, said.as_str()), (2, ""));
    }
    let taken = receiver.taken();
    assert_eq!(taken.len(), 1);
    let body: serde_json::Value = serde_json::from_str(&taken[0].body).unwrap();
    assert_eq!(body["kind"], "expiry");
    assert_eq!(body["tenant"], "contoso");
    assert_eq!(taken[0].header("idempotency-key"), body["key"].as_str());
}

#[test]
fn the_end_of_ews_is_one_message_for_all_who_live_on_it() {
    let tenant = CONFIG.split("[[tenant]]").nth(1).unwrap();
    let on_ews = tenant.replace("checks = [\"graph\"]\n", "");
    let more = on_ews.replace("\"contoso\"", "\"fabrikam\"");
    let config = CONFIG.replace(tenant, &on_ews);
    let home = Home::new(&format!("{config}[[tenant]]{more}"));
    let receiver = Receiver::start(200);
    for arguments in [&["check", "--notify", "fabrikam"], PASS, PASS] {
        home.run(arguments, &receiver.url("/hook"));
    }
    let ends: Vec<serde_json::Value> = receiver
        .taken()
        .iter()
        .map(|message| serde_json::from_str(&message.body).unwrap())
        .filter(|body: &serde_json::Value| body["kind"] == "retirement")
        .collect();
    assert_eq!(ends.len(), 1);
    let body = ends[0]["body"].as_str().unwrap();
    assert!(body.ends_with("contoso, fabrikam."), "{body}");
}

#[test]
fn whoever_watches_a_part_tells_of_the_end_of_ews_for_that_part() {
    let tenant = CONFIG.split("[[tenant]]").nth(1).unwrap();
    let on_ews = tenant.replace("checks = [\"graph\"]\n", "");
    let more = on_ews.replace("\"contoso\"", "\"fabrikam\"");
    let config = CONFIG.replace(tenant, &on_ews);
    let config = format!("{config}[[tenant]]{more}");
    let receiver = Receiver::start(200);
    let mut named = String::new();
    for part in ["1/2", "2/2"] {
        let home = Home::new(&config);
        home.run(
            &["check", "--notify", "--shard", part],
            &receiver.url("/hook"),
        );
    }
    for message in receiver.taken() {
        let body: serde_json::Value = serde_json::from_str(&message.body).unwrap();
        if body["kind"] == "retirement" {
            named += body["body"].as_str().unwrap();
        }
    }
    assert!(
        named.contains("contoso") && named.contains("fabrikam"),
        "{named}"
    );
}

#[test]
fn a_message_that_nobody_took_is_said_and_sent_later() {
    let (home, down) = (Home::new(CONFIG), Receiver::start(503));
    let (code, _, said) = home.run(PASS, &down.url("/planted-path"));
    assert_eq!(code, 2);
    assert!(
        said.contains("channel 'hook': the receiver answered 503"),
        "{said}"
    );
    assert!(!said.contains("planted-path"), "{said}");
    // when the pause is over that the receiver asked for, the message goes out
    let up = Receiver::start(200);
    let passes = (0..200).take_while(|_| {
        home.run(PASS, &up.url("/hook"));
        up.taken().is_empty()
    });
    assert!(passes.count() < 200);
    assert_eq!(up.taken().len(), 1);
}

#[test]
fn processes_that_race_on_one_history_send_each_message_once() {
    let receiver = Receiver::start(200);
    for round in 0..10 {
        let home = Home::new(CONFIG);
        let hook = receiver.url(&format!("/{round}"));
        let racers: Vec<Child> = (0..4).map(|_| home.start(PASS, &hook)).collect();
        for mut racer in racers {
            assert_eq!(racer.wait().unwrap().code(), Some(2));
        }
    }
    let counts = receiver.by_path();
    assert_eq!(counts.len(), 10);
    assert!(counts.values().all(|count| *count == 1), "{counts:?}");
}

/// Kills `check --notify` 200 times at some point of its run. Whatever was under way, the message is
/// either noted as sent, or still to be had: nothing is lost. A message that arrived without being
/// noted is the one case in which it goes out again ("at least once"): its receiver knows it by its
/// idempotency key.
#[test]
fn a_kill_at_any_point_loses_nothing_and_repeats_only_what_was_not_noted() {
    let receiver = Receiver::start(200);
    let (mut noted, mut arrived_only, mut left) = (0, 0, 0);
    let mut chance = 0x9e37_79b9_u32;
    for round in 0..200 {
        let home = Home::new(CONFIG);
        let path = format!("/{round}");
        let hook = receiver.url(&path);
        let mut child = home.start(PASS, &hook);
        chance = chance.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        std::thread::sleep(Duration::from_millis(u64::from(chance >> 16) % 120));
        child.kill().unwrap();
        child.wait().unwrap();
        let arrived = receiver.by_path().get(&path).copied().unwrap_or(0);
        match fate(&home.history()) {
            Fate::Noted => {
                assert_eq!(arrived, 1, "noted, so it must have arrived once");
                home.run(PASS, &hook);
                assert_eq!(
                    receiver.by_path()[&path],
                    1,
                    "noted, so it is not sent again"
                );
                noted += 1;
            }
            Fate::Due if arrived == 1 => arrived_only += 1,
            Fate::Due => {
                assert_eq!(arrived, 0);
                left += 1;
            }
        }
    }
    assert_eq!(noted + arrived_only + left, 200);
    println!("noted {noted}, arrived but not noted {arrived_only}, left for the next {left}");
}

enum Fate {
    /// It is noted that the message was sent.
    Noted,
    /// It is there to be claimed by the next process, at the latest when the claim has run out; or it
    /// was not even noted as due, and the next pass finds it out anew.
    Due,
}

fn fate(history: &Path) -> Fate {
    if !history.exists() {
        return Fate::Due;
    }
    // a file that is whole after the kill
    let store = Store::open(history).unwrap();
    let now = chrono::Utc::now() + HOLD + HOLD;
    let end = chrono::DateTime::parse_from_rfc3339("2020-01-01T00:00:00Z").unwrap();
    let key = format!("expiry:{APP}:secret::{}:0", end.timestamp());
    match store.ledger("hook").claim(&key, now).unwrap() {
        Claim::Sent => Fate::Noted,
        Claim::Claimed => Fate::Due,
        Claim::Held(until) => panic!("still held until {until}"),
    }
}

#[test]
fn a_snooze_is_shown_holds_what_is_due_and_ends() {
    let (home, receiver) = (Home::new(CONFIG), Receiver::start(200));
    let hook = receiver.url("/hook");
    let snooze = [
        "snooze",
        "contoso",
        "--for",
        "1h",
        "--reason",
        "planned \u{1b}[31mrenewal",
        "--by",
        "ana",
    ];
    let (code, said, _) = home.run(&snooze, &hook);
    assert_eq!(code, 0);
    assert!(said.contains("contoso: alerts held until"), "{said}");
    let (code, shown, _) = home.run(PASS, &hook);
    assert_eq!(code, 2, "a snooze changes no verdict");
    assert!(shown.contains("alerts held until"), "{shown}");
    assert!(receiver.taken().is_empty());
    let (_, listed, _) = home.run(&["snooze", "--list"], &hook);
    assert!(
        listed.contains("planned") && !listed.contains('\u{1b}'),
        "{listed}"
    );
    assert!(listed.contains(" by ana: "), "{listed}");
    let (code, said, _) = home.run(&["snooze", "contoso", "--ack", "b\u{7}ob"], &hook);
    assert_eq!(code, 0);
    assert!(
        said.contains("contoso: acknowledged by bob since"),
        "{said}"
    );
    let (_, shown, _) = home.run(&["check"], &hook);
    assert!(
        shown.contains("acknowledged by bob") && shown.contains("alerts held"),
        "{shown}"
    );
    assert_eq!(home.run(&["snooze", "--clear"], &hook).0, 3, "whose?");
    assert_eq!(home.run(&["snooze", "contoso", "--clear"], &hook).0, 0);
    assert_eq!(home.run(&["snooze", "--clear", "contoso"], &hook).0, 3);
    let (_, listed, _) = home.run(&["snooze", "--list"], &hook);
    assert_eq!(listed, "no alerts are held\n");
    home.run(PASS, &hook);
    assert_eq!(receiver.taken().len(), 1);
    assert_eq!(
        home.run(&["snooze", "nobody", "--for", "1h", "--reason", "x"], &hook)
            .0,
        3
    );
}

#[test]
fn a_history_that_cannot_be_used_is_one_line_and_messages_still_go_out() {
    let (home, receiver) = (Home::new(CONFIG), Receiver::start(200));
    let hook = receiver.url("/hook");
    fs::create_dir_all(home.history().parent().unwrap()).unwrap();
    fs::write(home.history(), "no database at all ".repeat(100)).unwrap();
    let (code, _, said) = home.run(&["check"], &hook);
    assert_eq!((code, said.lines().count()), (2, 1), "{said}");
    assert!(said.contains("the history is damaged"), "{said}");
    let (code, _, _) = home.run(PASS, &hook);
    assert_eq!((code, receiver.taken().len()), (2, 1));
}

#[test]
fn a_pass_gives_a_sign_of_life_with_its_exit_code() {
    let receiver = Receiver::start(200);
    let config = CONFIG.replace("failing_after = 1", "ping = { env = \"PING\" }");
    let home = Home::new(&config);
    let mut command = home.command(&["check"], "unused");
    let output = command.env("PING", receiver.url("/uuid")).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let counts = receiver.by_path();
    let expected: BTreeMap<String, usize> =
        [("/uuid/2".into(), 1), ("/uuid/start".into(), 1)].into();
    assert_eq!(counts, expected);
    assert!(receiver.taken()[1].body.contains("1 tenant"));
}

/// A config with an e-mail channel that trusts this authority.
fn mailing(server: &mail::Server, security: &str, ca_pem: &str) -> Home {
    let more = format!(
        "[[notify.channel]]\nkind = \"email\"\nserver = \"127.0.0.1:{}\"\nsecurity = \"{security}\"\n\
         from = \"credwatch@contoso.com\"\nto = [\"ops@contoso.com\", \"lead@contoso.com\"]\n",
        server.port
    );
    let sign_in = if security == "none" {
        ""
    } else {
        "user = \"watch\"\nsecret = { file = \"password\" }\n"
    };
    let trust = "[defaults]\nca_file = \"ca.pem\"\n";
    let home = Home::new(&format!("{trust}{CONFIG}{more}{sign_in}"));
    fs::write(home.0.path().join("ca.pem"), ca_pem).unwrap();
    fs::write(home.0.path().join("password"), "planted-password").unwrap();
    home
}

#[test]
fn an_e_mail_is_handed_to_the_server_with_its_sender_and_every_receiver() {
    use mail::Protection;
    for (security, protection) in [
        ("none", Protection::None),
        ("tls", Protection::Tls),
        ("starttls", Protection::StartTls),
    ] {
        let server = mail::Server::start(protection);
        let receiver = Receiver::start(200);
        let home = mailing(&server, security, &server.ca_pem);
        let (code, _, said) = home.run(PASS, &receiver.url("/hook"));
        assert_eq!((code, said.as_str()), (2, ""), "{security}");
        let (lines, protected) = server.said.recv_timeout(Duration::from_secs(30)).unwrap();
        assert_eq!(protected, security != "none");
        let place = |wanted: &str| lines.iter().position(|line| line.starts_with(wanted));
        assert!(
            place("MAIL FROM:<credwatch@contoso.com>").is_some(),
            "{lines:?}"
        );
        assert!(place("RCPT TO:<ops@contoso.com>").is_some());
        assert!(place("RCPT TO:<lead@contoso.com>").is_some());
        assert!(
            place("Subject: ").is_some() && place("QUIT").is_some(),
            "{lines:?}"
        );
        // nobody signs in, and nothing is said, before the connection is protected
        let starts = place("STARTTLS");
        assert_eq!(starts.is_some(), security == "starttls");
        assert_eq!(place("AUTH PLAIN").is_some(), protected, "{lines:?}");
        assert!(place("AUTH") > starts || !protected);
        assert_eq!(receiver.taken().len(), 1);
    }
}

#[test]
fn a_mail_server_that_is_not_what_it_should_be_gets_no_word() {
    use mail::Protection;
    let stranger = mail::Server::start(Protection::None).ca_pem;
    let cases = [
        ("tls", Protection::Tls, Some(stranger.as_str())),
        ("starttls", Protection::StartTls, Some(stranger.as_str())),
        // one that cannot protect the connection, or was made to say so
        ("starttls", Protection::None, None),
    ];
    for (security, protection, ca_pem) in cases {
        let server = mail::Server::start(protection);
        let receiver = Receiver::start(200);
        let home = mailing(&server, security, ca_pem.unwrap_or(&server.ca_pem));
        let (code, _, said) = home.run(PASS, &receiver.url("/hook"));
        assert_eq!(code, 2);
        assert!(said.contains("the mail server took nothing"), "{said}");
        assert!(!said.contains("planted"), "{said}");
        let (lines, _) = server.said.recv_timeout(Duration::from_secs(30)).unwrap();
        let told = lines
            .iter()
            .any(|line| line.starts_with("MAIL") || line.starts_with("AUTH"));
        assert!(!told, "{lines:?}");
        // the others were told
        assert_eq!(receiver.taken().len(), 1);
    }
}

#[test]
fn a_test_message_goes_through_every_channel_and_each_result_is_said() {
    let receiver = Receiver::start(200);
    let more = r#"
[[notify.channel]]
kind = "command"
command = ["sh", "-c", "cat > $OUT && test -z \"$NTFY\""]

[[notify.channel]]
kind = "slack"
url = { env = "NOT_SET" }

[[notify.channel]]
kind = "ntfy"
url = { env = "NTFY" }

[[notify.channel]]
kind = "terminal"
"#;
    let home = Home::new(&format!("{CONFIG}{more}"));
    let out = home.0.path().join("alert.json");
    let output = home
        .command(&["notify", "test"], &receiver.url("/hook"))
        .stderr(Stdio::piped())
        .env("OUT", &out)
        .env("CREDWATCH_PASS_ENV", "OUT")
        .env("NTFY", receiver.url("/ops"))
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    for line in [
        "hook: sent",
        "command: sent",
        "ntfy: sent",
        "slack: its secret cannot be read",
        "terminal: there is no terminal here",
    ] {
        assert!(said.contains(line), "{said}");
    }
    let given: serde_json::Value = serde_json::from_slice(&fs::read(out).unwrap()).unwrap();
    assert_eq!(
        (&given["schema"], &given["kind"]),
        (&1.into(), &"test".into())
    );
    assert_eq!(receiver.taken().len(), 2);
}
