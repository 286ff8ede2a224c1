//! What systemd is told, where it started this process with `Type=notify`; elsewhere all of this does
//! nothing.

use std::time::Duration;

use sd_notify::NotifyState;

/// Tells that the service is up, or that a reload has ended.
pub fn ready() {
    tell(&[NotifyState::Ready]);
}

/// Tells that a reload has begun. The time that goes with it lets systemd tell this reload from
/// another one.
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => tracing::debug!("no monotonic time to be had: {error}"),
    }
}

/// Tells that the service is about to end.
pub fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// Tells one line on the state of everything.
pub fn status(line: &str) {
    tell(&[NotifyState::Status(line)]);
}

/// Returns how long the watchdog waits, if there is one.
pub(super) fn watchdog() -> Option<Duration> {
    sd_notify::watchdog_enabled()
}

pub(super) fn feed_watchdog() {
    tell(&[NotifyState::Watchdog]);
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!("systemd cannot be told: {error}");
    }
}
