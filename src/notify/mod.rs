//! Ways of telling somebody: the desktop for now.

/// Which ways are used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Whether to show desktop notifications over the session bus.
    pub desktop: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { desktop: true }
    }
}
