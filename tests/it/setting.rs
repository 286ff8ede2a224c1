//! A cloud, a config for it and a place for state, with the binary run on them.

use std::process::{Command, Output};

use chrono::{DateTime, Utc};
use credwatch::{
    clock::Clock,
    simulator::{ConfigDir, FaultTarget, Integration, Secret, SimulatedCloud, SimulatedFleet},
};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) struct Setting {
    pub(crate) cloud: SimulatedCloud,
    pub(crate) files: ConfigDir,
    pub(crate) state: TempDir,
}

pub(crate) fn now() -> DateTime<Utc> {
    Clock.now()
}

/// One more secret of the same app.
pub(crate) fn another_secret(one: &Integration, number: usize) -> Secret {
    let mut secret = one.secrets[0].clone();
    secret.key_id = format!("00000000-0000-4000-8000-{number:012}");
    secret.value = format!("Z{number}x8Q~{}", "y".repeat(34));
    secret
}

impl Setting {
    pub(crate) async fn of(tenants: impl IntoIterator<Item = Integration>) -> Self {
        let cloud = SimulatedCloud::start_on_loopback(SimulatedFleet::new(tenants))
            .await
            .unwrap();
        Self {
            files: cloud.temporary_config().unwrap(),
            cloud,
            state: TempDir::new().unwrap(),
        }
    }

    /// The same with nothing remembered.
    pub(crate) fn forgotten(self) -> Self {
        let state = TempDir::new().unwrap();
        Self { state, ..self }
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_credwatch"))
            .args(arguments)
            .args(["--config".as_ref(), self.files.config().as_os_str()])
            .args(["--state-dir".as_ref(), self.state.path().as_os_str()])
            .output()
            .unwrap()
    }

    /// Runs something that answers in JSON; returns that and the exit code.
    pub(crate) fn json(&self, arguments: &[&str]) -> (Value, i32) {
        let output = self.run(&[arguments, &["--format", "json"]].concat());
        let document = serde_json::from_slice(&output.stdout);
        let document = document.unwrap_or_else(|_| panic!("{output:?}"));
        (document, output.status.code().unwrap())
    }

    /// How often Graph was asked for anything.
    pub(crate) fn asked(&self) -> usize {
        let seen = self.cloud.requests();
        let graph = seen.iter().filter(|one| one.target == FaultTarget::Graph);
        graph.count()
    }
}
