//! What is known of the credentials of a tenant before a check.

use super::LocalDate;
use crate::registration::Reading;

/// What is known of a tenant's credentials beside its config and the last check.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// What its directory said.
    pub reading: Option<&'a Reading>,
    /// What the file of its credential last said.
    pub local: Option<&'a LocalDate>,
}
