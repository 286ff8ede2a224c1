//! What a service does at intervals: looks whether checks complete, tells systemd, writes the file
//! for the textfile collector.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::{ExporterError, Life, Showcase, systemd};
use crate::{clock::Clock, files};

/// How often the board is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// How often systemd is told the state of everything.
const STATUS: Duration = Duration::from_secs(10);

/// How often the file is written.
const WRITE: Duration = Duration::from_mins(1);

/// Looks after a running service until stopped. The watchdog of systemd is fed as long as checks
/// complete, and no longer.
pub async fn attend(
    showcase: Arc<Showcase>,
    textfile: Option<PathBuf>,
    clock: Clock,
    stop: CancellationToken,
) {
    let mut tick = tokio::time::interval(LOOK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let watchdog = systemd::watchdog();
    let start = clock.instant();
    // a second is left for the first checks to end
    let (mut feed, mut status, mut write) = (start, start, start + LOOK);
    let mut written = true;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = tick.tick() => {}
        }
        let now = clock.instant();
        let condition = showcase.look();
        if let Some(period) = watchdog
            && due(&mut feed, now, period / 3)
            && condition.life != Life::Stuck
        {
            systemd::feed_watchdog();
        }
        if due(&mut status, now, STATUS) {
            systemd::status(&showcase.status());
        }
        if let Some(path) = &textfile
            && due(&mut write, now, WRITE)
        {
            written = report(written, &write_metrics(path, &showcase).await);
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

/// Says that the file cannot be written, and that it can again, each once.
fn report(before: bool, written: &Result<(), ExporterError>) -> bool {
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

async fn write_metrics(path: &Path, showcase: &Arc<Showcase>) -> Result<(), ExporterError> {
    let (to, showcase) = (path.to_owned(), Arc::clone(showcase));
    let write = move || files::write(&to, showcase.metrics().as_bytes());
    let written = tokio::task::spawn_blocking(write).await;
    written
        .map_err(std::io::Error::other)
        .flatten()
        .map_err(|source| ExporterError::Textfile {
            path: path.to_owned(),
            source,
        })
}
