//! `credwatch check` as scripts, cron and monitoring systems meet it.

use std::{
    fs,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use credwatch::{
    clock::Clock,
    simulator::{Fault, FaultTarget, RecordedRequest, WireFault},
};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::world::{PATIENCE, World, config_in, credwatch, named, stderr, stdout};

fn ending_in(name: &str, days: i64) -> credwatch::simulator::Integration {
    named(name).ending_at(Clock.now() + TimeDelta::days(days))
}

/// One tenant for each exit code; what ends when needs no cloud at all to be told.
fn four() -> World {
    let mut unknown = named("unknown-one");
    unknown.end_known = false;
    World::of([
        ending_in("fine-one", 200),
        ending_in("warning-one", 20),
        ending_in("critical-one", 2),
        unknown.with(Fault::TokenThrottled),
    ])
}

/// Waits until something holds, without a fixed time.
fn wait_until(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "{what} did not happen");
        thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn the_worst_tenant_decides_the_exit_code() {
    let world = four();
    for (names, code) in [
        (&["fine-one"][..], 0),
        (&["fine-one", "warning-one"], 1),
        (&["unknown-one", "warning-one"], 3),
        (&["critical-one", "unknown-one", "warning-one"], 2),
        (&[], 2),
    ] {
        assert_eq!(world.report(names).1, code, "{names:?}");
    }
}

#[test]
fn each_half_can_be_asked_for_alone() {
    let failing = ending_in("failing-one", 200).with(Fault::EwsDisabled);
    let world = World::of([ending_in("critical-one", 2), failing]);
    let one = |arguments: &[&str]| {
        let (report, code) = world.report(arguments);
        let tenant = &report["tenants"][0];
        (
            tenant["live"].clone(),
            tenant["expiry"].clone(),
            tenant["status"].clone(),
            code,
        )
    };
    let (null, text) = (Value::Null, |text: &str| Value::from(text));
    assert_eq!(
        one(&["critical-one", "--only", "live"]),
        (text("ok"), null.clone(), text("ok"), 0)
    );
    assert_eq!(
        one(&["critical-one", "--only", "expiry"]),
        (null.clone(), text("critical"), text("critical"), 2)
    );
    let dates = || one(&["failing-one", "--only", "expiry"]);
    let found = (null, text("ok"), text("ok"), 0);
    world.cloud.forget_requests();
    assert_eq!(dates(), found);
    let mailboxes = |seen: &RecordedRequest| seen.target == FaultTarget::Ews;
    assert!(!world.cloud.requests().iter().any(mailboxes), "dates only");
    let config = fs::read_to_string(world.files.config()).unwrap();
    let unasked = config.replace("checks = ", "directory = \"off\"\nchecks = ");
    fs::write(world.files.config(), unasked).unwrap();
    world.cloud.forget_requests();
    assert_eq!(dates(), found);
    assert!(world.cloud.requests().is_empty(), "nobody is to be asked");
}

#[test]
fn whoever_is_named_and_has_no_live_half_is_said_to_be_left_out() {
    let world = World::of([named("fine-one"), named("dates-one")]);
    let config = fs::read_to_string(world.files.config()).unwrap();
    let place = config.find("name = \"dates-one\"").unwrap();
    let (before, behind) = config.split_at(place);
    fs::write(
        world.files.config(),
        format!("{before}mode = \"dates\"\n{behind}"),
    )
    .unwrap();
    let arguments = ["fine-one", "dates-one", "--only", "live"];
    let output = world.check(&arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(
        stderr(&output).contains("'dates-one' is left out"),
        "{output:?}"
    );
}

#[test]
fn a_candidate_is_tried_or_refused() {
    let world = World::of([named("fine-one")]);
    let arguments = ["fine-one", "--candidate", "env:PATH", "--only", "expiry"];
    let output = world.check(&arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert!(stderr(&output).contains("would not be tried"), "{output:?}");
}

#[test]
fn what_is_logged_stands_in_the_file_that_was_named() {
    let world = World::of([named("fine-one")]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("named.log");
    let mut command = world.check(&["fine-one"]);
    let output = command
        .arg("-vv")
        .arg("--log-file")
        .arg(&file)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let log = fs::read_to_string(&file).unwrap();
    assert!(log.contains("fine-one"), "{log}");
}

#[test]
fn flags_override_the_thresholds_of_the_config() {
    let world = World::of([ending_in("fine-one", 200)]);
    assert_eq!(world.report(&["--warn", "300d"]).1, 1);
    assert_eq!(world.report(&["--warn", "300d", "--critical", "250d"]).1, 2);
}

#[test]
fn names_and_tags_that_match_nothing_are_no_success() {
    let world = World::of([named("fine-one")]);
    for arguments in [&["fine-two"][..], &["--tag", "nowhere"], &["fine-one", "x"]] {
        for format in ["text", "json"] {
            let mut command = world.check(arguments);
            let output = command.args(["--format", format]).output().unwrap();
            assert_eq!(output.status.code(), Some(3), "{arguments:?}");
            assert!(output.stdout.is_empty() && !output.stderr.is_empty());
        }
    }
}

#[test]
fn another_secret_can_be_tried_before_it_is_handed_out() {
    let mut one = named("fine-one");
    let value = one.secrets[0].value.clone();
    one.mistaken_secret = Some("not-the-secret".to_owned());
    let world = World::of([one]);
    assert_eq!(world.report(&["fine-one"]).1, 2);
    let candidate = ["fine-one", "--candidate", "env:NEW_SECRET"];
    let with = |value: &str| {
        let mut command = world.check(&candidate);
        command.env("NEW_SECRET", value).output().unwrap()
    };
    assert_eq!(with(&value).status.code(), Some(0));
    assert_eq!(with("neither").status.code(), Some(2));
    // it stands for one tenant, which has to be named
    let output = world.check(&candidate[1..]).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
}

#[test]
fn a_report_can_replace_a_file_whole() {
    let world = four();
    let path = world.files.path().join("reports");
    fs::create_dir(&path).unwrap();
    let file = path.join("report.json");
    fs::write(&file, "old").unwrap();
    let mut command = world.check(&["--format", "json"]);
    let output = command.arg("--output").arg(&file).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let report: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert_eq!(report["summary"]["total"], 4);
    assert_eq!(fs::read_dir(&path).unwrap().count(), 1);
}

#[test]
fn a_bad_config_leaves_standard_output_empty() {
    let dir = tempfile::tempdir().unwrap();
    let plain = config_in(dir.path(), "secret = \"hunter2-plain\"");
    let missing = dir.path().join("missing.toml");
    for path in [&plain, &missing] {
        for format in ["text", "json", "prometheus", "csv", "markdown"] {
            let mut command = credwatch(&["check", "--format", format, "--config"]);
            let output = command.arg(path).output().unwrap();
            assert_eq!(output.status.code(), Some(3));
            assert!(output.stdout.is_empty() && !output.stderr.is_empty());
            assert!(!stderr(&output).contains("hunter2"));
        }
    }
}

#[test]
fn nagios_gets_one_line_where_the_check_could_not_be_done() {
    let dir = tempfile::tempdir().unwrap();
    let plain = config_in(dir.path(), "secret = \"hunter2-plain\"");
    let config = plain.to_str().unwrap();
    for arguments in [
        &["check", "--config", config, "--format", "nagios"][..],
        &["check", "--config", "/nowhere.toml", "--format=nagios"],
        &["check", "--format", "nagios", "--warn", "soon"],
        &["check", "--format", "nagios", "--nonsense"],
    ] {
        let output = credwatch(arguments).output().unwrap();
        let said = stdout(&output);
        assert_eq!(output.status.code(), Some(3), "{arguments:?}");
        assert!(said.starts_with("CREDWATCH UNKNOWN: "), "{said}");
        assert!(
            said.lines().count() == 1 && !said.contains("hunter2"),
            "{said}"
        );
    }
}

#[test]
fn a_reader_that_goes_away_changes_nothing() {
    let world = four();
    for format in ["text", "json"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_credwatch"))
            .args(["check", "--confirm", "0s", "--format", format, "--config"])
            .arg(world.files.config())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(stderr(&output), "");
    }
}

#[test]
fn without_a_unicode_terminal_there_is_only_ascii() {
    let mut one = named("fine-one").with(Fault::EwsBlockedByPolicy);
    one.note = Some("Besprechungsräume · «Zürich»".to_owned());
    let world = World::of([one, ending_in("warning-one", 20)]);
    let said = |name: &str, settings: &[(&str, &str)]| {
        let mut command = world.check(&[name]);
        let output = command.envs(settings.iter().copied()).output().unwrap();
        stdout(&output)
    };
    let console = [("TERM", "linux"), ("LANG", "C.UTF-8")];
    for settings in [&[][..], &[("LC_ALL", "C"), ("LANG", "C.UTF-8")], &console] {
        let text = said("fine-one", settings);
        assert!(text.is_ascii(), "{text}");
        assert!(
            text.contains("x fine-one") && text.contains("Besprechungsr?ume"),
            "{text}"
        );
    }
    let text = said("fine-one", &[("LANG", "de_CH.UTF-8")]);
    assert!(
        text.contains("✖ fine-one") && text.contains("«Zürich»"),
        "{text}"
    );
}

#[test]
fn a_failure_that_passes_is_tried_once_more_and_does_not_count() {
    let flaky = named("flaky-one").with(Fault::EwsInternalError);
    let world = World::of([flaky, named("next-one")]);
    let asked = |name, surface| {
        let requests = world.cloud.requests_of(name);
        requests
            .iter()
            .filter(|seen| seen.target == surface)
            .count()
    };
    let arguments = ["--format", "json", "--confirm", "3s", "--concurrency", "1"];
    let mut command = world.check(&arguments);
    let output = thread::scope(|scope| {
        let checking = scope.spawn(|| command.output().unwrap());
        // whoever waits to be confirmed holds no slot, so that the next one has its turn
        wait_until("the next check", || {
            asked("next-one", FaultTarget::Ews) == 1
        });
        world.cloud.set_fault("flaky-one", None).unwrap();
        checking.join().unwrap()
    });
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    // the failed stage alone is repeated, with the token at hand; the directory gets one of its own
    let asked = |surface| asked("flaky-one", surface);
    assert_eq!((asked(FaultTarget::Entra), asked(FaultTarget::Ews)), (2, 2));
}

#[test]
fn a_machine_without_a_network_says_so_once_and_blames_nobody() {
    let dir = tempfile::tempdir().unwrap();
    // no connection can be made to these, on any machine
    let lines = "secret = { env = \"SECRET\" }\nlogin_url = \"https://255.255.255.255\"\n\
                 [[tenant]]\nname = \"fabrikam-desks\"\ntenant_id = \"fabrikam.example\"\n\
                 client_id = \"33333333-2222-2222-2222-222222222222\"\nchecks = []\n\
                 secret = { env = \"SECRET\" }\nlogin_url = \"https://224.0.0.1\"";
    let config = config_in(dir.path(), lines);
    let mut command = credwatch(&["check", "--format", "json", "--confirm", "0s", "--config"]);
    let output = command
        .arg(config)
        .env("SECRET", "abc8Q~x")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(stderr(&output).matches("offline").count(), 1);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    for tenant in report["tenants"].as_array().unwrap() {
        assert_eq!(tenant["live"], "unknown", "{tenant}");
    }
}

#[test]
fn a_signal_ends_the_pass_and_what_was_not_seen_is_unknown() {
    let stalled = Fault::Wire(FaultTarget::Ews, WireFault::Stall);
    let world = World::of([named("fine-one"), named("stalled-one").with(stalled)]);
    let child = Command::new(env!("CARGO_BIN_EXE_credwatch"))
        .args(["check", "--timeout", "100s", "--format", "json", "--config"])
        .arg(world.files.config())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let asked = |name: &str| {
        let requests = world.cloud.requests_of(name);
        requests.iter().any(|seen| seen.target == FaultTarget::Ews)
    };
    wait_until("both calls", || asked("fine-one") && asked("stalled-one"));
    let pid = Pid::from_raw(child.id().cast_signed()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert!(stderr(&output).contains("stopped"));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["tenants"][1]["live"], "unknown");
    assert_eq!(report["summary"]["total"], 2);
}

#[test]
fn a_secret_that_cannot_be_had_is_that_tenants_verdict() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("folder")).unwrap();
    fs::write(dir.path().join("empty"), "\n").unwrap();
    for source in [
        "{ env = \"NOT_SET\" }",
        "{ file = \"missing\" }",
        "{ file = \"folder\" }",
        "{ file = \"empty\" }",
        "{ credential = \"no-systemd\" }",
        "{ command = [\"false\"] }",
        "{ command = [\"true\"] }",
        "{ command = [\"no-such-program\"] }",
        "{ command = [\"sleep\", \"1000\"] }",
    ] {
        // no address is asked for anything, so a wrong one does no harm
        let lines = format!("login_url = \"https://127.0.0.1:1\"\nsecret = {source}");
        let config = config_in(dir.path(), &lines);
        let mut command = credwatch(&["check", "--format", "json", "--timeout", "1s", "--config"]);
        let command = command.arg(config).env("PATH", "/usr/bin:/bin");
        let output = command.output().unwrap();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let tenant = &report["tenants"][0];
        assert_eq!(
            tenant["diagnosis"]["cause"], "secret-unavailable",
            "{source}"
        );
        assert_eq!(tenant["live"], "unknown", "{source}");
        assert_eq!(output.status.code(), Some(3), "{source}");
    }
}
