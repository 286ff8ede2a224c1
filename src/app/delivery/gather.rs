//! Takes what queues up in one go: a transaction costs as much for one thing as for many.

use std::time::Duration;

use tokio::{
    sync::mpsc,
    time::{Instant, timeout_at},
};

/// No two goes are closer together than this: what is alone is taken at once, what comes thick and
/// fast waits so long at most. A crash loses no more than that.
const MOMENT: Duration = Duration::from_millis(250);

/// As many are taken in one go.
const MOST: usize = 512;

/// The taker's end of a queue.
#[derive(Debug)]
pub(in crate::app) struct Gather<T> {
    queue: mpsc::Receiver<T>,
    taken: Vec<T>,
    /// Not before this is the next go.
    due: Instant,
}

impl<T> Gather<T> {
    pub(in crate::app) fn new(queue: mpsc::Receiver<T>) -> Self {
        Self {
            queue,
            taken: Vec::new(),
            due: Instant::now(),
        }
    }

    /// Returns what has queued up, at least one thing; `None` when nobody will send any more. May be
    /// dropped at any time: what was taken by then comes with the next go.
    pub(in crate::app) async fn next(&mut self) -> Option<Vec<T>> {
        if self.taken.is_empty() {
            let first = self.queue.recv().await?;
            self.taken.push(first);
        }
        while self.taken.len() < MOST {
            match timeout_at(self.due, self.queue.recv()).await {
                Ok(Some(more)) => self.taken.push(more),
                Ok(None) | Err(_) => break,
            }
        }
        self.due = Instant::now() + MOMENT;
        Some(std::mem::take(&mut self.taken))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_alone_is_taken_at_once_and_what_follows_comes_together_a_moment_later() {
        let (sender, queue) = mpsc::channel(2 * MOST);
        let mut gather = Gather::new(queue);
        let start = Instant::now();
        sender.send(0).await.unwrap();
        assert_eq!(gather.next().await, Some(vec![0]));
        assert_eq!(start.elapsed(), Duration::ZERO);
        sender.send(1).await.unwrap();
        // whoever waits for something else meanwhile loses nothing
        let cut_short = tokio::time::timeout(MOMENT / 2, gather.next()).await;
        assert!(cut_short.is_err());
        sender.send(2).await.unwrap();
        assert_eq!(gather.next().await, Some(vec![1, 2]));
        assert_eq!(start.elapsed(), MOMENT);
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_go_and_the_last_one_wait_for_nothing() {
        let (sender, queue) = mpsc::channel(3 * MOST);
        let mut gather = Gather::new(queue);
        let start = Instant::now();
        for n in 0..2 * MOST + 3 {
            sender.send(n).await.unwrap();
        }
        drop(sender);
        let mut sizes = Vec::new();
        while let Some(taken) = gather.next().await {
            sizes.push(taken.len());
        }
        assert_eq!(sizes, [MOST, MOST, 3]);
        assert_eq!(start.elapsed(), Duration::ZERO);
    }
}
