//! Stands in for the desktop where it is not part of the build: says so, once.

use std::future::{Ready, ready};

use super::NotifyError;
use crate::alert::Alert;

/// A desktop that is not there.
#[derive(Debug, Default)]
pub(super) struct Desktop {}

impl Desktop {
    /// Refuses.
    #[expect(clippy::unused_self, reason = "has the shape of the real one")]
    pub(super) fn show(&mut self, _alert: &Alert) -> Ready<Result<(), NotifyError>> {
        ready(Err(NotifyError::NotBuilt))
    }
}
