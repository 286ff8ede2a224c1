//! Which of several faults in a text lies deepest.

use crate::{diagnosis::tables::faults::Force, observation::FaultKind};

/// A fault that a text names.
#[derive(Debug, Clone, Copy)]
pub(super) struct FaultFound {
    /// How much its words say.
    pub(super) force: Force,
    /// How many errors enclose it.
    pub(super) depth: u8,
    /// Where it stands.
    pub(super) at: usize,
    /// How long its words are.
    pub(super) len: usize,
    /// The fault.
    pub(super) kind: FaultKind,
}

/// Returns the fault that lies deepest; of equals the later and longer one.
pub(super) fn of(found: impl Iterator<Item = FaultFound>) -> Option<FaultFound> {
    found.max_by_key(|fault| (fault.force, fault.depth, fault.at, fault.len))
}
