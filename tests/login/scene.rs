//! A simulated cloud, the binary as its client, and a browser for it.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
};

use chrono::{DateTime, Utc};
use credwatch::{
    clock::Clock,
    simulator::{ConfigDir, DelegatedClient, Integration, SimulatedCloud, SimulatedFleet},
};
use serde_json::Value;
use url::Url;

/// A cloud with one tenant of each kind that acts for a person, its config, and a state of its own.
pub(crate) struct Scene {
    pub(crate) cloud: SimulatedCloud,
    pub(crate) files: ConfigDir,
    pub(crate) state: tempfile::TempDir,
    /// The config that is used: that of the cloud, unless a test writes another.
    pub(crate) config: PathBuf,
}

pub(crate) fn now() -> DateTime<Utc> {
    Clock.now()
}

pub(crate) fn person(name: &str, profile: &str, delegated: DelegatedClient) -> Integration {
    Integration::named(name, now()).acting_for_person(profile, delegated)
}

pub(crate) fn begun(delegated: DelegatedClient) -> DelegatedClient {
    DelegatedClient {
        signed_in: true,
        ..delegated
    }
}

impl Scene {
    /// One integration that somebody has signed in for: `coho-bots`, whose client is public, or
    /// `blue-crm`, whose client is confidential.
    pub(crate) async fn begun(name: &str) -> Self {
        let (profile, delegated) = match name {
            "coho-bots" => ("automation-anywhere", DelegatedClient::public()),
            _ => ("creatio", DelegatedClient::confidential()),
        };
        Self::of([person(name, profile, begun(delegated))]).await
    }

    pub(crate) async fn of(fleet: impl IntoIterator<Item = Integration>) -> Self {
        let cloud = SimulatedCloud::start_on_loopback(SimulatedFleet::new(fleet))
            .await
            .unwrap();
        let files = cloud.temporary_config().unwrap();
        let state = private_folder();
        Self {
            config: files.config().to_owned(),
            cloud,
            files,
            state,
        }
    }

    /// Gives a key of the config another value everywhere.
    pub(crate) fn change(&mut self, key: &str, value: &str) {
        let config = fs::read_to_string(&self.config).unwrap();
        let lines = config.lines().map(|line| match line.split_once(" = ") {
            Some((found, _)) if found == key => format!("{key} = {value}\n"),
            _ => format!("{line}\n"),
        });
        self.config = self.files.path().join("changed.toml");
        fs::write(&self.config, lines.collect::<String>()).unwrap();
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_credwatch"));
        command
            .args(["-c", self.config.to_str().unwrap()])
            .args(["--state-dir", self.state.path().to_str().unwrap()])
            .args(arguments)
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("SSH_CONNECTION")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs to the end without holding up the cloud, which lives in this process.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        tokio::task::spawn_blocking(move || command.output().unwrap())
            .await
            .unwrap()
    }

    /// Checks one tenant; returns its report.
    pub(crate) async fn check(&self, name: &str) -> Value {
        let out = self
            .run(&["check", name, "--confirm", "0s", "--format", "json"])
            .await;
        let report: Value = serde_json::from_slice(&out.stdout)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&out.stderr)));
        report["tenants"][0].clone()
    }

    pub(crate) fn kept_files(&self) -> Vec<PathBuf> {
        let Ok(files) = fs::read_dir(self.state.path().join("tokens")) else {
            return Vec::new();
        };
        files
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|end| end == "json"))
            .collect()
    }

    pub(crate) fn kept_token(&self) -> String {
        let files = self.kept_files();
        assert_eq!(files.len(), 1);
        let kept: Value = serde_json::from_slice(&fs::read(&files[0]).unwrap()).unwrap();
        kept["refresh_token"].as_str().unwrap().to_owned()
    }

    pub(crate) fn token_requests(&self, name: &str) -> usize {
        let token = |path: &str| path.ends_with("/token");
        let requests = self.cloud.requests_of(name);
        requests.iter().filter(|seen| token(&seen.path)).count()
    }

    /// Opens the sign-in page as a browser does; returns where it is sent.
    pub(crate) async fn approve(&self, address: &str) -> Url {
        let ca = reqwest::Certificate::from_pem(self.cloud.ca_pem().as_bytes()).unwrap();
        let client = reqwest::Client::builder()
            .tls_certs_only([ca])
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        let page = client.get(address).send().await.unwrap();
        assert_eq!(page.status(), 302, "{}", page.text().await.unwrap());
        page.headers()["location"]
            .to_str()
            .unwrap()
            .parse()
            .unwrap()
    }
}

/// A sign-in with a browser that is under way.
pub(crate) struct Waiting {
    pub(crate) child: Child,
    pub(crate) said: String,
    pub(crate) address: String,
}

impl Waiting {
    pub(crate) async fn start(scene: &Scene, name: &str) -> Self {
        let mut command = scene.command(&["login", name]);
        tokio::task::spawn_blocking(move || {
            let mut child = command.spawn().unwrap();
            let mut said = String::new();
            let mut out = BufReader::new(child.stdout.take().unwrap());
            let mut address = None;
            loop {
                let mut line = String::new();
                assert_ne!(out.read_line(&mut line).unwrap(), 0, "{said}");
                said += &line;
                if line.trim().starts_with("https://") {
                    address = Some(line.trim().to_owned());
                }
                if line.starts_with("waiting") {
                    break;
                }
            }
            child.stdout = Some(out.into_inner());
            Self {
                child,
                said,
                address: address.unwrap(),
            }
        })
        .await
        .unwrap()
    }

    pub(crate) async fn end(self) -> (Option<i32>, String) {
        tokio::task::spawn_blocking(move || {
            let out = self.child.wait_with_output().unwrap();
            let text = [self.said.as_bytes(), &out.stdout, &out.stderr].concat();
            (
                out.status.code(),
                String::from_utf8_lossy(&text).into_owned(),
            )
        })
        .await
        .unwrap()
    }
}

/// Asks the listener for a path; returns the status line, empty where nobody listens.
pub(crate) fn ask(port: u16, target: &str) -> String {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else {
        return String::new();
    };
    // one that asks for too much may be cut off before it has said all
    write!(stream, "GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n").ok();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok();
    answer.lines().next().unwrap_or_default().to_owned()
}

pub(crate) fn target(url: &Url) -> String {
    format!("{}?{}", url.path(), url.query().unwrap())
}

/// A folder that only its owner can enter, as credwatch makes its own.
fn private_folder() -> tempfile::TempDir {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o700));
    }
    builder.tempdir().unwrap()
}
