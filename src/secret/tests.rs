//! Real files and real programs; the environment is made up.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use super::{value::MAX_BYTES, *};

const SECRET: &str = "abc8Q~planted-canary-planted-canary-0000";

fn environment(name: &str) -> Option<OsString> {
    use std::os::unix::ffi::OsStringExt as _;
    match name {
        "GOOD" => Some(SECRET.into()),
        "BLANK" => Some(" \n".into()),
        "TRAILING" => Some("x\n".into()),
        "BINARY" => Some(OsString::from_vec(vec![0xff, 0xfe, b'a'])),
        _ => None,
    }
}

fn secrets() -> Secrets {
    Secrets::with_environment(environment)
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(30)
}

async fn read(source: SecretSource) -> Result<String, String> {
    let read = secrets().read(&source, Duration::ZERO, soon()).await;
    read.map(|secret| secret.expose_secret().to_owned())
        .map_err(|error| error.to_string())
}

fn shell(script: &str) -> SecretSource {
    SecretSource::Command(vec!["/bin/sh".into(), "-c".into(), script.into()])
}

fn env(name: &str) -> SecretSource {
    SecretSource::Env(name.into())
}

#[tokio::test]
async fn a_variable_is_read_as_it_stands() {
    assert_eq!(read(env("GOOD")).await.unwrap(), SECRET);
    assert_eq!(read(env("TRAILING")).await.unwrap(), "x\n");
    for (name, message) in [
        ("MISSING", "environment variable 'MISSING' is not set"),
        ("BLANK", "environment variable 'BLANK' is empty"),
        ("BINARY", "environment variable 'BINARY' is not UTF-8 text"),
    ] {
        let error = read(env(name)).await.unwrap_err();
        assert!(error.starts_with(message), "{error}");
    }
}

#[tokio::test]
async fn one_line_end_and_a_byte_order_mark_are_no_part_of_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    for (written, secret) in [
        ("s3cret", "s3cret"),
        ("s3cret\n", "s3cret"),
        ("s3cret\r\n", "s3cret"),
        ("s3cret\n\n", "s3cret\n"),
        (" s3cret ", " s3cret "),
        ("\u{feff}s3cret\n", "s3cret"),
    ] {
        fs::write(&path, written).unwrap();
        let read = read(SecretSource::File(path.clone())).await;
        assert_eq!(read.as_deref(), Ok(secret), "{written:?}");
    }
}

#[tokio::test]
async fn an_unusable_file_says_what_it_is_and_never_what_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let lines = format!("{SECRET}\nuser: x\n");
    let utf16: Vec<u8> = SECRET
        .encode_utf16()
        .flat_map(|unit| (unit | 0x8000).to_le_bytes())
        .collect();
    for (path, message) in [
        (folder.path().join("none"), "does not exist"),
        (folder.path().to_owned(), "is not a regular file"),
        (Path::new("/dev/zero").to_owned(), "is not a regular file"),
        (write("empty", b"\r\n"), "is empty"),
        (write("lines", lines.as_bytes()), "holds several lines"),
        (write("utf16", &utf16), "is not UTF-8 text"),
        (write("large", &vec![b'x'; MAX_BYTES + 1]), "is larger than"),
    ] {
        let error = read(SecretSource::File(path)).await.unwrap_err();
        assert!(error.contains(message), "{error}");
        assert!(!error.contains("canary"), "{error}");
    }
}

#[tokio::test]
async fn a_file_that_may_not_be_read_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    fs::write(&path, SECRET).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    let result = read(SecretSource::File(path.clone())).await;
    // the superuser may read it all the same
    if fs::File::open(&path).is_err() {
        assert!(result.unwrap_err().contains("permission denied"));
    }
}

#[tokio::test]
async fn a_command_runs_without_a_shell_and_its_output_is_the_secret() {
    let line = ["/bin/echo", "$HOME", "a;b"];
    let line = SecretSource::Command(line.map(str::to_owned).to_vec());
    assert_eq!(read(line).await.unwrap(), "$HOME a;b");
    // it cannot ask a person: standard input is empty
    assert_eq!(read(shell("cat; echo done")).await.unwrap(), "done");
}

#[tokio::test]
async fn a_command_that_gives_nothing_says_why_without_the_secret() {
    for (script, message) in [
        ("exit 0", "is empty"),
        ("echo oops >&2; exit 3", "(exit status: 3): oops"),
        ("kill -9 $$", "(signal: 9 (SIGKILL))"),
        (
            "echo planted-canary; echo \"no: planted-canary\" >&2; exit 1",
            "no: [redacted]",
        ),
        ("printf '\\033[2Jboo\\n' >&2; exit 1", ": [2Jboo;"),
        ("printf '\\377'", "is not UTF-8 text"),
        ("head -c 70000 /dev/zero | tr '\\0' x", "is larger than"),
        ("head -c 900000 /dev/zero >&2; exit 1", "(exit status: 1)"),
    ] {
        let error = read(shell(script)).await.unwrap_err();
        assert!(error.contains(message), "{script}: {error}");
        assert!(!error.contains("canary"), "{error}");
    }
    let missing = SecretSource::Command(vec!["/nowhere/pass".into()]);
    let error = read(missing).await.unwrap_err();
    assert!(error.contains("'/nowhere/pass' was not found"), "{error}");
    let none = read(SecretSource::Command(Vec::new())).await;
    assert!(none.unwrap_err().contains("no program is named"));
}

