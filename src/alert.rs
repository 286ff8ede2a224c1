//! What somebody must be told once: an end date that comes near, a failure, a recovery.
//!
//! Pure: from one report to the next, it works out which messages are due. Who carries them is
//! `notify`'s business.

/// When somebody is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Days before a credential's end at which to tell, largest first; 0 is the end itself.
    pub days: Vec<u32>,
    /// After how many failed checks in a row.
    pub failing_after: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            days: vec![30, 14, 7, 3, 1, 0],
            failing_after: 2,
        }
    }
}
