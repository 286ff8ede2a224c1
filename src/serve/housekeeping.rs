//! The periodic work of a service: tests whether checks complete, notifies systemd, writes the file for
//! the textfile collector.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::{Life, ServeError, Snapshot, systemd};
use crate::{clock::Clock, files};

/// Interval of the look at the board.
const LOOK: Duration = Duration::from_secs(1);

/// Interval of the status line for systemd.
const STATUS: Duration = Duration::from_secs(10);

/// Interval at which the file is written.
const WRITE: Duration = Duration::from_mins(1);

/// Does the periodic work until stopped. The watchdog of systemd is fed only while checks complete.
pub async fn keep_house(
    snapshot: Arc<Snapshot>,
    textfile: Option<PathBuf>,
    clock: Clock,
    stop: CancellationToken,
) {
    let mut tick = tokio::time::interval(LOOK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let watchdog = systemd::watchdog();
    let start = clock.instant();
    // the first checks get a second to end
    let (mut feed, mut status, mut write) = (start, start, start + LOOK);
    let mut written = true;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = tick.tick() => {}
        }
        let now = clock.instant();
        let condition = snapshot.look();
        if let Some(period) = watchdog
            && due(&mut feed, now, period / 3)
            && !matches!(condition.life, Life::Stuck | Life::Ended)
        {
            systemd::feed_watchdog();
        }
        if due(&mut status, now, STATUS) {
            systemd::status(&snapshot.status());
        }
        if let Some(path) = &textfile
            && due(&mut write, now, WRITE)
        {
            written = report(written, &write_metrics(path, &snapshot).await);
        }
    }
}

/// Returns whether the time has come, and sets the next.
fn due(at: &mut Instant, now: Instant, every: Duration) -> bool {
    let due = *at <= now;
    if due {
        *at = now + every;
    }
    due
}

/// Logs once that the file cannot be written, and once that it can again.
fn report(before: bool, written: &Result<(), ServeError>) -> bool {
    match written {
        Err(error) if before => {
            let reason = std::error::Error::source(error).map(ToString::to_string);
            tracing::error!("{error}: {}", reason.unwrap_or_default());
        }
        Ok(()) if !before => tracing::info!("the metrics can be written again"),
        Ok(()) | Err(_) => {}
    }
    written.is_ok()
}

async fn write_metrics(path: &Path, snapshot: &Arc<Snapshot>) -> Result<(), ServeError> {
    let (to, snapshot) = (path.to_owned(), Arc::clone(snapshot));
    let write = move || files::write(&to, snapshot.metrics().as_bytes());
    let written = tokio::task::spawn_blocking(write).await;
    written
        .map_err(std::io::Error::other)
        .flatten()
        .map_err(|source| ServeError::Textfile {
            path: path.to_owned(),
            source,
        })
}
