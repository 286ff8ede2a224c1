//! Limits how many checks run at once and how many token requests a login host gets.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

/// Window in which token requests are counted.
const WINDOW: Duration = Duration::from_secs(1);

/// Admits checks. While all permits are taken, further checks wait in the order of their arrival.
#[derive(Debug)]
pub(super) struct CheckLimiter {
    permits: Arc<Semaphore>,
    /// Token requests per window and host; `None` means no limit.
    rate: Option<usize>,
    hosts: Mutex<HashMap<String, Arc<HostQueue>>>,
}

/// The queue in front of one login host, with the times of the last admitted requests.
///
/// The lock is held while its owner waits for the window: the next check for this host waits behind it
/// without a permit, so a busy host does not starve the others.
type HostQueue = tokio::sync::Mutex<VecDeque<Instant>>;

/// The right to run; released when dropped.
#[derive(Debug)]
pub(super) struct Permit(#[expect(dead_code, reason = "held for its drop")] OwnedPermit);

type OwnedPermit = Option<OwnedSemaphorePermit>;

impl CheckLimiter {
    pub(super) fn new(concurrency: usize, rate: Option<u32>) -> Self {
        let permits = concurrency.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            permits: Arc::new(Semaphore::new(permits)),
            rate: rate.map(|rate| usize::try_from(rate).unwrap_or(usize::MAX).max(1)),
            hosts: Mutex::default(),
        }
    }

    /// Waits for a permit and, where a login host is given, for the host's rate limit. Cancel-safe: a
    /// request counts only when this returns.
    pub(super) async fn acquire(&self, login_host: Option<&str>) -> Permit {
        let (Some(rate), Some(host)) = (self.rate, login_host) else {
            return self.permit().await;
        };
        let queue = self.host_queue(host);
        let mut recent = queue.lock().await;
        while recent.len() >= rate {
            if let Some(oldest) = recent.front() {
                tokio::time::sleep_until(*oldest + WINDOW).await;
            }
            recent.pop_front();
        }
        let permit = self.permit().await;
        recent.push_back(Instant::now());
        permit
    }

    async fn permit(&self) -> Permit {
        // only a closed semaphore refuses, and this one is never closed
        Permit(Arc::clone(&self.permits).acquire_owned().await.ok())
    }

    fn host_queue(&self, host: &str) -> Arc<HostQueue> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queue) = hosts.get(host) {
            return Arc::clone(queue);
        }
        Arc::clone(hosts.entry(host.to_owned()).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_login_host_gets_at_most_its_rate_in_any_second_and_others_do_not_wait() {
        let limiter = CheckLimiter::new(100, Some(5));
        let start = Instant::now();
        let mut passed = Vec::new();
        for _ in 0..17 {
            let _permit = limiter.acquire(Some("a")).await;
            passed.push(start.elapsed());
            tokio::time::advance(Duration::from_millis(10)).await;
        }
        for window in passed.windows(6) {
            assert!(window[5] >= window[0] + WINDOW, "{passed:?}");
        }
        assert!(start.elapsed() < Duration::from_secs(4));
        let before = start.elapsed();
        let _permit = limiter.acquire(Some("b")).await;
        assert_eq!(start.elapsed(), before);
    }

    #[tokio::test(start_paused = true)]
    async fn a_busy_host_holds_no_slot_while_it_waits() {
        let limiter = Arc::new(CheckLimiter::new(1, Some(1)));
        drop(limiter.acquire(Some("a")).await);
        let waiting = Arc::clone(&limiter);
        let waiter = tokio::spawn(async move { drop(waiting.acquire(Some("a")).await) });
        tokio::task::yield_now().await;
        let start = Instant::now();
        drop(limiter.acquire(None).await);
        assert_eq!(start.elapsed(), Duration::ZERO);
        waiter.await.unwrap();
        assert_eq!(start.elapsed(), WINDOW);
    }
}
