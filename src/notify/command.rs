//! A program of one's own, which gets the JSON text of the webhook on its standard input.

use std::{process::Stdio, time::Duration};

use tokio::{io::AsyncWriteExt as _, process::Command, time::timeout};

use super::{NotifyError, webhook};
use crate::{alert::Alert, process};

/// How long the program may take.
const LIMIT: Duration = Duration::from_secs(30);

/// Runs the program; exit code 0 means that it took the message.
pub(super) async fn run(line: &[String], alert: &Alert) -> Result<(), NotifyError> {
    let Some((program, arguments)) = line.split_first() else {
        return Err(NotifyError::Command("it names no program".into()));
    };
    let failed = |error: std::io::Error| NotifyError::Command(error.to_string());
    let mut child = Command::new(program)
        .args(arguments)
        // variables may hold the secrets of tenants
        .env_clear()
        .envs(process::child_environment())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(failed)?;
    let input = child.stdin.take();
    let whole = async {
        if let Some(mut input) = input {
            let text = webhook::document(alert).to_string();
            // a program that does not read is no failure: its exit code tells
            input.write_all(text.as_bytes()).await.ok();
        }
        child.wait().await
    };
    match timeout(LIMIT, whole).await {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(NotifyError::Command(format!("it ended with {status}"))),
        Ok(Err(error)) => Err(failed(error)),
        Err(_elapsed) => Err(NotifyError::Command(format!(
            "it took longer than {} s",
            LIMIT.as_secs()
        ))),
    }
}
