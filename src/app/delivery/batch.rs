//! Receives queued items in batches: a transaction costs as much for one item as for many.

use std::time::Duration;

use tokio::{
    sync::mpsc,
    time::{Instant, timeout_at},
};

/// Shortest time between two batches. A single item is taken at once; under load an item waits this long
/// at most, and a crash loses no more than that.
const BATCH_DELAY: Duration = Duration::from_millis(250);

/// Most items of one batch.
const BATCH_SIZE: usize = 512;

/// The receiving end of a queue.
#[derive(Debug)]
pub(in crate::app) struct BatchReceiver<T> {
    queue: mpsc::Receiver<T>,
    taken: Vec<T>,
    /// Earliest time of the next batch.
    due: Instant,
}

impl<T> BatchReceiver<T> {
    pub(in crate::app) fn new(queue: mpsc::Receiver<T>) -> Self {
        Self {
            queue,
            taken: Vec::new(),
            due: Instant::now(),
        }
    }

    /// Returns the queued items, at least one; `None` when all senders are gone. Cancel-safe: items
    /// received so far come with the next batch.
    pub(in crate::app) async fn next(&mut self) -> Option<Vec<T>> {
        if self.taken.is_empty() {
            let first = self.queue.recv().await?;
            self.taken.push(first);
        }
        while self.taken.len() < BATCH_SIZE {
            match timeout_at(self.due, self.queue.recv()).await {
                Ok(Some(more)) => self.taken.push(more),
                Ok(None) | Err(_) => break,
            }
        }
        self.due = Instant::now() + BATCH_DELAY;
        Some(std::mem::take(&mut self.taken))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn single_item_at_once_and_later_ones_together() {
        let (sender, queue) = mpsc::channel(2 * BATCH_SIZE);
        let mut batch = BatchReceiver::new(queue);
        let start = Instant::now();
        sender.send(0).await.unwrap();
        assert_eq!(batch.next().await, Some(vec![0]));
        assert_eq!(start.elapsed(), Duration::ZERO);
        sender.send(1).await.unwrap();
        // a cancelled wait loses nothing
        let cut_short = tokio::time::timeout(BATCH_DELAY / 2, batch.next()).await;
        assert!(cut_short.is_err());
        sender.send(2).await.unwrap();
        assert_eq!(batch.next().await, Some(vec![1, 2]));
        assert_eq!(start.elapsed(), BATCH_DELAY);
    }

    #[tokio::test(start_paused = true)]
    async fn full_and_last_batches_do_not_wait() {
        let (sender, queue) = mpsc::channel(3 * BATCH_SIZE);
        let mut batch = BatchReceiver::new(queue);
        let start = Instant::now();
        for n in 0..2 * BATCH_SIZE + 3 {
            sender.send(n).await.unwrap();
        }
        drop(sender);
        let mut sizes = Vec::new();
        while let Some(taken) = batch.next().await {
            sizes.push(taken.len());
        }
        assert_eq!(sizes, [BATCH_SIZE, BATCH_SIZE, 3]);
        assert_eq!(start.elapsed(), Duration::ZERO);
    }
}
