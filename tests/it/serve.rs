//! `credwatch serve` as those see it who run it: systemd, Prometheus, a probe, an operator.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    os::unix::{
        fs::PermissionsExt as _,
        net::{UnixDatagram, UnixStream},
    },
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use credwatch::simulator::{
    Fault, Integration, SimulatedCloud, SimulatedFleet, demo_fleet, uniform_fleet,
};
use rustix::process::{Pid, Signal, kill_process};

use crate::manual::chapter_path;

/// Long enough for any machine.
const LONG: Duration = Duration::from_mins(1);

const TOKEN: &str = "0123456789abcdef-canary-token";

/// A running service with everything around it.
struct Service {
    child: Child,
    /// What it says to systemd.
    notices: UnixDatagram,
    log: mpsc::Receiver<String>,
    address: String,
    home: tempfile::TempDir,
}

/// The lines of a log, read on a thread of their own so that the pipe never fills.
fn lines(stderr: ChildStderr) -> mpsc::Receiver<String> {
    let (send, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            send.send(line).ok();
        }
    });
    lines
}

fn command(config: &Path, state: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_credwatch"));
    command.arg("serve").arg("--config").arg(config);
    command.arg("--state-dir").arg(state);
    command
        .env("CANARY", TOKEN)
        .env_remove("DBUS_SESSION_BUS_ADDRESS");
    command
}

impl Service {
    fn start(config: &Path, flags: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let state = home.path().join("state");
        Self::start_on(config, flags, home, &state)
    }

    /// Starts one that remembers what another one does.
    fn beside(&self, config: &Path) -> Self {
        let state = self.home.path().join("state");
        Self::start_on(config, &[], tempfile::tempdir().unwrap(), &state)
    }

    fn start_on(config: &Path, flags: &[&str], home: tempfile::TempDir, state: &Path) -> Self {
        let socket = home.path().join("notify");
        let notices = UnixDatagram::bind(&socket).unwrap();
        notices.set_read_timeout(Some(LONG)).unwrap();
        let mut child = command(config, state)
            .args(flags)
            .args(if flags.contains(&"--listen") {
                &[][..]
            } else {
                &["--listen", "127.0.0.1:0"]
            })
            .env("NOTIFY_SOCKET", &socket)
            .env("WATCHDOG_USEC", "300000")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = lines(child.stderr.take().unwrap());
        let address = loop {
            let line = log.recv_timeout(LONG).expect("the log names the address");
            if let Some((_, address)) = line.split_once("serving on ") {
                break address.to_owned();
            }
        };
        Self {
            child,
            notices,
            log,
            address,
            home,
        }
    }

