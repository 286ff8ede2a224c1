//! Reads the config again while a service runs: on SIGHUP, or when its files have changed.
//!
//! It is parsed whole and put into use whole; one with problems changes nothing, and that is said. What a
//! file holds decides, not when it was written: mounted files and editors leave odd times behind.

use std::{
    collections::BTreeSet,
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::{signal::unix::Signal, sync::watch, time::MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::{serve::part, swap::Swapper};
use crate::{
    clock::Clock,
    config::{self, Config},
    serve::{Reload, systemd},
    shard::Shard,
};

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(3);

/// Files beside the config's are looked at too, up to so many: one may be about to be included.
const MOST_FILES: usize = 20_000;

/// Keeps the monitor to what the config says.
pub(super) struct Reloader {
    pub(super) clock: Clock,
    pub(super) swapper: Swapper,
    pub(super) reloads: watch::Sender<Reload>,
    pub(super) shard: Option<Shard>,
    pub(super) config: Config,
}

impl Reloader {
    /// Reloads whenever it is asked or has reason to, until stopped.
    pub(super) async fn run(mut self, mut hang_up: Signal, stop: CancellationToken) {
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut used = self.contents().await;
        let mut seen = used;
        loop {
            let asked = tokio::select! {
                () = stop.cancelled() => return,
                _ = hang_up.recv() => true,
                _ = look.tick() => false,
            };
            let now = self.contents().await;
            // a file that still changes is being written
            let settled = now != used && now == seen;
            seen = now;
            if asked || settled {
                used = now;
                self.reload().await;
            }
        }
    }

    async fn reload(&mut self) {
        systemd::reloading();
        let path = self.config.path.clone();
        match tokio::task::spawn_blocking(move || config::load(&path)).await {
            Ok(Ok(config)) => self.swap(config).await,
            Ok(Err(problems)) => self.keep(&problems),
            Err(ended) => self.keep(&ended),
        }
        systemd::ready();
    }

    /// Leaves the config in use that is, and says so.
    fn keep(&self, problem: &dyn std::fmt::Display) {
        tracing::error!("the changed config is not used, the one before stays: {problem}");
        self.reloads.send_modify(|reload| reload.good = false);
    }

    async fn swap(&mut self, config: Config) {
        let tenants = part(&config, self.shard);
        self.swapper.swap(&config, tenants).await;
        self.config = config;
        let at = self.clock.now();
        self.reloads.send_replace(Reload { good: true, at });
    }

    /// Returns what tells the present contents of the files from others.
    async fn contents(&self) -> u64 {
        let files = self.config.files.clone();
        let read = tokio::task::spawn_blocking(move || contents(&files));
        read.await.unwrap_or_default()
    }
}

fn contents(files: &[PathBuf]) -> u64 {
    let folders: BTreeSet<_> = files.iter().filter_map(|file| file.parent()).collect();
    let beside = folders.into_iter().flat_map(toml_files).take(MOST_FILES);
    let all: BTreeSet<PathBuf> = files.iter().cloned().chain(beside).collect();
    let mut hasher = DefaultHasher::new();
    for path in all {
        // a file that cannot be read is another content too
        (fs::read(&path).ok(), path).hash(&mut hasher);
    }
    hasher.finish()
}

fn toml_files(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| {
        path.extension()
            .is_some_and(|extension| extension == "toml")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_count_and_times_do_not() {
        let folder = tempfile::tempdir().unwrap();
        let main = folder.path().join("config.toml");
        fs::write(&main, "a").unwrap();
        let first = contents(std::slice::from_ref(&main));
        fs::write(&main, "a").unwrap();
        assert_eq!(contents(std::slice::from_ref(&main)), first);
        fs::write(folder.path().join("metrics.prom"), "1").unwrap();
        assert_eq!(contents(std::slice::from_ref(&main)), first);
        fs::write(folder.path().join("more.toml"), "b").unwrap();
        let more = contents(std::slice::from_ref(&main));
        assert_ne!(more, first);
        fs::remove_file(&main).unwrap();
        assert_ne!(contents(&[main]), more);
    }
}
