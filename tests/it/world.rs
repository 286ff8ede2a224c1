//! A simulated cloud beside the test, and the binary as its client.

use std::{path::Path, process::Output, time::Duration};

use assert_cmd::Command;
use credwatch::{
    clock::Clock,
    simulator::{ConfigDir, Integration, SimulatedCloud, SimulatedFleet},
};
use serde_json::Value;
use tokio::runtime::Runtime;

/// How long anything may take on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

/// A running cloud with a config for it.
pub(crate) struct World {
    pub(crate) cloud: SimulatedCloud,
    pub(crate) files: ConfigDir,
    /// Serves the cloud on threads of its own.
    _runtime: Runtime,
}

impl World {
    pub(crate) fn of(tenants: impl IntoIterator<Item = Integration>) -> Self {
        Self::serving(SimulatedFleet::new(tenants))
    }

    pub(crate) fn serving(fleet: SimulatedFleet) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let cloud = runtime
            .block_on(SimulatedCloud::start_on_loopback(fleet))
            .unwrap();
        let files = cloud.temporary_config().unwrap();
        Self {
            cloud,
            files,
            _runtime: runtime,
        }
    }

    /// `credwatch check` of this cloud, with these arguments; nothing is confirmed unless they say so.
    pub(crate) fn check(&self, arguments: &[&str]) -> Command {
        let mut command = credwatch(&["check", "--config"]);
        command.arg(self.files.config()).args(arguments);
        if !arguments.contains(&"--confirm") {
            command.args(["--confirm", "0s"]);
        }
        command
    }

    /// The JSON report, and the exit code.
    pub(crate) fn report(&self, arguments: &[&str]) -> (Value, i32) {
        let output = self
            .check(&["--format", "json"])
            .args(arguments)
            .output()
            .unwrap();
        let report = serde_json::from_slice(&output.stdout);
        let code = output.status.code().unwrap();
        (
            report.unwrap_or_else(|error| panic!("{error}: {output:?}")),
            code,
        )
    }
}

/// A working integration of that name.
pub(crate) fn named(name: &str) -> Integration {
    Integration::named(name, Clock.now())
}

/// The binary with nothing in its environment, as cron has it.
pub(crate) fn credwatch(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_credwatch"));
    command.env_clear().args(arguments).timeout(PATIENCE);
    command
}

/// A config of one tenant with these further lines, in a folder of its own.
pub(crate) fn config_in(dir: &Path, lines: &str) -> std::path::PathBuf {
    let path = dir.join("config.toml");
    let tenant = "[[tenant]]\nname = \"contoso-rooms\"\ntenant_id = \"contoso.example\"\n\
                  client_id = \"22222222-2222-2222-2222-222222222222\"\n\
                  mailbox = \"room@contoso.example\"\n";
    std::fs::write(&path, format!("{tenant}{lines}\n")).unwrap();
    path
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The cause of each tenant, `-` where there is none.
pub(crate) fn causes(report: &Value) -> Vec<(String, String)> {
    let tenants = report["tenants"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    tenants
        .iter()
        .map(|tenant| (text(&tenant["name"]), text(&tenant["diagnosis"]["cause"])))
        .collect()
}
