//! Secrets from the keyring of the desktop: the binary against a stand-in on a bus of its own, and
//! against a real Secret Service where there is one.
#![cfg(all(feature = "keyring", feature = "demo", target_os = "linux"))]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, and says loudly what it cannot try"
)]

use std::{
    collections::HashMap,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, Command, Stdio},
};

use bus::PATIENCE;
use credwatch::{
    clock::Clock,
    simulator::{ConfigDir, Integration, SimulatedCloud, SimulatedFleet},
};
use serde_json::Value;
use zbus::{Connection, OwnedObjectPath, OwnedVariant, Variant, connection, interface};

mod bus;

const ROOT: &str = "/org/freedesktop/secrets";
const NAMES: &[&str] = &["rooms", "locked", "twice", "twice"];

fn path(text: &str) -> OwnedObjectPath {
    OwnedObjectPath::try_from(text.to_owned()).unwrap()
}

/// Stands in for a keyring: it has one open item, one locked, and two of one name.
struct Service(&'static [&'static str]);

#[expect(
    clippy::needless_pass_by_value,
    reason = "messages are taken apart into values"
)]
#[interface(name = "org.freedesktop.Secret.Service")]
impl Service {
    fn open_session(
        &self,
        algorithm: &str,
        input: OwnedVariant,
    ) -> (OwnedVariant, OwnedObjectPath) {
        assert_eq!((algorithm, self.0.len()), ("plain", NAMES.len()));
        (input, path(&format!("{ROOT}/session/1")))
    }

    fn search_items(
        &self,
        attributes: HashMap<String, String>,
    ) -> (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) {
        assert_eq!(attributes["service"], "credwatch");
        let name = attributes["username"].as_str();
        let found = (0..self.0.len()).filter(|number| self.0[*number] == name);
        let (locked, open): (Vec<usize>, Vec<usize>) = found.partition(|_| name == "locked");
        let paths = |numbers: Vec<usize>| {
            let item = |number: usize| path(&format!("{ROOT}/collection/login/{number}"));
            numbers.into_iter().map(item).collect()
        };
        (paths(open), paths(locked))
    }
}

/// An item with its secret.
struct Item(String);

#[interface(name = "org.freedesktop.Secret.Item")]
impl Item {
    fn get_secret(
        &self,
        session: OwnedObjectPath,
    ) -> ((OwnedObjectPath, Vec<u8>, Vec<u8>, String),) {
        let value = self.0.clone().into_bytes();
        ((session, Vec::new(), value, "text/plain".to_owned()),)
    }
}

/// Starts a bus with the stand-in on it; returns its address.
fn stand_in(secret: String) -> String {
    bus::start(|service| {
        let service = service.name("org.freedesktop.secrets");
        service
            .serve_at(ROOT, Service(NAMES))
            .serve_at(format!("{ROOT}/collection/login/0"), Item(secret))
    })
}

/// A cloud with one tenant whose secret is in the keyring under that name.
struct Scene {
    _runtime: tokio::runtime::Runtime,
    _cloud: SimulatedCloud,
    files: ConfigDir,
}

/// Returns an integration whose secret a keyring holds.
fn integration() -> Integration {
    Integration::named("contoso-rooms", Clock.now())
}

impl Scene {
    fn with(name: &str) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let fleet = SimulatedFleet::new([integration()]);
        let cloud = runtime
            .block_on(SimulatedCloud::start_on_loopback(fleet))
            .unwrap();
        let files = cloud.temporary_config().unwrap();
        let config = std::fs::read_to_string(files.config()).unwrap();
        let lines = config.lines().map(|line| {
            if line.starts_with("secret = ") {
                format!("secret = {{ keyring = \"{name}\" }}\n")
            } else {
                format!("{line}\n")
            }
        });
        std::fs::write(files.config(), lines.collect::<String>()).unwrap();
        Self {
            _runtime: runtime,
            _cloud: cloud,
            files,
        }
    }

    /// Checks over that session bus; returns the report and what was said of the secret's absence.
    fn check(&self, bus: &str) -> Value {
        let out = Command::new(env!("CARGO_BIN_EXE_credwatch"))
            .args(["check", "--confirm", "0s", "--format", "json", "--config"])
            .arg(self.files.config())
            .arg("--state-dir")
            .arg(self.files.path().join("state"))
            .env("DBUS_SESSION_BUS_ADDRESS", bus)
            .output()
            .unwrap();
        let secret = integration().presented_secret().to_owned();
        let said = String::from_utf8_lossy(&out.stdout);
        assert!(!said.contains(&secret), "{said}");
        let document: Value = serde_json::from_slice(&out.stdout).unwrap();
        document["tenants"][0].clone()
    }
}

#[test]
fn a_secret_from_the_keyring_opens_the_mailbox() {
    let bus = stand_in(integration().presented_secret().to_owned());
    let report = Scene::with("rooms").check(&bus);
    assert_eq!(report["live"], "ok", "{report:#}");
}

