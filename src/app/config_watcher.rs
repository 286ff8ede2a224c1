//! Reads the config again while `serve` runs: on SIGHUP, or when its files have changed.
//!
//! A config is parsed whole and put into use whole; one with problems changes nothing, and the log and
//! `/report.json` say so. The contents of the files decide, not their times: mounts of Kubernetes and
//! editors leave odd times behind.

use std::{
    collections::BTreeSet,
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::{signal::unix::Signal, sync::watch, time::MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::{reload::Reloader, selection::in_shard};
use crate::{
    clock::Clock,
    config::{self, Config},
    files,
    serve::{Reload, systemd},
    shard::Shard,
};

/// How often the files are read to see whether they have changed.
const POLL_EVERY: Duration = Duration::from_secs(3);

/// How many files in the folders of the config are read: a new one may match an `include`.
const MAX_FILES: usize = 20_000;

/// How long reading all of them may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Puts each new version of the config into use.
pub(super) struct ConfigWatcher {
    pub(super) clock: Clock,
    pub(super) reloader: Reloader,
    pub(super) reloads: watch::Sender<Reload>,
    pub(super) shard: Option<Shard>,
    pub(super) config: Config,
}

impl ConfigWatcher {
    /// Reloads on SIGHUP and when the files have changed, until stopped.
    pub(super) async fn run(mut self, mut hang_up: Signal, stop: CancellationToken) {
        let mut poll = tokio::time::interval(POLL_EVERY);
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut used = self.contents().await;
        let mut seen = used;
        loop {
            let is_asked = tokio::select! {
                () = stop.cancelled() => return,
                _ = hang_up.recv() => true,
                _ = poll.tick() => false,
            };
            let now = self.contents().await;
            // a file that still changes is being written
            let has_settled = now != used && now == seen;
            seen = now;
            if is_asked || has_settled {
                used = now;
                self.reload().await;
            }
        }
    }

    async fn reload(&mut self) {
        systemd::reloading();
        let path = self.config.path.clone();
        match tokio::task::spawn_blocking(move || config::load(&path)).await {
            Ok(Ok(config)) => self.put_into_use(config).await,
            Ok(Err(problems)) => self.keep(&problems),
            Err(ended) => self.keep(&ended),
        }
        systemd::ready();
    }

    /// Keeps the config that is in use, and says so.
    fn keep(&self, problem: &dyn std::fmt::Display) {
        tracing::error!("the changed config is not used, the one before stays: {problem}");
        self.reloads.send_modify(|reload| reload.good = false);
    }

    async fn put_into_use(&mut self, config: Config) {
        let tenants = in_shard(&config.tenants, self.shard);
        self.reloader.reload(&config, tenants).await;
        self.config = config;
        let at = self.clock.now();
        self.reloads.send_replace(Reload { good: true, at });
    }

    /// Returns a hash of the contents of the files.
    async fn contents(&self) -> u64 {
        let files = self.config.files.clone();
        // on a thread of its own: one that hangs in the file system must not keep the process from ending
        let read = move || files::on_own_thread(PATIENCE, move || contents(&files));
        let read = tokio::task::spawn_blocking(read).await;
        read.ok().and_then(Result::ok).unwrap_or_default()
    }
}

fn contents(files: &[PathBuf]) -> u64 {
    let folders: BTreeSet<_> = files.iter().filter_map(|file| file.parent()).collect();
    let beside = folders.into_iter().flat_map(toml_files).take(MAX_FILES);
    let all: BTreeSet<PathBuf> = files.iter().cloned().chain(beside).collect();
    let mut hasher = DefaultHasher::new();
    for path in all {
        // a file that cannot be read is another content too
        (files::read_now(&path, config::MAX_BYTES).ok(), path).hash(&mut hasher);
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
