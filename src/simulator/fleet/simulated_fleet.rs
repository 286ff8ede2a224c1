//! All integrations of one cloud.

use super::integration::Integration;

/// The integrations that one simulated cloud serves.
#[derive(Debug, Clone, Default)]
pub struct SimulatedFleet {
    /// The integrations, in the order of the config.
    pub tenants: Vec<Integration>,
}

impl SimulatedFleet {
    /// Returns a fleet of these integrations.
    pub fn new(tenants: impl IntoIterator<Item = Integration>) -> Self {
        Self {
            tenants: tenants.into_iter().collect(),
        }
    }
}
