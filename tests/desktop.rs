//! Desktop notifications, over a real session bus: a broker in this process, a service that writes
//! down what it is asked to show, and the binary as its client.
#![cfg(feature = "desktop")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::HashMap,
    sync::mpsc::{Receiver, Sender, channel},
};

use assert_cmd::Command;
use bus::PATIENCE;
use zbus::{OwnedVariant, Variant, interface};

mod bus;

/// What the service was asked to show.
#[derive(Debug)]
struct Shown {
    app: String,
    replaces: u32,
    summary: String,
    body: String,
    urgency: u8,
    timeout: i32,
}

/// Stands in for a desktop.
struct Desktop(Sender<Shown>);

#[interface(name = "org.freedesktop.Notifications")]
impl Desktop {
    #[expect(clippy::too_many_arguments, reason = "the specification has eight")]
    fn notify(
        &self,
        app: String,
        replaces: u32,
        icon: String,
        summary: String,
        body: String,
        actions: Vec<String>,
        hints: HashMap<String, OwnedVariant>,
        timeout: i32,
    ) -> u32 {
        drop((icon, actions));
        let urgency = match hints
            .into_iter()
            .find(|(name, _)| name == "urgency")
            .as_ref()
            .map(|(_, hint)| &**hint)
        {
            Some(Variant::U8(urgency)) => *urgency,
            _ => u8::MAX,
        };
        let shown = Shown {
            app,
            replaces,
            summary,
            body,
            urgency,
            timeout,
        };
        self.0.send(shown).unwrap();
        if replaces == 0 { 41 } else { replaces }
    }
}

/// Starts a bus with a desktop on it; returns its address and what will be shown.
fn session() -> (String, Receiver<Shown>) {
    let (shown, seen) = channel();
    let address = bus::start(|service| {
        let service = service.name("org.freedesktop.Notifications");
        service.serve_at("/org/freedesktop/Notifications", Desktop(shown))
    });
    (address, seen)
}

/// Runs `credwatch notify test` with a small config and a session bus.
fn notify_test(bus: &str) -> assert_cmd::assert::Assert {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("config.toml");
    let tenant = "[[tenant]]\nname = \"a\"\ntenant_id = \"t.example\"\n\
                  client_id = \"22222222-2222-2222-2222-222222222222\"\n\
                  mailbox = \"a@t.example\"\nsecret = { env = \"A\" }\n";
    std::fs::write(&config, tenant).unwrap();
    Command::new(env!("CARGO_BIN_EXE_credwatch"))
        .args(["notify", "test", "--config"])
        .arg(&config)
        .env("DBUS_SESSION_BUS_ADDRESS", bus)
        .timeout(PATIENCE)
        .assert()
}

#[test]
fn a_test_message_reaches_the_desktop() {
    let (bus, seen) = session();
    notify_test(&bus).success();
    let shown = seen.recv_timeout(PATIENCE).unwrap();
    assert_eq!((shown.app.as_str(), shown.replaces), ("credwatch", 0));
    assert_eq!((shown.urgency, shown.timeout), (1, -1));
    assert_eq!(shown.summary, "● credwatch: test message");
    assert!(!shown.body.is_empty() && !shown.body.contains(['<', '>', '&', '\u{1b}']));
}

#[test]
fn a_missing_bus_is_said_and_is_no_crash() {
    notify_test("unix:path=/nonexistent/bus").code(1);
}

#[test]
fn a_bus_that_never_answers_is_said_within_the_limit() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bus");
    let _mute = std::os::unix::net::UnixListener::bind(&path).unwrap();
    notify_test(&format!("unix:path={}", path.display())).code(1);
}