#[test]
fn what_a_keyring_does_not_give_is_said() {
    let bus = stand_in(String::new());
    for (name, expected) in [
        ("rooms", "is empty"),
        ("nobody", "holds no such item"),
        ("locked", "is locked"),
        ("twice", "holds 2 items"),
    ] {
        let report = Scene::with(name).check(&bus);
        assert_eq!(report["diagnosis"]["cause"], "secret-unavailable", "{name}");
        let detail = report["diagnosis"]["detail"].as_str().unwrap();
        assert!(detail.contains(expected), "{name}: {detail}");
    }
}

#[test]
fn without_a_bus_or_an_answer_it_ends_within_the_limit() {
    let report = Scene::with("rooms").check("unix:path=/nonexistent/bus");
    assert_eq!(report["diagnosis"]["cause"], "secret-unavailable");
    let dir = tempfile::tempdir().unwrap();
    let mute = dir.path().join("bus");
    let _listener = std::os::unix::net::UnixListener::bind(&mute).unwrap();
    let report = Scene::with("rooms").check(&format!("unix:path={}", mute.display()));
    let detail = report["diagnosis"]["detail"].as_str().unwrap();
    assert!(detail.contains("did not answer in time"), "{detail}");
}

/// Two processes that end with the test.
struct Processes(Vec<Child>);

impl Drop for Processes {
    fn drop(&mut self) {
        for child in &mut self.0 {
            child.kill().ok();
            child.wait().ok();
        }
    }
}

/// Starts a session bus with a GNOME keyring of its own, unlocked; `None` where one is not installed.
fn real(home: &Path) -> Option<(Processes, String)> {
    let mut bus = Command::new("dbus-daemon")
        .args(["--session", "--nofork", "--print-address"])
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut address = String::new();
    let mut out = BufReader::new(bus.stdout.take().unwrap());
    let mut processes = Processes(vec![bus]);
    out.read_line(&mut address).unwrap();
    let address = address.trim().to_owned();
    let mut keyring = Command::new("gnome-keyring-daemon")
        .args(["--foreground", "--unlock", "--components=secrets"])
        .env("DBUS_SESSION_BUS_ADDRESS", &address)
        .env("HOME", home)
        .env("XDG_DATA_HOME", home)
        .env("XDG_RUNTIME_DIR", home)
        .stdin(Stdio::piped())
        .spawn()
        .ok()?;
    // the password of a keyring that only this test knows
    keyring.stdin.take().unwrap().write_all(b"test").unwrap();
    processes.0.push(keyring);
    Some((processes, address))
}

/// Puts an item into the keyring on that bus, as soon as there is one.
async fn store(bus: &str, name: &str, secret: &str) {
    let bus: Connection = connection::Builder::address(bus).build().await.unwrap();
    let to = Some("org.freedesktop.secrets");
    let service = Some("org.freedesktop.Secret.Service");
    let plain = ("plain", Variant::from(""));
    let deadline = std::time::Instant::now() + PATIENCE;
    let opened = loop {
        let opened = bus.call_method(to, ROOT, service, "OpenSession", &plain);
        match opened.await {
            Ok(opened) => break opened,
            Err(error) if std::time::Instant::now() > deadline => panic!("{error}"),
            Err(_) => std::thread::yield_now(),
        }
    };
    let (_, session): (OwnedVariant, OwnedObjectPath) = opened.body().deserialize().unwrap();
    let attributes = HashMap::from([("service", "credwatch"), ("username", name)]);
    let properties = HashMap::from([
        ("org.freedesktop.Secret.Item.Label", Variant::from("test")),
        (
            "org.freedesktop.Secret.Item.Attributes",
            Variant::from(attributes),
        ),
    ]);
    let value = (&session, Vec::<u8>::new(), secret.as_bytes(), "text/plain");
    let login = format!("{ROOT}/collection/login");
    bus.call_method(
        to,
        login.as_str(),
        Some("org.freedesktop.Secret.Collection"),
        "CreateItem",
        &(properties, value, true),
    )
    .await
    .unwrap();
}

#[test]
fn a_real_secret_service_gives_what_was_stored() {
    let home = tempfile::tempdir().unwrap();
    let Some((_processes, bus)) = real(home.path()) else {
        // straight to the terminal: what the test harness captures, nobody reads
        writeln!(
            std::io::stderr(),
            "SKIPPED: no dbus-daemon and gnome-keyring-daemon here, so the keyring was tried against \
             a stand-in alone"
        )
        .unwrap();
        return;
    };
    let secret = integration().presented_secret().to_owned();
    zruntime::block_on(store(&bus, "rooms", &secret));
    let report = Scene::with("rooms").check(&bus);
    assert_eq!(report["live"], "ok", "{report:#}");
    let report = Scene::with("nobody").check(&bus);
    let detail = report["diagnosis"]["detail"].as_str().unwrap();
    assert!(detail.contains("holds no such item"), "{detail}");
}