    /// Waits until systemd was told this.
    fn told(&self, notice: &str) {
        let mut bytes = [0; 4096];
        loop {
            let length = self.notices.recv(&mut bytes).expect(notice);
            let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
            if text.lines().any(|line| line.starts_with(notice)) {
                return;
            }
        }
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    fn ask(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        stream
            .write_all(
                format!("{request}\r\nhost: localhost\r\nconnection: close\r\n\r\n").as_bytes(),
            )
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn get(&self, path: &str) -> String {
        self.ask(&format!("GET {path} HTTP/1.1"))
    }

    /// Reads away what it said to systemd: whoever never listens holds it up.
    fn drain(&self) {
        self.notices.set_nonblocking(true).unwrap();
        while self.notices.recv(&mut [0; 4096]).is_ok() {}
        self.notices.set_nonblocking(false).unwrap();
    }

    /// Asks until the answer is what is waited for.
    fn wait_for(&self, path: &str, expected: impl Fn(&str) -> bool) -> String {
        let end = Instant::now() + LONG;
        loop {
            self.drain();
            let answer = self.get(path);
            if expected(&answer) {
                return answer;
            }
            assert!(Instant::now() < end, "not in time: {answer}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Ends it as systemd does; returns the rest of its log.
    fn end(mut self) -> String {
        self.signal(Signal::TERM);
        self.told("STOPPING=1");
        let asked = Instant::now();
        assert!(self.child.wait().unwrap().success());
        assert!(asked.elapsed() < Duration::from_secs(20));
        self.log.iter().collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A cloud with a config, on a runtime that lives as long.
struct World {
    _runtime: tokio::runtime::Runtime,
    cloud: SimulatedCloud,
    config: PathBuf,
    _files: credwatch::simulator::ConfigDir,
    secrets: Vec<String>,
}

fn world(fleet: SimulatedFleet) -> World {
    let secrets = fleet
        .tenants
        .iter()
        .map(|one| one.presented_secret().to_owned())
        .collect();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let cloud = runtime
        .block_on(SimulatedCloud::start_on_loopback(fleet))
        .unwrap();
    let files = cloud.temporary_config().unwrap();
    World {
        _runtime: runtime,
        cloud,
        config: files.config().to_owned(),
        _files: files,
        secrets,
    }
}

fn now() -> chrono::DateTime<chrono::Utc> {
    credwatch::clock::Clock.now()
}

#[test]
fn it_starts_watches_reloads_and_ends_as_a_service_should() {
    let world = world(uniform_fleet(3, now()));
    let textfile = tempfile::tempdir().unwrap();
    let prom = textfile.path().join("credwatch.prom");
    let service = Service::start(&world.config, &["--textfile", prom.to_str().unwrap()]);
    service.told("READY=1");
    service.wait_for("/healthz", |answer| answer.starts_with("HTTP/1.1 200 "));
    service.told("WATCHDOG=1");
    let page = service.wait_for("/metrics", |page| {
        page.contains("credwatch_tenants_pending 0\n")
    });
    assert_eq!(page.matches("\ncredwatch_tenant_up{").count(), 3, "{page}");
    assert!(page.contains("\ncredwatch_config_last_reload_successful 1\n"));
    let report = service.get("/report.json");
    let report: serde_json::Value =
        serde_json::from_str(report.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!(report["summary"]["total"], 3);

    let good = fs::read_to_string(&world.config).unwrap();
    fs::write(&world.config, format!("{good}\nnonsense = 1\n")).unwrap();
    service.signal(Signal::HUP);
    service.told("RELOADING=1");
    service.told("READY=1");
    let page = service.get("/metrics");
    assert!(page.contains("\ncredwatch_config_last_reload_successful 0\n"));
    assert!(page.contains("\ncredwatch_tenants 3\n"));

    // without a signal: the contents have changed
    let (two, _third) = good.rsplit_once("[[tenant]]").unwrap();
    fs::write(&world.config, two).unwrap();
    service.wait_for("/metrics", |page| {
        page.contains("\ncredwatch_tenants 2\n")
            && page.contains("\ncredwatch_config_last_reload_successful 1\n")
    });
    assert!(
        fs::read_to_string(&prom)
            .unwrap()
            .contains("credwatch_build_info")
    );

    let log = service.end();
    assert!(
        log.contains("nonsense") && log.contains("config reloaded: 2 tenants"),
        "{log}"
    );
    let said = format!("{log}{report}{page}");
    for secret in &world.secrets {
        assert!(!said.contains(secret.as_str()));
    }
}

#[test]
fn a_reload_takes_new_rules_and_channels_into_use() {
    let mut fleet = uniform_fleet(3, now());
    let failing = Fault::TokenSecretExpired;
    fleet.tenants[0] = fleet.tenants[0].clone().with(failing);
    let name = fleet.tenants[0].name.clone();
    let world = world(fleet);
    let tenants = fs::read_to_string(&world.config).unwrap();
    let patient = "[alerts]\nfailing_after = 1000\n[notify]\ndesktop = false\n";
    fs::write(&world.config, format!("{tenants}\n{patient}")).unwrap();
    let service = Service::start(&world.config, &[]);
    service.wait_for("/metrics", |page| {
        page.contains("credwatch_tenants_pending 0\n")
    });

    let inbox = service.home.path().join("message");
    let channel = format!(
        "[[notify.channel]]\nkind = \"command\"\ncommand = [\"tee\", \"-a\", '{}']\n",
        inbox.display()
    );
    let prompt = patient.replace("1000", "1");
    // another remark makes another tenant, which is checked at once
    let tenants = tenants.replace("profile =", "note = \"new\"\nprofile =");
    fs::write(&world.config, format!("{tenants}\n{prompt}{channel}")).unwrap();
    service.signal(Signal::HUP);
    let end = Instant::now() + LONG;
    let told = loop {
        service.drain();
        let told = fs::read_to_string(&inbox).unwrap_or_default();
        if told.contains(&name) {
            break told;
        }
        assert!(Instant::now() < end, "nobody was told: {told}");
        std::thread::sleep(Duration::from_millis(50));
    };
    assert!(told.contains("secret-expired"), "{told}");
    let log = service.end();
    assert!(log.contains("config reloaded: 3 tenants"), "{log}");
    assert!(!log.contains("next start"), "{log}");
}

#[test]
fn a_reload_takes_readers_of_directories_into_use() {
    let reader = Integration::named("contoso-reader", now());
    let mut one = Integration::named("contoso-rooms", now());
    one.tenant_id.clone_from(&reader.tenant_id);
    one.end_known = false;
    let one = one.with(Fault::DirectoryDenied);
    let tenant_id = reader.tenant_id.clone();
    let world = world(SimulatedFleet::new([one, reader.reading([tenant_id])]));
    let whole = fs::read_to_string(&world.config).unwrap();
    let (alone, _reader) = whole.split_once("[[directory]]").unwrap();
    let blind = alone.replace("[defaults]", "[defaults]\ndirectory = \"off\"");
    fs::write(&world.config, blind).unwrap();
    let service = Service::start(&world.config, &[]);
    service.wait_for("/metrics", |page| {
        page.contains("credwatch_tenants_pending 0\n")
    });
    let before = service.get("/report.json");
    assert!(before.contains("\"expiry\":\"unknown\""), "{before}");
    fs::write(&world.config, whole).unwrap();
    service.signal(Signal::HUP);
    service.wait_for("/report.json", |report| {
        report.contains("\"source\":\"directory\"")
    });
}

#[test]
fn two_services_on_one_history_poll_once_and_show_the_same() {
    let world = world(uniform_fleet(3, now()));
    let config = fs::read_to_string(&world.config).unwrap();
    let calm = config.replace("interval = \"15s\"", "interval = \"1h\"");
    fs::write(&world.config, calm).unwrap();
    let one = Service::start(&world.config, &[]);
    let all_checked = |page: &str| page.contains("credwatch_tenants_pending 0\n");
    one.wait_for("/metrics", all_checked);
    let polls = world.cloud.requests().len();
    let two = one.beside(&world.config);
    two.wait_for("/metrics", all_checked);
    let checks = |service: &Service| {
        let report = service.get("/report.json");
        let report: serde_json::Value =
            serde_json::from_str(report.split_once("\r\n\r\n").unwrap().1).unwrap();
        let tenants = report["tenants"].as_array().unwrap().clone();
        let of = |tenant: &serde_json::Value| {
            (
                tenant["name"].clone(),
                tenant["checked_at"].clone(),
                tenant["stages"].clone(),
            )
        };
        tenants.iter().map(of).collect::<Vec<_>>()
    };
    assert_eq!(checks(&one), checks(&two));
    assert_eq!(world.cloud.requests().len(), polls);
    // `check` asks nobody whether it may
    let state = one.home.path().join("state");
    let mut check = Command::new(env!("CARGO_BIN_EXE_credwatch"));
    check.arg("check").arg("--config").arg(&world.config);
    check.arg("--state-dir").arg(state);
    assert!(check.output().unwrap().status.success());
    assert!(world.cloud.requests().len() >= polls + 3);
}

#[test]
fn only_reading_is_offered_and_nothing_else_is_there() {
    let world = world(uniform_fleet(1, now()));
    let service = Service::start(&world.config, &["--token", "env:CANARY"]);
    let token = format!("authorization: Bearer {TOKEN}");
    for (request, expected) in [
        ("GET /nothing HTTP/1.1".to_owned(), "404"),
        ("POST /metrics HTTP/1.1".to_owned(), "405"),
        ("GET /metrics HTTP/1.1".to_owned(), "401"),
        (
            "GET /report.json HTTP/1.1\r\nauthorization: Bearer wrong".to_owned(),
            "401",
        ),
        (format!("GET /metrics HTTP/1.1\r\n{token}"), "200"),
        (format!("HEAD /report.json HTTP/1.1\r\n{token}"), "200"),
        (format!("GET /{} HTTP/1.1", "x".repeat(100_000)), "4"),
        (format!("GET / HTTP/1.1\r\nx: {}", "x".repeat(100_000)), "4"),
    ] {
        let mut stream = TcpStream::connect(&service.address).unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        // a request that is too long may be cut off while it is being sent
        let _cut = stream
            .write_all(format!("{request}\r\nhost: a\r\nconnection: close\r\n\r\n").as_bytes());
        let mut answer = Vec::new();
        let _cut = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer);
        let cut_off = answer.is_empty() && expected == "4";
        assert!(
            cut_off || answer.starts_with(&format!("HTTP/1.1 {expected}")),
            "{answer}"
        );
        assert!(!answer.contains(TOKEN));
    }
    assert!(!service.end().contains(TOKEN));
}

#[test]
fn an_address_that_others_reach_needs_a_flag_and_a_token() {
    let world = world(uniform_fleet(1, now()));
    let home = tempfile::tempdir().unwrap();
    for (flags, expected) in [
        (&["--listen", "0.0.0.0:0"][..], "--allow-remote"),
        (&["--listen", "0.0.0.0:0", "--allow-remote"], "--token"),
        (&["--token", "env:SHORT"], "shorter than"),
        (&["--token", "env:NOWHERE"], "NOWHERE"),
        (&["--listen", "here"], "unix:PATH"),
    ] {
        let output = command(&world.config, &home.path().join("state"))
            .args(flags)
            .env("SHORT", "short")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(3), "{flags:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(expected), "{flags:?}: {said}");
    }
}

#[test]
fn a_unix_socket_is_for_its_owner_and_group_and_replaces_a_dead_one() {
    let world = world(uniform_fleet(1, now()));
    let home = tempfile::tempdir().unwrap();
    let socket = home.path().join("metrics.sock");
    drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
    let listen = format!("unix:{}", socket.display());
    let service = Service::start(&world.config, &["--listen", &listen]);
    assert_eq!(service.address, listen);
    let mode = fs::metadata(&socket).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o660);
    let mut stream = UnixStream::connect(&socket).unwrap();
    stream
        .write_all(b"GET /metrics HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(service.home.path().exists());
    service.end();
    assert!(!socket.exists());
}

#[test]
fn examples_and_manual_name_the_metrics_that_exist() {
    let world = world(demo_fleet(now()));
    let service = Service::start(&world.config, &[]);
    let page = service.wait_for("/metrics", |page| {
        page.contains("credwatch_tenants_pending 0\n")
    });
    service.end();
    let known: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next())
        .collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/deploy");
    let mut named = 0;
    for file in ["alerts.yml", "alerts_test.yml", "grafana-dashboard.json"] {
        let text = fs::read_to_string(folder.join(file)).unwrap();
        let word = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
        for name in text
            .split(word)
            .filter(|word| word.starts_with("credwatch_"))
        {
            assert!(
                known.contains(&name),
                "{file} names {name}; there are {known:?}"
            );
            named += 1;
        }
    }
    assert!(named > 20, "{named}");
    let manual = fs::read_to_string(chapter_path("metrics")).unwrap();
    for name in &known {
        assert!(manual.contains(&format!("`{name}")), "{name}");
    }
    for row in manual
        .lines()
        .filter_map(|row| row.strip_prefix("| `credwatch_"))
    {
        let name = row.split(['`', '{']).next().unwrap_or_default();
        assert!(known.contains(&&*format!("credwatch_{name}")), "{name}");
    }
    let dashboard = fs::read_to_string(folder.join("grafana-dashboard.json")).unwrap();
    let dashboard: serde_json::Value = serde_json::from_str(&dashboard).unwrap();
    assert!(dashboard["panels"].as_array().unwrap().len() > 5);
}

/// Sends one request over a Unix socket; empty while nobody listens there.
#[cfg(target_os = "linux")]
fn ask_socket(socket: &Path, path: &str) -> String {
    let mut answer = String::new();
    if let Ok(mut stream) = UnixStream::connect(socket) {
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
        stream.set_read_timeout(Some(LONG)).unwrap();
        stream.write_all(request.as_bytes()).ok();
        stream.read_to_string(&mut answer).ok();
    }
    answer
}

#[cfg(target_os = "linux")]
#[test]
fn full_standard_error_stops_no_check() {
    let world = world(uniform_fleet(2, now()));
    let home = tempfile::tempdir().unwrap();
    let socket = home.path().join("http");
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let mut child = command(&world.config, &home.path().join("state"))
        .args(["-v", "--listen", &format!("unix:{}", socket.display())])
        .stdout(Stdio::null())
        .stderr(full)
        .spawn()
        .unwrap();
    let end = Instant::now() + LONG;
    let mut page = String::new();
    while !page.contains("credwatch_tenants_pending 0\n") && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(50));
        page = ask_socket(&socket, "/metrics");
    }
    let running = child.try_wait().unwrap().is_none();
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    let ended = child.wait().unwrap();
    assert!(running && ended.success(), "{ended}");
    assert_eq!(page.matches("\ncredwatch_tenant_up{").count(), 2, "{page}");
}

#[test]
fn foreign_host_names_get_no_report_without_a_token() {
    let world = world(uniform_fleet(1, now()));
    let service = Service::start(&world.config, &[]);
    for path in ["/report.json", "/metrics"] {
        let mut stream = TcpStream::connect(&service.address).unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: rebound.example\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
        assert!(service.get(path).starts_with("HTTP/1.1 200 "), "{path}");
    }
}

#[test]
fn silent_and_idle_clients_do_not_starve_healthz() {
    let world = world(uniform_fleet(1, now()));
    let service = Service::start(&world.config, &[]);
    service.wait_for("/healthz", |answer| answer.starts_with("HTTP/1.1 200 "));
    let connect = |_| TcpStream::connect(&service.address).unwrap();
    let mut clients: Vec<TcpStream> = (0..200).map(connect).collect();
    for client in clients.iter_mut().take(32) {
        client
            .write_all(b"GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n")
            .ok();
    }
    let asked = Instant::now();
    assert!(service.get("/healthz").starts_with("HTTP/1.1 200 "));
    assert!(
        asked.elapsed() < Duration::from_secs(4),
        "{:?}",
        asked.elapsed()
    );
}