/// A command that writes down the id of its child and then waits for it.
fn hanging(pids: &Path) -> SecretSource {
    shell(&format!(
        "sleep 600 & echo $! > '{0}.new'; mv '{0}.new' '{0}'; wait",
        pids.display()
    ))
}

#[tokio::test]
async fn a_command_that_hangs_is_stopped_and_said_to_hang() {
    let folder = tempfile::tempdir().unwrap();
    let pids = folder.path().join("pids");
    let deadline = Instant::now() + Duration::from_millis(300);
    let read = secrets()
        .read(&hanging(&pids), Duration::ZERO, deadline)
        .await;
    let error = read.map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("did not end within"), "{error}");
    // on a slow machine it may have been stopped before it had a child
    if let Ok(child) = fs::read_to_string(&pids) {
        assert!(gone(child.trim()).await, "process {child} still runs");
    }
}

#[tokio::test]
async fn a_cancelled_command_is_stopped_with_its_children() {
    let folder = tempfile::tempdir().unwrap();
    let pids = folder.path().join("pids");
    let (secrets, source) = (secrets(), hanging(&pids));
    let mut reading = Box::pin(secrets.read(&source, Duration::ZERO, soon()));
    while !pids.exists() {
        let step = tokio::time::timeout(Duration::from_millis(5), &mut reading).await;
        assert!(step.is_err(), "ended too soon: {step:?}");
    }
    drop(reading);
    let child = fs::read_to_string(&pids).unwrap();
    assert!(gone(child.trim()).await, "process {child} still runs");
}

/// Waits until a process is no more, or only waits to be reaped.
async fn gone(pid: &str) -> bool {
    for _ in 0..1000 {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        if stat.is_empty() || stat.contains(") Z ") {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    false
}

#[tokio::test]
async fn what_a_command_leaves_running_does_not_hold_up_its_answer() {
    // the background process keeps standard output open
    let script = "sleep 20 & echo s3cret";
    let started = std::time::Instant::now();
    assert_eq!(read(shell(script)).await.unwrap(), "s3cret");
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn the_answer_of_a_command_is_kept_as_long_as_it_may() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("value");
    let source = SecretSource::Command(vec!["/bin/cat".into(), file.display().to_string()]);
    let secrets = secrets();
    let hour = Duration::from_hours(1);
    let mut seen = Vec::new();
    for (value, ttl) in [
        ("one", hour),
        ("two", hour),
        ("three", Duration::ZERO),
        ("four", hour),
        ("five", hour),
    ] {
        fs::write(&file, value).unwrap();
        if value == "five" {
            secrets.forget(&source);
        }
        let secret = secrets.read(&source, ttl, soon()).await.unwrap();
        seen.push(secret.expose_secret().to_owned());
    }
    assert_eq!(seen, ["one", "one", "three", "four", "five"]);
}

#[tokio::test]
async fn a_systemd_credential_is_a_file_of_its_folder_only() {
    fn with_folder(name: &str) -> Option<OsString> {
        // the repository's own folder stands in for /run/credentials/…
        (name == "CREDENTIALS_DIRECTORY").then(|| env!("CARGO_MANIFEST_DIR").into())
    }
    let secrets = Secrets::with_environment(with_folder);
    let read = async |id: &str| {
        let source = SecretSource::Credential(id.into());
        let read = secrets.read(&source, Duration::ZERO, soon()).await;
        read.map(|_| ()).map_err(|error| error.to_string())
    };
    let lines = read("Cargo.toml").await.unwrap_err();
    assert!(lines.contains("holds several lines"), "{lines}");
    for bad in ["../secret", "/etc/passwd", "", ".", "..", "a/b", "a\0b"] {
        let error = read(bad).await.unwrap_err();
        assert!(error.contains("not a plain file name"), "{bad}: {error}");
    }
    let unset = self::read(SecretSource::Credential("x".into())).await;
    assert!(unset.unwrap_err().contains("$CREDENTIALS_DIRECTORY"));
}

#[tokio::test]
async fn a_changed_source_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    let source = SecretSource::File(path.clone());
    let secrets = secrets();
    assert_eq!(secrets.mark(&source).await, None);
    fs::write(&path, "one").unwrap();
    let first = secrets.mark(&source).await;
    assert!(first.is_some());
    assert_eq!(secrets.mark(&source).await, first);
    fs::write(&path, "three").unwrap();
    assert_ne!(secrets.mark(&source).await, first);
    assert_eq!(secrets.mark(&env("GOOD")).await, None);
}

#[test]
fn a_fingerprint_tells_secrets_apart_and_differs_between_runs() {
    let (one, other) = (SecretString::from("one"), SecretString::from("other"));
    let secrets = secrets();
    assert_eq!(secrets.fingerprint(&one), secrets.fingerprint(&one.clone()));
    assert_ne!(secrets.fingerprint(&one), secrets.fingerprint(&other));
    let elsewhere = Secrets::default();
    assert_ne!(secrets.fingerprint(&one), elsewhere.fingerprint(&one));
}
