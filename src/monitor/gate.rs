//! Who may ask now: how many checks run at once, and how many token requests a login host gets.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

/// The window in which token requests are counted.
const WINDOW: Duration = Duration::from_secs(1);

/// Lets checks through.
#[derive(Debug)]
pub(super) struct Gate {
    slots: Arc<Semaphore>,
    /// Token requests a window and host; `None`: no limit.
    rate: Option<usize>,
    hosts: Mutex<HashMap<String, Arc<Turnstile>>>,
}

/// The queue in front of one login host, with the times of the last requests let through.
///
/// The lock is held while its owner waits: whoever is next at one host waits alone, in order, and
/// holds no slot meanwhile, so that a busy host does not starve the others.
type Turnstile = tokio::sync::Mutex<VecDeque<Instant>>;

/// The right to run; given back when dropped.
#[derive(Debug)]
pub(super) struct Permit(#[expect(dead_code, reason = "held for its drop")] OwnedPermit);

type OwnedPermit = Option<OwnedSemaphorePermit>;

impl Gate {
    pub(super) fn new(concurrency: usize, rate: Option<u32>) -> Self {
        let slots = concurrency.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            slots: Arc::new(Semaphore::new(slots)),
            rate: rate.map(|rate| usize::try_from(rate).unwrap_or(usize::MAX).max(1)),
            hosts: Mutex::default(),
        }
    }

    /// Waits for a slot, and where a login host is given also for its turn there. May be dropped at
    /// any time: nothing counts before it returns.
    pub(super) async fn enter(&self, login_host: Option<&str>) -> Permit {
        let (Some(rate), Some(host)) = (self.rate, login_host) else {
            return self.slot().await;
        };
        let turnstile = self.turnstile(host);
        let mut recent = turnstile.lock().await;
        while recent.len() >= rate {
            if let Some(oldest) = recent.front() {
                tokio::time::sleep_until(*oldest + WINDOW).await;
            }
            recent.pop_front();
        }
        let permit = self.slot().await;
        recent.push_back(Instant::now());
        permit
    }

    async fn slot(&self) -> Permit {
        // only a closed semaphore refuses, and nobody closes this one
        Permit(Arc::clone(&self.slots).acquire_owned().await.ok())
    }

    fn turnstile(&self, host: &str) -> Arc<Turnstile> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turnstile) = hosts.get(host) {
            return Arc::clone(turnstile);
        }
        Arc::clone(hosts.entry(host.to_owned()).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_login_host_gets_at_most_its_rate_in_any_second_and_others_do_not_wait() {
        let gate = Gate::new(100, Some(5));
        let start = Instant::now();
        let mut passed = Vec::new();
        for _ in 0..17 {
            let _permit = gate.enter(Some("a")).await;
            passed.push(start.elapsed());
            tokio::time::advance(Duration::from_millis(10)).await;
        }
        for window in passed.windows(6) {
            assert!(window[5] >= window[0] + WINDOW, "{passed:?}");
        }
        assert!(start.elapsed() < Duration::from_secs(4));
        let before = start.elapsed();
        let _permit = gate.enter(Some("b")).await;
        assert_eq!(start.elapsed(), before);
    }

    #[tokio::test(start_paused = true)]
    async fn a_busy_host_holds_no_slot_while_it_waits() {
        let gate = Arc::new(Gate::new(1, Some(1)));
        drop(gate.enter(Some("a")).await);
        let waiting = Arc::clone(&gate);
        let waiter = tokio::spawn(async move { drop(waiting.enter(Some("a")).await) });
        tokio::task::yield_now().await;
        let start = Instant::now();
        drop(gate.enter(None).await);
        assert_eq!(start.elapsed(), Duration::ZERO);
        waiter.await.unwrap();
        assert_eq!(start.elapsed(), WINDOW);
    }
}
