//! What the process asks of the system, and what its children see of it.

use std::fs;

use assert_cmd::Command;

use crate::world::{PATIENCE, World, config_in, credwatch, named, stderr};

#[test]
fn a_secret_command_sees_no_variable_with_another_secret() {
    let dir = tempfile::tempdir().unwrap();
    let seen = dir.path().join("seen");
    let script = format!("env > '{}'; echo secret", seen.display());
    let lines = format!(
        "secret = {{ command = [\"/bin/sh\", \"-c\", \"{script}\"] }}\n\
         login_url = \"http://127.0.0.1:1\"\n"
    );
    let config = config_in(dir.path(), &lines);
    let state = dir.path().join("state");
    let mut command = credwatch(&["check", "--confirm", "0s", "--config"]);
    command
        .arg(&config)
        .arg("--state-dir")
        .arg(&state)
        .env("PATH", "/usr/bin:/bin")
        .env("FABRIKAM_SECRET", "planted")
        .env("VAULT_ADDR", "https://vault.example")
        .env("CREDWATCH_PASS_ENV", "VAULT_ADDR");
    let output = command.output().unwrap();
    let seen = fs::read_to_string(&seen).unwrap_or_else(|_| panic!("{}", stderr(&output)));
    assert!(seen.contains("PATH=/usr/bin:/bin"), "{seen}");
    assert!(seen.contains("VAULT_ADDR=https://vault.example"), "{seen}");
    assert!(!seen.contains("planted"), "{seen}");
}

#[test]
fn a_small_address_space_ends_no_check() {
    let names = (0..24).map(|number| named(&format!("tenant-{number}")));
    let world = World::of(names);
    for kib in ["200000", "400000"] {
        let mut limited = Command::new("/bin/sh");
        limited
            .env_clear()
            .args(["-c", "ulimit -v $0 && exec \"$@\"", kib])
            .arg(env!("CARGO_BIN_EXE_credwatch"))
            .args(["check", "--confirm", "0s", "--config"])
            .arg(world.files.config())
            .arg("--state-dir")
            .arg(world.files.path().join(kib))
            .timeout(PATIENCE);
        let output = limited.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{kib}: {}", stderr(&output));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_crash_leaves_no_core_dump() {
    use std::{
        io::{BufRead as _, BufReader},
        process::{Command, Stdio},
    };
    let mut child = Command::new(env!("CARGO_BIN_EXE_credwatch"))
        .args(["demo", "--serve"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // the first line comes after the process has set itself up
    let mut line = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut line).unwrap();
    let limits = fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let core = limits
        .lines()
        .find(|line| line.contains("core file"))
        .unwrap();
    let words: Vec<_> = core.split_whitespace().collect();
    assert_eq!(words[4..6], ["0", "0"], "{core}");
}

#[test]
fn a_second_signal_ends_a_check_whose_output_is_not_read() {
    use std::{
        io::Read as _,
        process::{Command, Stdio},
        thread,
        time::{Duration, Instant},
    };

    use rustix::process::{Pid, Signal, kill_process};

    // more output than a pipe holds
    let names = (0..100).map(|number| named(&format!("tenant-{number}")));
    let world = World::of(names);
    let mut child = Command::new(env!("CARGO_BIN_EXE_credwatch"))
        .args(["check", "--confirm", "0s", "--format", "json", "--config"])
        .arg(world.files.config())
        .arg("--state-dir")
        .arg(world.files.path().join("state"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // the report has begun, and the rest of it is not read
    let mut output = child.stdout.take().unwrap();
    output.read_exact(&mut [0]).unwrap();
    let pid = Pid::from_raw(child.id().cast_signed()).unwrap();
    let deadline = Instant::now() + PATIENCE;
    while child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < deadline, "it does not end");
        thread::sleep(Duration::from_millis(200));
        kill_process(pid, Signal::TERM).ok();
    }
}
