//! Which alerts a channel takes.

use super::{Alert, Kind, Urgency};

/// What a channel wants to hear of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// The channel, by its name.
    pub channel: String,
    /// Nothing less urgent, but for the end of what was told.
    pub least: Urgency,
    /// Only tenants with one of these labels; all if there are none.
    pub tags: Vec<String>,
}

impl Subscription {
    /// Returns whether the channel takes an alert. What concerns no tenant, everybody hears; of many
    /// that fail for one reason, whoever hears of one of them; a recovery is for whoever would have
    /// heard of the failure.
    pub fn wants(&self, alert: &Alert) -> bool {
        let urgent = alert.urgency >= self.least || alert.kind.is_end() || alert.kind == Kind::Test;
        let of_tenants = alert.tenant.is_some() || alert.is_of_many();
        let labelled = self.tags.is_empty()
            || !of_tenants
            || alert.tags.iter().any(|tag| self.tags.contains(tag));
        urgent && labelled
    }
}
